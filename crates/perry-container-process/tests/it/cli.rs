//! The seam over a command line, on a scripted machine.

use crate::{eventually, toy::Toy};
use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use perry_container_backend::{
    BackendError, ContainerBackend as _, ContainerBackendExt as _, Feed, FeedItem, Flow,
};
use perry_container_process::{Answer, CliBackend, Limits, Program, ScriptedHost};
use perry_container_protocol::RawChunk;
use perry_container_spec::{
    BuildSpec, EngineId, ErrorKind, EventOptions, ExecSpec, Id, ImagePull, LogSource, Selector,
};
use perry_container_support::Capabilities;
use snapbox::{assert_data_eq, str};
use std::{sync::Arc, time::Duration};

fn backend(host: &ScriptedHost) -> CliBackend<Toy> {
    let program = Program::new("/usr/bin/toy").prefix(["--host=here"]);
    let engine = EngineId("here".to_owned());
    CliBackend::new(Toy, Arc::new(host.clone()), program, engine, Capabilities::all("toy"))
}

fn out(text: &str) -> RawChunk {
    RawChunk { source: LogSource::Stdout, bytes: text.to_owned().into() }
}

fn err(text: &str) -> RawChunk {
    RawChunk { source: LogSource::Stderr, bytes: text.to_owned().into() }
}

/// An error with everything that it carries.
fn tell(error: &BackendError) -> String {
    let hint = error.hint.as_deref().map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
    format!("{error} [{}, {:?}]{hint}\n", error.kind, error.status)
}

#[tokio::test]
async fn calls_of_a_verb_run_at_once_and_answer_in_order() {
    let host = ScriptedHost::new()
        .on("toy --host=here inspect a", Answer::prints("web\n"))
        .on("toy --host=here inspect b", Answer::fails(1, "gone: b"))
        .on("toy --host=here inspect c", Answer::prints("db\n"));
    let backend = backend(&host);
    let ids: Vec<Id> = ["c", "b", "a"].map(ToOwned::to_owned).to_vec();
    let each = backend.inspect_each(&ids).await.unwrap();
    let text = each.iter().map(|(id, one)| match one {
        Ok(info) => format!("{id}: {}\n", info.name),
        Err(error) => format!("{id}: {}", tell(error)),
    });
    assert_data_eq!(
        text.collect::<String>(),
        str![[r#"
c: db
b: could not inspect `b`: gone: b [not found, Some(1)]
a: web

"#]]
    );
    assert_eq!(backend.calls(), 3);
    assert!(backend.inspect_each(&[]).await.unwrap().is_empty());
    assert_eq!(backend.calls(), 3);
}

#[tokio::test]
async fn errors_say_what_could_help() {
    let host = ScriptedHost::new()
        .on("toy --host=here start port", Answer::fails(1, "port: 8080 is taken"))
        .on("toy --host=here start down", Answer::fails(1, "down: nobody answers"))
        .on("toy --host=here start socket", Answer::fails(1, "forbidden: permission denied"))
        .on("toy --host=here start registry", Answer::fails(1, "forbidden: unauthorized"))
        .on("toy --host=here start image", Answer::fails(125, "no image: x"))
        .on("toy --host=here start other", Answer::fails(125, "who knows"))
        .on("toy --host=here start missing", Answer::Missing);
    let backend = backend(&host);
    let mut text = String::new();
    for id in ["port", "down", "socket", "registry", "image", "other", "missing"] {
        text += &tell(&backend.start(id).await.unwrap_err());
    }
    let nothing = ExecSpec::default();
    text += &tell(&backend.open_exec("web", &nothing, Feed::Empty).await.unwrap_err());
    text += &tell(&backend.open_build(&BuildSpec::default()).await.err().unwrap());
    assert_data_eq!(
        text,
        str![[r#"
could not start `port`: port: 8080 is taken [port in use, Some(1)]
hint: choose another host port, or stop what listens there (`ss -ltnp` shows it)
could not start `down`: down: nobody answers [engine down, Some(1)]
hint: start the engine; `toy info` shows whether it answers
could not start `socket`: forbidden: permission denied [permission denied, Some(1)]
hint: this user may not talk to toy's engine: join the group that its socket belongs to
could not start `registry`: forbidden: unauthorized [permission denied, Some(1)]
hint: `toy login` gives the registry your credentials
could not start `image`: no image: x [image missing, Some(125)]
hint: check the image's name and tag; private registries need `toy login`
could not start `other`: who knows [failed, Some(125)]
could not start `missing`: `toy` is not installed, or not on the PATH [engine down, None]
hint: install `toy`, or choose another backend
could not run a command in `web`: nothing to run [not supported, None]
could not build ``: toy cannot build [not supported, None]

"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn no_answer_is_a_cut_and_ends_the_call() {
    let host = ScriptedHost::new()
        .on("toy --host=here start web", Answer::Hangs(Vec::new()))
        .on("toy --host=here stop web", Answer::Hangs(Vec::new()))
        .on("toy --host=here pull x", Answer::Hangs(vec![out("one\n")]));
    let limits = Limits::default().within(Duration::from_secs(7));
    let backend = backend(&host).with_limits(limits);
    let mut text = tell(&backend.start("web").await.unwrap_err());
    let began = tokio::time::Instant::now();
    text += &tell(&backend.stop("web", Some(20)).await.unwrap_err());
    assert_eq!(began.elapsed().as_secs(), 27);
    let pull = ImagePull { reference: "x".to_owned(), platform: None };
    let mut steps = backend.pull(&pull).await.unwrap();
    assert_eq!(steps.next().await.unwrap().unwrap().text, "one");
    text += &tell(&steps.next().await.unwrap().unwrap_err());
    assert!(steps.next().await.is_none());
    drop(steps);
    assert_data_eq!(
        text,
        str![[r#"
could not start `web`: `toy` gave no answer within 7 s [no answer, None]
hint: PERRY_CONTAINER_OP_TIMEOUT_SECS gives calls more time
could not stop `web`: `toy` gave no answer within 27 s [no answer, None]
hint: PERRY_CONTAINER_OP_TIMEOUT_SECS gives calls more time
could not pull `x`: `toy` gave no sign of life for 7 s [no answer, None]
hint: PERRY_CONTAINER_OP_TIMEOUT_SECS gives calls more time

"#]]
    );
    assert_eq!(host.running(), 0);
}

#[tokio::test]
async fn a_flow_gives_its_items_before_its_error() {
    let host = ScriptedHost::new()
        .on("toy --host=here logs a", Answer::Ends(vec![out("1\n2"), err("3\n"), out("4\n")], 0))
        .on("toy --host=here logs b", Answer::Ends(vec![out("1\n"), err("gone: b\n")], 1))
        .on("toy --host=here logs c", Answer::Hangs(vec![out("1\ngarbage\n2\n")]));
    let backend = backend(&host);
    let mut text = String::new();
    for id in ["a", "b", "c"] {
        let chunks = backend.open_logs(id, &Default::default()).await.unwrap();
        let shown = chunks.map(|chunk| match chunk {
            Ok(chunk) => format!("{:?} {}\n", chunk.source, String::from_utf8_lossy(&chunk.bytes)),
            Err(error) => tell(&error),
        });
        text.extend([id, "\n", &shown.collect::<String>().await]);
    }
    assert_data_eq!(
        text,
        str![[r#"
a
Stdout 1
Stderr 3
Stdout 24
b
Stdout 1
Stderr gone: b
could not read the logs of `b`: gone: b [not found, Some(1)]
c
Stdout 1
could not read the logs of `c`: could not understand the tool's answer: garbage [answer not understood, None]

"#]]
    );
    assert_eq!(host.running(), 0);
}

#[tokio::test]
async fn dropping_ends_what_runs() {
    let host = ScriptedHost::new()
        .on("toy --host=here events", Answer::Hangs(vec![out("web\n")]))
        .on("toy --host=here wait web", Answer::Hangs(Vec::new()));
    let backend = Arc::new(backend(&host));
    let mut events = backend.events(&Selector::default(), &EventOptions::default()).await.unwrap();
    assert_eq!(events.next().await.unwrap().unwrap().id, "web");
    assert_eq!(host.running(), 1);
    drop(events);
    assert_eq!(host.running(), 0);
    let waiting = Arc::clone(&backend);
    let wait = tokio::spawn(async move { waiting.wait("web").await });
    eventually("it waits", || host.running() == 1).await;
    wait.abort();
    eventually("it is gone", || host.running() == 0).await;
}

fn typed(items: impl IntoIterator<Item = FeedItem>) -> Feed {
    Feed::Stream(stream::iter(items.into_iter().collect::<Vec<_>>()).boxed())
}

#[tokio::test]
async fn a_session_gives_output_then_the_exit_status() {
    let host = ScriptedHost::new()
        .on("toy --host=here exec web true", Answer::Ends(vec![out("a"), err("b")], 3))
        .on("toy --host=here exec web sh", Answer::Ends(vec![], 0))
        .on("toy --host=here exec gone true", Answer::fails(1, "gone: no such container"));
    let backend = backend(&host);
    let (logs, code) = backend.exec("web", &ExecSpec::new(["true"])).await.unwrap();
    assert_eq!((&*logs.stdout, &*logs.stderr, code), ("a", "b", 3));
    let error = backend.exec("gone", &ExecSpec::new(["true"])).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound);
    let shell = ExecSpec { tty: Some((90, 20)), stdin: true, ..ExecSpec::new(["sh"]) };
    let feed = typed([FeedItem::Resize(80, 25), FeedItem::Bytes(Bytes::from_static(b"exit\n"))]);
    let session = backend.open_exec("web", &shell, feed).await.unwrap();
    assert!(session.output.collect::<Vec<_>>().await.is_empty());
    assert_eq!(session.exit.await, Ok(0));
    assert_eq!(host.fed(), "<80x25>exit\n");
    // Input that the command is not to have is not passed on.
    let session = backend.open_exec("web", &ExecSpec::new(["true"]), Feed::Bytes("x".into())).await;
    drop(session.unwrap().output.collect::<Vec<_>>().await);
    assert_eq!(host.fed(), "<80x25>exit\n");
    assert_eq!(
        host.calls(),
        [
            "toy --host=here exec web true",
            "toy --host=here exec gone true",
            "toy --host=here exec web sh (terminal 90x20)",
            "toy --host=here exec web true",
        ]
    );
}

#[tokio::test]
async fn a_session_whose_output_is_dropped_has_no_exit_status() {
    let host = ScriptedHost::new().on("toy --host=here exec web top", Answer::Hangs(Vec::new()));
    let session =
        backend(&host).open_exec("web", &ExecSpec::new(["top"]), Feed::Empty).await.unwrap();
    drop(session.output);
    assert_eq!(session.exit.await.unwrap_err().kind, ErrorKind::Cut);
    assert_eq!(host.running(), 0);
}

#[tokio::test]
async fn attach_has_a_terminal_where_the_container_has_one() {
    let host = ScriptedHost::new()
        .on("toy --host=here inspect*", Answer::prints("web"))
        .on("toy --host=here attach*", Answer::Ends(vec![], 4));
    let backend = backend(&host);
    for id in ["tty", "plain"] {
        let session = backend.attach(id, Feed::Empty).await.unwrap();
        drop(session.output.collect::<Vec<_>>().await);
        assert_eq!(session.exit.await, Ok(4));
    }
    assert_eq!(
        host.calls().into_iter().filter(|call| call.contains("attach")).collect::<Vec<_>>(),
        ["toy --host=here attach tty (terminal 80x24)", "toy --host=here attach plain"]
    );
}

#[tokio::test]
async fn attach_tells_how_the_container_ended_not_what_the_tool_thinks() {
    let host = ScriptedHost::new()
        .on("toy --host=here inspect web", Answer::prints("web"))
        .on("toy --host=here inspect web", Answer::prints("exited 6"))
        .on("toy --host=here attach web", Answer::Ends(vec![out("bye")], 0));
    let backend = backend(&host);
    let session = backend.attach("web", Feed::Empty).await.unwrap();
    assert_eq!(session.output.try_collect::<Vec<_>>().await.unwrap().len(), 1);
    assert_eq!(session.exit.await, Ok(6));
    let error = backend.attach("web", Feed::Empty).await.unwrap_err();
    assert_eq!(
        tell(&error),
        "could not attach to `web`: it is exited, and has to run [not running, None]\n"
    );
}

#[tokio::test]
async fn archives_go_in_and_out() {
    let host = ScriptedHost::new()
        .on("toy --host=here cp - web /", Answer::Ends(vec![], 0))
        .on("toy --host=here cp web / -", Answer::Ends(vec![out("t"), err("noise"), out("ar")], 0));
    let backend = backend(&host);
    let tar: Flow<Bytes> = stream::iter(["a", "b"].map(|piece| Ok(Bytes::from(piece)))).boxed();
    backend.copy_in("web", "/", tar).await.unwrap();
    assert_eq!(host.fed(), "ab");
    let out: Vec<Bytes> = backend.copy_out("web", "/").await.unwrap().try_collect().await.unwrap();
    assert_eq!(out.concat(), b"tar");
    let broken = BackendError::new("read", "it", ErrorKind::Other, "broken off");
    let tar: Flow<Bytes> = stream::iter([Ok(Bytes::from("c")), Err(broken.clone())]).boxed();
    assert_eq!(backend.copy_in("web", "/", tar).await, Err(broken));
    assert_eq!(host.running(), 0);
}
