//! A machine made of a script.

use crate::{Host, HostError, Program, Running, Sign, Window, host::is_path};
use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use perry_container_backend::{Feed, FeedItem};
use perry_container_protocol::{Invocation, RawChunk};
use perry_container_spec::LogSource;
use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

/// A host for tests: it answers calls from a script and remembers them. Clones share script and memory.
///
/// A call is named by its text without directories, `docker --host=unix:///s version --format=json`. A rule whose text
/// ends with `*` holds for every call that begins so; the longest text wins. Of several answers of a rule each is
/// given once, the last one again and again.
#[derive(Debug, Clone, Default)]
pub struct ScriptedHost(Arc<Mutex<Script>>);

#[derive(Debug, Default)]
struct Script {
    programs: BTreeMap<String, PathBuf>,
    rules: BTreeMap<String, Vec<Answer>>,
    calls: Vec<String>,
    fed: Vec<u8>,
    running: usize,
}

/// How a scripted call goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It prints these pieces, then ends with this code.
    Ends(Vec<RawChunk>, i32),
    /// It prints these pieces, then goes on for ever.
    Hangs(Vec<RawChunk>),
    /// There is no such program after all.
    Missing,
}

impl Answer {
    /// Success with this output.
    pub fn prints(stdout: impl Into<Vec<u8>>) -> Self {
        Self::Ends(vec![piece(LogSource::Stdout, stdout.into())], 0)
    }

    /// Failure with this complaint.
    pub fn fails(code: i32, stderr: impl Into<Vec<u8>>) -> Self {
        Self::Ends(vec![piece(LogSource::Stderr, stderr.into())], code)
    }
}

fn piece(source: LogSource, bytes: Vec<u8>) -> RawChunk {
    RawChunk { source, bytes: Bytes::from(bytes) }
}

impl ScriptedHost {
    /// A machine without programs.
    pub fn new() -> Self {
        Self::default()
    }

    /// With this program on the PATH.
    #[must_use]
    pub fn program(self, name: &str) -> Self {
        self.with(|script| {
            script.programs.insert(name.to_owned(), PathBuf::from(format!("/usr/bin/{name}")))
        });
        self
    }

    /// With an answer to a call; a second one for the same text comes after the first.
    #[must_use]
    pub fn on(self, text: &str, answer: Answer) -> Self {
        self.with(|script| script.rules.entry(text.to_owned()).or_default().push(answer));
        self
    }

    /// All calls so far as text, in the order of their start.
    pub fn calls(&self) -> Vec<String> {
        self.with(|script| script.calls.clone())
    }

    /// All that was fed so far; a new terminal size as `<80x24>`.
    pub fn fed(&self) -> String {
        self.with(|script| String::from_utf8_lossy(&script.fed).into_owned())
    }

    /// How many calls run now.
    pub fn running(&self) -> usize {
        self.with(|script| script.running)
    }

    fn with<T>(&self, f: impl FnOnce(&mut Script) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Script {
    fn answer(&mut self, line: &str) -> Answer {
        let fits = |text: &str| match text.strip_suffix('*') {
            Some(beginning) => line.starts_with(beginning),
            None => line == text,
        };
        let best =
            self.rules.iter_mut().filter(|(text, _)| fits(text)).max_by_key(|(t, _)| t.len());
        match best.map(|(_, answers)| answers) {
            Some(answers) if answers.len() > 1 => answers.remove(0),
            Some(answers) => answers[0].clone(),
            None => Answer::fails(127, format!("the script has no answer to `{line}`\n")),
        }
    }
}

/// Counts a call as running as long as it lives.
struct Alive(ScriptedHost);

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.with(|script| script.running -= 1);
    }
}

#[async_trait]
impl Host for ScriptedHost {
    fn find(&self, program: &str) -> Option<PathBuf> {
        self.with(|script| match is_path(program) {
            true => script.programs.values().find(|path| path.as_os_str() == program).cloned(),
            false => script.programs.get(program).cloned(),
        })
    }

    async fn start(
        &self,
        program: &Program,
        call: &Invocation,
        feed: Feed,
        terminal: Option<Window>,
    ) -> Result<Running, HostError> {
        let line = program.line(call);
        let place = terminal.map(|window| format!(" (terminal {window})")).unwrap_or_default();
        let answer = self.with(|script| {
            script.calls.push(format!("{line}{place}"));
            script.answer(&line)
        });
        let (printed, end) = match answer {
            Answer::Missing => return Err(HostError::Missing { program: program.name() }),
            Answer::Ends(printed, code) => (printed, Some(code)),
            Answer::Hangs(printed) => (printed, None),
        };
        self.with(|script| script.running += 1);
        let alive = Alive(self.clone());
        let eat = async move {
            let mut items = match feed {
                Feed::Empty => stream::empty().boxed(),
                Feed::Bytes(bytes) => stream::iter([FeedItem::Bytes(bytes)]).boxed(),
                Feed::Stream(items) => items,
            };
            while let Some(item) = items.next().await {
                alive.0.with(|script| match item {
                    FeedItem::Bytes(bytes) => script.fed.extend_from_slice(&bytes),
                    FeedItem::Resize(columns, rows) => {
                        let window = Window { columns, rows };
                        script.fed.extend_from_slice(format!("<{window}>").as_bytes());
                    }
                });
            }
            match end {
                Some(code) => (Ok(Sign::Ended(code)), alive),
                None => std::future::pending().await,
            }
        };
        let printed = stream::iter(printed.into_iter().map(|chunk| Ok(Sign::Printed(chunk))));
        let ended = stream::once(eat).map(|(sign, _alive)| sign);
        Ok(Box::pin(printed.chain(ended)))
    }
}
