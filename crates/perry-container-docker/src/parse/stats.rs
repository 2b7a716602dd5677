//! `stats`, `top`.

use super::first;
use perry_container_spec::Usage;
use serde_json::Value;

/// docker: `{ID, Name, CPUPerc: "0.30%", MemUsage: "2.3MiB / 64MiB", NetIO, BlockIO, PIDs: "3"}`; podman: the same texts as
/// `id`, `name`, `cpu_percent`, `mem_usage`, `net_io`, `block_io`, `pids`.
pub(crate) fn usage(value: &Value) -> Option<Usage> {
    let id = first(value, &["ID", "id", "Container"]);
    if id.is_empty() {
        return None;
    }
    let pair = |keys: &[&str]| {
        let (left, right) = first(value, keys).split_once('/').unwrap_or_default();
        (size(left), size(right))
    };
    let (memory, memory_limit) = pair(&["MemUsage", "mem_usage"]);
    let (net_rx, net_tx) = pair(&["NetIO", "net_io"]);
    let (block_read, block_write) = pair(&["BlockIO", "block_io"]);
    Some(Usage {
        id: id.to_owned(),
        name: first(value, &["Name", "name"]).to_owned(),
        cpu_percent: first(value, &["CPUPerc", "cpu_percent"])
            .trim_end_matches('%')
            .parse()
            .unwrap_or_default(),
        memory,
        memory_limit,
        net_rx,
        net_tx,
        block_read,
        block_write,
        pids: first(value, &["PIDs", "pids"]).parse().unwrap_or_default(),
    })
}

/// `2.3MiB` and `1.33kB`, as Go's units print them; 0 for what is no size.
pub(crate) fn size(text: &str) -> u64 {
    let text = text.trim();
    let at = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(at);
    let Ok(number) = number.trim().parse::<f64>() else { return 0 };
    let base: f64 = if unit.ends_with("iB") { 1024.0 } else { 1000.0 };
    let power = match unit.chars().next() {
        Some('k' | 'K') => 1,
        Some('M') => 2,
        Some('G') => 3,
        Some('T') => 4,
        Some('P') => 5,
        Some('E') => 6, // nerdctl's word for no limit is 8EiB
        _ => 0,
    };
    let bytes = (number * base.powi(power)).round();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a float saturates"
    )]
    if bytes.is_finite() && bytes > 0.0 { bytes as u64 } else { 0 }
}

/// Titles, and one row a process: the last column takes what is left of a line.
pub(crate) fn table(text: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let titles: Vec<String> =
        lines.next().unwrap_or_default().split_whitespace().map(str::to_owned).collect();
    let rows = lines.map(|line| row(line, titles.len())).collect();
    (titles, rows)
}

fn row(line: &str, columns: usize) -> Vec<String> {
    let mut rest = line.trim();
    let mut row = Vec::with_capacity(columns);
    while row.len() + 1 < columns {
        let Some((word, after)) = rest.split_once(char::is_whitespace) else { break };
        row.push(word.to_owned());
        rest = after.trim_start();
    }
    row.push(rest.to_owned());
    row
}
