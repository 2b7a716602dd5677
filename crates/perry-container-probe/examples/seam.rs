//! Drives every verb of the seam at the runtime that is chosen and prints a transcript without ids and times, so that
//! transcripts of two runtimes, or of two ways to one, can be compared:
//!
//! `PERRY_CONTAINER_BACKEND=docker PERRY_CONTAINER_TRANSPORT=cli cargo run --example seam -- IMAGE PREFIX [PULL]`
#![expect(clippy::print_stdout, reason = "an example shows what it does")]
#![expect(clippy::unwrap_used, reason = "what fails unexpectedly ends the example")]

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use perry_container_backend::{
    BackendError, ContainerBackend, ContainerBackendExt as _, Feed, FeedItem, Flow,
};
use perry_container_probe::detect_backend;
use perry_container_spec::{
    Attachment, ContainerInfo, ContainerSpec, EventOptions, ExecSpec, HealthTest, ImagePull,
    LogOptions, Network, NetworkSpec, Parts, Removal, ResourceUpdate, RuntimeEventKind, Selector,
    VolumeSpec,
};
use std::{fmt::Debug, time::Duration};
use tokio::time::{sleep, timeout};

type B = dyn ContainerBackend;

fn show<T: Debug>(what: &str, result: Result<T, BackendError>) -> Option<T> {
    match result {
        Ok(value) => {
            println!("{what}: {value:?}");
            Some(value)
        }
        Err(error) => {
            println!("{what}: ERROR {:?} {error}", error.kind);
            None
        }
    }
}

fn kind<T>(what: &str, result: Result<T, BackendError>) {
    match result {
        Ok(_) => println!("{what}: fine"),
        Err(error) => {
            println!("{what}: {:?} {}", error.kind, error.code());
            words(&error);
        }
    }
}

fn words(error: &BackendError) {
    if std::env::args().any(|arg| arg == "--words") {
        println!("    {error}");
    }
}

fn look(info: &ContainerInfo) -> String {
    let networks: Vec<_> = info.networks.keys().collect();
    format!(
        "{} {} {} {:?} exit {:?} labels {:?} networks {networks:?} tty {} command {:?} ports {:?} mounts {:?}",
        info.name,
        info.image,
        info.state,
        info.health,
        info.exit_code,
        info.labels.iter().filter(|(k, _)| k.starts_with("seam.")).collect::<Vec<_>>(),
        info.tty,
        info.command,
        info.ports.iter().map(ToString::to_string).collect::<Vec<_>>(),
        info.mounts.iter().map(|m| (&m.kind, &m.target, m.writable)).collect::<Vec<_>>(),
    )
}

fn typed(items: Vec<(u64, FeedItem)>) -> Feed {
    Feed::Stream(Box::pin(stream::iter(items).then(|(ms, item)| async move {
        sleep(Duration::from_millis(ms)).await;
        item
    })))
}

async fn session(b: &B, name: &str, spec: &ExecSpec, feed: Feed) -> String {
    match b.open_exec(name, spec, feed).await {
        Err(error) => format!("ERROR {:?}", error.kind),
        Ok(session) => {
            let frames = session.output.try_collect::<Vec<_>>().await;
            let text = frames.map(|frames| {
                let all: Vec<u8> = frames.iter().flat_map(|f| f.bytes.to_vec()).collect();
                String::from_utf8_lossy(&all).into_owned()
            });
            format!("{:?} {:?}", text.map_err(|e| e.kind), session.exit.await.map_err(|e| e.kind))
        }
    }
}

#[tokio::main]
async fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|w| !w.starts_with("--")).collect();
    let [image, prefix, pull @ ..] = &words[..] else { std::process::exit(2) };
    let found = detect_backend().await.unwrap();
    let b: &B = &*found.backend;
    let name = |what: &str| format!("{prefix}-{what}");
    let (web, net, vol) = (name("web"), name("net"), name("vol"));
    let label = Selector::label("seam.run", prefix.as_str());
    let labels =
        || [("seam.run".to_owned(), prefix.clone()), ("seam.x".to_owned(), "1,b=2 é".to_owned())];

    kind("check", b.check_available().await);
    let network =
        NetworkSpec { name: net.clone(), labels: labels().into(), ..NetworkSpec::default() };
    kind("create network", b.create_network(&network).await);
    kind("create network again", b.create_network(&network).await);
    let volume = VolumeSpec { name: vol.clone(), labels: labels().into(), ..VolumeSpec::default() };
    kind("create volume", b.create_volume(&volume).await);

    let mut spec = ContainerSpec::new(image.clone());
    spec.name = Some(web.clone());
    spec.labels = labels().into();
    spec.stop_timeout = Some(Duration::from_secs(1));
    spec.command = Some(
        ["sh", "-c", "echo out $A; echo err >&2; trap 'exit 3' TERM; while :; do sleep 0.1; done"]
            .map(str::to_owned)
            .to_vec(),
    );
    spec.env.insert("A".to_owned(), "two\nlines".to_owned().into());
    spec.network = Network::Attached(vec![Attachment {
        aliases: vec!["alias".to_owned()],
        ..Attachment::new(&net)
    }]);
    spec.mounts = vec![format!("{vol}:/data").parse().unwrap()];

    let mut events = b.events(&label, &EventOptions::default()).await.unwrap();
    let first = events.next().await.unwrap().unwrap().kind;
    println!("first event {first:?}");
    sleep(Duration::from_millis(700)).await; // a command line says nothing when it has subscribed

    kind("create", b.create(&spec).await);
    kind("create again", b.create(&spec).await);
    kind("exec in a created one", b.exec(&web, &ExecSpec::new(["true"])).await);
    kind("start", b.start(&web).await);
    kind("start again", b.start(&web).await);
    sleep(Duration::from_millis(500)).await;
    println!("inspect: {}", look(&b.inspect(&web).await.unwrap()));
    let each = b.inspect_each(&[web.clone(), name("missing")]).await.unwrap();
    for (id, one) in each {
        println!("each {id}: {:?}", one.map(|i| i.state).map_err(|e| e.kind));
    }
    let mut of = label.clone();
    of.images = vec![image.clone(), "lab/none:9".to_owned()];
    of.networks = vec!["bridge-none".to_owned()];
    let seen = b.observe(&of, Parts::ALL).await.unwrap();
    println!(
        "observe: {:?} {:?} {:?} {:?}",
        seen.containers.values().map(|c| &c.name).collect::<Vec<_>>(),
        seen.networks.keys().collect::<Vec<_>>(),
        seen.volumes.keys().collect::<Vec<_>>(),
        seen.images.keys().collect::<Vec<_>>()
    );
    show("logs", b.logs(&web, None).await);
    let stamped = LogOptions { timestamps: true, tail: Some(1), ..LogOptions::default() };
    let chunks: Vec<_> = b.open_logs(&web, &stamped).await.unwrap().try_collect().await.unwrap();
    println!(
        "stamped: {:?}",
        chunks.iter().map(|c| (c.time.is_some(), c.source, c.bytes.clone())).collect::<Vec<_>>()
    );
    kind("logs of a missing one", b.logs("lab-none", None).await);
    let mut follow =
        b.open_logs(&web, &LogOptions { follow: true, ..LogOptions::default() }).await.unwrap();
    println!("follow: {:?}", follow.next().await.unwrap().unwrap().bytes);
    drop(follow);

    show("exec", b.exec(&web, &ExecSpec::new(["sh", "-c", "echo o; echo e >&2; exit 7"])).await);
    let mut env = ExecSpec::new(["sh", "-c", "echo $PWD $X; id -u"]);
    env.workdir = Some("/tmp".to_owned());
    env.user = Some("1".to_owned());
    env.env.insert("X".to_owned(), "a b".to_owned().into());
    show("exec with env", b.exec(&web, &env).await);
    show(
        "exec of nothing",
        b.exec(&web, &ExecSpec::new(["no-such-program"])).await.map(|(_, code)| code),
    );
    let mut cat = ExecSpec::new(["cat"]);
    cat.stdin = true;
    println!("exec cat: {}", session(b, &web, &cat, Feed::Bytes(Bytes::from(vec![b'x'; 9]))).await);
    let feed =
        typed(vec![(200, FeedItem::Bytes("a\n".into())), (200, FeedItem::Bytes("b\n".into()))]);
    println!("exec cat of a stream: {}", session(b, &web, &cat, feed).await);
    let mut tty =
        ExecSpec::new(["sh", "-c", "stty size; read x; echo got $x; sleep 0.7; stty size; exit 5"]);
    tty.stdin = true;
    tty.tty = Some((91, 23));
    let feed = typed(vec![
        (800, FeedItem::Bytes("hi\n".into())),
        (100, FeedItem::Resize(120, 40)),
        (3000, FeedItem::Resize(1, 1)),
    ]);
    println!("exec at a terminal: {}", session(b, &web, &tty, feed).await);
    println!("exec in a missing one: {}", session(b, "lab-none", &cat, Feed::Empty).await);

    let tar = tar(&[("hello.txt", b"hello\n")]);
    let flow: Flow<Bytes> = Box::pin(stream::iter([Ok(Bytes::from(tar))]));
    kind("copy in", b.copy_in(&web, "/tmp", flow).await);
    show("copied", b.exec(&web, &ExecSpec::new(["cat", "/tmp/hello.txt"])).await);
    let out: Vec<Bytes> =
        b.copy_out(&web, "/tmp/hello.txt").await.unwrap().try_collect().await.unwrap();
    println!("copy out: {}", out.concat().windows(6).any(|w| w == b"hello\n"));
    kind(
        "copy out of a missing path",
        async { b.copy_out(&web, "/none").await?.try_collect::<Vec<_>>().await }.await,
    );

    let (titles, rows) = b.top(&web, &[]).await.unwrap();
    println!(
        "top: {} {}",
        titles.iter().any(|t| t == "PID"),
        rows.iter().any(|r| r.len() == titles.len())
    );
    let usage: Vec<_> =
        b.stats(std::slice::from_ref(&web), false).await.unwrap().try_collect().await.unwrap();
    println!(
        "stats: {:?}",
        usage.iter().map(|u| (&u.name, u.memory > 0, u.pids > 0)).collect::<Vec<_>>()
    );
    println!(
        "health: {:?}",
        b.probe_health(&web, &HealthTest::Shell("echo ok".to_owned())).await.map_err(|e| e.kind)
    );
    kind("update", b.update(&web, &ResourceUpdate::default()).await);
    kind("pause", b.pause(&web, true).await);
    println!("paused: {}", b.inspect(&web).await.unwrap().state);
    kind("unpause", b.pause(&web, false).await);
    kind("disconnect", b.connect_network(&net, &web, &[], false).await);
    kind("connect", b.connect_network(&net, &web, &["other".to_owned()], true).await);
    let other = name("other");
    kind("rename", b.rename(&web, &other).await);
    kind("rename back", b.rename(&other, &web).await);
    kind("remove a running one", b.remove(&web, false).await);
    kind("remove a used network", b.remove_network(&net).await);
    kind("remove a used volume", b.remove_volume(&vol).await);

    let mut attached = b.attach(&web, Feed::Empty).await.unwrap();
    let silent = timeout(Duration::from_millis(700), attached.output.next()).await.is_err();
    println!("attach: silent {silent}");
    drop(attached);
    sleep(Duration::from_millis(300)).await;
    println!("still {}", b.inspect(&web).await.unwrap().state);

    let waits = async { show("wait", b.wait(&web).await) };
    let stops = async {
        sleep(Duration::from_millis(300)).await;
        kind("stop", b.stop(&web, Some(5)).await);
    };
    tokio::join!(waits, stops);
    kind("stop again", b.stop(&web, Some(5)).await);
    kind("kill a stopped one", b.kill(&web, "KILL").await);
    println!("stopped: {}", look(&b.inspect(&web).await.unwrap()));
    kind("commit", b.commit(&web, &format!("{prefix}/made:1")).await);
    kind("tag", b.tag_image(&format!("{prefix}/made:1"), &format!("{prefix}/made:2")).await);
    println!(
        "image: {:?}",
        b.inspect_image(&format!("{prefix}/made:2"))
            .await
            .map(|i| (i.repository, i.tag))
            .map_err(|e| e.kind)
    );
    kind("remove image", b.remove_image(&format!("{prefix}/made:1"), false).await);
    kind("remove image 2", b.remove_image(&format!("{prefix}/made:2"), false).await);
    kind("remove image again", b.remove_image(&format!("{prefix}/made:2"), false).await);
    println!("images: {}", b.list_images().await.unwrap().len() > 3);

    let gone = b
        .remove_each(&[web.clone(), name("missing")], &Removal { force: true, volumes: true })
        .await
        .unwrap();
    println!(
        "removed: {:?}",
        gone.iter().map(|(id, r)| (id, r.as_ref().map_err(|e| e.kind))).collect::<Vec<_>>()
    );
    kind("remove network", b.remove_network(&net).await);
    kind("remove network again", b.remove_network(&net).await);
    kind("remove volume", b.remove_volume(&vol).await);
    kind("remove volume again", b.remove_volume(&vol).await);
    kind("inspect network", b.inspect_network(&net).await);

    let mut told = Vec::new();
    while let Ok(Some(Ok(event))) = timeout(Duration::from_millis(500), events.next()).await {
        if !matches!(event.kind, RuntimeEventKind::Other(_)) {
            told.push(format!("{:?}", event.kind));
        }
    }
    drop(events);
    println!("events: {told:?}");

    let mut bad = ContainerSpec::new("lab/none:9".to_owned());
    bad.name = Some(name("bad"));
    kind("create without its image", b.create(&bad).await);
    let mut short = ContainerSpec::new(image.clone());
    short.name = Some(name("short"));
    short.network = Network::None;
    short.command = Some(vec!["no-such-program".to_owned()]);
    kind("create of a bad command", b.create(&short).await);
    kind("start of a bad command", b.start(&name("short")).await);
    kind("attach to a stopped one", b.attach(&name("short"), Feed::Empty).await);
    kind("remove it", b.remove(&name("short"), true).await);
    let mut tty = ContainerSpec::new(image.clone());
    tty.name = Some(name("tty"));
    tty.network = Network::None;
    tty.tty = true;
    tty.stdin_open = true;
    tty.command = Some(["sh", "-c", "read x; echo got $x; exit 6"].map(str::to_owned).to_vec());
    kind("create a terminal", b.create(&tty).await);
    kind("start it", b.start(&name("tty")).await);
    let feed = typed(vec![(800, FeedItem::Bytes("hi\n".into())), (5000, FeedItem::Resize(9, 9))]);
    let attached = b.attach(&name("tty"), feed).await.unwrap();
    let frames: Vec<_> = attached.output.try_collect().await.unwrap();
    let text: Vec<u8> = frames.iter().flat_map(|f| f.bytes.to_vec()).collect();
    println!("attached: {:?} {:?}", String::from_utf8_lossy(&text), attached.exit.await);
    kind("remove the terminal", b.remove(&name("tty"), true).await);

    for image in pull {
        let what = ImagePull { reference: image.clone(), platform: None };
        match async { b.pull(&what).await?.try_collect::<Vec<_>>().await }.await {
            Ok(steps) => println!("pull: {} steps", steps.len().min(1)),
            Err(error) => kind::<()>("pull", Err(error)),
        }
    }
}

/// An archive of these files.
fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut all = Vec::new();
    for (name, content) in files {
        let mut head = [0_u8; 512];
        head[..name.len()].copy_from_slice(name.as_bytes());
        head[100..107].copy_from_slice(b"0000644");
        head[108..115].copy_from_slice(b"0000000");
        head[116..123].copy_from_slice(b"0000000");
        let size = format!("{:011o}", content.len());
        head[124..135].copy_from_slice(size.as_bytes());
        head[136..147].copy_from_slice(b"00000000000");
        head[148..156].fill(b' ');
        head[156] = b'0';
        head[257..262].copy_from_slice(b"ustar");
        head[263..265].copy_from_slice(b"00");
        let sum: u32 = head.iter().map(|b| u32::from(*b)).sum();
        head[148..154].copy_from_slice(format!("{sum:06o}").as_bytes());
        head[154] = 0;
        all.extend_from_slice(&head);
        all.extend_from_slice(content);
        all.resize(all.len().div_ceil(512) * 512, 0);
    }
    all.resize(all.len() + 1024, 0);
    all
}
