//! `--progress json`: docker compose's fields, those without a value left out.

use super::{Phase, Step};
use serde::Serialize;

#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    status: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    current: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    percent: Option<u64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    error: bool,
}

pub(super) fn step(step: &Step) -> String {
    let (current, total) = step.amount.unzip();
    let percent = total.filter(|total| *total > 0).zip(current);
    let line = Line {
        id: &step.id,
        text: step.text.as_deref(),
        status: &step.status,
        current,
        total,
        percent: percent.map(|(total, now)| now.min(total).saturating_mul(100) / total),
        error: step.phase == Phase::Failed,
    };
    serde_json::to_string(&line).unwrap_or_default()
}

/// A sentence.
pub(super) fn note(text: &str) -> String {
    serde_json::json!({ "text": text }).to_string()
}
