//! What keeps a runtime from being used: its words, what kind of failure it is, and what could help.

use crate::{DOCKER_VERSION, PODMAN_VERSION, Scripted};
use perry_container_probe::{Fault, Os};
use perry_container_process::Answer;
use perry_container_spec::ErrorKind;
use snapbox::{assert_data_eq, str};
use std::fmt::Write as _;

const SOCK: &str = "unix:///var/run/docker.sock";
const CALL: &str = "docker --host=unix:///var/run/docker.sock version '--format={{json .}}'";

/// The failure of one backend.
async fn told(machine: Scripted, backend: &str) -> String {
    let machine = machine.env("PERRY_CONTAINER_BACKEND", backend);
    let error = machine.detect().await.unwrap_err();
    let hint = error.hint().unwrap_or_default();
    format!("{}, {}\n  {error}\n  hint: {hint}\n", error.kind(), error.code())
}

fn docker(answer: Answer) -> Scripted {
    Scripted::new().program("docker").answer(CALL, answer)
}

fn podman(answer: Answer) -> Scripted {
    Scripted::new()
        .program("podman")
        .answer("podman ps -q", answer)
        .answer("podman version --format=json", Answer::prints(PODMAN_VERSION))
}

#[tokio::test(start_paused = true)]
async fn every_failure_of_docker_is_classified() {
    let mut all = String::new();
    for (code, words) in [
        (1, crate::DOCKER_DOWN),
        (
            1,
            "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get \"http://%2Fvar%2Frun%2Fdocker.sock/v1.51/version\": dial unix /var/run/docker.sock: connect: permission denied\n",
        ),
        (
            1,
            "Error response from daemon: client version 1.51 is too new. Maximum supported API version is 1.24\n",
        ),
        (
            1,
            "Error response from daemon: client version 1.24 is too old. Minimum supported API version is 1.44, please upgrade your client to a newer version\n",
        ),
        (1, ""),
        (139, ""),
    ] {
        all += &told(docker(Answer::fails(code, words)), "docker").await;
    }
    let old = DOCKER_VERSION.replace("28.5.2+dfsg4", "19.03.15");
    for printed in [&DOCKER_VERSION[..40], "<html>502 Bad Gateway</html>", &old] {
        all += &told(docker(Answer::prints(printed)), "docker").await;
    }
    all +=
        &told(docker(Answer::Hangs(b"{".to_vec().into_iter().map(|_| half()).collect())), "docker")
            .await;
    assert_data_eq!(
        all,
        str![[r#"
engine down, 503
  the container backend `docker` cannot be used: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?
  hint: `systemctl start docker` starts its engine; or unset PERRY_CONTAINER_BACKEND to take whatever answers
permission denied, 503
  the container backend `docker` cannot be used: permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get "http://%2Fvar%2Frun%2Fdocker.sock/v1.51/version": dial unix /var/run/docker.sock: connect: permission denied
  hint: this user may not talk to docker's engine: join the group that its socket belongs to, or use a rootless engine; or unset PERRY_CONTAINER_BACKEND to take whatever answers
not supported, 503
  the container backend `docker` cannot be used: Error response from daemon: client version 1.51 is too new. Maximum supported API version is 1.24
  hint: bring docker up to date; or unset PERRY_CONTAINER_BACKEND to take whatever answers
not supported, 503
  the container backend `docker` cannot be used: Error response from daemon: client version 1.24 is too old. Minimum supported API version is 1.44, please upgrade your client to a newer version
  hint: bring docker up to date; or unset PERRY_CONTAINER_BACKEND to take whatever answers
engine down, 503
  the container backend `docker` cannot be used: nobody answers at unix:///var/run/docker.sock
  hint: `systemctl start docker` starts its engine; or unset PERRY_CONTAINER_BACKEND to take whatever answers
engine down, 503
  the container backend `docker` cannot be used: nobody answers at unix:///var/run/docker.sock
  hint: `systemctl start docker` starts its engine; or unset PERRY_CONTAINER_BACKEND to take whatever answers
answer not understood, 503
  the container backend `docker` cannot be used: what `docker version` printed could not be understood: EOF while parsing a string at line 1 column 40
  hint: make sure that `docker` is docker's own; or unset PERRY_CONTAINER_BACKEND to take whatever answers
answer not understood, 503
  the container backend `docker` cannot be used: what `docker version` printed could not be understood: expected value at line 1 column 1
  hint: make sure that `docker` is docker's own; or unset PERRY_CONTAINER_BACKEND to take whatever answers
not supported, 503
  the container backend `docker` cannot be used: docker 19.03.15 is too old: docker 20.10 and newer can be driven
  hint: bring docker up to date; or unset PERRY_CONTAINER_BACKEND to take whatever answers
no answer, 503
  the container backend `docker` cannot be used: no answer within 10 s
  hint: `docker version` shows whether its engine answers; or unset PERRY_CONTAINER_BACKEND to take whatever answers

"#]]
    );
}

/// Half a line.
fn half() -> perry_container_protocol::RawChunk {
    let source = perry_container_spec::LogSource::Stdout;
    perry_container_protocol::RawChunk { source, bytes: bytes::Bytes::from_static(b"{\"Cli") }
}

#[tokio::test(start_paused = true)]
async fn every_failure_of_a_socket_is_classified() {
    let mut all = String::new();
    for (kind, words) in [
        (ErrorKind::EngineDown, "unix:///var/run/docker.sock: Connection refused (os error 111)"),
        (ErrorKind::Permission, "unix:///var/run/docker.sock: Permission denied (os error 13)"),
        (ErrorKind::Malformed, "what answers there speaks no Engine API"),
    ] {
        let machine = Scripted::new().at(SOCK, Err(Fault::new(kind, words)));
        all += &told(machine, "docker").await;
    }
    all += &told(Scripted::new().at(SOCK, Ok("docker 19.03.15")), "docker").await;
    assert_data_eq!(
        all,
        str![[r#"
engine down, 503
  the container backend `docker` cannot be used: unix:///var/run/docker.sock: Connection refused (os error 111); not installed (no `docker` on the PATH)
  hint: `systemctl start docker` starts its engine; or unset PERRY_CONTAINER_BACKEND to take whatever answers
permission denied, 503
  the container backend `docker` cannot be used: unix:///var/run/docker.sock: Permission denied (os error 13); not installed (no `docker` on the PATH)
  hint: this user may not talk to docker's engine: join the group that its socket belongs to, or use a rootless engine; or unset PERRY_CONTAINER_BACKEND to take whatever answers
answer not understood, 503
  the container backend `docker` cannot be used: what answers there speaks no Engine API; not installed (no `docker` on the PATH)
  hint: make sure that `docker` is docker's own; or unset PERRY_CONTAINER_BACKEND to take whatever answers
not supported, 503
  the container backend `docker` cannot be used: docker 19.03.15 is too old: docker 20.10 and newer can be driven; not installed (no `docker` on the PATH)
  hint: bring docker up to date; or unset PERRY_CONTAINER_BACKEND to take whatever answers

"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn every_failure_of_podman_is_classified() {
    let mut all = String::new();
    for words in [
        "Error: database is locked\n",
        "Error: stat /var/lib/containers/storage: permission denied\n",
        "cannot clone: Operation not permitted\nError: cannot re-exec process\n",
    ] {
        all += &told(podman(Answer::fails(125, words)), "podman").await;
    }
    let old = PODMAN_VERSION.replace("4.3.1", "3.4.4");
    for printed in ["", "Error", &old] {
        let machine = Scripted::new()
            .program("podman")
            .answer("podman ps -q", Answer::prints(""))
            .answer("podman version --format=json", Answer::prints(printed));
        all += &told(machine, "podman").await;
    }
    all += &told(
        Scripted::new()
            .on(Os::MacOs)
            .program("podman")
            .answer("podman machine list --format=json", Answer::prints("[]")),
        "podman",
    )
    .await;
    assert_data_eq!(
        all,
        str![[r#"
engine down, 503
  the container backend `podman` cannot be used: database is locked
  hint: `podman info` shows what is wrong with it; or unset PERRY_CONTAINER_BACKEND to take whatever answers
permission denied, 503
  the container backend `podman` cannot be used: stat /var/lib/containers/storage: permission denied
  hint: this user may not talk to podman's engine: join the group that its socket belongs to, or use a rootless engine; or unset PERRY_CONTAINER_BACKEND to take whatever answers
engine down, 503
  the container backend `podman` cannot be used: cannot clone: Operation not permitted
  hint: `podman info` shows what is wrong with it; or unset PERRY_CONTAINER_BACKEND to take whatever answers
answer not understood, 503
  the container backend `podman` cannot be used: what `podman version --format=json` printed could not be understood: it names no version
  hint: make sure that `podman` is podman's own; or unset PERRY_CONTAINER_BACKEND to take whatever answers
answer not understood, 503
  the container backend `podman` cannot be used: what `podman version --format=json` printed could not be understood: expected value at line 1 column 1
  hint: make sure that `podman` is podman's own; or unset PERRY_CONTAINER_BACKEND to take whatever answers
not supported, 503
  the container backend `podman` cannot be used: podman 3.4.4 is too old: podman 4.0 and newer can be driven
  hint: bring podman up to date; or unset PERRY_CONTAINER_BACKEND to take whatever answers
engine down, 503
  the container backend `podman` cannot be used: it has no machine
  hint: `podman machine start` starts its machine, `podman machine init --now` makes one; or unset PERRY_CONTAINER_BACKEND to take whatever answers

"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn answers_of_products_that_are_none_are_told() {
    let mut all = String::new();
    for (backend, program, call) in [
        ("colima", "colima", "colima status --json"),
        ("rancher-desktop", "rdctl", "rdctl list-settings"),
        ("orbstack", "orb", "orb status"),
    ] {
        for answer in ["{\"runtime\":\"dock", "{}", "", "[[]]"] {
            let machine = Scripted::user().on(Os::MacOs).program(program);
            let machine = machine.answer(call, Answer::prints(answer));
            let _ = write!(all, "{answer:?}: {}", told(machine, backend).await);
        }
    }
    assert_data_eq!(
        all,
        str![[r#"
"{/"runtime/":/"dock": answer not understood, 503
  the container backend `colima` cannot be used: what `colima status --json` printed could not be understood: EOF while parsing a string at line 1 column 16
  hint: make sure that `colima` is colima's own; or unset PERRY_CONTAINER_BACKEND to take whatever answers
"{}": answer not understood, 503
  the container backend `colima` cannot be used: what `colima status --json` printed could not be understood: it names no runtime
  hint: make sure that `colima` is colima's own; or unset PERRY_CONTAINER_BACKEND to take whatever answers
"": answer not understood, 503
  the container backend `colima` cannot be used: what `colima status --json` printed could not be understood: it is empty
  hint: make sure that `colima` is colima's own; or unset PERRY_CONTAINER_BACKEND to take whatever answers
"[[]]": answer not understood, 503
  the container backend `colima` cannot be used: what `colima status --json` printed could not be understood: it names no runtime
  hint: make sure that `colima` is colima's own; or unset PERRY_CONTAINER_BACKEND to take whatever answers
"{/"runtime/":/"dock": answer not understood, 503
  the container backend `rancher-desktop` cannot be used: what `rdctl list-settings` printed could not be understood: EOF while parsing a string at line 1 column 16
  hint: make sure that `rdctl` is rancher-desktop's own; or unset PERRY_CONTAINER_BACKEND to take whatever answers
"{}": answer not understood, 503
  the container backend `rancher-desktop` cannot be used: what `rdctl list-settings` printed could not be understood: it names no container engine
  hint: make sure that `rdctl` is rancher-desktop's own; or unset PERRY_CONTAINER_BACKEND to take whatever answers
"": answer not understood, 503
  the container backend `rancher-desktop` cannot be used: what `rdctl list-settings` printed could not be understood: it names no container engine
  hint: make sure that `rdctl` is rancher-desktop's own; or unset PERRY_CONTAINER_BACKEND to take whatever answers
"[[]]": answer not understood, 503
  the container backend `rancher-desktop` cannot be used: what `rdctl list-settings` printed could not be understood: it names no container engine
  hint: make sure that `rdctl` is rancher-desktop's own; or unset PERRY_CONTAINER_BACKEND to take whatever answers
"{/"runtime/":/"dock": engine down, 503
  the container backend `orbstack` cannot be used: it does not run (`orb status` says `{"runtime":"dock`)
  hint: `orb start` starts it; or unset PERRY_CONTAINER_BACKEND to take whatever answers
"{}": engine down, 503
  the container backend `orbstack` cannot be used: it does not run (`orb status` says `{}`)
  hint: `orb start` starts it; or unset PERRY_CONTAINER_BACKEND to take whatever answers
"": engine down, 503
  the container backend `orbstack` cannot be used: it does not run (`orb status` says ``)
  hint: `orb start` starts it; or unset PERRY_CONTAINER_BACKEND to take whatever answers
"[[]]": engine down, 503
  the container backend `orbstack` cannot be used: it does not run (`orb status` says `[[]]`)
  hint: `orb start` starts it; or unset PERRY_CONTAINER_BACKEND to take whatever answers

"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_installed_is_started_rather_than_something_else_installed() {
    let hint = async |machine: Scripted| machine.detect().await.unwrap_err().hint().unwrap();
    let dead = crate::with_dead_docker(Scripted::new());
    assert_data_eq!(hint(dead).await, str!["`systemctl start docker` starts its engine"]);
    let none = Scripted::new();
    assert_data_eq!(
        hint(none).await,
        str!["install podman for Linux, see https://podman.io/docs/installation"]
    );
    let mac = Scripted::user().on(Os::MacOs);
    assert_data_eq!(
        hint(mac.clone()).await,
        str!["install apple/container for macOS, see https://github.com/apple/container"]
    );
    let stopped = mac.program("orb").answer("orb status", Answer::prints("Stopped\n"));
    assert_data_eq!(hint(stopped).await, str!["`orb start` starts it"]);
}

/// Writes what is logged into memory.
#[derive(Clone, Default)]
struct Log(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn every_look_is_logged_at_debug_level() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::DEBUG)
        .with_writer(move || writer.clone())
        .without_time()
        .with_ansi(false)
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    let machine =
        crate::with_dead_nerdctl(crate::with_docker(crate::with_broken_podman(Scripted::new())));
    machine.detect().await.unwrap();
    drop(guard);
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let looks: Vec<_> =
        text.lines().filter(|line| line.contains("perry_container::probe")).collect();
    assert_data_eq!(
        looks.join("\n"),
        str![[r#"
DEBUG perry_container::probe: looked backend="podman" available=false reason="database is locked" ms=0
DEBUG perry_container::probe: looked backend="nerdctl" available=false reason="cannot access containerd socket /"/run/containerd/containerd.sock/": no such file or directory" ms=0
DEBUG perry_container::probe: looked backend="docker" available=true version="28.5.2+dfsg4" engine=unix:///var/run/docker.sock ms=0
"#]]
    );
}
