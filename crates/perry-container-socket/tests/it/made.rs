//! What real engines make of a specification.

use crate::lab::{DOCKER, IMAGE, PODMAN, clear, engine, name, spec};
use perry_container_backend::ContainerBackendExt as _;
use perry_container_socket::SocketBackend;
use perry_container_spec::{
    ContainerSpec, Device, ErrorKind, ExecSpec, HealthTest, Healthcheck, Mount, MountKind,
    Namespace, Network, RestartPolicy, Sensitive, Ulimit, VolumesFrom,
};
use snapbox::{assert_data_eq, str};
use std::{path::Path, time::Duration};

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

/// What belongs to another container: its volumes, its processes, its network. And what is mounted from an image.
#[tokio::test(flavor = "multi_thread")]
async fn containers_share_what_they_have() {
    for at in [DOCKER, PODMAN] {
        let Some(backend) = engine(at).await else { return };
        let (one, two) = (name("one"), name("two"));
        clear(&backend, &two).await;
        clear(&backend, &one).await;
        let mut first = spec(&one, "echo shared > /data/file; exec sleep 1001");
        first.network = Network::Default;
        first.expose = vec!["9000".into(), "9001/udp".into()];
        first.ipc = Some(Namespace::Mode("shareable".into()));
        first.mounts = vec![Mount::new(MountKind::Volume, None, "/data")];
        let made = backend.run(&first).await.unwrap();
        let mut second = spec(&two, "exec sleep 1002");
        second.network = Network::Container(made.id.clone());
        second.pid = Some(Namespace::Container(made.id.clone()));
        second.ipc = Some(Namespace::Container(made.id.clone()));
        second.volumes_from = vec![VolumesFrom { container: made.id.clone(), read_only: true }];
        let mut image = Mount::new(MountKind::Image, Some(IMAGE.to_owned()), "/image");
        image.read_only = true;
        second.mounts = vec![image];
        let questions = [
            ("a process of the other", "ps | grep -c 'sleep 100[1]'"),
            ("its network", "ls /sys/class/net | grep -c eth0"),
            ("its volume", "cat /data/file; touch /data/x 2>&1 | sed 's/.*: //'"),
            ("an image", "ls -d /image/bin"),
        ];
        let said = asked(&backend, &second, &questions).await;
        assert_data_eq!(
            said,
            str![[r#"
a process of the other: 1
its network: 1
its volume: shared, Read-only file system
an image: /image/bin

"#]]
        );
        clear(&backend, &one).await;
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
