//! Where progress is shown, and how.

use super::{Phase, Said, Step, json, tty::Board};
use crate::{app, grammar, outside::Stream, say::Warnings, screen::Screen};
use console::Term;
use perry_container_compose::{engine, load::Env};
use std::{
    io::Write,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{task::JoinHandle, time::Instant};

/// What is not shown, by the flags of the command.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Quiet {
    /// How far pulls are.
    pub(crate) pulls: bool,
    /// What builders print.
    pub(crate) builds: bool,
}

/// How progress is shown.
#[derive(Debug)]
pub(super) enum Form {
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
pub(super) struct Live {
    board: Board,
    term: Term,
    drawn: usize,
}

/// Shows progress as long as it lives.
#[derive(Debug)]
pub(crate) struct Show {
    form: Arc<Mutex<Form>>,
    begun: Instant,
    quiet: Quiet,
    warnings: Arc<Mutex<Warnings>>,
    to: Stream,
    wheel: Option<JoinHandle<()>>,
}

impl Form {
    /// What was asked for; `auto` is rows on a terminal and lines elsewhere.
    pub(super) fn new(asked: Option<grammar::Progress>, env: &Env, screen: Screen) -> Self {
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

    /// Something changed, so long after the command began.
    pub(super) fn tell(&mut self, to: &mut impl Write, said: &Said, at: Duration) {
        // Nobody is left to tell when standard error is closed; the work goes on.
        match (self, said) {
            (Self::Plain, Said::Step(step)) if !step.detail => {
                drop(writeln!(to, "{}", plain(step)));
            }
            (Self::Plain, Said::Note(text)) => drop(writeln!(to, " {text}")),
            (Self::Plain | Self::Quiet, Said::Warning(line)) => drop(writeln!(to, "{line}")),
            (Self::Json, Said::Step(step)) => drop(writeln!(to, "{}", json::step(step))),
            (Self::Json, Said::Note(text) | Said::Warning(text)) => {
                drop(writeln!(to, "{}", json::note(text)));
            }
            (Self::Tty(live), Said::Step(step)) => {
                live.board.note(step, at);
                live.draw(at);
            }
            (Self::Tty(live), Said::Note(text) | Said::Warning(text)) => live.above(text, at),
            (Self::Plain | Self::Quiet, _) => {}
        }
    }
}

impl Live {
    fn draw(&mut self, at: Duration) {
        // A terminal echoes `^C` where the cursor is: on the line below the rows.
        drop(self.term.clear_line());
        let (height, width) = self.term.size();
        let rows = self.board.frame(at, usize::from(width), usize::from(height));
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

    /// A line that stays, above the rows.
    fn above(&mut self, text: &str, at: Duration) {
        drop(self.term.clear_line());
        drop(self.term.clear_last_lines(self.drawn));
        drop(self.term.write_line(text));
        self.drawn = 0;
        self.draw(at);
    }
}

impl Show {
    /// Begins to show; must be called inside the runtime.
    pub(crate) fn new(
        asked: Option<grammar::Progress>,
        env: &Env,
        screen: Screen,
        quiet: Quiet,
        warnings: Arc<Mutex<Warnings>>,
        to: Stream,
    ) -> Self {
        let form = Arc::new(Mutex::new(Form::new(asked, env, screen)));
        let begun = Instant::now();
        let wheel = lock(&form).is_live().then(|| {
            let form = Arc::clone(&form);
            tokio::spawn(async move {
                loop {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    lock(&form).tick(begun.elapsed());
                }
            })
        });
        Self { form, begun, quiet, warnings, to, wheel }
    }

    /// The same without rows that are drawn again: other output comes between.
    #[must_use]
    pub(crate) fn in_lines(mut self) -> Self {
        if let Some(wheel) = self.wheel.take() {
            wheel.abort();
            *lock(&self.form) = Form::Plain;
        }
        self
    }

    /// What a session calls.
    pub(crate) fn hear(&self, progress: &engine::Progress) {
        match progress {
            engine::Progress::Pull { .. } if self.quiet.pulls => return,
            engine::Progress::Build { .. } if self.quiet.builds => return,
            _ => {}
        }
        match Said::of(progress) {
            Some(Said::Warning(text)) => {
                let line = lock(&self.warnings).line(&text, app::now());
                if let Some(line) = line {
                    self.say(&Said::Warning(line));
                }
            }
            Some(said) => self.say(&said),
            None => {}
        }
    }

    /// What a command says itself.
    pub(crate) fn say(&self, said: &Said) {
        let (mut form, at) = (lock(&self.form), self.begun.elapsed());
        form.tell(&mut self.to.clone(), said, at);
    }
}

/// The rows stay where they are; what comes next is printed below them.
impl Drop for Show {
    fn drop(&mut self) {
        if let Some(wheel) = &self.wheel {
            wheel.abort();
        }
        let mut form = lock(&self.form);
        form.tick(self.begun.elapsed());
        *form = Form::Quiet;
    }
}

impl Form {
    const fn is_live(&self) -> bool {
        matches!(self, Self::Tty(_))
    }

    fn tick(&mut self, at: Duration) {
        if let Self::Tty(live) = self {
            live.draw(at);
        }
    }
}

fn lock<T>(shared: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// ` Container p-a-1  Created`.
fn plain(step: &Step) -> String {
    match (&step.text, step.phase) {
        (Some(line), Phase::Working) => format!(" {} | {line}", step.id),
        (Some(why), Phase::Failed) => format!(" {}  {}  {why}", step.id, step.status),
        _ => format!(" {}  {}", step.id, step.status),
    }
}
