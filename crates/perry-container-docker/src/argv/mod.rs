//! Command lines.

pub(crate) mod build;
pub(crate) mod container;
pub(crate) mod create;
pub(crate) mod exec;
pub(crate) mod health;
pub(crate) mod limits;
pub(crate) mod mounts;
pub(crate) mod network;

use crate::{dialect::Lack, dialect::Traits, quote};
use perry_container_protocol::{Invocation, ToolError};
use std::fmt::Display;

/// A command line in the making, in the words of one tool.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) call: Invocation,
    sliced: &'static [&'static str],
    pub(crate) tool: &'static Traits,
}

impl Line {
    pub(crate) fn new(tool: &'static Traits, verb: &[&str]) -> Self {
        let name: Vec<&str> =
            verb.iter().copied().take_while(|word| !word.starts_with('-')).collect();
        let name = name.join(" ");
        let sliced = tool.sliced.iter().find(|(verb, _)| *verb == name);
        Self {
            call: Invocation::new(verb.iter().copied()),
            sliced: sliced.map_or(&[], |(_, flags)| *flags),
            tool,
        }
    }

    /// `--flag=value`. Where the client cuts this flag's values at commas the value is quoted.
    pub(crate) fn flag(&mut self, flag: &str, value: impl Display) -> &mut Self {
        if self.sliced.contains(&flag) {
            self.call.flag(flag, quote::field(&value.to_string()));
        } else {
            self.call.flag(flag, value);
        }
        self
    }

    pub(crate) fn maybe(&mut self, flag: &str, value: Option<impl Display>) -> &mut Self {
        if let Some(value) = value {
            self.flag(flag, value);
        }
        self
    }

    pub(crate) fn each<T: Display>(
        &mut self,
        flag: &str,
        values: impl IntoIterator<Item = T>,
    ) -> &mut Self {
        for value in values {
            self.flag(flag, value);
        }
        self
    }

    /// `--flag=key=value` for each.
    pub(crate) fn pairs<'a, V: Display + 'a>(
        &mut self,
        flag: &str,
        pairs: impl IntoIterator<Item = (&'a String, &'a V)>,
    ) -> &mut Self {
        for (key, value) in pairs {
            self.flag(flag, format_args!("{key}={value}"));
        }
        self
    }

    pub(crate) fn switch(&mut self, flag: &str, on: bool) -> &mut Self {
        self.call.switch(flag, on);
        self
    }

    pub(crate) fn words<'a>(&mut self, words: impl IntoIterator<Item = &'a str>) -> &mut Self {
        self.call.args(words);
        self
    }

    /// Everything behind this is no flag, whatever it looks like.
    pub(crate) fn operands<'a>(
        mut self,
        operands: impl IntoIterator<Item = &'a str>,
    ) -> Invocation {
        self.call.arg("--").args(operands);
        self.call
    }

    /// Fails when something is wanted that the tool lacks: leaving out what cannot be done is decided above, never here.
    pub(crate) fn need(&self, what: Lack, wanted: bool) -> Result<(), ToolError> {
        match self.tool.lack(what) {
            Some(why) if wanted => Err(ToolError::Unsupported(why.to_owned())),
            _ => Ok(()),
        }
    }
}
