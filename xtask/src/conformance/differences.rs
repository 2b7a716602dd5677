//! `docs/differences.md`: which cases differ on purpose, and why.
//!
//! A heading of the second level is a reason; below its text stand the cases, one a line, as `` - `id` `` with anything
//! behind it. A `*` at the end of an id stands for every case whose id begins so and that differs.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};

use crate::workspace;

pub(crate) const DOCUMENT: &str = "docs/differences.md";

pub(crate) struct Differences {
    /// Reason by id or pattern.
    listed: BTreeMap<String, String>,
}

impl Differences {
    pub(crate) fn read() -> Result<Self> {
        let text = std::fs::read_to_string(workspace::path(DOCUMENT))
            .with_context(|| format!("reading {DOCUMENT}"))?;
        Ok(Self::parse(&text))
    }

    fn parse(text: &str) -> Self {
        let (mut reason, mut listed) = ("", BTreeMap::new());
        for line in text.lines() {
            if let Some(heading) = line.strip_prefix("## ") {
                reason = heading.trim();
            } else if let Some((id, _)) = line.strip_prefix("- `").and_then(|l| l.split_once('`')) {
                listed.insert(id.to_owned(), reason.to_owned());
            }
        }
        Self { listed }
    }

    /// The entry that lists a case, and its reason.
    pub(crate) fn entry(&self, id: &str) -> Option<(&str, &str)> {
        let exact = self.listed.get_key_value(id);
        let pattern = || {
            self.listed.iter().find(|(entry, _)| {
                entry.strip_suffix('*').is_some_and(|start| id.starts_with(start))
            })
        };
        exact.or_else(pattern).map(|(entry, reason)| (entry.as_str(), reason.as_str()))
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = &str> {
        self.listed.keys().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::Differences;

    #[test]
    fn reasons_are_headings_and_cases_are_items() {
        let text = "# Title\n- not `this`\n## Why a\n\nText.\n\n- `one`: note\n- `gen-*`\n## Why b\n- `two`\n";
        let all = Differences::parse(text);
        assert_eq!(all.entry("one"), Some(("one", "Why a")));
        assert_eq!(all.entry("gen-x"), Some(("gen-*", "Why a")));
        assert_eq!(all.entry("two"), Some(("two", "Why b")));
        assert_eq!(all.entry("three"), None);
        assert_eq!(all.entries().count(), 3);
    }
}
