//! Lines of several containers with prefixes.

use super::colour::{Colour, Colours};
use indexmap::IndexMap;
use perry_container_compose::spec::LogSource;
use std::io::{self, Write};

/// Where lines go.
#[derive(Debug)]
pub(crate) struct Sink<O, E> {
    pub(crate) out: O,
    pub(crate) err: E,
    /// What containers print to standard error goes to standard error: in `up`, not in `logs`, as docker compose does.
    pub(crate) split: bool,
}

/// Prints lines of several containers, the container's name before each.
#[derive(Debug)]
pub(crate) struct Printer {
    lanes: IndexMap<String, Colour>,
    colours: Colours,
    prefix: bool,
    times: bool,
    width: usize,
}

impl Printer {
    /// With the names before the lines, or without; with times, or without.
    pub(crate) fn new(colours: Colours, prefix: bool, times: bool) -> Self {
        Self { lanes: IndexMap::new(), colours, prefix, times, width: 0 }
    }

    /// A container that will print: it gets its colour, and prefixes grow to its name. One that is known keeps its colour.
    pub(crate) fn add(&mut self, name: &str) {
        if !self.lanes.contains_key(name) {
            self.width = self.width.max(name.chars().count());
            self.lanes.insert(name.to_owned(), self.colours.next());
        }
    }

    /// All names, in the order they came.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.lanes.keys().map(String::as_str)
    }

    /// A line.
    pub(crate) fn line<O: Write, E: Write>(
        &mut self,
        sink: &mut Sink<O, E>,
        name: &str,
        source: LogSource,
        time: Option<&str>,
        text: &str,
    ) -> io::Result<()> {
        self.add(name);
        let mut line = String::with_capacity(text.len() + 48);
        if self.prefix {
            let width = self.width + 1;
            line.push_str(&self.colour(name).paint(&format!("{name:<width$} | ")));
        }
        if let Some(time) = time.filter(|_| self.times) {
            line.push_str(time);
            line.push(' ');
        }
        line.push_str(text);
        line.push('\n');
        match source {
            LogSource::Stderr if sink.split => sink.err.write_all(line.as_bytes()),
            _ => sink.out.write_all(line.as_bytes()),
        }
    }

    /// Something that is said of a container: `web-1 exited with code 0`.
    pub(crate) fn status<O: Write, E: Write>(
        &mut self,
        sink: &mut Sink<O, E>,
        name: &str,
        what: &str,
    ) -> io::Result<()> {
        self.add(name);
        writeln!(sink.out, "{}", self.colour(name).paint(&format!("{name} {what}")))
    }

    fn colour(&self, name: &str) -> Colour {
        self.lanes.get(name).copied().unwrap_or_default()
    }
}

/// A container's name in prefixes: without its project, unless it was named by hand.
pub(crate) fn short_name(
    project: &str,
    service: &str,
    number: Option<u32>,
    container: &str,
) -> String {
    let number = number.map_or_else(String::new, |number| number.to_string());
    for gap in ["-", "_"] {
        let unit = [service, &number].join(gap);
        if container.strip_prefix(project).and_then(|rest| rest.strip_prefix(gap)) == Some(&unit) {
            return unit;
        }
    }
    container.to_owned()
}
