//! The real engines of this machine, where they answer. In CI they have to. What all backends have in common is checked by the
//! contract in `perry-container-lab-tests`; here is what this way to an engine is alone with.

use futures_util::TryStreamExt as _;
use perry_container_backend::{
    ContainerBackend as _, ContainerBackendExt as _, Feed, FeedItem, LogChunk, Session,
    collect_logs,
};
use perry_container_socket::{Flavour, Options, SocketBackend};
use perry_container_spec::{
    BuildSpec, BuildStep, ContainerSpec, Device, ErrorKind, ExecSpec, HealthTest, Healthcheck,
    ImagePull, LogOptions, Mount, MountKind, Namespace, Network, Parts, Removal, ResourceUpdate,
    RestartPolicy, Selector, Sensitive, Ulimit,
};
use snapbox::{assert_data_eq, str};
use std::{path::Path, time::Duration};

const DOCKER: (&str, Flavour) = ("unix:///var/run/docker.sock", Flavour::Docker);
const PODMAN: (&str, Flavour) = ("unix:///run/podman/podman.sock", Flavour::Podman);
const IMAGE: &str = "lab/base:1";
const REGISTRY: &str = "127.0.0.1:5000";

#[expect(clippy::print_stderr, reason = "a check that is skipped says so")]
async fn engine((endpoint, flavour): (&str, Flavour)) -> Option<SocketBackend> {
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
fn name(what: &str) -> String {
    format!("so-{what}-{}", std::process::id())
}

fn spec(name: &str, script: &str) -> ContainerSpec {
    let mut spec = ContainerSpec::new(IMAGE.to_owned());
    spec.name = Some(name.to_owned());
    spec.command = Some(["sh", "-c", script].map(str::to_owned).to_vec());
    spec.network = Network::None;
    spec
}

async fn clear(backend: &SocketBackend, name: &str) {
    let how = Removal { force: true, volumes: true };
    drop(backend.remove_each(&[name.to_owned()], &how).await);
}

/// Runs scripts in a new container: what each asks and what it printed.
async fn asked(
    backend: &SocketBackend,
    spec: &ContainerSpec,
    questions: &[(&str, &str)],
) -> String {
    let name = spec.name.as_deref().unwrap_or_default();
    clear(backend, name).await;
    let made = match backend.run(spec).await {
        Ok(made) => made,
        Err(error) => return error.to_string(),
    };
    let mut said = Vec::new();
    for (title, script) in questions {
        let outcome = backend.exec(&made.id, &ExecSpec::new(["sh", "-c", script])).await;
        let text =
            outcome.map_or_else(|error| error.to_string(), |(logs, _)| logs.stdout + &logs.stderr);
        said.push(format!("{title}: {}\n", text.trim().replace('\n', ", ")));
    }
    clear(backend, name).await;
    said.concat()
}

/// Most of what a container can be asked to be.
fn full(name: &str, folder: &Path) -> ContainerSpec {
    let mut spec = spec(name, "exec sleep 1000");
    spec.user = Some("1000:1000".into());
    spec.group_add = vec!["2000".into()];
    spec.workdir = Some("/tmp".into());
    spec.hostname = Some("chosen".into());
    spec.env.insert("A".into(), Sensitive::new("x = y\nz".into()));
    spec.init = Some(false);
    spec.read_only = true;
    spec.cap_drop = vec!["ALL".into()];
    spec.cap_add = vec!["CHOWN".into()];
    spec.no_new_privileges = true;
    spec.security_opt = vec!["systempaths=unconfined".into()];
    spec.ipc = Some(Namespace::Mode("private".into()));
    spec.extra_hosts = vec![("elsewhere".into(), "10.1.2.3".into()), ("six".into(), "::1".into())];
    spec.ulimits.insert("nofile".into(), Ulimit { soft: 100, hard: 200 });
    spec.ulimits.insert("nproc".into(), Ulimit { soft: 300, hard: 400 });
    spec.sysctls.insert("kernel.msgmax".into(), "9000".into());
    spec.shm_size = Some(8 << 20);
    spec.restart = Some(RestartPolicy::OnFailure(Some(3)));
    spec.stop_signal = Some("SIGINT".into());
    spec.stop_timeout = Some(Duration::from_secs(3));
    spec.devices = vec![Device {
        source: "/dev/null".into(),
        target: "/dev/nothing".into(),
        permissions: "rw".into(),
    }];
    spec.resources.memory = Some(64 << 20);
    spec.resources.nano_cpus = Some(500_000_000);
    spec.resources.pids = Some(50);
    spec.resources.oom_score_adj = Some(500);
    let text = |path: &str| folder.join(path).to_str().map(str::to_owned);
    let mut bind = Mount::new(MountKind::Bind, text("made/here"), "/bind");
    bind.create_host_path = true;
    let mut there = Mount::new(MountKind::Bind, text("there"), "/there");
    there.read_only = true;
    let mut memory = Mount::new(MountKind::Tmpfs, None, "/memory");
    (memory.size, memory.mode) = (Some(1 << 20), Some(0o1777));
    memory.options = vec!["noexec".into()];
    spec.mounts = vec![bind, there, memory];
    spec.healthcheck = Some(Healthcheck {
        test: HealthTest::Command(["test", "-d", "/memory"].map(str::to_owned).to_vec()),
        interval: Some(Duration::from_secs(60)),
        timeout: Some(Duration::from_secs(5)),
        start_period: Some(Duration::from_secs(1)),
        start_interval: None,
        retries: Some(7),
    });
    spec
}

const QUESTIONS: &[(&str, &str)] = &[
    ("user and groups", "id -u; id -g; id -G"),
    ("directory and name", "pwd; hostname"),
    ("environment", "echo \"$A\""),
    ("writing to the root", "touch /x 2>&1 | sed 's/.*: //'; touch /tmp/x 2>&1 | sed 's/.*: //'"),
    (
        "capabilities",
        "grep CapBnd /proc/1/status | cut -f2; grep NoNewPrivs /proc/1/status | cut -f2",
    ),
    ("further hosts", "grep -c -E '10.1.2.3\\s+elsewhere|::1\\s+six' /etc/hosts"),
    // Not `ulimit`: runc 1.1.5 sometimes raises the soft limit of what is run later.
    ("limits of files", "grep 'Max open files' /proc/1/limits | tr -s ' ' | cut -d' ' -f4,5"),
    ("kernel parameter", "cat /proc/sys/kernel/msgmax"),
    ("shared memory", "df -k /dev/shm | tail -1 | tr -s ' ' | cut -d' ' -f2"),
    (
        "memory mount",
        "df -k /memory | tail -1 | tr -s ' ' | cut -d' ' -f2; stat -c %a /memory; grep ' /memory ' /proc/mounts | grep -o noexec | head -1",
    ),
    ("binds", "ls -d /bind /there; touch /there/x 2>&1 | sed 's/.*: //'"),
    ("device", "ls -l /dev/nothing | cut -c1"),
    (
        "memory limit",
        "cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null",
    ),
    ("processes", "cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max 2>/dev/null"),
    ("first process", "cat /proc/1/oom_score_adj; cat /proc/1/comm"),
];

/// podman's container is made in podman's own words, docker's in those of the Engine API: the same comes of it.
#[tokio::test(flavor = "multi_thread")]
async fn containers_are_what_was_asked_for() {
    for at in [DOCKER, PODMAN] {
        let Some(backend) = engine(at).await else { return };
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("there")).unwrap();
        let said = asked(&backend, &full(&name("full"), folder.path()), QUESTIONS).await;
        assert_data_eq!(
            said,
            str![[r#"
user and groups: 1000, 1000, 1000 2000
directory and name: /tmp, chosen
environment: x = y, z
writing to the root: Read-only file system, Read-only file system
capabilities: 0000000000000001, 1
further hosts: 2
limits of files: 100 200
kernel parameter: 9000
shared memory: 8192
memory mount: 1024, 1777, noexec
binds: /bind, /there, Read-only file system
device: c
memory limit: 67108864
processes: 50
first process: 500, sleep

"#]]
        );
    }
}

/// A bind that is not to be made must be there.
#[tokio::test(flavor = "multi_thread")]
async fn a_missing_source_is_made_only_where_that_was_asked_for() {
    for at in [DOCKER, PODMAN] {
        let Some(backend) = engine(at).await else { return };
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("missing");
        let mut spec = spec(&name("bind"), "true");
        spec.mounts = vec![Mount::new(MountKind::Bind, source.to_str().map(str::to_owned), "/x")];
        let outcome = backend.run(&spec).await;
        assert_eq!(outcome.map_err(|e| e.kind).unwrap_err(), ErrorKind::Invalid);
        assert!(!source.exists());
        clear(&backend, spec.name.as_deref().unwrap()).await;
    }
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
