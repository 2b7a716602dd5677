//! The process that runs one container: it outlives the call that started it, writes the log and the end into the state,
//! and ends with its container, or when somebody takes the state away.

use crate::{
    ports,
    record::{Answer, Container, Image, MountKind, State},
    store::Store,
    wire::{Kind, Request, frame},
};
use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use perry_container_backend::{
    BackendError, ContainerBackend as _, Feed, FeedItem, Frame, Session,
};
use perry_container_spec::{
    ContainerSpec, ErrorKind, ExecSpec, LogOptions, LogSource, Mount, Network, Sensitive,
};
use perry_container_testkit::{Script, Sim, Term};
use std::{
    io::{self, Write as _},
    path::Path,
    process::ExitCode,
    sync::Arc,
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    time::{Instant, timeout},
};

/// The variable that makes this program the shim of a container.
pub(crate) const SHIM: &str = "FAKE_SHIM";

/// The variable with which a container begins only when somebody is attached.
pub(crate) const AWAITS: &str = "FAKE_SHIM_AWAITS";

/// How long it waits for whoever said that he would attach.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often it looks whether the state is still there.
const LOOK: Duration = Duration::from_millis(300);

/// Runs the container of this id to its end. Says `ready` on standard output when it runs, or why it does not.
///
/// With `awaits` it begins only when somebody is attached, who then misses nothing.
pub(crate) fn main(root: &Path, id: &str, bind: bool, awaits: bool) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let done = runtime.and_then(|runtime| runtime.block_on(run(root, id, bind, awaits)));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

/// One line to whoever started this; nobody may be there any more.
fn say(line: &str) {
    let mut out = io::stdout();
    drop(writeln!(out, "{line}").and_then(|()| out.flush()));
}

fn other(error: BackendError) -> io::Error {
    io::Error::other(error.text)
}

/// What the simulation has to know of an image.
fn script(image: &Image) -> Script {
    if image.shell {
        return Script::shell();
    }
    let mut script = Script::new();
    for line in &image.lines {
        script = script.prints(Duration::ZERO, line);
    }
    for line in &image.complaints {
        script = script.complains(Duration::ZERO, line);
    }
    if let Some(exit) = image.exit {
        script = script.exits_after(Duration::from_millis(image.after_ms), exit);
    }
    if image.ignore_term { script.on_term(Term::Ignores) } else { script }
}

fn spec(record: &Container, image: &str) -> ContainerSpec {
    let mut spec = ContainerSpec::new(image.to_owned());
    spec.name = Some(record.name.clone());
    spec.command = Some(record.command.clone());
    spec.env = (record.env.iter())
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_owned(), Sensitive::new(value.to_owned())))
        .collect();
    spec.workdir = Some(record.workdir.clone()).filter(|dir| !dir.is_empty());
    spec.user = Some(record.user.clone()).filter(|user| !user.is_empty());
    spec.hostname = Some(record.hostname.clone().unwrap_or_else(|| record.name.clone()));
    (spec.tty, spec.stdin_open) = (record.tty, record.interactive);
    (spec.network, spec.read_only) = (Network::None, record.read_only);
    spec.mounts = (record.mounts.iter())
        .filter(|mount| mount.kind == MountKind::Volume)
        .map(|mount| Mount {
            read_only: mount.read_only,
            ..Mount::new(
                perry_container_spec::MountKind::Volume,
                Some(mount.source.clone()),
                &mount.target,
            )
        })
        .collect();
    spec
}

/// A running container.
struct Running {
    sim: Sim,
    id: String,
    image: Image,
    began: Instant,
}

async fn run(root: &Path, id: &str, bind: bool, awaits: bool) -> io::Result<()> {
    let store = Store::open(root)?;
    let gone = || io::Error::other(format!("container {id} has gone"));
    let mut record: Container = store.get(id).ok_or_else(gone)?;
    let image = store.image(&record.image).ok_or_else(|| io::Error::other("its image has gone"))?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let _held = if bind { ports::bind(&record.ports, &image).await? } else { Vec::new() };

    let sim = Sim::new().with_image("image:1", script(&image));
    // what lies in a volume has to get there also where this container cannot write to it
    let mut filler = spec(&record, "image:1");
    filler.name = Some("filler".to_owned());
    filler.mounts.iter_mut().for_each(|mount| mount.read_only = false);
    let filler = sim.create(&filler).await.map_err(other)?;
    for mount in record.mounts.iter().filter(|mount| mount.kind == MountKind::Volume) {
        put(&sim, &filler.id, &mount.target, &store.files("volume", &mount.source)).await?;
    }
    let made = sim.create(&spec(&record, "image:1")).await.map_err(other)?;
    put(&sim, &made.id, "/", &store.files("root", id)).await?;
    let follow = LogOptions { follow: true, ..LogOptions::default() };
    let mut log = std::fs::File::create(store.log(id))?;
    let mut output = sim.open_logs(&made.id, &follow).await.map_err(other)?;
    let running = Arc::new(Running { sim, id: made.id, image, began: Instant::now() });

    record.started = Some(store.now());
    (record.state, record.exit) = (State::Running, None);
    record.shim = Some((std::process::id(), listener.local_addr()?.port()));
    store.put(&record)?; // whoever started this holds the lock
    say("ready");
    if awaits && let Ok(Ok((stream, _))) = timeout(PATIENCE, listener.accept()).await {
        tokio::spawn(serve(Arc::clone(&running), stream));
    }
    running.sim.start(&running.id).await.map_err(other)?;

    let mut look = tokio::time::interval(LOOK);
    loop {
        tokio::select! {
            chunk = output.next() => match chunk {
                Some(Ok(chunk)) => log.write_all(&chunk.bytes)?,
                Some(Err(_)) | None => break,
            },
            Ok((stream, _)) = listener.accept() => {
                tokio::spawn(serve(Arc::clone(&running), stream));
            }
            _ = look.tick() => if store.get::<Container>(id).is_none() { return Ok(()) },
        }
    }
    drop(output);
    let code = running.sim.wait(&running.id).await.map_err(other)?;
    finish(&store, &running, id, code).await?;
    // what is still connected hears of the end
    tokio::time::sleep(Duration::from_millis(50)).await;
    Ok(())
}

/// Writes down what is left.
async fn finish(store: &Store, running: &Running, id: &str, code: i32) -> io::Result<()> {
    let _held = store.lock()?;
    let Some(mut record) = store.get::<Container>(id) else { return Ok(()) };
    get(running, "/", &store.files("root", id)).await?;
    for mount in record.mounts.iter().filter(|mount| mount.kind == MountKind::Volume) {
        if !mount.read_only {
            get(running, &mount.target, &store.files("volume", &mount.source)).await?;
        }
    }
    if record.remove {
        store.remove::<Container>(id);
        return Ok(());
    }
    (record.state, record.exit, record.shim) = (State::Exited, Some(code), None);
    store.put(&record)
}

async fn put(sim: &Sim, id: &str, path: &str, tar: &Path) -> io::Result<()> {
    let Ok(bytes) = std::fs::read(tar) else { return Ok(()) };
    sim.copy_in(id, path, stream::iter([Ok(Bytes::from(bytes))]).boxed()).await.map_err(other)
}

/// Keeps an archive of a directory, with paths from it on.
async fn get(running: &Running, path: &str, to: &Path) -> io::Result<()> {
    let Ok(flow) = running.sim.copy_out(&running.id, path).await else { return Ok(()) };
    let bytes: Vec<Bytes> = flow.try_collect().await.map_err(other)?;
    let base = path.rsplit('/').next().unwrap_or_default().to_owned();
    std::fs::write(to, rebased(&bytes.concat(), &base)?)
}

/// `copy_out` of a directory names everything below it with the directory's own name first; that is taken away.
fn rebased(tar: &[u8], base: &str) -> io::Result<Vec<u8>> {
    let mut out = tar::Builder::new(Vec::new());
    for entry in tar::Archive::new(tar).entries()? {
        let entry = entry?;
        let path = entry.path()?.into_owned();
        let path = path.strip_prefix(base).unwrap_or(&path).to_owned();
        let mut header = entry.header().clone();
        out.append_data(&mut header, path, entry)?;
    }
    out.into_inner()
}

/// Answers one request.
async fn serve(running: Arc<Running>, stream: TcpStream) -> io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut read = BufReader::new(read);
    let mut line = String::new();
    read.read_line(&mut line).await?;
    let request: Request = serde_json::from_str(&line)?;
    let (sim, id) = (&running.sim, running.id.as_str());
    let end = match request {
        Request::Exec { words, env, workdir, user, tty, stdin } => {
            let mut what = ExecSpec::new(words);
            what.env = (env.iter().filter_map(|pair| pair.split_once('=')))
                .map(|(name, value)| (name.to_owned(), Sensitive::new(value.to_owned())))
                .collect();
            (what.workdir, what.user, what.tty, what.stdin) = (workdir, user, tty, stdin);
            match answer(&running, &what) {
                Some(answer) => {
                    write.write_all(&frame(Kind::Out, answer.out.as_bytes())).await?;
                    Ok(answer.exit)
                }
                None => {
                    let input = if stdin { input(read) } else { Feed::Empty };
                    pass(sim.open_exec(id, &what, input).await, &mut write).await
                }
            }
        }
        Request::Attach => pass(attach(sim, id, input(read)).await, &mut write).await,
        Request::Wait => sim.wait(id).await,
        Request::Stop { seconds } => match sim.stop(id, Some(seconds)).await {
            Ok(()) => sim.wait(id).await,
            Err(error) => Err(error),
        },
        Request::Kill { signal } => sim.kill(id, &signal).await.map(|()| 0),
        Request::Put { path } => {
            let Feed::Stream(items) = input(read) else { return Ok(()) };
            let bytes = items.filter_map(|item| async move {
                match item {
                    FeedItem::Bytes(bytes) => Some(Ok(bytes)),
                    FeedItem::Resize(..) => None,
                }
            });
            sim.copy_in(id, &path, bytes.boxed()).await.map(|()| 0)
        }
        Request::Get { path } => match sim.copy_out(id, &path).await {
            Ok(flow) => {
                let bytes: Vec<Bytes> = flow.try_collect().await.map_err(other)?;
                write.write_all(&frame(Kind::Out, &bytes.concat())).await?;
                Ok(0)
            }
            Err(error) => Err(error),
        },
    };
    let last = match end {
        Ok(code) => frame(Kind::Exit, code.to_string().as_bytes()),
        Err(error) => frame(Kind::Failed, error.text.as_bytes()),
    };
    write.write_all(&last).await?;
    write.shutdown().await
}

/// Its input from now on, and its output from the beginning.
async fn attach(sim: &Sim, id: &str, input: Feed) -> Result<Session, BackendError> {
    let session = sim.attach(id, input).await?;
    let follow = LogOptions { follow: true, ..LogOptions::default() };
    let output = sim.open_logs(id, &follow).await?;
    let output = output.map_ok(|chunk| Frame { source: chunk.source, bytes: chunk.bytes });
    Ok(Session { output: output.boxed(), exit: session.exit })
}

/// What the image says that this command comes to.
fn answer(running: &Running, what: &ExecSpec) -> Option<Answer> {
    let key = match &what.command[..] {
        [sh, c, script] if sh.ends_with("sh") && c == "-c" => script.clone(),
        words => words.join(" "),
    };
    let mut answer = running.image.commands.get(&key)?.clone();
    let healthy = running.began.elapsed().as_millis() >= running.image.healthy_after_ms.into();
    if answer.healthy && !healthy {
        (answer.out, answer.exit) = (String::new(), 1);
    }
    Some(answer)
}

/// Frames as input.
fn input(read: BufReader<OwnedReadHalf>) -> Feed {
    let items = stream::unfold(read, |mut read| async move {
        let mut head = [0; 5];
        read.read_exact(&mut head).await.ok()?;
        let [_, a, b, c, d] = head;
        let mut bytes = vec![0; usize::try_from(u32::from_be_bytes([a, b, c, d])).ok()?];
        read.read_exact(&mut bytes).await.ok()?;
        (!bytes.is_empty()).then(|| (FeedItem::Bytes(bytes.into()), read))
    });
    Feed::Stream(items.boxed())
}

/// Passes a session's output on, to its end.
async fn pass(
    session: Result<Session, BackendError>,
    write: &mut OwnedWriteHalf,
) -> Result<i32, BackendError> {
    let Session { mut output, exit } = session?;
    while let Some(piece) = output.try_next().await? {
        let kind = match piece.source {
            LogSource::Stdout => Kind::Out,
            LogSource::Stderr => Kind::Err,
        };
        if write.write_all(&frame(kind, &piece.bytes)).await.is_err() {
            return Err(BackendError::new("pass on", "output", ErrorKind::Cut, "nobody listens"));
        }
    }
    exit.await
}
