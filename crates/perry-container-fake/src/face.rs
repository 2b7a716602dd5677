//! A face: a tool that the program can be.

use crate::{
    grammar::{Call, Grammar, Misuse},
    journal,
    store::Store,
    switches::Switches,
};
use std::io::{self, Read, Write};

/// A tool: its grammar, and how it answers.
#[derive(Debug)]
pub struct Face {
    /// The names under which it is called.
    pub names: &'static [&'static str],
    /// The version that it mirrors.
    pub version: &'static str,
    /// What it accepts.
    pub grammar: &'static Grammar,
    /// Its answer to a call that is none.
    pub misuse: fn(&mut Scene<'_>, &Misuse) -> i32,
    /// Its answer where the engine does not run; none for what it does without one.
    pub down: fn(&mut Scene<'_>, &Call) -> Option<i32>,
    /// Its answer. [`NOT_MODELLED`] for a call that it would take and this program does not know.
    pub answer: fn(&mut Scene<'_>, &Call) -> io::Result<i32>,
}

/// The status of a call that the tool may take, but this program does not know.
pub const NOT_MODELLED: i32 = 199;

/// What a face has while it answers.
pub struct Scene<'a> {
    /// What the test asks of it.
    pub switches: &'a Switches,
    /// The state.
    pub store: &'a Store,
    /// The words of the call.
    pub words: &'a [String],
    /// Standard output.
    pub out: &'a mut dyn Write,
    /// Standard error.
    pub err: &'a mut dyn Write,
    /// Writes the call down before it is over: it may be ended from outside.
    pub early: &'a mut dyn FnMut(),
    /// Has its standard input as a hash, once it was read.
    pub stdin: crate::Stdin,
}

impl std::fmt::Debug for Scene<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scene").field("words", &self.words).finish_non_exhaustive()
    }
}

impl Scene<'_> {
    /// Prints to standard output.
    pub fn say(&mut self, text: impl AsRef<str>) {
        drop(self.out.write_all(text.as_ref().as_bytes())); // nobody may read it
    }

    /// Prints to standard error.
    pub fn complain(&mut self, text: impl AsRef<str>) {
        drop(self.err.write_all(text.as_ref().as_bytes())); // nobody may read it
    }

    /// The version that is mirrored in this call.
    pub fn version<'b>(&'b self, face: &'b Face) -> &'b str {
        self.switches.version.as_deref().unwrap_or(face.version)
    }

    /// Standard input, of which a hash is kept for the journal.
    pub fn input(&self) -> Box<dyn Read + Send> {
        Box::new(self.stdin.clone())
    }
}

/// The calls that were written down in a state.
pub fn calls(store: &Store) -> Vec<journal::Entry> {
    journal::read(store.root())
}
