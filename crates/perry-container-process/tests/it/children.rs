//! Output, input, environment, files and limits of real children.

use crate::{eventually, host, is_child, limits, printed, script, sh, start, status};
use bytes::Bytes;
use futures_util::StreamExt as _;
use perry_container_backend::{Feed, FeedItem};
use perry_container_process::{
    Environment, Host as _, HostError, Limits, Program, Sign, SystemHost, Window, run,
};
use perry_container_protocol::{Arg, Deadline, Input, Invocation};
use perry_container_spec::Sensitive;
use std::{os::unix::fs::PermissionsExt as _, path::Path, time::Duration};

async fn text(call: &Invocation) -> String {
    let done = run(&host(), &sh(), call, &limits()).await.unwrap();
    assert_eq!(done.code, 0, "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

#[tokio::test]
async fn streams_are_apart_and_the_code_is_the_programs() {
    let done = run(&host(), &sh(), &script("echo a; echo b >&2; exit 7"), &limits()).await.unwrap();
    assert_eq!((done.code, &*done.stdout, &*done.stderr), (7, &b"a\n"[..], &b"b\n"[..]));
    let done = run(&host(), &sh(), &script("kill -TERM $$"), &limits()).await.unwrap();
    assert_eq!(done.code, 128 + 15);
}

#[tokio::test]
async fn input_is_nothing_or_what_the_call_brings() {
    assert_eq!(text(&script("cat; echo over")).await, "over\n");
    let bytes = vec![b'x'; 1 << 20];
    let call = script("wc -c").input(Input::Bytes(Sensitive::new(bytes)));
    assert_eq!(text(&call).await.trim(), "1048576");
}

#[tokio::test]
async fn a_child_that_does_not_read_is_no_error() {
    let call = script("exit 0").input(Input::Bytes(Sensitive::new(vec![b'x'; 1 << 20])));
    assert_eq!(text(&call).await, "");
}

#[tokio::test]
async fn a_caller_can_feed_while_it_reads() {
    let (send, receive) = tokio::sync::mpsc::channel::<FeedItem>(1);
    let items = futures_util::stream::unfold(receive, |mut receive| async move {
        receive.recv().await.map(|item| (item, receive))
    });
    let call = script("while read -r line; do echo \"got $line\"; done; echo over");
    let feed = Feed::Stream(Box::pin(items));
    let mut running = host().start(&sh(), &call, feed, None).await.unwrap();
    for line in ["a\n", "b\n"] {
        send.send(FeedItem::Bytes(Bytes::from(line))).await.unwrap();
        assert_eq!(printed(&mut running).await, format!("got {line}"));
    }
    drop(send);
    assert_eq!(printed(&mut running).await, "over\n");
    assert_eq!(running.next().await.unwrap().unwrap(), Sign::Ended(0));
    assert!(running.next().await.is_none());
}

#[tokio::test]
async fn the_environment_is_the_callers_then_the_programs_then_the_calls() {
    let env: Environment =
        [("PATH", "/usr/bin:/bin"), ("A", "caller"), ("B", "caller"), ("C", "caller"), ("D", "x")]
            .into_iter()
            .collect();
    let program = sh().set("B", "program").set("C", "program").unset("D");
    let mut call = script("echo $A $B $C ${D-unset} $HOME");
    call.env.push(("C".to_owned(), Sensitive::new("call\nwith a line".to_owned())));
    let done = run(&SystemHost::new(env), &program, &call, &limits()).await.unwrap();
    assert_eq!(String::from_utf8(done.stdout).unwrap(), "caller program call with a line unset\n");
}

#[tokio::test]
async fn files_are_private_and_go_away() {
    let base = tempfile::tempdir().unwrap();
    let host = SystemHost::new(Environment::current().with("XDG_RUNTIME_DIR", base.path()));
    let mut call = script("f=${1#*=}; cat $f; echo $1; (ls -ld $f; ls -ld ${f%/*}) | cut -c 1-10");
    call.args.push(Arg::File {
        prefix: "--env-file=".to_owned(),
        content: Sensitive::new(b"A=hunter2\n".to_vec()),
    });
    let done = run(&host, &sh(), &call, &limits()).await.unwrap();
    let text = String::from_utf8(done.stdout).unwrap();
    let [secret, path, file, directory] = text.lines().collect::<Vec<_>>()[..] else {
        panic!("{text}")
    };
    assert_eq!((secret, file, directory), ("A=hunter2", "-rw-------", "drwx------"));
    let path = Path::new(path.strip_prefix("--env-file=").unwrap());
    assert!(path.starts_with(base.path()) && !path.exists());
    assert_eq!(base.path().read_dir().unwrap().count(), 0);
}

#[tokio::test]
async fn directories_that_a_call_needs_are_made() {
    let base = tempfile::tempdir().unwrap();
    let wanted = base.path().join("a/b").display().to_string();
    let mut call = script("ls -d $1");
    call.arg(&wanted).make_dirs.push(wanted.clone());
    assert_eq!(text(&call).await.trim(), wanted);
    let file = base.path().join("file");
    std::fs::write(&file, "").unwrap();
    call.make_dirs.push(file.join("below").display().to_string());
    let error = run(&host(), &sh(), &call, &limits()).await.unwrap_err().to_string();
    let base = base.path().display().to_string();
    assert_eq!(error.replace(&base, "DIR"), "could not make the directory `DIR/file/below`");
}

#[tokio::test]
async fn missing_and_unusable_programs_are_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    let plain = dir.path().join("plain");
    std::fs::write(&plain, "").unwrap();
    let broken = dir.path().join("broken");
    std::fs::write(&broken, "#!/no/such/interpreter\n").unwrap();
    std::fs::set_permissions(&broken, std::fs::Permissions::from_mode(0o755)).unwrap();
    let name = dir.path().display().to_string();
    let tell = |path: std::path::PathBuf| async move {
        let error = run(&host(), &Program::new(path), &script(""), &limits()).await.unwrap_err();
        error.to_string()
    };
    assert_eq!(
        tell("no-such-tool".into()).await,
        "`no-such-tool` is not installed, or not on the PATH"
    );
    assert_eq!(tell(plain).await.replace(&name, "DIR"), "`DIR/plain` is not executable");
    assert_eq!(tell(broken).await, "could not start `broken`");
    assert_eq!(host().find("no-such-tool"), None);
    assert!(host().find("sh").unwrap().ends_with("sh"));
    assert_eq!(host().find("/bin/sh").unwrap(), Path::new("/bin/sh"));
}

#[tokio::test]
async fn a_call_out_of_time_is_ended() {
    let limits = Limits::default().within(Duration::from_millis(200));
    let error = run(&host(), &sh(), &script("exec sleep 60"), &limits).await.unwrap_err();
    assert!(matches!(error, HostError::TimedOut { .. }), "{error}");
    assert_eq!(error.to_string(), "`sh` gave no answer within 0.2 s");
}

#[tokio::test]
async fn only_silence_counts_where_silence_is_the_limit() {
    let limits = Limits::default().within(Duration::from_millis(600));
    let busy =
        script("for i in 1 2 3 4 5 6; do sleep 0.2; echo $i; done").within(Deadline::Silence);
    assert_eq!(run(&host(), &sh(), &busy, &limits).await.unwrap().code, 0);
    let quiet = script("echo once; exec sleep 60").within(Deadline::Silence);
    let error = run(&host(), &sh(), &quiet, &limits).await.unwrap_err();
    assert!(matches!(error, HostError::Silent { .. }), "{error}");
    let endless = script("sleep 1; echo late").within(Deadline::None);
    assert_eq!(run(&host(), &sh(), &endless, &limits).await.unwrap().stdout, b"late\n");
}

#[tokio::test]
async fn a_whole_answer_has_a_limit() {
    let limits = Limits { whole: 100_000, ..limits() };
    let exact = script("head -c 100000 /dev/zero");
    assert_eq!(run(&host(), &sh(), &exact, &limits).await.unwrap().stdout.len(), 100_000);
    let error = run(&host(), &sh(), &script("yes"), &limits).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "`sh` printed more than 100000 bytes where one answer was expected"
    );
}

#[tokio::test]
async fn a_stream_waits_for_its_reader() {
    let mut running = start("echo $$; exec yes").await;
    let first = printed(&mut running).await;
    let pid: u32 = first.lines().next().unwrap().parse().unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    // A pipe is full: `yes` sleeps instead of filling our memory.
    eventually("it waits", || status(pid).is_some_and(|(state, _)| state == 'S')).await;
    for _ in 0..100 {
        assert!(!printed(&mut running).await.is_empty());
    }
    drop(running);
    eventually("it is gone and reaped", || !is_child(pid)).await;
}

#[tokio::test]
async fn what_a_child_leaves_behind_does_not_hold_the_answer_back() {
    let limit = Duration::from_secs(10);
    let call = script("(trap '' HUP; exec sleep 30) & echo $!");
    let done = tokio::time::timeout(limit, run(&host(), &sh(), &call, &limits())).await.unwrap();
    let left: i32 = String::from_utf8(done.unwrap().stdout).unwrap().trim().parse().unwrap();
    // It stays on purpose: monitors of containers are such children.
    let left = rustix::process::Pid::from_raw(left).unwrap();
    rustix::process::kill_process(left, rustix::process::Signal::KILL).unwrap();
}

/// How many descriptors are open in a child; those that this process was started with are among them.
async fn open_in_a_child() -> usize {
    text(&script("ls /dev/fd/")).await.lines().count()
}

#[tokio::test]
async fn no_descriptor_leaks_into_a_child() {
    let before = open_in_a_child().await;
    let mut others = vec![start("exec sleep 60").await];
    let terminal = Some(Window::default());
    let call = script("exec sleep 60").within(Deadline::None);
    others.push(host().start(&sh(), &call, Feed::Bytes("x".into()), terminal).await.unwrap());
    others.push(host().start(&sh(), &call, Feed::Bytes("x".into()), None).await.unwrap());
    assert_eq!(open_in_a_child().await, before);
}

#[tokio::test]
async fn nothing_is_left_open_here() {
    let count = || std::fs::read_dir("/dev/fd").unwrap().count();
    drop(run(&host(), &sh(), &script("true"), &limits()).await.unwrap());
    let before = count();
    for _ in 0..20 {
        drop(run(&host(), &sh(), &script("echo x; cat"), &limits()).await.unwrap());
    }
    // Other tests of this process may run at the same time: a leak would be 40 and more.
    eventually("descriptors are closed", || count() < before + 30).await;
}
