//! What runs in containers of an image that has a shell: enough of busybox for tests that real runtimes pass too.

pub(crate) mod files;
mod parse;
mod programs;

use super::{Sim, world::World};
use bytes::Bytes;
use files::{File, absolute};
use futures_util::{StreamExt as _, future::BoxFuture};
use parse::{Command, Part, Target, Word};
use perry_container_backend::{Feed, FeedItem, Frame};
use perry_container_spec::{Id, LogSource};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{sync::mpsc::UnboundedSender, time::sleep};

/// Where output goes.
pub(super) enum Sink {
    /// The log of its container.
    Log,
    /// Whoever started the command.
    Frames(UnboundedSender<Frame>),
    /// Both streams together: health probes.
    Text(Arc<Mutex<Vec<u8>>>),
}

/// Where input comes from.
pub(super) enum Input {
    /// That of its container, fed by whoever is attached.
    Container,
    Fed(Feed, VecDeque<u8>),
}

/// One process.
pub(super) struct Process {
    pub(super) sim: Sim,
    pub(super) id: Id,
    pub(super) env: BTreeMap<String, String>,
    pub(super) directory: String,
    pub(super) uid: u64,
    pub(super) terminal: Option<(u16, u16)>,
    pub(super) input: Input,
    pub(super) sink: Sink,
    /// It is the main process: signals are for it.
    pub(super) main: bool,
    /// `$0` and what follows.
    arguments: Vec<String>,
    /// What is run when it is asked to stop.
    trap: Option<String>,
}

/// How a command ended.
enum Flow {
    Status(i32),
    /// The whole shell ends.
    Exit(i32),
}

/// Where the streams of one command go.
#[derive(Clone)]
enum Place {
    Stream(LogSource),
    Nowhere,
    File(String),
}

impl Process {
    pub(super) fn new(sim: &Sim, id: &str, input: Input, sink: Sink) -> Self {
        let mut process = Self {
            sim: sim.clone(),
            id: id.to_owned(),
            env: BTreeMap::new(),
            directory: "/".to_owned(),
            uid: 0,
            terminal: None,
            input,
            sink,
            main: false,
            arguments: Vec::new(),
            trap: None,
        };
        let world = sim.world();
        if let Some(container) = world.containers.get(id) {
            let env = container.spec.env.iter();
            process.env.extend(env.map(|(k, v)| (k.clone(), v.expose().clone())));
            process.directory = container.spec.workdir.clone().unwrap_or_else(|| "/".to_owned());
            process.uid = container.spec.user.as_deref().map_or(0, uid);
        }
        process
    }

    /// Runs a command to its end: its exit status.
    pub(super) async fn run(mut self, words: Vec<String>) -> i32 {
        self.start(words).await
    }

    async fn start(&mut self, words: Vec<String>) -> i32 {
        match &words[..] {
            [sh, c, script, rest @ ..] if programs::name(sh) == "sh" && c == "-c" => {
                self.arguments = rest.to_vec();
                if self.arguments.is_empty() {
                    self.arguments.push(sh.clone());
                }
                self.script(&script.clone()).await
            }
            _ => {
                let places = [Place::Stream(LogSource::Stdout), Place::Stream(LogSource::Stderr)];
                match self.simple(words, &places).await {
                    Flow::Status(status) | Flow::Exit(status) => status,
                }
            }
        }
    }

    async fn script(&mut self, text: &str) -> i32 {
        match parse::parse(text) {
            Ok(command) => match self.command(&command).await {
                Flow::Status(status) | Flow::Exit(status) => status,
            },
            Err(text) => {
                self.print(&Place::Stream(LogSource::Stderr), format!("sh: {text}\n").as_bytes());
                2
            }
        }
    }

    fn command<'a>(&'a mut self, command: &'a Command) -> BoxFuture<'a, Flow> {
        Box::pin(async move {
            if let Some(exit) = self.signalled().await {
                return exit;
            }
            match command {
                Command::List(all) => {
                    let mut last = 0;
                    for one in all {
                        match self.command(one).await {
                            Flow::Status(status) => last = status,
                            exit @ Flow::Exit(_) => return exit,
                        }
                    }
                    Flow::Status(last)
                }
                Command::And(left, right) => match self.command(left).await {
                    Flow::Status(0) => self.command(right).await,
                    other => other,
                },
                Command::Or(left, right) => match self.command(left).await {
                    Flow::Status(status) if status != 0 => self.command(right).await,
                    other => other,
                },
                Command::While(condition, body) => loop {
                    match self.command(condition).await {
                        Flow::Status(0) => {}
                        Flow::Status(_) => return Flow::Status(0),
                        exit @ Flow::Exit(_) => return exit,
                    }
                    if let exit @ Flow::Exit(_) = self.command(body).await {
                        return exit;
                    }
                },
                Command::Simple { words, redirections } => {
                    let mut places =
                        [Place::Stream(LogSource::Stdout), Place::Stream(LogSource::Stderr)];
                    for (descriptor, target) in redirections {
                        let place = match target {
                            Target::Descriptor(to) => places[usize::from(*to == 2)].clone(),
                            Target::File(word) => match self.open(word) {
                                Ok(place) => place,
                                Err(text) => {
                                    let text = format!("sh: {text}\n");
                                    self.print(&places[1], text.as_bytes());
                                    return Flow::Status(1);
                                }
                            },
                        };
                        places[usize::from(*descriptor == 2)] = place;
                    }
                    let words = words.iter().flat_map(|word| self.expand(word)).collect();
                    self.simple(words, &places).await
                }
            }
        })
    }

    /// A file that is written to: made, or emptied.
    fn open(&mut self, word: &Word) -> Result<Place, String> {
        let path = absolute(&self.directory, &self.expand(word).concat());
        if path == "/dev/null" {
            return Ok(Place::Nowhere);
        }
        let uid = self.uid;
        let empty = File::new(Vec::new(), uid);
        match self.world(|world, id| world.write_file(id, &path, empty).err()) {
            Some(text) => Err(text),
            None => Ok(Place::File(path)),
        }
    }

    fn expand(&self, word: &Word) -> Vec<String> {
        let mut words = vec![String::new()];
        let mut kept = false;
        for part in word {
            let last = words.last_mut();
            match part {
                Part::Text(text) => {
                    kept = true;
                    last.into_iter().for_each(|last| last.push_str(text));
                }
                Part::Variable(name, quoted) => {
                    let value = match name.parse::<usize>() {
                        Ok(n) => self.arguments.get(n),
                        Err(_) => self.env.get(name),
                    };
                    let value = value.map_or("", String::as_str);
                    if *quoted {
                        last.into_iter().for_each(|last| last.push_str(value));
                        continue;
                    }
                    for (n, piece) in value.split_whitespace().enumerate() {
                        kept = true;
                        if n > 0 {
                            words.push(String::new());
                        }
                        words.last_mut().into_iter().for_each(|last| last.push_str(piece));
                    }
                }
            }
        }
        if kept || word.is_empty() { words } else { Vec::new() }
    }

    fn world<T>(&self, f: impl FnOnce(&mut World, &str) -> T) -> T
    where
        T: Default,
    {
        let mut world = self.sim.world();
        if world.containers.contains_key(&self.id) { f(&mut world, &self.id) } else { T::default() }
    }

    fn print(&mut self, place: &Place, bytes: &[u8]) {
        match place {
            Place::Nowhere => {}
            Place::File(path) => {
                let uid = self.uid;
                self.world(|world, id| {
                    let mut file =
                        world.file(id, path).cloned().unwrap_or_else(|| File::new(Vec::new(), uid));
                    file.bytes.extend_from_slice(bytes);
                    drop(world.write_file(id, path, file)); // it was opened, so it can be written to
                });
            }
            Place::Stream(source) => {
                // A terminal has one stream.
                let source = if self.terminal.is_some() { LogSource::Stdout } else { *source };
                match &self.sink {
                    Sink::Frames(frames) => {
                        let bytes = Bytes::copy_from_slice(bytes);
                        drop(frames.send(Frame { source, bytes })); // nobody listens any more
                    }
                    Sink::Text(text) => {
                        text.lock().unwrap_or_else(PoisonError::into_inner).extend(bytes);
                    }
                    Sink::Log => {
                        self.world(|world, id| world.containers[id].log(source, bytes));
                        self.sim.changed();
                    }
                }
            }
        }
    }

    /// Runs the trap when the main process was asked to stop.
    async fn signalled(&mut self) -> Option<Flow> {
        let asked = self.main
            && self.world(|world, id| std::mem::take(&mut world.containers[id].asked_to_stop));
        let trap = self.trap.clone().filter(|_| asked)?;
        let command = parse::parse(&trap).ok()?;
        match Box::pin(self.command(&command)).await {
            exit @ Flow::Exit(_) => Some(exit),
            Flow::Status(_) => None,
        }
    }

    /// Sleeps, unless the main process is asked to stop meanwhile.
    fn nap(&self, time: Duration) -> impl Future<Output = ()> + Send + 'static {
        let (sim, id, main) = (self.sim.clone(), self.id.clone(), self.main);
        async move {
            let mut seen = sim.changed.subscribe();
            let asked = async {
                let asked =
                    || main && sim.world().containers.get(&id).is_some_and(|c| c.asked_to_stop);
                while !asked() {
                    if seen.changed().await.is_err() {
                        std::future::pending::<()>().await;
                    }
                }
            };
            tokio::select! {
                () = sleep(time) => {}
                () = asked => {}
            }
        }
    }

    /// The next piece of input; none at its end.
    async fn read(&mut self) -> Option<Vec<u8>> {
        match &mut self.input {
            Input::Container => {
                let mut seen = self.sim.changed.subscribe();
                loop {
                    let (bytes, closed) = self.world(|world, id| {
                        let container = &mut world.containers[id];
                        (std::mem::take(&mut container.stdin), container.stdin_closed)
                    });
                    if !bytes.is_empty() {
                        return Some(bytes);
                    }
                    if closed || seen.changed().await.is_err() {
                        return None;
                    }
                }
            }
            Input::Fed(feed, _) => match std::mem::take(feed) {
                Feed::Empty => None,
                Feed::Bytes(bytes) => Some(bytes.to_vec()),
                Feed::Stream(mut items) => loop {
                    match items.next().await {
                        None => return None,
                        Some(FeedItem::Resize(columns, rows)) => {
                            self.terminal = self.terminal.and(Some((columns, rows)));
                        }
                        Some(FeedItem::Bytes(bytes)) => {
                            *feed = Feed::Stream(items);
                            return Some(bytes.to_vec());
                        }
                    }
                },
            },
        }
    }

    /// One line of input, without its end.
    async fn read_line(&mut self) -> Option<String> {
        let mut line = match &mut self.input {
            Input::Fed(_, rest) => std::mem::take(rest),
            Input::Container => VecDeque::new(),
        };
        loop {
            if let Some(end) = line.iter().position(|byte| *byte == b'\n') {
                let rest = line.split_off(end + 1);
                line.pop_back();
                match &mut self.input {
                    Input::Fed(_, held) => *held = rest,
                    Input::Container => {
                        self.world(|world, id| {
                            world.containers[id].stdin.splice(0..0, rest);
                        });
                    }
                }
                break;
            }
            match self.read().await {
                Some(bytes) => line.extend(bytes),
                None if line.is_empty() => return None,
                None => break,
            }
        }
        Some(String::from_utf8_lossy(line.make_contiguous()).into_owned())
    }
}

/// `1000:1000` is 1000, `root` 0, any other name nobody.
pub(super) fn uid(user: &str) -> u64 {
    let name = user.split(':').next().unwrap_or_default();
    name.parse().unwrap_or(if matches!(name, "" | "root") { 0 } else { 65_534 })
}

/// Whether a program can be run at all: one of ours, by name or in a usual directory.
pub(super) fn is_program(word: &str) -> bool {
    let known = programs::ALL.contains(&programs::name(word));
    known && (!word.contains('/') || word.starts_with("/bin/") || word.starts_with("/usr/bin/"))
}
