//! Answers.

/// What docker compose takes for a yes; everything else is a no.
pub(crate) fn is_yes(line: &str) -> bool {
    matches!(line.trim().to_lowercase().as_str(), "y" | "yes" | "t" | "true" | "1")
}

#[cfg(test)]
mod tests {
    use super::is_yes;

    #[test]
    fn only_a_yes_is_a_yes() {
        assert!(["y\n", "Y", " yes \r\n", "TRUE", "1"].iter().all(|line| is_yes(line)));
        assert!(["", "\n", "n", "no", "yep", "0", "y y"].iter().all(|line| !is_yes(line)));
    }
}
