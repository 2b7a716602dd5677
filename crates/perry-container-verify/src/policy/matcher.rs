//! How a value is compared.

use regex::{Regex, RegexBuilder};
use std::fmt;

/// A value, or a pattern for the whole of it.
#[derive(Debug, Clone)]
pub enum Matcher {
    /// Byte for byte: no other case, no slash more or less.
    Exact(String),
    /// The whole value matches. The text is the pattern as it was written.
    Pattern(String, Regex),
}

impl Matcher {
    /// A pattern. It must match the whole value, unlike cosign's, which are content with a part of it.
    ///
    /// ```
    /// # use perry_container_verify::Matcher;
    /// let matcher = Matcher::pattern("https://github\\.com/acme/.*")?;
    /// assert!(matcher.matches("https://github.com/acme/app"));
    /// assert!(!matcher.matches("https://evil.example/https://github.com/acme/app"));
    /// assert!(Matcher::pattern(".*").unwrap_err().contains("matches anything"));
    /// # Ok::<_, String>(())
    /// ```
    ///
    /// # Errors
    /// In words, when it is none, or matches whatever comes.
    pub fn pattern(text: &str) -> Result<Self, String> {
        let whole = format!(r"\A(?:{text})\z");
        let regex = RegexBuilder::new(&whole).size_limit(1 << 20).build().map_err(|error| {
            // The text of the error shows the pattern as it was put together here.
            let why = error.to_string();
            let last = why.lines().last().unwrap_or_default();
            format!("{text:?} is not a pattern: {}", last.trim_start_matches("error: "))
        })?;
        // Nobody has such names; a pattern that takes all of them asks for nothing.
        let anything = ["x", "nobody@nowhere.invalid", "https://nowhere.invalid/\u{2603}/0"];
        if anything.iter().all(|value| regex.is_match(value)) {
            return Err(format!("{text:?} matches anything; say whom you trust"));
        }
        Ok(Self::Pattern(text.to_owned(), regex))
    }

    /// Whether a value is meant.
    pub fn matches(&self, value: &str) -> bool {
        match self {
            Self::Exact(wanted) => wanted == value,
            Self::Pattern(_, regex) => regex.is_match(value),
        }
    }

    /// What a person should look at: a pattern whose beginning says nothing of where the value begins.
    pub fn doubt(&self) -> Option<String> {
        let Self::Pattern(text, _) = self else { return None };
        let bare = text.trim_start_matches('^');
        let open = bare.starts_with(".*") || bare.starts_with(".+") || bare.starts_with('(');
        open.then(|| format!("the pattern {text:?} does not say how the value begins"))
    }
}

impl PartialEq for Matcher {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Exact(one), Self::Exact(other)) => one == other,
            (Self::Pattern(one, _), Self::Pattern(other, _)) => one == other,
            _ => false,
        }
    }
}

impl Eq for Matcher {}

impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(value) => f.write_str(value),
            Self::Pattern(text, _) => write!(f, "/{text}/"),
        }
    }
}
