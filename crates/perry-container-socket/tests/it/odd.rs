//! What goes wrong on the way to an engine, and what is asked of engines that are not the newest.

use crate::server::{Answer, Server, head};
use futures_util::TryStreamExt as _;
use perry_container_backend::{ContainerBackend as _, ContainerBackendExt as _, LogChunk};
use perry_container_socket::{Endpoint, Flavour, Options, SocketBackend};
use perry_container_spec::{
    Attachment, ContainerSpec, ErrorKind, ImagePull, InjectedFile, LogOptions, Network,
    NetworkSpec, Parts, Removal, Selector, Sensitive,
};
use snapbox::{assert_data_eq, str};
use std::{
    io::Write,
    sync::{Arc, Mutex},
    time::Duration,
};

const DOCKER: &str = "Server: Docker/28.5.2 (linux)\r\nApi-Version: 1.51\r\n";
const OLD: &str = "Server: Docker/24.0.0 (linux)\r\nApi-Version: 1.43\r\n";
const NEW: &str = "Server: Docker/31.0.0 (linux)\r\nApi-Version: 1.60\r\n";
const PODMAN: &str =
    "Server: Libpod/4.3.1 (linux)\r\nApi-Version: 1.41\r\nLibpod-Api-Version: 4.3.1\r\n";

async fn connect(server: &Server) -> SocketBackend {
    let options = Options::default().deadline(Duration::from_millis(300)).whole(4096);
    SocketBackend::connect(&server.endpoint(), None, &options).await.unwrap()
}

fn kind<T>(outcome: Result<T, perry_container_backend::BackendError>) -> String {
    outcome.map_or_else(|error| format!("{}: {}", error.kind, error.text), |_| "fine".to_owned())
}

#[tokio::test]
async fn the_version_that_both_know_is_spoken() {
    for (ping, expected) in [
        (DOCKER, "docker 28.5.2 (1, 51): GET /v1.51/containers/json?all=1"),
        (OLD, "docker 24.0.0 (1, 43): GET /v1.43/containers/json?all=1"),
        (NEW, "docker 31.0.0 (1, 51): GET /v1.51/containers/json?all=1"),
    ] {
        let server = Server::start(ping, |_| Answer::Json(200, "[]"));
        let backend = connect(&server).await;
        backend.list(true).await.unwrap();
        let (name, version) = (backend.backend_name(), backend.version().unwrap());
        assert_eq!(
            format!("{name} {version} {:?}: {}", backend.api_version(), server.said()),
            expected
        );
        assert_eq!(backend.calls(), 2);
        assert_eq!(backend.engine_id().0, server.endpoint());
    }
    let server = Server::start(PODMAN, |_| Answer::Json(200, "[]"));
    connect(&server).await.list(true).await.unwrap();
    let mut said: Vec<_> = server.said().lines().map(str::to_owned).collect();
    said.sort();
    assert_eq!(
        said,
        ["GET /v1.41/containers/json?all=1", "GET /v4.3.1/libpod/containers/json?all=true"]
    );
}

#[tokio::test]
async fn who_does_not_answer() {
    let options = Options::default();
    let at = |endpoint: String, expect| async move {
        kind(SocketBackend::connect(&endpoint, expect, &options.clone()).await)
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let nobody = Server::start("", |_| Answer::Cut);
    let podman = Server::start(PODMAN, |_| Answer::Cut);
    let tell = |text: String| {
        [folder.path(), nobody.path().parent().unwrap(), podman.path().parent().unwrap()]
            .iter()
            .fold(text, |text, path| text.replace(path.to_str().unwrap(), "<folder>"))
    };
    let said = [
        at.clone()(format!("unix://{}", folder.path().join("none").display()), None).await,
        at.clone()(format!("unix://{}", file.display()), None).await,
        at.clone()("tcp://127.0.0.1:1".into(), None).await,
        at.clone()("ssh://host".into(), None).await,
        at.clone()("https://host:2376".into(), None).await,
        at.clone()("unix://relative".into(), None).await,
        at.clone()("docker.sock".into(), None).await,
        at.clone()("npipe:////./pipe/docker_engine".into(), None).await,
        at.clone()(nobody.endpoint(), None).await,
        at.clone()(podman.endpoint(), Some(Flavour::Docker)).await,
        at.clone()(podman.endpoint(), Some(Flavour::Podman)).await,
    ];
    assert_data_eq!(
        tell(said.join("\n")),
        str![[r#"
engine down: unix://<folder>/none: No such file or directory (os error [..])
engine down: unix://<folder>/file: Connection refused (os error [..])
engine down: tcp://127.0.0.1:1: Connection refused (os error [..])
not supported: an engine behind ssh is not spoken to; forward its socket, or use its command line
not supported: an engine behind TLS is not spoken to; forward its socket, or use its command line
invalid: the path of a socket is absolute
invalid: an endpoint is unix:///path, tcp://host:port or npipe:////./pipe/name
not supported: npipe:////./pipe/docker_engine: named pipes are on Windows only
answer not understood: what answers there speaks no Engine API
answer not understood: podman answers there
fine
"#]]
    );
}

#[tokio::test]
async fn endpoints_as_text() {
    let text = |text: &str| {
        text.parse::<Endpoint>().map_or_else(|e| e.text, |e| format!("{e} local {}", e.is_local()))
    };
    let all = [
        "/run/x.sock",
        "unix:///run/x.sock",
        "tcp://host",
        "tcp://[::1]:99/",
        "tcp://host:x",
        "tcp://a@host",
        "http://h:1",
    ];
    assert_data_eq!(
        all.map(text).join("\n"),
        str![[r#"
unix:///run/x.sock local true
unix:///run/x.sock local true
tcp://host:2375 local false
tcp://[::1]:99 local false
a port is a number up to 65535
an address is tcp://host:port and nothing more
tcp://h:1 local false
"#]]
    );
}

/// It may have happened: the kind says so.
#[tokio::test]
async fn answers_that_break_off() {
    let server = Server::start(DOCKER, |line| match line.rsplit('/').next().unwrap() {
        "start" => Answer::Cut,
        "pause" => Answer::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf".to_vec()),
        "unpause" => Answer::Open(Vec::new()),
        "kill?signal=TERM" => Answer::Raw(b"220 smtp.example ESMTP\r\n".to_vec()),
        "top" => Answer::Json(200, "{\"Titles\":7}"),
        "json" => Answer::Raw([head("application/json"), vec![b' '; 5000]].concat()),
        _ => Answer::Json(301, ""),
    });
    let backend = connect(&server).await;
    let said = [
        kind(backend.start("a").await),
        kind(backend.pause("a", true).await),
        kind(backend.pause("a", false).await),
        kind(backend.kill("a", "TERM").await),
        kind(backend.top("a", &[]).await),
        kind(backend.inspect("a").await),
        kind(backend.stop("a", Some(0)).await),
        kind(backend.start("").await),
        kind(backend.start("..").await),
    ];
    assert_data_eq!(
        said.join("\n"),
        str![[r#"
no answer: the connection was cut: connection closed before message completed
no answer: the connection was cut: error reading a body from connection
no answer: no answer in time; it may still happen
answer not understood: the answer is no HTTP: invalid HTTP version parsed
answer not understood: the answer is not understood: invalid type: integer `7`, expected a sequence at line 1 column 11
answer not understood: the answer is longer than 4096 bytes
failed: the engine answered with status 301 and no words
invalid: this is no name
invalid: this is no name
"#]]
    );
}

/// A pull has a status of 200 before it fails.
#[tokio::test]
async fn pulls_that_fail() {
    let server = Server::start(DOCKER, |line| {
        let body: &[u8] = match line {
            _ if line.contains("missing") => {
                b"{\"status\":\"Pulling\",\"id\":\"1\"}\r\n{\"errorDetail\":{\"message\":\"manifest unknown\"},\"error\":\"manifest unknown\"}\r\n"
            }
            _ if line.contains("cut") => b"{\"status\":\"Pul",
            _ if line.contains("noise") => b"<html>",
            _ if line.contains("silent") => return Answer::Open([head("application/json"), b"{\"status\":\"a\"}".to_vec()].concat()),
            _ => b"{\"status\":\"Downloading\",\"progressDetail\":{\"current\":1,\"total\":2},\"id\":\"ab\"}{\"status\":\"Done\",\"progressDetail\":{}}",
        };
        Answer::Raw([head("application/json"), body.to_vec()].concat())
    });
    let backend = connect(&server).await;
    let mut said = Vec::new();
    for name in ["fine", "missing", "cut", "noise", "silent"] {
        let what = ImagePull { reference: name.to_owned(), platform: Some("linux/arm64".into()) };
        let steps: Result<Vec<_>, _> =
            async { backend.pull(&what).await?.try_collect().await }.await;
        said.push(match steps {
            Ok(steps) => format!("{name}: {steps:?}"),
            Err(error) => format!("{name}: {}: {}", error.kind, error.text),
        });
    }
    said.push(server.said());
    assert_data_eq!(
        said.join("\n"),
        str![[r#"
fine: [PullStep { layer: Some("ab"), text: "Downloading", current: Some(1), total: Some(2) }, PullStep { layer: None, text: "Done", current: None, total: None }]
missing: image missing: manifest unknown
cut: no answer: the answer ends within a value; it may still happen
noise: answer not understood: the answer is not understood: expected value at line 1 column 1
silent: no answer: no answer in time; it may still happen
POST /v1.51/images/create?fromImage=docker.io%2Flibrary%2Ffine&tag=latest&platform=linux%2Farm64
POST /v1.51/images/create?fromImage=docker.io%2Flibrary%2Fmissing&tag=latest&platform=linux%2Farm64
POST /v1.51/images/create?fromImage=docker.io%2Flibrary%2Fcut&tag=latest&platform=linux%2Farm64
POST /v1.51/images/create?fromImage=docker.io%2Flibrary%2Fnoise&tag=latest&platform=linux%2Farm64
POST /v1.51/images/create?fromImage=docker.io%2Flibrary%2Fsilent&tag=latest&platform=linux%2Farm64
"#]]
    );
}

/// Dropping a flow closes its connection, also one on which nothing comes.
#[tokio::test]
async fn a_dropped_flow_closes_its_connection() {
    let server =
        Server::start(DOCKER, |_| Answer::Open(head("application/vnd.docker.multiplexed-stream")));
    let backend = connect(&server).await;
    let how = LogOptions { follow: true, ..LogOptions::default() };
    let flow = backend.open_logs("a", &how).await.unwrap();
    assert!(!server.said().contains("closed"));
    drop(flow);
    let closed = async {
        while !server.said().contains("closed") {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), closed).await.unwrap();
    // Also a call that is dropped before its answer.
    let waiting = Server::start(DOCKER, |_| Answer::Open(Vec::new()));
    let backend = connect(&waiting).await;
    drop(tokio::time::timeout(Duration::from_millis(50), backend.wait("a")).await);
    let closed = async {
        while !waiting.said().contains("closed") {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), closed).await.unwrap();
}

fn frame(stream: u8, text: &str) -> Vec<u8> {
    let mut bytes = vec![stream, 0, 0, 0];
    bytes.extend(u32::try_from(text.len()).unwrap().to_be_bytes());
    bytes.extend(text.bytes());
    bytes
}

#[tokio::test]
async fn logs_of_every_shape() {
    let server = Server::start(DOCKER, |line| {
        let multiplexed = head("application/vnd.docker.multiplexed-stream");
        let body = match line {
            _ if line.contains("/raw/") => {
                return Answer::Raw(
                    [
                        head("application/vnd.docker.raw-stream"),
                        b"2026-11-24T20:53:55.5Z one\r\ntwo".to_vec(),
                    ]
                    .concat(),
                );
            }
            _ if line.contains("/noise/") => b"no frames at all".to_vec(),
            _ if line.contains("/cut/") => frame(1, "whole")[..9].to_vec(),
            _ => [
                frame(1, "2026-11-24T20:53:55.123456789Z one\n2026-11-24T20:"),
                frame(2, "2026-11-24T21:53:56+01:00 err\n"),
                frame(1, "53:57Z two\nno time here\n"),
                frame(1, ""),
                frame(1, "2026-11-24T20:53:58Z three"),
            ]
            .concat(),
        };
        Answer::Raw([multiplexed, body].concat())
    });
    let backend = connect(&server).await;
    let how = LogOptions {
        timestamps: true,
        tail: Some(3),
        since: Some("2026-11-24T20:00:00.5Z".into()),
        until: Some("1795553700".into()),
        ..LogOptions::default()
    };
    let mut said = Vec::new();
    for id in ["web", "raw", "noise", "cut"] {
        let chunks: Result<Vec<LogChunk>, _> =
            async { backend.open_logs(id, &how).await?.try_collect().await }.await;
        match chunks {
            Ok(chunks) => said.extend(
                chunks
                    .into_iter()
                    .map(|c| format!("{id} {:?} {:?} {:?}", c.time, c.source, c.bytes)),
            ),
            Err(error) => said.push(format!("{id} {}: {}", error.kind, error.text)),
        }
    }
    said.push(server.said().lines().next().unwrap().to_owned());
    assert_data_eq!(
        said.join("\n"),
        str![[r#"
web Some("2026-11-24T20:53:55.123456789Z") Stdout b"one/n"
web Some("2026-11-24T20:53:56Z") Stderr b"err/n"
web Some("2026-11-24T20:53:57Z") Stdout b"two/n"
web None Stdout b"no time here/n"
web Some("2026-11-24T20:53:58Z") Stdout b"three"
raw Some("2026-11-24T20:53:55.5Z") Stdout b"one/r/n"
raw None Stdout b"two"
noise answer not understood: the stream is no sequence of frames
cut no answer: the stream ended within a frame
GET /v1.51/containers/web/logs?stdout=1&stderr=1&timestamps=true&tail=3&since=1795550400.500000000&until=1795553700
"#]]
    );
}

fn spec() -> ContainerSpec {
    let mut spec = ContainerSpec::new("web:1".to_owned());
    spec.name = Some("web".into());
    spec.platform = Some("linux/amd64".into());
    spec.network = Network::Attached(vec![Attachment::new("front"), Attachment::new("back")]);
    spec.files = vec![InjectedFile {
        target: "/run/secrets/key".into(),
        content: Sensitive::new(b"hidden".to_vec()),
        uid: 0,
        gid: 0,
        mode: 0o400,
    }];
    spec
}

/// An engine before 1.44 takes one network at creation; what fails after creation leaves nothing behind.
#[tokio::test]
async fn creation_takes_several_requests_and_leaves_nothing() {
    let script = |fails: &'static str| {
        move |line: &str| {
            if !fails.is_empty() && line.contains(fails) {
                Answer::Json(500, "{\"message\":\"it broke\"}")
            } else {
                Answer::Json(201, "{\"Id\":\"abc\"}")
            }
        }
    };
    let mut said = Vec::new();
    for (ping, fails) in
        [(OLD, ""), (DOCKER, ""), (OLD, "/connect"), (DOCKER, "/archive"), (DOCKER, "/create")]
    {
        let server = Server::start(ping, script(fails));
        let outcome = connect(&server).await.create(&spec()).await;
        said.push(format!("{}\n{}\n", kind(outcome), server.said()));
    }
    assert_data_eq!(
        said.join("\n"),
        str![[r#"
fine
POST /v1.43/containers/create?name=web&platform=linux%2Famd64 {"HostConfig":{"NetworkMode":"front"},"Image":"web:1","NetworkingConfig":{"EndpointsConfig":{"front":{}}}}
POST /v1.43/networks/back/connect {"Container":"abc","EndpointConfig":{}}
PUT /v1.43/containers/abc/archive?path=%2F

fine
POST /v1.51/containers/create?name=web&platform=linux%2Famd64 {"HostConfig":{"NetworkMode":"front"},"Image":"web:1","NetworkingConfig":{"EndpointsConfig":{"back":{},"front":{}}}}
PUT /v1.51/containers/abc/archive?path=%2F

failed: it broke
POST /v1.43/containers/create?name=web&platform=linux%2Famd64 {"HostConfig":{"NetworkMode":"front"},"Image":"web:1","NetworkingConfig":{"EndpointsConfig":{"front":{}}}}
POST /v1.43/networks/back/connect {"Container":"abc","EndpointConfig":{}}
DELETE /v1.43/containers/abc?force=true&v=true

failed: it broke
POST /v1.51/containers/create?name=web&platform=linux%2Famd64 {"HostConfig":{"NetworkMode":"front"},"Image":"web:1","NetworkingConfig":{"EndpointsConfig":{"back":{},"front":{}}}}
PUT /v1.51/containers/abc/archive?path=%2F
DELETE /v1.51/containers/abc?force=true&v=true

failed: it broke
POST /v1.51/containers/create?name=web&platform=linux%2Famd64 {"HostConfig":{"NetworkMode":"front"},"Image":"web:1","NetworkingConfig":{"EndpointsConfig":{"back":{},"front":{}}}}

"#]]
    );
}

/// docker removes by itself what was run with `--rm`: it is gone when that is done.
#[tokio::test]
async fn a_removal_in_progress_is_waited_for() {
    let server = Server::start(DOCKER, |line| {
        if line.starts_with("DELETE") {
            Answer::Json(409, "{\"message\":\"removal of container a is already in progress\"}")
        } else {
            Answer::Json(200, "{\"StatusCode\":0}")
        }
    });
    let backend = connect(&server).await;
    let each = backend
        .remove_each(&["a".to_owned()], &Removal { force: true, volumes: true })
        .await
        .unwrap();
    assert!(each[0].1.is_ok());
    assert_data_eq!(
        server.said(),
        str![[r#"
DELETE /v1.51/containers/a?force=true&v=true
POST /v1.51/containers/a/wait?condition=removed
"#]]
    );
}

/// What is named beside labels is found by listing all and choosing here; the image's own look is kept.
#[tokio::test]
async fn looking_asks_once_for_each_kind() {
    let server = Server::start(DOCKER, |line| match line {
        _ if line.contains("/networks") => Answer::Json(
            200,
            r#"[{"Name":"own","Labels":{"k":"v"}},{"Name":"named","Labels":null},{"Name":"other"}]"#,
        ),
        _ if line.contains("/volumes") => Answer::Json(200, r#"{"Volumes":null}"#),
        _ if line.ends_with("/images/json") => {
            Answer::Json(200, r#"[{"Id":"sha256:ab","RepoTags":["web:1","web:2"]}]"#)
        }
        _ if line.contains("/images/") => Answer::Json(
            200,
            r#"{"Id":"sha256:ab","Os":"linux","Architecture":"arm64","Variant":"v8","Config":{"Healthcheck":{"Test":["NONE"]}}}"#,
        ),
        _ => Answer::Json(200, "[]"),
    });
    let backend = connect(&server).await;
    let mut of = Selector::label("k", "v");
    of.networks = vec!["named".into(), "missing".into()];
    of.images = vec!["web:1".into(), "web:2".into(), "web:3".into()];
    for _ in 0..2 {
        let seen = backend.observe(&of, Parts::ALL).await.unwrap();
        let networks: Vec<_> = seen.networks.keys().map(String::as_str).collect();
        let images: Vec<_> = seen
            .images
            .iter()
            .map(|(k, v)| format!("{k} {} {:?}", v.platform, v.has_healthcheck))
            .collect();
        assert_eq!(
            (networks, images),
            (
                vec!["named", "own"],
                vec![
                    "web:1 linux/arm64/v8 Some(false)".into(),
                    "web:2 linux/arm64/v8 Some(false)".into()
                ]
            )
        );
    }
    let mut said: Vec<_> = server.said().lines().map(str::to_owned).collect();
    said.sort();
    assert_data_eq!(
        said.join("\n"),
        str![[r#"
GET /v1.51/containers/json?all=1&filters=%7B%22label%22%3A%5B%22k%3Dv%22%5D%7D
GET /v1.51/containers/json?all=1&filters=%7B%22label%22%3A%5B%22k%3Dv%22%5D%7D
GET /v1.51/images/json
GET /v1.51/images/json
GET /v1.51/images/sha256:ab/json
GET /v1.51/networks
GET /v1.51/networks
GET /v1.51/volumes?filters=%7B%22label%22%3A%5B%22k%3Dv%22%5D%7D
GET /v1.51/volumes?filters=%7B%22label%22%3A%5B%22k%3Dv%22%5D%7D
"#]]
    );
}

/// What is kept of everything that is logged.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// No value of an environment and no content of a file is ever logged or in an error.
#[tokio::test]
async fn secrets_are_not_logged() {
    let kept = Kept::default();
    let writer = kept.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let server = Server::start(DOCKER, |_| Answer::Json(500, "{\"message\":\"it broke\"}"));
    let guard = tracing::subscriber::set_default(subscriber);
    // With a single one tracing asks the thread that comes by first, and that of another test has none: for good.
    let _second = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::default());
    let mut spec = spec();
    spec.env.insert("PASSWORD".into(), Sensitive::new("hunter2".into()));
    let error = connect(&server).await.create(&spec).await.unwrap_err();
    drop(guard);
    let logged = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
    assert!(logged.contains("engine call") && logged.contains("/containers/create"), "{logged}");
    assert!(server.said().contains("hunter2"));
    for text in [logged, format!("{error} {error:?}")] {
        assert!(!text.contains("hunter2") && !text.contains("hidden"), "{text}");
    }
    assert_eq!(error.kind, ErrorKind::Other);
}

/// podman 4.3.1, while containers of others end.
#[tokio::test]
async fn a_network_is_asked_for_again_when_an_interface_of_the_host_vanished_meanwhile() {
    let lost = r#"{"cause":"no such network interface","message":"route ip+net: no such network interface","response":500}"#;
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let server = Server::start(PODMAN, move |_| {
        match asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
            0 | 1 => Answer::Json(500, lost),
            _ => Answer::Json(201, r#"{"Id":"n"}"#),
        }
    });
    let spec = NetworkSpec { name: "n".to_owned(), ..NetworkSpec::default() };
    connect(&server).await.create_network(&spec).await.unwrap();
    assert_eq!(server.said().lines().count(), 3);
}
