//! Where two answers differ.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anyhow::Result;
use serde_json::Value;

use super::case::{Answer, Case};
use super::ours;

/// What a case comes to.
pub(crate) enum Verdict {
    Agree,
    /// docker compose crashes on it, so there is nothing to compare with.
    Crash,
    /// In which mode, and how.
    Differ(String),
}

/// Compares a case in all its modes.
pub(crate) fn verdict(case: &Case) -> Result<Verdict> {
    let mut crash = false;
    for (mode, answer) in &case.expect {
        let ours = ours::answer(case, mode)?;
        if answer.is_crash() {
            crash = true;
        } else if let Some(text) = difference(answer, &ours, mode) {
            return Ok(Verdict::Differ(text));
        }
    }
    Ok(if crash { Verdict::Crash } else { Verdict::Agree })
}

fn difference(theirs: &Answer, ours: &ours::Ours, mode: &str) -> Option<String> {
    match (ours, theirs.rc) {
        (Ok(ours), 0) => {
            let mut text = String::new();
            compare(theirs.value.as_ref().unwrap_or(&Value::Null), ours, mode, &mut text);
            (!text.is_empty()).then_some(text)
        }
        (Err(_), 1) => None,
        (Err(why), _) => Some(format!("{mode}: refused: {why}\n")),
        (Ok(_), _) => Some(format!(
            "{mode}: accepted, but docker compose says: {}\n",
            theirs.error.as_deref().unwrap_or_default()
        )),
    }
}

fn compare(theirs: &Value, ours: &Value, path: &str, out: &mut String) {
    match (theirs, ours) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for key in keys {
                let path = format!("{path}.{key}");
                let _ = match (a.get(key), b.get(key)) {
                    (Some(a), Some(b)) => {
                        compare(a, b, &path, out);
                        Ok(())
                    }
                    (Some(a), None) => writeln!(out, "{path}: missing {a}"),
                    (None, Some(b)) => writeln!(out, "{path}: too much {b}"),
                    (None, None) => Ok(()),
                };
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (number, (a, b)) in a.iter().zip(b).enumerate() {
                compare(a, b, &format!("{path}.{number}"), out);
            }
        }
        (Value::Number(a), Value::Number(b)) if a.as_f64() == b.as_f64() => {}
        (Value::String(a), Value::String(b)) if a != b && a.contains('\n') => {
            lines(a, b, path, out);
        }
        (a, b) if a == b => {}
        (a, b) => {
            let _ = writeln!(out, "{path}: {a} expected, {b} found");
        }
    }
}

/// The lines between what two texts have in common at both ends.
fn lines(theirs: &str, ours: &str, path: &str, out: &mut String) {
    let (a, b): (Vec<&str>, Vec<&str>) = (theirs.lines().collect(), ours.lines().collect());
    let head = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[head..], &b[head..]);
    let tail = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    for line in &a[..a.len() - tail] {
        let _ = writeln!(out, "{path}: - {line}");
    }
    for line in &b[..b.len() - tail] {
        let _ = writeln!(out, "{path}: + {line}");
    }
    if a.len() == tail && b.len() == tail {
        let _ = writeln!(out, "{path}: the same lines, another end");
    }
}
