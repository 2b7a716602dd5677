//! What this process prints to, found out once.

use crate::{
    grammar::{Ansi, Globals},
    outside::Stream,
};
use perry_container_compose::load::Env;
use std::io::{self, IsTerminal as _};

/// Standard input, output and error as far as printing depends on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Screen {
    /// Standard input is a terminal.
    pub(crate) in_terminal: bool,
    /// Standard output is a terminal.
    pub(crate) out_terminal: bool,
    /// Standard error is a terminal.
    pub(crate) err_terminal: bool,
    /// Colours on standard output.
    pub(crate) out_colours: bool,
    /// Colours on standard error.
    pub(crate) err_colours: bool,
}

impl Screen {
    /// Of these outputs.
    pub(crate) fn new(globals: &Globals, env: &Env, out: &Stream, err: &Stream) -> Self {
        let kept = matches!(out, Stream::Kept(_));
        let input = !kept && io::stdin().is_terminal();
        Self::of(globals, env, input, out.is_terminal(), err.is_terminal())
    }

    fn of(globals: &Globals, env: &Env, in_terminal: bool, out: bool, err: bool) -> Self {
        let set = |name: &str| env.get(name).is_some_and(|value| !value.is_empty());
        let ansi = match env.get("COMPOSE_ANSI") {
            _ if globals.no_ansi => Ansi::Never,
            _ if globals.ansi.is_some() => globals.ansi.unwrap_or_default(),
            Some("never") => Ansi::Never,
            Some("always") => Ansi::Always,
            _ if set("NO_COLOR") || env.get("TERM") == Some("dumb") => Ansi::Never,
            _ => Ansi::Auto,
        };
        let colours = |terminal| match ansi {
            Ansi::Never => false,
            Ansi::Always => true,
            Ansi::Auto => terminal,
        };
        Self {
            in_terminal,
            out_terminal: out,
            err_terminal: err,
            out_colours: colours(out),
            err_colours: colours(err),
        }
    }

    /// Without colours.
    #[must_use]
    pub(crate) const fn plain(self) -> Self {
        Self { out_colours: false, err_colours: false, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::Screen;
    use crate::grammar::{Command, Globals, Request, parse};
    use perry_container_compose::load::Env;

    fn globals(line: &str) -> Globals {
        let words: Vec<_> = line.split_whitespace().chain(["ps"]).map(Into::into).collect();
        let Request::Run(globals, Command::Ps(_)) = parse(&words).unwrap() else { panic!() };
        *globals
    }

    #[test]
    fn flags_come_before_variables_and_these_before_the_terminal() {
        let colours = |line: &str, env: &[(&str, &str)], terminal| {
            let env: Env = env.iter().copied().collect();
            Screen::of(&globals(line), &env, false, terminal, terminal).out_colours
        };
        assert!(colours("", &[], true));
        assert!(!colours("", &[], false));
        assert!(!colours("", &[("NO_COLOR", "1")], true));
        assert!(colours("", &[("NO_COLOR", "")], true));
        assert!(!colours("", &[("TERM", "dumb")], true));
        assert!(colours("--ansi always", &[("NO_COLOR", "1")], false));
        assert!(!colours("--ansi never", &[("COMPOSE_ANSI", "always")], true));
        assert!(colours("", &[("COMPOSE_ANSI", "always")], false));
        assert!(!colours("--no-ansi --ansi always", &[], true));
    }
}
