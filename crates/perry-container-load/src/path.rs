//! Paths of properties: `services.web.ports.0`.

use std::fmt;

/// Where a property is in the document: keys of maps and numbers of list items.
#[derive(Debug, Clone, PartialEq, Eq, Default, PartialOrd, Ord, Hash)]
pub struct PropertyPath(Vec<String>);

impl PropertyPath {
    /// The document itself.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// The path of a member.
    #[must_use]
    pub fn join(&self, key: impl fmt::Display) -> Self {
        let mut segments = self.0.clone();
        segments.push(key.to_string());
        Self(segments)
    }

    /// Its keys and numbers.
    #[must_use]
    pub fn segments(&self) -> &[String] {
        &self.0
    }

    /// The last key or number.
    #[must_use]
    pub fn last(&self) -> Option<&str> {
        self.0.last().map(String::as_str)
    }

    /// The path of what holds it.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let (_, rest) = self.0.split_last()?;
        Some(Self(rest.to_vec()))
    }

    /// Whether the path fits a pattern such as `services.*.ports.*`, where `*` is any one segment.
    #[must_use]
    pub fn matches(&self, pattern: &str) -> bool {
        let mut wanted = pattern.split('.');
        self.0.iter().all(|segment| wanted.next().is_some_and(|w| w == "*" || w == segment))
            && wanted.next().is_none()
    }

    /// The segments to match on, put into `room`; nothing when there are more: no rule speaks of a path so long.
    pub(crate) fn names<'p, 'r>(&'p self, room: &'r mut [&'p str; 9]) -> &'r [&'p str] {
        let Some(names) = room.get_mut(..self.0.len()) else { return &[] };
        for (name, segment) in names.iter_mut().zip(&self.0) {
            *name = segment;
        }
        names
    }

    pub(crate) fn push(&mut self, key: impl Into<String>) {
        self.0.push(key.into());
    }

    pub(crate) fn pop(&mut self) {
        self.0.pop();
    }
}

impl fmt::Display for PropertyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, segment) in self.0.iter().enumerate() {
            if number > 0 {
                f.write_str(".")?;
            }
            f.write_str(segment)?;
        }
        Ok(())
    }
}

impl<S: Into<String>> FromIterator<S> for PropertyPath {
    fn from_iter<I: IntoIterator<Item = S>>(segments: I) -> Self {
        Self(segments.into_iter().map(Into::into).collect())
    }
}
