//! The real engines of this machine, where they answer. In CI they have to. What all backends have in common is checked by the
//! contract in `perry-container-lab-tests`; here is what this way to an engine is alone with.

use futures_util::TryStreamExt as _;
use perry_container_backend::{
    ContainerBackend as _, ContainerBackendExt as _, Feed, FeedItem, LogChunk, Session,
    collect_logs,
};
use perry_container_socket::{Flavour, Options, SocketBackend};
use perry_container_spec::{
    BuildSpec, BuildStep, ContainerSpec, ErrorKind, ExecSpec, ImagePull, LogOptions, Network,
    Parts, Removal, ResourceUpdate, Selector, Sensitive,
};
use snapbox::{assert_data_eq, str};
use std::time::Duration;

pub(crate) const DOCKER: (&str, Flavour) = ("unix:///var/run/docker.sock", Flavour::Docker);
pub(crate) const PODMAN: (&str, Flavour) = ("unix:///run/podman/podman.sock", Flavour::Podman);
pub(crate) const IMAGE: &str = "lab/base:1";
const REGISTRY: &str = "127.0.0.1:5000";

#[expect(clippy::print_stderr, reason = "a check that is skipped says so")]
pub(crate) async fn engine((endpoint, flavour): (&str, Flavour)) -> Option<SocketBackend> {
    match SocketBackend::connect(endpoint, Some(flavour), &Options::default()).await {
        Ok(backend) => Some(backend),
        Err(error) => {
            assert!(std::env::var_os("CI").is_none(), "{error}");
            eprintln!("SKIPPED, no engine: {error}");
            None
        }
    }
}

/// A name that no other run uses.
pub(crate) fn name(what: &str) -> String {
    format!("so-{what}-{}", std::process::id())
}

pub(crate) fn spec(name: &str, script: &str) -> ContainerSpec {
    let mut spec = ContainerSpec::new(IMAGE.to_owned());
    spec.name = Some(name.to_owned());
    spec.command = Some(["sh", "-c", script].map(str::to_owned).to_vec());
    spec.network = Network::None;
    spec
}

pub(crate) async fn clear(backend: &SocketBackend, name: &str) {
    let how = Removal { force: true, volumes: true };
    drop(backend.remove_each(&[name.to_owned()], &how).await);
}

/// Lines of a followed log come as they are printed, and no request is left behind when the flow is dropped.
#[tokio::test(flavor = "multi_thread")]
async fn following_ends_with_the_flow() {
    for at in [DOCKER, PODMAN] {
        let Some(backend) = engine(at).await else { return };
        let name = name("follow");
        let spec = spec(&name, "echo before; while :; do sleep 0.2; echo tick; done");
        clear(&backend, &name).await;
        backend.run(&spec).await.unwrap();
        tokio::time::sleep(Duration::from_secs(2)).await;
        let how =
            LogOptions { follow: true, tail: Some(0), timestamps: true, ..LogOptions::default() };
        let mut flow = backend.open_logs(&name, &how).await.unwrap();
        let first: LogChunk = flow.try_next().await.unwrap().unwrap();
        assert_eq!(first.bytes, "tick\n");
        assert!(first.time.is_some_and(|time| time.ends_with('Z')));
        drop(flow);
        clear(&backend, &name).await;
    }
}

/// A terminal: input, echo, a change of its size, and the end when its program ends.
#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_answers() {
    for at in [DOCKER, PODMAN] {
        let Some(backend) = engine(at).await else { return };
        let name = name("terminal");
        clear(&backend, &name).await;
        backend.run(&spec(&name, "exec sleep 1000")).await.unwrap();
        let mut what = ExecSpec::new(["sh"]);
        what.tty = Some((90, 20));
        what.stdin = true;
        let (sender, items) = tokio::sync::mpsc::channel::<FeedItem>(8);
        let items = futures_util::stream::unfold(items, |mut items| async {
            Some((items.recv().await?, items))
        });
        let Session { mut output, exit } =
            backend.open_exec(&name, &what, Feed::Stream(Box::pin(items))).await.unwrap();
        let mut all = String::new();
        let mut until = async |all: &mut String, wanted: &str| {
            while !all.contains(wanted) {
                let frame = output
                    .try_next()
                    .await
                    .unwrap()
                    .unwrap_or_else(|| panic!("no {wanted} in {all}"));
                *all += &String::from_utf8_lossy(&frame.bytes);
            }
        };
        sender.send(FeedItem::Bytes("stty size\n".into())).await.unwrap();
        until(&mut all, "20 90").await;
        sender.send(FeedItem::Resize(111, 33)).await.unwrap();
        sender.send(FeedItem::Bytes("stty size\n".into())).await.unwrap();
        until(&mut all, "33 111").await;
        sender.send(FeedItem::Bytes("exit 9\n".into())).await.unwrap();
        while output.try_next().await.unwrap().is_some() {}
        assert_eq!(exit.await.unwrap(), 9);
        clear(&backend, &name).await;
    }
}

/// Much output of both streams arrives complete, and large input too.
#[tokio::test(flavor = "multi_thread")]
async fn streams_arrive_complete() {
    for at in [DOCKER, PODMAN] {
        let Some(backend) = engine(at).await else { return };
        let name = name("much");
        clear(&backend, &name).await;
        backend.run(&spec(&name, "exec sleep 1000")).await.unwrap();
        let mut what =
            ExecSpec::new(["sh", "-c", "cat | wc -c; yes 0123456789 | head -100000; echo end >&2"]);
        what.stdin = true;
        let input = Feed::Bytes(vec![b'x'; 3_000_000].into());
        let Session { output, exit } = backend.open_exec(&name, &what, input).await.unwrap();
        let chunks = output.map_ok(|f| LogChunk { time: None, source: f.source, bytes: f.bytes });
        let logs = collect_logs(Box::pin(chunks)).await.unwrap();
        assert_eq!(logs.stdout.lines().next(), Some("3000000"));
        assert_eq!((logs.stdout.len(), logs.stderr.as_str()), (8 + 1_100_000, "end\n"));
        assert_eq!(exit.await.unwrap(), 0);
        clear(&backend, &name).await;
    }
}

/// From a registry and back.
#[tokio::test(flavor = "multi_thread")]
async fn images_are_pulled_and_pushed() {
    for at in [DOCKER, PODMAN] {
        let Some(backend) = engine(at).await else { return };
        let reference = format!("{REGISTRY}/{}:1", name("pushed"));
        backend.tag_image(IMAGE, &reference).await.unwrap();
        // podman 4 says nothing while it pushes.
        backend.push(&reference).await.unwrap().try_for_each(|_| async { Ok(()) }).await.unwrap();
        backend.remove_image(&reference, false).await.unwrap();
        let what = ImagePull { reference: reference.clone(), platform: Some("linux/amd64".into()) };
        let steps: Vec<_> = backend.pull(&what).await.unwrap().try_collect().await.unwrap();
        assert!(!steps.is_empty());
        let info = backend.inspect_image(&reference).await.unwrap();
        assert_eq!((info.tag.as_str(), info.platform.as_str()), ("1", "linux/amd64"));
        assert!(
            info.digests.iter().any(|digest| digest.starts_with(reference.trim_end_matches(":1"))),
            "{:?}",
            info.digests
        );
        let by_digest = backend.inspect_image(&info.digests[0]).await.unwrap();
        assert_eq!(by_digest.id, info.id);
        backend.remove_image(&reference, false).await.unwrap();
        let what =
            ImagePull { reference: format!("{REGISTRY}/lab/no-such-image:1"), platform: None };
        let error = backend.pull_image(&what).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::ImageMissing, "{error}");
    }
}

/// A context with everything that can be in one, and a build that fails.
#[tokio::test(flavor = "multi_thread")]
async fn images_are_built() {
    for at in [DOCKER, PODMAN] {
        let Some(backend) = engine(at).await else { return };
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write(".dockerignore", "*\n!in\n!Dockerfile\nin/not*\n");
        write("in/file", "content");
        write("in/not-this", "no");
        write("out/file", "no");
        write("other.Dockerfile", "nonsense");
        std::os::unix::fs::symlink("file", folder.path().join("in/link")).unwrap();
        let file = format!(
            "FROM {IMAGE} AS first\nARG WHO\nCOPY . /all/\nENV WHO=$WHO\nHEALTHCHECK CMD true\nFROM first AS second\nLABEL stage=2\n"
        );
        write("Dockerfile", &file);
        // podman puts a short name below `localhost`, and finds it there.
        let tag = format!("{}:1", name("built"));
        let mut what = BuildSpec {
            context: folder.path().to_str().unwrap().to_owned(),
            target: Some("first".into()),
            tags: vec![tag.clone()],
            ..BuildSpec::default()
        };
        what.args.insert("WHO".into(), Sensitive::new("me & you".into()));
        what.labels.insert("of".into(), "the test".into());
        let steps: Vec<_> = backend.open_build(&what).await.unwrap().try_collect().await.unwrap();
        let Some(BuildStep::Built(id)) = steps.last() else { panic!("{steps:?}") };
        let info = backend.inspect_image(&tag).await.unwrap();
        assert_eq!((&info.id, info.labels.get("of").map(String::as_str)), (id, Some("the test")));
        assert!(!info.labels.contains_key("stage"));
        assert_eq!(
            info.has_healthcheck,
            Some(true),
            "a check is no part of OCI's format, only of docker's"
        );
        let mut spec = spec(&name("built"), "find /all | sort; cat /all/in/link; echo; echo $WHO");
        spec.image.clone_from(&tag);
        clear(&backend, spec.name.as_deref().unwrap()).await;
        let made = backend.run(&spec).await.unwrap();
        backend.wait(&made.id).await.unwrap();
        let logs = backend.logs(&made.id, None).await.unwrap();
        let again = tag.replace(":1", ":2");
        backend.commit(&made.id, &again).await.unwrap();
        assert_eq!(backend.inspect_image(&again).await.unwrap().has_healthcheck, Some(true));
        let own = logs.stdout.replace("/all/Dockerfile\n", "");
        assert_data_eq!(
            own,
            str![[r#"
/all
/all/in
/all/in/file
/all/in/link
content
me & you

"#]]
        );
        clear(&backend, spec.name.as_deref().unwrap()).await;
        backend.remove_image(&again, true).await.unwrap();

        what.dockerfile_inline = Some(format!("FROM {IMAGE}\nCOPY . /all/\n"));
        what.target = None;
        let id = backend.build(&what).await.unwrap();
        assert!(id.starts_with("sha256:"), "{id}");
        what.dockerfile_inline = Some(format!("FROM {IMAGE}\nCOPY nothing /\n"));
        let error = backend.build(&what).await.unwrap_err();
        assert!(error.text.contains("nothing"), "{error}");
        what.ssh = vec!["default".into()];
        let error = backend.open_build(&what).await.map(drop).unwrap_err();
        assert_eq!(
            (error.kind, error.text.contains("ssh")),
            (ErrorKind::Unsupported, true),
            "{error}"
        );
        backend.remove_image(&tag, true).await.unwrap();
    }
}

/// What is there is looked at with as many requests for a hundred containers as for one.
#[tokio::test(flavor = "multi_thread")]
async fn observing_costs_the_same_for_more_containers() {
    for at in [DOCKER, PODMAN] {
        let Some(backend) = engine(at).await else { return };
        let label = name("cost");
        let mut selector = Selector::label("dev.perry.cost", &label);
        selector.images = vec![IMAGE.to_owned()];
        let mut costs = Vec::new();
        let names: Vec<_> = (0..3).map(|n| format!("{label}-{n}")).collect();
        for name in &names {
            clear(&backend, name).await;
            let mut spec = spec(name, "exec sleep 1000");
            spec.labels.insert("dev.perry.cost".into(), label.clone());
            backend.run(&spec).await.unwrap();
            let before = backend.calls();
            let seen = backend.observe(&selector, Parts::ALL).await.unwrap();
            costs.push((seen.containers.len(), seen.images.len(), backend.calls() - before));
        }
        // The image itself is looked at once.
        let (lists, first) = if at.1 == Flavour::Docker { (4, 5) } else { (5, 6) };
        assert_eq!(costs[0], (1, 1, first));
        assert!(
            costs[1..].iter().enumerate().all(|(n, cost)| *cost == (n + 2, 1, lists)),
            "{costs:?}"
        );
        backend.remove_each(&names, &Removal { force: true, volumes: true }).await.unwrap();
    }
}

/// New limits of what runs, and what cannot be changed.
#[tokio::test(flavor = "multi_thread")]
async fn limits_change() {
    for at in [DOCKER, PODMAN] {
        let Some(backend) = engine(at).await else { return };
        let name = name("limits");
        clear(&backend, &name).await;
        backend.run(&spec(&name, "exec sleep 1000")).await.unwrap();
        let mut what = ResourceUpdate::default();
        backend.update(&name, &what).await.unwrap();
        what.resources.pids = Some(77);
        backend.update(&name, &what).await.unwrap();
        let lines = ExecSpec::new([
            "sh",
            "-c",
            "cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max 2>/dev/null",
        ]);
        assert_eq!(backend.exec(&name, &lines).await.unwrap().0.stdout, "77\n");
        what.resources.oom_score_adj = Some(1);
        assert_eq!(backend.update(&name, &what).await.unwrap_err().kind, ErrorKind::Unsupported);
        clear(&backend, &name).await;
    }
}
