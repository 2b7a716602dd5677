//! `--progress json`: docker compose's fields, those without a value left out.

use super::{Phase, Step};
use serde::Serialize;

#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_id: Option<&'a str>,
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

pub(super) fn line(step: &Step) -> String {
    let (current, total) = match step.amount {
        Some((current, total)) => (Some(current), total),
        None => (None, None),
    };
    let percent = total.filter(|total| *total > 0).zip(current);
    let line = Line {
        id: &step.id,
        parent_id: step.parent.as_deref(),
        text: step.text.as_deref(),
        status: &step.status,
        current,
        total,
        percent: percent.map(|(total, now)| now.min(total).saturating_mul(100) / total),
        error: step.phase == Phase::Failed,
    };
    serde_json::to_string(&line).unwrap_or_default()
}
