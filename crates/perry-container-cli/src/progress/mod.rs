//! What is going on, as it goes on.

mod json;
mod step;
mod tty;

pub(crate) use step::{Phase, Step};

use crate::{grammar, screen::Screen};
use console::Term;
use perry_container_compose::load::Env;
use std::{io::Write, time::Duration};
use tty::Board;

/// How progress is shown.
#[derive(Debug)]
pub(crate) enum Progress {
    /// Rows that are drawn again and again.
    Tty(Box<Live>),
    /// A line a step.
    Plain,
    /// A JSON object a line.
    Json,
    /// Not at all.
    Quiet,
}

/// Rows on a terminal.
#[derive(Debug)]
pub(crate) struct Live {
    board: Board,
    term: Term,
    drawn: usize,
}

impl Progress {
    /// What was asked for; `auto` is rows on a terminal and lines elsewhere.
    pub(crate) fn new(asked: Option<grammar::Progress>, env: &Env, screen: Screen) -> Self {
        let from_env = || match env.get("COMPOSE_PROGRESS") {
            Some("tty") => grammar::Progress::Tty,
            Some("plain") => grammar::Progress::Plain,
            Some("json") => grammar::Progress::Json,
            Some("quiet") => grammar::Progress::Quiet,
            _ => grammar::Progress::Auto,
        };
        let live = || {
            let board = Board::new(screen.err_colours);
            Self::Tty(Box::new(Live { board, term: Term::stderr(), drawn: 0 }))
        };
        match asked.unwrap_or_else(from_env) {
            grammar::Progress::Tty => live(),
            grammar::Progress::Auto if screen.err_terminal && screen.err_colours => live(),
            grammar::Progress::Plain | grammar::Progress::Auto => Self::Plain,
            grammar::Progress::Json => Self::Json,
            grammar::Progress::Quiet => Self::Quiet,
        }
    }

    /// Whether errors are JSON lines too.
    pub(crate) const fn is_json(&self) -> bool {
        matches!(self, Self::Json)
    }

    /// Something began, went on or ended, so long after the command began.
    pub(crate) fn tell(&mut self, to: &mut impl Write, step: &Step, at: Duration) {
        // Nobody is left to tell when standard error is closed; the work goes on.
        match self {
            Self::Plain if !step.detail => drop(writeln!(to, "{}", plain(step))),
            Self::Json => drop(writeln!(to, "{}", json::line(step))),
            Self::Tty(live) => {
                live.board.note(step, at);
                live.draw(at);
            }
            Self::Plain | Self::Quiet => {}
        }
    }

    /// Lets clocks and wheels turn.
    pub(crate) fn tick(&mut self, at: Duration) {
        if let Self::Tty(live) = self {
            live.draw(at);
        }
    }

    /// The rows stay where they are; what comes next is printed below them.
    pub(crate) fn done(&mut self, at: Duration) {
        if let Self::Tty(live) = self {
            live.draw(at);
            live.board = live.board.fresh();
            live.drawn = 0;
        }
    }
}

impl Live {
    fn draw(&mut self, at: Duration) {
        let (height, width) = self.term.size();
        let rows = self.board.frame(at, usize::from(width), usize::from(height));
        if rows.is_empty() {
            return;
        }
        let mut text = String::new();
        for row in &rows {
            text.push_str(row);
            text.push('\n');
        }
        drop(self.term.clear_last_lines(self.drawn));
        drop(self.term.write_str(&text));
        drop(self.term.flush());
        self.drawn = rows.len();
    }
}

/// ` Container p-a-1  Created`.
fn plain(step: &Step) -> String {
    let mut line = format!(" {}  {}", step.id, step.status);
    if let Some(text) = step.text.as_deref().filter(|_| step.phase == Phase::Failed) {
        line.extend(["  ", text]);
    }
    line
}

#[cfg(test)]
mod tests;
