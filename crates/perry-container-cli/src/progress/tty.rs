//! Rows on a terminal, as lines of text.

use super::{Phase, Step};
use indexmap::IndexMap;
use std::time::Duration;

/// What is shown.
#[derive(Debug, Clone)]
pub(super) struct Board {
    colours: bool,
    rows: IndexMap<String, Row>,
}

#[derive(Debug, Clone)]
struct Row {
    step: Step,
    begun: Duration,
    ended: Option<Duration>,
}

const WHEEL: [char; 10] = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const GREEN: &str = "32";
const RED: &str = "31";
const YELLOW: &str = "33";
const BLUE: &str = "34";

impl Board {
    pub(super) fn new(colours: bool) -> Self {
        Self { colours, rows: IndexMap::new() }
    }

    /// Takes note of a step.
    pub(super) fn note(&mut self, step: &Step, at: Duration) {
        let row = self.rows.entry(step.id.clone()).or_insert_with(|| Row {
            step: step.clone(),
            begun: at,
            ended: None,
        });
        row.step = step.clone();
        row.ended = (step.phase != Phase::Working).then_some(at);
    }

    /// The rows for a terminal of this size: a heading, what is under way or done, and how long each took. When there are
    /// too many rows those that are done make room first.
    pub(super) fn frame(&self, at: Duration, width: usize, height: usize) -> Vec<String> {
        if self.rows.is_empty() {
            return Vec::new();
        }
        let done = self.rows.values().filter(|row| row.step.phase == Phase::Done).count();
        let heading = format!("[+] Running {done}/{}", self.rows.len());
        let all = done == self.rows.len();
        let mut lines = vec![if all { self.paint(BLUE, &heading) } else { heading }];
        let room = height.saturating_sub(2).max(1);
        let mut shown: Vec<&Row> = self.rows.values().collect();
        if shown.len() > room {
            let mut surplus = shown.len() + 1 - room;
            shown.retain(|row| {
                let leaves = surplus > 0 && row.step.phase == Phase::Done;
                surplus -= usize::from(leaves);
                !leaves
            });
            shown.truncate(room.saturating_sub(1));
        }
        let named = shown.iter().map(|row| label(row).chars().count()).max().unwrap_or_default();
        lines.extend(shown.iter().map(|row| self.line(row, at, named, width)));
        let hidden = self.rows.len() - shown.len();
        if hidden > 0 {
            lines.push(format!("   ... {hidden} more"));
        }
        lines
    }

    fn line(&self, row: &Row, at: Duration, named: usize, width: usize) -> String {
        let turn = usize::try_from(at.as_millis() / 100).unwrap_or_default() % WHEEL.len();
        let (mark, colour) = match row.step.phase {
            Phase::Done => ('✔', GREEN),
            Phase::Failed => ('✘', RED),
            Phase::Working => (WHEEL[turn], YELLOW),
        };
        let spent = row.ended.unwrap_or(at).saturating_sub(row.begun);
        let clock = format!("{:.1}s", spent.as_secs_f64());
        // Mark, label and clock with their gaps; a label that does not fit is cut.
        let room = width.saturating_sub(clock.len() + 5);
        let label: String = label(row).chars().take(room).collect();
        let pad = named.min(room).saturating_sub(label.chars().count());
        let mark = self.paint(colour, &mark.to_string());
        let label = match label.strip_suffix(row.step.status.as_str()) {
            Some(name) => format!("{name}{}", self.paint(colour, &row.step.status)),
            None => label,
        };
        format!(" {mark} {label}{:pad$}  {}", "", self.paint(BLUE, &clock))
    }

    fn paint(&self, colour: &str, text: &str) -> String {
        if self.colours { format!("\u{1b}[{colour}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// `Container p-web-1  Starting`, with bytes where they are known.
fn label(row: &Row) -> String {
    let name = match row.step.amount.filter(|_| row.step.phase == Phase::Working) {
        Some((current, total)) if total > 0 => {
            format!("{} [{} / {}]", row.step.id, bytes(current), bytes(total))
        }
        _ => row.step.id.clone(),
    };
    format!("{name}  {}", row.step.status)
}

fn bytes(count: u64) -> String {
    let mut value = count as f64;
    for unit in ["B", "kB", "MB", "GB"] {
        if value < 1000.0 {
            return if unit == "B" { format!("{count}B") } else { format!("{value:.1}{unit}") };
        }
        value /= 1000.0;
    }
    format!("{value:.1}TB")
}
