//! The cases, each with containers of its own.

use super::script::{LABEL, Script, bytes, state};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use perry_container_backend::{
    BackendError, ContainerBackendExt as _, Feed, LogChunk, Session, collect_logs,
};
use perry_container_spec::{
    Attachment, ErrorKind, EventOptions, ExecSpec, Health, HealthTest, Healthcheck, ImagePull,
    InjectedFile, LogOptions, Mount, MountKind, Network, NetworkSpec, Parts, Protocol, Removal,
    RuntimeEventKind, Selector, Sensitive, VolumeSpec,
};
use std::time::Duration;

/// Runs until it is told to end, and then ends at once with 0.
const IDLE: &str = "trap 'exit 0' TERM; while :; do sleep 0.1; done";

pub(super) async fn lifecycle(s: &mut Script<'_>) {
    s.case("A container is created, started, stopped and removed");
    let backend = s.backend;
    let spec = s.spec("a", IDLE);
    let id = s.name("a");
    let made = backend.create(&spec).await;
    s.say(
        "create",
        made.map(|handle| format!("{:?}, an id: {}", handle.name, handle.id.len() >= 12)),
    );
    s.state("is", "a").await;
    s.done("stop what never ran", backend.stop(&id, Some(5)).await);
    s.done("start", backend.start(&id).await);
    s.state("is", "a").await;
    s.done("start what runs", backend.start(&id).await);
    s.done("pause", backend.pause(&id, true).await);
    s.state("is", "a").await;
    s.exec("exec in what is paused", "a", &["true"]).await;
    s.done("stop what is paused", backend.stop(&id, Some(20)).await);
    s.state("is", "a").await;
    s.done("stop again", backend.stop(&id, Some(5)).await);
    s.exec("exec in what has ended", "a", &["true"]).await;
    s.say("wait for what has ended", backend.wait(&id).await);
    s.done("start again", backend.start(&id).await);
    s.done("kill", backend.kill(&id, "KILL").await);
    s.say("wait", backend.wait(&id).await);
    s.state("is", "a").await;
    s.done("kill what has ended", backend.kill(&id, "KILL").await);
    s.done("rename", backend.rename(&id, &s.name("b")).await);
    s.say("inspect the old name", backend.inspect(&id).await.map(|info| info.name));
    s.say("inspect the new name", backend.inspect(&s.name("b")).await.map(|info| info.name));

    s.done("start", backend.start(&s.name("b")).await);
    let name_taken = s.spec("b", "true");
    s.say("create under a name that is taken", backend.create(&name_taken).await.map(|_| "made"));
    let mut missing = s.spec("c", "true");
    missing.image = format!("localhost/{}:none", s.name("missing"));
    s.say("create from an image that is missing", backend.create(&missing).await.map(|_| "made"));
    let ids = [s.name("b"), s.name("c")];
    let each = backend.inspect_each(&ids).await.unwrap_or_default();
    for (id, outcome) in each {
        s.say(
            &format!("inspect {}", id.replace(&s.ground.prefix, "<p>")),
            outcome.map(|info| info.name),
        );
    }
    s.done("remove what runs", backend.remove(&s.name("b"), false).await);
    let each = backend
        .remove_each(&ids, &Removal { force: true, volumes: true })
        .await
        .unwrap_or_default();
    for (id, outcome) in each {
        s.done(&format!("remove {} by force", id.replace(&s.ground.prefix, "<p>")), outcome);
    }
    let gone = s.name("b");
    s.done("start what is gone", backend.start(&gone).await);
    s.done("stop what is gone", backend.stop(&gone, Some(1)).await);
    s.done("kill what is gone", backend.kill(&gone, "TERM").await);
    s.exec("exec in what is gone", "b", &["true"]).await;
    s.logs("logs of what is gone", "b", LogOptions::default()).await;
    s.say("wait for what is gone", backend.wait(&gone).await);
}

pub(super) async fn output(s: &mut Script<'_>) {
    s.case("Its output and its end are told");
    let backend = s.backend;
    let spec = s.spec("log", "echo one; echo two >&2; sleep 0.2; echo three; exit 3");
    s.up(&spec).await;
    let id = s.name("log");
    let follow = LogOptions { follow: true, ..LogOptions::default() };
    s.logs("follow to the end", "log", follow).await;
    s.say("wait", backend.wait(&id).await);
    s.state("is", "log").await;
    s.logs("logs", "log", LogOptions::default()).await;
    s.logs("the last line", "log", LogOptions { tail: Some(1), ..LogOptions::default() }).await;
    s.logs("no line", "log", LogOptions { tail: Some(0), ..LogOptions::default() }).await;
    let times = async {
        let how = LogOptions { timestamps: true, ..LogOptions::default() };
        let chunks: Vec<LogChunk> = backend.open_logs(&id, &how).await?.try_collect().await?;
        let timed = chunks.iter().all(|chunk| {
            chunk.time.as_ref().is_some_and(|time| time.starts_with("20") && time.ends_with('Z'))
        });
        let text: Vec<u8> = chunks.iter().flat_map(|chunk| chunk.bytes.to_vec()).collect();
        let mut lines: Vec<_> = String::from_utf8_lossy(&text).lines().map(str::to_owned).collect();
        lines.sort(); // which of two streams comes first is not told
        Ok(format!("{timed} {lines:?}"))
    };
    let times = times.await;
    s.say("each with its time", times);
    let later = LogOptions { since: Some("2200-01-01T00:00:00Z".into()), ..LogOptions::default() };
    s.logs("since a later time", "log", later).await;

    let mut spec = s.spec("attach", "read line; echo got $line; echo no >&2; exit 4");
    spec.stdin_open = true;
    let said = async {
        backend.run(&spec).await?;
        let input = Feed::Bytes("this\n".into());
        let Session { output, exit } = backend.attach(&s.name("attach"), input).await?;
        let chunks = output.map_ok(|f| LogChunk { time: None, source: f.source, bytes: f.bytes });
        let logs = collect_logs(chunks.boxed()).await?;
        // podman's client ends with an empty line of its own.
        Ok(format!("{}|{}|{}", logs.stdout.trim_end(), logs.stderr.trim_end(), exit.await?))
    };
    let said = said.await;
    s.say("attach while it waits for input", said);
    s.clear(&["log", "attach"]).await;
}

pub(super) async fn commands(s: &mut Script<'_>) {
    s.case("Commands run in it");
    let backend = s.backend;
    let mut spec = s.spec("exec", IDLE);
    spec.env.insert("TEXT".into(), Sensitive::new("first\nsecond = \"$x\"".into()));
    spec.workdir = Some("/tmp".into());
    spec.hostname = Some("chosen".into());
    s.up(&spec).await;
    s.exec("both streams", "exec", &["sh", "-c", "echo out; echo err >&2"]).await;
    s.exec("its status", "exec", &["sh", "-c", "exit 7"]).await;
    s.exec("no such program", "exec", &["/no/such/program"]).await;
    s.exec("the environment of the container", "exec", &["sh", "-c", "printf %s \"$TEXT\""]).await;
    s.exec("its directory and its name", "exec", &["sh", "-c", "pwd; hostname"]).await;
    let id = s.name("exec");
    let mut what = ExecSpec::new(["sh", "-c", "id -u; pwd; echo $A; cat"]);
    what.user = Some("65534".into());
    what.workdir = Some("/".into());
    what.env.insert("A".into(), Sensitive::new("b=c d".into()));
    what.stdin = true;
    let said = async {
        let Session { output, exit } =
            backend.open_exec(&id, &what, Feed::Bytes("typed".into())).await?;
        let chunks = output.map_ok(|f| LogChunk { time: None, source: f.source, bytes: f.bytes });
        let logs = collect_logs(chunks.boxed()).await?;
        Ok(format!("{}|{}|{}", logs.stdout, logs.stderr, exit.await?))
    };
    let said = said.await;
    s.say("user, directory, environment, input", said);
    // podman's client sets the size a moment after the start.
    let mut what = ExecSpec::new(["sh", "-c", "test -t 1 && sleep 1 && stty size; echo err >&2"]);
    what.tty = Some((101, 33));
    let said = backend.exec(&id, &what).await;
    s.say("a terminal", said.map(|(logs, code)| format!("{}|{}|{code}", logs.stdout, logs.stderr)));
    let (titles, rows) = backend.top(&id, &[]).await.unwrap_or_default();
    let found =
        titles.len() > 1 && rows.iter().any(|row| row.iter().any(|cell| cell.contains("trap")));
    s.line(&format!("  its processes are listed: {found}"));
    let usage = async { backend.stats(std::slice::from_ref(&id), false).await?.try_next().await };
    let usage = usage.await;
    s.say("its use is told", usage.map(|usage| usage.is_some_and(|u| u.pids > 0 && u.memory > 0)));
    s.clear(&["exec"]).await;
}

pub(super) async fn observing(s: &mut Script<'_>) {
    s.case("What is there is found by labels");
    let backend = s.backend;
    let odd = "a=1,b=2 \"c\"";
    let mut one = s.spec("one", IDLE);
    one.labels.insert("odd".into(), odd.into());
    let mut two = s.spec("two", "exit 5");
    two.labels.insert("odd".into(), odd.into());
    let three = s.spec("three", "true");
    let volume = VolumeSpec {
        name: s.name("seen"),
        labels: [(LABEL.to_owned(), s.ground.prefix.clone())].into_iter().collect(),
        ..VolumeSpec::default()
    };
    let network = network(s, "seen");
    s.done("create network", backend.create_network(&network).await);
    s.done("create volume", backend.create_volume(&volume).await);
    one.mounts.push(Mount::new(MountKind::Volume, Some(volume.name.clone()), "/data"));
    s.up(&one).await;
    s.up(&two).await;
    drop(backend.wait(&s.name("two")).await);
    s.say("create", backend.create(&three).await.map(|_| "made"));
    for (step, labels) in [
        ("all of the ground", vec![(LABEL, Some(s.ground.prefix.as_str()))]),
        (
            "with a value that is hard to write",
            vec![("odd", Some(odd)), (LABEL, Some(&s.ground.prefix))],
        ),
        ("with a key, whatever its value", vec![("odd", None), (LABEL, Some(&s.ground.prefix))]),
        ("with half of that value", vec![("odd", Some("a=1")), (LABEL, Some(&s.ground.prefix))]),
    ] {
        let labels = labels
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value.map(str::to_owned)))
            .collect();
        let seen = backend.observe(&Selector { labels, ..Selector::default() }, Parts::ALL).await;
        let seen = seen.map(|seen| {
            let mut containers: Vec<_> = seen
                .containers
                .values()
                .map(|info| format!("{} {}", info.name, state(info)))
                .collect();
            containers.sort();
            let networks: Vec<_> = seen.networks.keys().cloned().collect();
            let volumes: Vec<_> = seen.volumes.keys().cloned().collect();
            format!("{containers:?} {networks:?} {volumes:?}")
        });
        s.say(step, seen);
    }
    let further = Selector {
        labels: vec![(LABEL.into(), Some("nobody".into()))],
        networks: vec![network.name.clone(), s.name("none")],
        volumes: vec![volume.name.clone(), s.name("none")],
        images: vec![s.ground.image.clone(), format!("localhost/{}:none", s.name("missing"))],
    };
    let seen = backend.observe(&further, Parts::ALL).await;
    let image = s.ground.image.clone();
    s.say(
        "by name",
        seen.map(|seen| {
            let images: Vec<_> =
                seen.images.keys().map(|name| name.replace(&image, "<image>")).collect();
            format!(
                "{} containers, {:?} {:?} {images:?}",
                seen.containers.len(),
                seen.networks.keys(),
                seen.volumes.keys()
            )
        }),
    );
    let both = async {
        let seen = backend.observe(&s.mine(), Parts::CONTAINERS).await?;
        let mut same = Vec::new();
        for (id, info) in &seen.containers {
            let own = backend.inspect(id).await?;
            same.push(
                own.id == *id
                    && own.name == info.name
                    && own.image_id == info.image_id
                    && own.state == info.state
                    && own.exit_code == info.exit_code
                    && own.labels == info.labels
                    && own.mounts == info.mounts
                    && own.started.is_empty() == info.started.is_empty()
                    && own.finished.is_empty() == info.finished.is_empty()
                    && own.created.get(..19) == info.created.get(..19),
            );
        }
        Ok(format!("{same:?}"))
    };
    let both = both.await;
    s.say("the list and the single look agree", both);
    s.clear(&["one", "two", "three"]).await;
    s.done("remove network", backend.remove_network(&network.name).await);
    s.done("remove volume", backend.remove_volume(&volume.name).await);
}

fn network(s: &Script<'_>, name: &str) -> NetworkSpec {
    NetworkSpec {
        name: s.name(name),
        labels: [(LABEL.to_owned(), s.ground.prefix.clone())].into_iter().collect(),
        ..NetworkSpec::default()
    }
}

fn attached(s: &Script<'_>, name: &str, alias: &str) -> Attachment {
    Attachment { aliases: vec![alias.to_owned()], ..Attachment::new(s.name(name)) }
}

pub(super) async fn networks(s: &mut Script<'_>) {
    s.case("Containers meet in networks");
    let backend = s.backend;
    let (one, two) = (network(s, "net1"), network(s, "net2"));
    s.done("create", backend.create_network(&one).await);
    s.done("create another", backend.create_network(&two).await);
    s.done("create again", backend.create_network(&one).await);
    let mut server = s.spec("server", IDLE);
    server.network =
        Network::Attached(vec![attached(s, "net1", "db"), attached(s, "net2", "store")]);
    let mut client = s.spec("client", IDLE);
    client.network = Network::Attached(vec![attached(s, "net1", "web")]);
    s.up(&server).await;
    s.up(&client).await;
    let shown = backend.inspect(&s.name("server")).await.map(|info| {
        let all: Vec<_> = info
            .networks
            .iter()
            .map(|(name, endpoint)| {
                let alias = endpoint.aliases.iter().any(|alias| alias == "db" || alias == "store");
                format!("{name} alias {alias} address {}", !endpoint.ipv4.is_empty())
            })
            .collect();
        format!("{all:?}")
    });
    s.say("both at creation", shown);
    s.finds("one finds the other by its alias", "client", "db").await;
    s.finds("by its name", "client", &s.name("server")).await;
    s.finds("not in a network it is not in", "client", "store").await;
    let (net2, client) = (two.name.clone(), s.name("client"));
    s.done("connect", backend.connect_network(&net2, &client, &["late".to_owned()], true).await);
    s.finds("now it does", "client", "store").await;
    s.done("disconnect", backend.connect_network(&net2, &client, &[], false).await);
    let left = backend
        .inspect(&client)
        .await
        .map(|info| format!("{:?}", info.networks.keys().collect::<Vec<_>>()));
    s.say("is left in", left);
    s.done("remove one in use", backend.remove_network(&one.name).await);
    s.say(
        "inspect",
        backend.inspect_network(&one.name).await.map(|n| {
            format!("{} {} {} {}", n.name, n.driver, n.pools.len(), n.labels.contains_key(LABEL))
        }),
    );
    s.clear(&["server", "client"]).await;
    s.done("remove", backend.remove_network(&one.name).await);
    s.done("remove the other", backend.remove_network(&two.name).await);
    s.done("remove again", backend.remove_network(&one.name).await);
    s.say("inspect what is gone", backend.inspect_network(&one.name).await.map(|n| n.name));
}

pub(super) async fn ports(s: &mut Script<'_>) {
    s.case("Ports are published");
    let backend = s.backend;
    s.done("create network", backend.create_network(&network(s, "ports")).await);
    let mut first = s.spec("port1", IDLE);
    first.network = Network::Attached(vec![Attachment::new(s.name("ports"))]);
    let mut second = first.clone();
    second.name = Some(s.name("port2"));
    first.ports = ["127.0.0.1::8080", "127.0.0.1::53/udp"]
        .iter()
        .filter_map(|port| port.parse().ok())
        .collect();
    s.up(&first).await;
    let seen = backend.inspect(&s.name("port1")).await;
    let given = seen
        .as_ref()
        .ok()
        .and_then(|info| info.ports.iter().find(|p| p.protocol == Protocol::Tcp)?.host);
    s.say(
        "any free port",
        seen.map(|info| {
            let all: Vec<_> = info
                .ports
                .iter()
                .filter(|port| port.host.is_some())
                .map(|port| {
                    format!(
                        "{:?} {}/{} given {}",
                        port.ip,
                        port.container,
                        port.protocol,
                        port.host.is_some()
                    )
                })
                .collect();
            format!("{all:?}")
        }),
    );
    let listed = backend.observe(&s.mine(), Parts::CONTAINERS).await.map(|seen| {
        seen.containers
            .values()
            .any(|info| info.ports.iter().any(|port| port.host == given && given.is_some()))
    });
    s.say("is in the list", listed);
    second.ports = vec![perry_container_spec::PortBinding {
        ip: "127.0.0.1".parse().ok(),
        host: given.map(|port| (port, port)),
        container: 8080,
        protocol: Protocol::Tcp,
    }];
    let outcome = async {
        backend.create(&second).await?;
        backend.start(&s.name("port2")).await
    };
    let outcome = outcome.await;
    s.done("the same one again", outcome);
    s.clear(&["port1", "port2"]).await;
    s.done("remove network", backend.remove_network(&s.name("ports")).await);
}

pub(super) async fn volumes(s: &mut Script<'_>) {
    s.case("Volumes keep what is written");
    let backend = s.backend;
    let volume = VolumeSpec {
        name: s.name("data"),
        labels: [(LABEL.to_owned(), s.ground.prefix.clone())].into_iter().collect(),
        ..VolumeSpec::default()
    };
    s.done("create", backend.create_volume(&volume).await);
    let mount = Mount::new(MountKind::Volume, Some(volume.name.clone()), "/data");
    let mut writer = s.spec("writer", "echo kept > /data/file; echo lost > /memory/file");
    writer.mounts = vec![
        mount.clone(),
        Mount::new(MountKind::Tmpfs, None, "/memory"),
        Mount::new(MountKind::Volume, None, "/own"),
    ];
    s.up(&writer).await;
    s.say("write", backend.wait(&s.name("writer")).await);
    let shown = backend.inspect(&s.name("writer")).await.map(|info| {
        let volumes = info.mounts.iter().filter(|mount| mount.kind == "volume");
        let all: Vec<_> =
            volumes.map(|m| format!("{} {} {}", m.target, m.writable, m.name.is_some())).collect();
        format!("{all:?}")
    });
    s.say("its volumes", shown);
    let mut reader = s.spec("reader", "cat /data/file; echo no > /data/file");
    reader.mounts = vec![Mount { read_only: true, ..mount }];
    s.up(&reader).await;
    let code = backend.wait(&s.name("reader")).await;
    s.say("write where it is read only", code.map(|code| code != 0));
    let read = backend.logs(&s.name("reader"), None).await;
    s.say("read", read.map(|logs| logs.stdout));
    s.done("remove one in use", backend.remove_volume(&volume.name).await);
    let anonymous = backend.inspect(&s.name("writer")).await.ok().and_then(|info| {
        info.mounts.into_iter().find(|mount| mount.target == "/own").and_then(|mount| mount.name)
    });
    s.clear(&["writer", "reader"]).await;
    let gone = Selector {
        labels: vec![(LABEL.into(), Some("nobody".into()))],
        volumes: anonymous.into_iter().chain([volume.name.clone()]).collect(),
        ..Selector::default()
    };
    let left = backend
        .observe(&gone, Parts::VOLUMES)
        .await
        .map(|seen| format!("{:?}", seen.volumes.keys()));
    s.say("left when the containers are gone", left);
    s.done("remove", backend.remove_volume(&volume.name).await);
    s.done("remove again", backend.remove_volume(&volume.name).await);
}

pub(super) async fn files(s: &mut Script<'_>) {
    s.case("Files go in and come out");
    let backend = s.backend;
    let mut spec = s.spec("files", &format!("cat /run/secrets/key; {IDLE}"));
    spec.user = Some("1000:1000".into());
    spec.files = vec![InjectedFile {
        target: "/run/secrets/key".into(),
        content: Sensitive::new(b"hidden\n".to_vec()),
        uid: 1000,
        gid: 1001,
        mode: 0o440,
    }];
    s.up(&spec).await;
    s.exec(
        "are there before it starts",
        "files",
        &["stat", "-c", "%a %u %g %s", "/run/secrets/key"],
    )
    .await;
    let first = LogOptions { tail: Some(1), ..LogOptions::default() };
    s.logs("and can be read", "files", first).await;
    let id = s.name("files");
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(5);
    header.set_mode(0o640);
    header.set_uid(7);
    header.set_gid(8);
    let archive = tar
        .append_data(&mut header, "put/in", &b"bytes"[..])
        .and_then(|()| tar.into_inner())
        .unwrap_or_default();
    s.done(
        "copy in",
        backend.copy_in(&id, "/tmp", stream::iter([Ok(archive.into())]).boxed()).await,
    );
    s.exec("it is there", "files", &["stat", "-c", "%a %u %g %s", "/tmp/put/in"]).await;
    let out = async {
        let all = bytes(backend.copy_out(&id, "/tmp/put/in").await?).await?;
        let mut archive = tar::Archive::new(all.as_slice());
        let broken = |e: std::io::Error| {
            BackendError::new("read", "archive", ErrorKind::Malformed, e.to_string())
        };
        let mut entries = Vec::new();
        for entry in archive.entries().map_err(broken)? {
            let mut entry = entry.map_err(broken)?;
            let mut text = String::new();
            std::io::Read::read_to_string(&mut entry, &mut text).map_err(broken)?;
            entries.push(format!("{} {text}", entry.path().map_err(broken)?.display()));
        }
        Ok(format!("{entries:?}"))
    };
    let out = out.await;
    s.say("copy out", out);
    let missing = async { bytes(backend.copy_out(&id, "/no/such/file").await?).await };
    let missing = missing.await;
    s.say("copy out what is not there", missing.map(|_| "bytes"));
    s.clear(&["files"]).await;
}

pub(super) async fn health(s: &mut Script<'_>) {
    s.case("Health is probed");
    let backend = s.backend;
    let mut spec = s.spec("health", IDLE);
    spec.healthcheck = Some(Healthcheck {
        test: HealthTest::Shell("test -f /tmp/ready || { echo 'not yet'; exit 1; }".into()),
        interval: Some(Duration::from_secs(3600)),
        timeout: Some(Duration::from_secs(30)),
        start_period: None,
        start_interval: None,
        retries: Some(1),
    });
    s.up(&spec).await;
    let test = spec.healthcheck.as_ref().map_or(HealthTest::Inherit, |check| check.test.clone());
    let id = s.name("health");
    s.state("at first", "health").await;
    let probe = backend.probe_health(&id, &test).await;
    s.say(
        "a probe that fails",
        probe.map(|probe| format!("{} {}", probe.healthy, probe.output.trim())),
    );
    s.exec("make it ready", "health", &["touch", "/tmp/ready"]).await;
    let probe = backend.probe_health(&id, &test).await;
    s.say("a probe that succeeds", probe.map(|probe| probe.healthy));
    let seen = backend.observe(&s.mine(), Parts::CONTAINERS).await.map(|seen| {
        let own = seen.containers.values().find(|info| info.name == id);
        own.and_then(|info| info.health)
            .is_some_and(|h| matches!(h, Health::Starting | Health::Healthy))
    });
    s.say("the list tells its health", seen);
    s.clear(&["health"]).await;
    let mut spec = s.spec("words", IDLE);
    spec.healthcheck = Some(Healthcheck {
        test: HealthTest::Command(
            ["sh", "-c", "test 'a  b' = \"$0\"", "a  b"].map(str::to_owned).to_vec(),
        ),
        interval: Some(Duration::from_secs(3600)),
        timeout: None,
        start_period: None,
        start_interval: None,
        retries: None,
    });
    s.up(&spec).await;
    let test = spec.healthcheck.map_or(HealthTest::Inherit, |check| check.test);
    let probe = backend.probe_health(&s.name("words"), &test).await;
    s.say("words stay words", probe.map(|probe| probe.healthy));
    s.clear(&["words"]).await;
}

pub(super) async fn images(s: &mut Script<'_>) {
    s.case("Images are named and made");
    let backend = s.backend;
    let (image, tag) = (s.ground.image.clone(), s.tag());
    let missing = format!("localhost/{}:none", s.name("missing"));
    let each = backend.inspect_images(&[image.clone(), missing.clone()]).await.unwrap_or_default();
    for (asked, outcome) in each {
        let step = format!(
            "inspect {}",
            asked.replace(&image, "<image>").replace(&s.ground.prefix, "<p>")
        );
        s.say(
            &step,
            outcome.map(|info| format!("{} {}", info.id.starts_with("sha256:"), info.size > 0)),
        );
    }
    s.done("tag", backend.tag_image(&image, &tag).await);
    s.say(
        "inspect",
        backend.inspect_image(&tag).await.map(|info| format!("{} {}", info.repository, info.tag)),
    );
    let listed = backend.list_images().await.map(|all| {
        let found = |info: &&perry_container_spec::ImageInfo| {
            format!("{}:{}", info.repository, info.tag) == tag
        };
        all.iter().filter(found).count()
    });
    s.say("in the list", listed);
    s.done("remove", backend.remove_image(&tag, false).await);
    s.say("inspect what is gone", backend.inspect_image(&tag).await.map(|info| info.tag));
    s.done("remove again", backend.remove_image(&tag, false).await);
    s.say(
        "the image itself is left",
        backend.inspect_image(&image).await.map(|info| !info.id.is_empty()),
    );
    // Port 1 of this machine is no registry.
    let pull =
        ImagePull { reference: format!("127.0.0.1:1/{}:none", s.name("missing")), platform: None };
    let pulled = backend.pull_image(&pull).await;
    s.line(&format!("  pull from nowhere fails: {}", pulled.is_err()));
    let spec = s.spec("commit", "echo written > /made");
    s.up(&spec).await;
    drop(backend.wait(&s.name("commit")).await);
    let made = backend.commit(&s.name("commit"), &tag).await;
    s.say("commit", made.map(|id| id.starts_with("sha256:")));
    let mut again = s.spec("again", "cat /made");
    again.image = tag.clone();
    s.up(&again).await;
    drop(backend.wait(&s.name("again")).await);
    s.say("run what was made", backend.logs(&s.name("again"), None).await.map(|logs| logs.stdout));
    s.clear(&["commit", "again"]).await;
    s.done("remove", backend.remove_image(&tag, false).await);
}

pub(super) async fn events(s: &mut Script<'_>) {
    s.case("What happens is told");
    let backend = s.backend;
    let spec = s.spec("event", "exit 6");
    let mut other = s.spec("other", "true");
    other.labels.clear();
    other.labels.insert(LABEL.into(), format!("{}-not", s.ground.prefix));
    let told = async {
        let mut flow = backend.events(&s.mine(), &EventOptions::default()).await?;
        let first = flow.try_next().await?.map(|event| event.kind);
        backend.run(&other).await?;
        backend.run(&spec).await?;
        backend.wait(&s.name("event")).await?;
        drop(backend.remove(&s.name("other"), true).await);
        backend.remove(&s.name("event"), true).await?;
        let mut told = vec![format!("{first:?}")];
        while let Some(event) = flow.try_next().await? {
            if event.name != s.name("event") {
                told.extend((event.name == s.name("other")).then(|| "of another".to_owned()));
                continue; // what an earlier case did in the same second
            }
            match event.kind {
                RuntimeEventKind::Create | RuntimeEventKind::Start | RuntimeEventKind::Die(_) => {
                    told.push(format!("{:?}", event.kind));
                }
                RuntimeEventKind::Destroy => {
                    told.push("Destroy".to_owned());
                    break;
                }
                _ => {}
            }
        }
        Ok::<_, BackendError>(told.join(" "))
    };
    let told = match tokio::time::timeout(Duration::from_secs(60), told).await {
        Ok(told) => told,
        Err(_) => Ok("nothing more came within a minute".to_owned()),
    };
    s.say("a short life", told);
    drop(backend.remove(&s.name("other"), true).await);
}
