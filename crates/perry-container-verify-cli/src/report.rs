//! Verdicts for people and for scripts.

use crate::verdicts::{Outcome, Row};
use perry_container_compose::verify::{Verdict, VerifyError};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// A line for each image; reasons are indented below it.
pub(crate) fn text(rows: &[Row]) -> String {
    let mut text = String::new();
    for row in rows {
        let user = row.wanted.user.as_ref().map(|user| format!("{user}: ")).unwrap_or_default();
        let _ = write!(text, "{:<10} {user}{}", row.word(), row.wanted.name);
        let told = match &row.outcome {
            Outcome::May(Verdict::Verified(verified)) => {
                writeln!(text, "\n           {}, signed by {}", verified.digest, verified.signer)
            }
            Outcome::May(Verdict::Skipped(digest)) => {
                writeln!(text, "\n           {digest}, which the policy lets pass")
            }
            Outcome::Built => writeln!(text, "\n           is built here: nobody has signed it"),
            Outcome::Not(error) => {
                writeln!(text, "\n           {}", error.to_string().replace('\n', "\n         "))
            }
        };
        told.ok();
    }
    text
}

/// One object with a list of images.
pub(crate) fn json(rows: &[Row]) -> String {
    let images: Vec<Value> = rows.iter().map(row).collect();
    let text = serde_json::to_string_pretty(&json!({"images": images})).unwrap_or_default();
    text + "\n"
}

fn row(row: &Row) -> Value {
    let wanted = &row.wanted;
    let mut value = json!({"image": wanted.image.to_string(), "verdict": row.word()});
    if let Some(user) = &wanted.user {
        value["service"] = user.as_str().into();
    }
    if let Some((file, line, _)) = &wanted.place {
        value["file"] = file.display().to_string().into();
        if *line > 0 {
            value["line"] = (*line).into();
        }
    }
    match &row.outcome {
        Outcome::May(Verdict::Verified(verified)) => {
            value["digest"] = verified.digest.as_str().into();
            value["signer"] = json!(verified.signer);
            value["signature"] = verified.place.as_str().into();
        }
        Outcome::May(Verdict::Skipped(digest)) => value["digest"] = digest.as_str().into(),
        Outcome::Built => {}
        Outcome::Not(error) => {
            value["reason"] = error.to_string().into();
            value["code"] = error.code().into();
            if let VerifyError::Rejected { digest, why, .. } = error {
                value["digest"] = digest.as_str().into();
                value["rejected"] = json!(why);
            }
        }
    }
    value
}
