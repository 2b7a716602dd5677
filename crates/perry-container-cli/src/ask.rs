//! A question to whoever sits at standard input.

use crate::{app, failure::Failure};
use std::io;

/// Asks, and reads a line: `None` when standard input ends without one.
pub(crate) fn yes_or_no(question: &str) -> Result<Option<bool>, Failure> {
    app::print(question)?;
    let mut line = String::new();
    let answered = io::stdin().read_line(&mut line)? > 0;
    Ok(answered.then(|| yes(&line)))
}

/// What docker compose takes for a yes; everything else is a no.
fn yes(line: &str) -> bool {
    matches!(line.trim().to_lowercase().as_str(), "y" | "yes" | "t" | "true" | "1")
}

#[cfg(test)]
mod tests {
    use super::yes;

    #[test]
    fn only_a_yes_is_a_yes() {
        assert!(["y\n", "Y", " yes \r\n", "TRUE", "1"].iter().all(|line| yes(line)));
        assert!(["", "\n", "n", "no", "yep", "0", "y y"].iter().all(|line| !yes(line)));
    }
}
