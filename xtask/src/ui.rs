//! What one sees: headings, colours where they are wanted, tables of plain text.

use std::fmt::Write as _;
use std::io::IsTerminal as _;
use std::sync::OnceLock;
use std::time::Duration;

fn colours() -> bool {
    static ON: OnceLock<bool> = OnceLock::new();
    *ON.get_or_init(|| {
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        !set("NO_COLOR") && (set("CLICOLOR_FORCE") || std::io::stdout().is_terminal())
    })
}

fn paint(code: &str, text: &str) -> String {
    if colours() { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
}

pub(crate) fn bold(text: &str) -> String {
    paint("1", text)
}

pub(crate) fn dim(text: &str) -> String {
    paint("2", text)
}

pub(crate) fn green(text: &str) -> String {
    paint("32", text)
}

pub(crate) fn red(text: &str) -> String {
    paint("31", text)
}

pub(crate) fn yellow(text: &str) -> String {
    paint("33", text)
}

pub(crate) fn cyan(text: &str) -> String {
    paint("36", text)
}

pub(crate) fn heading(text: &str) {
    println!("\n{} {}", cyan("──"), bold(text));
}

pub(crate) fn warn(text: &str) {
    eprintln!("{} {text}", yellow("warning:"));
}

pub(crate) fn error(error: &anyhow::Error) {
    eprintln!("{} {error:#}", red("error:"));
}

/// `0.4s`, `12s`, `3m 05s`.
pub(crate) fn took(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..10 => format!("{:.1}s", time.as_secs_f64()),
        10..60 => format!("{seconds}s"),
        _ => format!("{}m {:02}s", seconds / 60, seconds % 60),
    }
}

/// Rows of plain text in columns. The first row is the head; columns named in `right` are set to the right.
pub(crate) fn table(rows: &[Vec<String>], right: &[usize]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for (number, row) in rows.iter().enumerate() {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let width = widths[column];
            let gap = if column == 0 { "" } else { "  " };
            let _ = if right.contains(&column) {
                write!(line, "{gap}{cell:>width$}")
            } else {
                write!(line, "{gap}{cell:<width$}")
            };
        }
        let line = line.trim_end();
        text.push_str(&if number == 0 { bold(line) } else { line.to_owned() });
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_sets_columns() {
        let rows = [vec!["name".to_owned(), "n".to_owned()], vec!["a".to_owned(), "10".to_owned()]];
        assert_eq!(table(&rows, &[1]), "name   n\na     10\n");
    }

    #[test]
    fn took_reads_like_a_person_says_it() {
        assert_eq!(took(Duration::from_millis(420)), "0.4s");
        assert_eq!(took(Duration::from_secs(185)), "3m 05s");
    }
}
