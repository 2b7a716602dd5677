//! Columns.

/// Rows of cells under each other: each so wide at least, so many blanks between, the last column as it is. Cells count
/// characters, as docker's tables do.
pub(crate) fn columns(least: usize, gap: usize, rows: &[Vec<String>]) -> String {
    let mut widths = Vec::<usize>::new();
    for row in rows {
        let inner = row.len().saturating_sub(1);
        for (n, cell) in row.iter().take(inner).enumerate() {
            let width = (cell.chars().count() + gap).max(least);
            match widths.get_mut(n) {
                Some(widest) => *widest = width.max(*widest),
                None => widths.push(width),
            }
        }
    }
    let mut text = String::new();
    for row in rows {
        for (n, cell) in row.iter().enumerate() {
            text.push_str(cell);
            if n + 1 < row.len() {
                let width = widths.get(n).copied().unwrap_or_default();
                text.extend(std::iter::repeat_n(' ', width.saturating_sub(cell.chars().count())));
            }
        }
        text.push('\n');
    }
    text
}
