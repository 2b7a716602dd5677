//! Several reasons as one sentence.

/// Reasons in the order in which they came up, each once.
#[derive(Debug, Default)]
pub(crate) struct Reasons(Vec<String>);

impl Reasons {
    pub(crate) fn add(&mut self, reason: String) {
        if !self.0.contains(&reason) {
            self.0.push(reason);
        }
    }

    pub(crate) fn add_if_none(&mut self, reason: impl FnOnce() -> String) {
        if self.0.is_empty() {
            self.add(reason());
        }
    }

    pub(crate) fn text(self) -> String {
        self.0.join("; ")
    }
}
