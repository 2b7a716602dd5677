//! The colours of prefixes.

/// One container after the other gets the next of docker compose's colours: cyan, yellow, green, magenta, blue, then the
/// same, intense.
#[derive(Debug, Clone)]
pub(crate) struct Colours {
    on: bool,
    next: usize,
}

/// A colour, or none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Colour(Option<&'static str>);

const RAINBOW: [&str; 10] = ["36", "33", "32", "35", "34", "36;1", "33;1", "32;1", "35;1", "34;1"];

impl Colours {
    pub(crate) const fn new(on: bool) -> Self {
        Self { on, next: 0 }
    }

    pub(super) fn next(&mut self) -> Colour {
        let code = RAINBOW[self.next % RAINBOW.len()];
        self.next += 1;
        Colour(self.on.then_some(code))
    }
}

impl Colour {
    pub(super) fn paint(self, text: &str) -> String {
        match self.0 {
            Some(code) => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            None => text.to_owned(),
        }
    }
}
