//! What may not run, as SARIF 2.1.0, which code scanning reads.

use crate::verdicts::{Outcome, Row};
use perry_container_compose::verify::VerifyError;
use serde_json::{Value, json};

const RULES: [(&str, &str); 4] = [
    ("no-signature", "The image is not signed"),
    ("rejected", "No signature of the image is by whom the policy trusts"),
    ("no-rule", "No rule of the policy is for the image"),
    ("unverified", "The image could not be verified"),
];

fn rule(error: &VerifyError) -> usize {
    match error {
        VerifyError::NoSignature { .. } => 0,
        VerifyError::Rejected { .. } => 1,
        VerifyError::NoRule { .. } => 2,
        _ => 3,
    }
}

pub(crate) fn sarif(rows: &[Row]) -> String {
    let rules: Vec<Value> = RULES
        .iter()
        .map(|(id, text)| json!({"id": id, "shortDescription": {"text": text}, "defaultConfiguration": {"level": "error"}}))
        .collect();
    let results: Vec<Value> = rows.iter().filter_map(result).collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "perry-verify", "version": env!("CARGO_PKG_VERSION"), "rules": rules,
            }},
            "results": results,
        }],
    });
    serde_json::to_string_pretty(&log).unwrap_or_default() + "\n"
}

fn result(row: &Row) -> Option<Value> {
    let Outcome::Not(error) = &row.outcome else { return None };
    let index = rule(error);
    let image = row.wanted.image.to_string();
    let logical = json!([{"name": image, "kind": "resource"}]);
    let location = match &row.wanted.place {
        None => json!({"logicalLocations": logical}),
        Some((file, line, column)) => {
            let mut physical = json!({"artifactLocation": {"uri": file.display().to_string()}});
            if *line > 0 {
                physical["region"] = json!({"startLine": line, "startColumn": column});
            }
            json!({"physicalLocation": physical, "logicalLocations": logical})
        }
    };
    Some(json!({
        "ruleId": RULES[index].0, "ruleIndex": index, "level": "error",
        "message": {"text": error.to_string()}, "locations": [location],
    }))
}
