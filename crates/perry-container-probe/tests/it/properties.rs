//! Properties of detection.

use crate::{DOCKER_VERSION, NERDCTL_VERSION, PODMAN_REMOTE, Scripted};
use perry_container_probe::{
    BackendCell, BackendProbeResult, Candidate, Os, Unavailable, platform_candidates,
};
use perry_container_process::Answer;
use perry_container_spec::{BackendInfo, ErrorKind, ExecutionStrategy, IsolationLevel, Locality};
use proptest::{prelude::*, sample::Index};

/// What a candidate does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Absent,
    Broken,
    Silent,
    Answers,
    AnswersAtSocket,
}

fn state() -> impl Strategy<Value = State> {
    use State::*;
    prop::sample::select(vec![Absent, Broken, Silent, Answers, AnswersAtSocket])
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(work)
}

/// What answers to the calls of a candidate when all is well, in their order, and where its socket is.
fn calls(candidate: Candidate) -> (Vec<(&'static str, &'static str)>, Option<&'static str>) {
    match candidate {
        Candidate::Podman => (
            vec![
                ("podman ps -q", ""),
                ("podman version --format=json", PODMAN_REMOTE),
                (
                    "podman machine list --format=json",
                    r#"[{"Name":"m","Default":true,"Running":true}]"#,
                ),
                ("podman system connection list --format=json", "[]"),
                ("podman machine inspect m", "[]"),
            ],
            Some("unix:///run/podman/podman.sock"),
        ),
        Candidate::Nerdctl => (vec![("nerdctl version --format=json", NERDCTL_VERSION)], None),
        Candidate::Docker => (
            vec![
                (
                    "docker --host=unix:///var/run/docker.sock version '--format={{json .}}'",
                    DOCKER_VERSION,
                ),
                (
                    "docker --host=npipe:////./pipe/docker_engine version '--format={{json .}}'",
                    DOCKER_VERSION,
                ),
            ],
            Some("unix:///var/run/docker.sock"),
        ),
        Candidate::Orbstack => {
            (vec![("orb status", "Running\n")], Some("unix:///root/.orbstack/run/docker.sock"))
        }
        Candidate::Colima => (
            vec![(
                "colima status --json",
                r#"{"runtime":"docker","docker_socket":"unix:///root/colima.sock"}"#,
            )],
            Some("unix:///root/colima.sock"),
        ),
        Candidate::RancherDesktop => (
            vec![("rdctl list-settings", r#"{"containerEngine":{"name":"moby"}}"#)],
            Some("unix:///root/.rd/docker.sock"),
        ),
        Candidate::Lima => (
            vec![
                (
                    "limactl list --format=json",
                    r#"{"name":"a","status":"Running","dir":"/root/.lima/a"}"#,
                ),
                (
                    "limactl shell --tty=false --workdir=/ a nerdctl version --format=json",
                    NERDCTL_VERSION,
                ),
            ],
            None,
        ),
        Candidate::AppleContainer => (
            vec![(
                "container system status --format=json",
                r#"{"status":"running","apiServerVersion":"container-apiserver version 1.2.2"}"#,
            )],
            None,
        ),
    }
}

/// Whether a product's own tool tells where its socket is, so that both are needed.
fn is_product(candidate: Candidate) -> bool {
    matches!(candidate, Candidate::Orbstack | Candidate::Colima | Candidate::RancherDesktop)
}

fn with(mut machine: Scripted, candidate: Candidate, state: State) -> Scripted {
    let (calls, socket) = calls(candidate);
    let engine = if candidate == Candidate::Podman { "podman" } else { "docker" };
    match (state, socket) {
        (State::AnswersAtSocket, Some(socket)) => return machine.socket(socket, Ok(engine)),
        (State::Answers, Some(socket)) if is_product(candidate) => {
            machine = machine.socket(socket, Ok(engine));
        }
        (State::Absent | State::AnswersAtSocket, _) => return machine,
        _ => {}
    }
    let answer = |good: &str| match state {
        State::Broken => Answer::fails(1, "Error: broken\n"),
        State::Silent => Answer::Hangs(Vec::new()),
        _ => Answer::prints(good),
    };
    machine = machine.program(candidate.program());
    calls.into_iter().fold(machine, |machine, (call, good)| machine.answer(call, answer(good)))
}

fn usable(candidate: Candidate, state: State, os: Os) -> bool {
    match (candidate, state) {
        (_, State::Answers) => true,
        (Candidate::Orbstack, State::AnswersAtSocket) => true,
        (Candidate::Docker, State::AnswersAtSocket) => os != Os::Windows, // a pipe there
        // elsewhere it is known by its program only
        (Candidate::Podman, State::AnswersAtSocket) => os == Os::Linux,
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    // Feature: perry-container, Property 1: For any set of mock backend probes where some candidates are available and
    // some are not, detect_backend() SHALL return the first available candidate in the platform-specific priority
    // order, never skipping an available candidate in favor of a lower-priority one.
    #[test]
    fn property_01_backend_selection_respects_priority_order(
        states in prop::collection::vec(state(), 8),
        mut order in Just(Candidate::ALL.to_vec()).prop_shuffle(),
        length in 2..=8_usize,
        platform in prop::sample::select(vec![None, Some(Os::Linux), Some(Os::MacOs), Some(Os::Windows)]),
    ) {
        order.truncate(length);
        let mut machine = Scripted::new();
        for (candidate, state) in Candidate::ALL.into_iter().zip(&states) {
            machine = with(machine, candidate, *state);
        }
        let state_of = |one: Candidate| states[Candidate::ALL.iter().position(|c| *c == one).unwrap()];
        let os = platform.unwrap_or(Os::Linux);
        machine = machine.on(os);
        let order = match platform {
            Some(os) => platform_candidates(os).to_vec(),
            None => {
                let names = order.iter().map(|one| one.name()).collect::<Vec<_>>().join(",");
                machine = machine.env("PERRY_CONTAINER_BACKEND", &names);
                order
            }
        };
        let expected = order.iter().copied().find(|one| usable(*one, state_of(*one), os));
        let found = run(machine.detect());
        prop_assert_eq!(found.as_ref().ok().map(|found| found.driver.candidate()), expected);
        if let Err(error) = found {
            for one in order {
                prop_assert!(error.to_string().contains(one.name()));
            }
        }
    }

    // Feature: perry-container, Property 2: For any process, calling detect_backend() multiple times SHALL return the
    // same BackendDriver variant and binary path on every call after the first, regardless of any subsequent changes
    // to the environment.
    #[test]
    fn property_02_backend_detection_is_idempotent(
        states in prop::collection::vec((state(), state()), 1..6),
    ) {
        let cell = BackendCell::new();
        let mut first = None;
        for (podman, docker) in states {
            let machine = with(with(Scripted::new(), Candidate::Podman, podman), Candidate::Docker, docker);
            let found = run(cell.get(&machine.detector())).ok().map(|found| found.driver);
            match &first {
                Some(_) => prop_assert_eq!(&found, &first),
                None => {
                    let linux = |one, state| usable(one, state, Os::Linux);
                    let any = linux(Candidate::Podman, podman) || linux(Candidate::Docker, docker);
                    prop_assert_eq!(found.is_some(), any);
                    first = found;
                }
            }
        }
    }

    // Feature: perry-container, Property 11: For any BackendProbeResult, serializing it to the BackendInfo JSON
    // representation SHALL produce an object containing all required fields: name, available, and mode; and SHALL
    // include reason when available is false.
    #[test]
    fn property_11_backend_info_is_complete(
        name in prop_oneof![
            any::<Index>().prop_map(|n| n.get(&Candidate::ALL).name().to_owned()),
            ".{0,12}",
        ],
        reason in ".{0,40}",
        remote in any::<bool>(),
        available in any::<bool>(),
        installed in any::<bool>(),
    ) {
        let mode = if remote { Locality::Remote } else { Locality::Local };
        let outcome = if available {
            let machine = Scripted::new().socket("unix:///var/run/docker.sock", Ok("docker"));
            let mut found = run(machine.detect()).unwrap();
            found.mode = mode;
            Ok(found)
        } else {
            Err(Unavailable { reason: reason.clone(), kind: ErrorKind::EngineDown, installed, mode })
        };
        let info = BackendInfo::from(&BackendProbeResult { name: name.clone(), outcome });
        let json = serde_json::to_value(&info).unwrap();
        prop_assert_eq!(json["name"].as_str(), Some(&*name));
        prop_assert_eq!(json["available"].as_bool(), Some(available));
        prop_assert_eq!(json["mode"].as_str(), Some(if remote { "remote" } else { "local" }));
        prop_assert!(json["isolationLevel"].is_string());
        prop_assert_eq!(json.get("reason").map(|r| r.as_str().unwrap()), (!available).then_some(&*reason));
        prop_assert_eq!(json.get("version").is_some(), available);
        prop_assert_eq!(serde_json::from_value::<BackendInfo>(json).unwrap(), info);
    }

    // Feature: perry-container, Property 15: For any backend, the IsolationLevel reported in BackendInfo.isolationLevel
    // SHALL match the actual isolation mechanism used when running containers via that backend: the backend adapter's
    // strategy() and the resulting container runtime SHALL correspond to the same isolation tier.
    #[test]
    fn property_15_isolation_level_is_consistent(
        candidate in prop::sample::select(Candidate::ALL.to_vec()),
        state in prop::sample::select(vec![State::Answers, State::AnswersAtSocket]),
        os in prop::sample::select(vec![Os::Linux, Os::MacOs]),
    ) {
        let machine = with(Scripted::new().on(os), candidate, state);
        let machine = machine.env("PERRY_CONTAINER_BACKEND", candidate.name());
        prop_assert_eq!(run(machine.detect()).is_ok(), usable(candidate, state, os));
        if let Ok(found) = run(machine.detect()) {
            let outcome = Ok(found.clone());
            let info = BackendInfo::from(&BackendProbeResult { name: candidate.name().to_owned(), outcome });
            // The level of what runs them: docker, podman and containerd give namespaces on a kernel that is shared, also
            // where a product puts that kernel into a machine of its own.
            prop_assert_eq!(info.isolation_level, found.backend.isolation_level());
            prop_assert_eq!(info.isolation_level, candidate.isolation_level());
            match (info.isolation_level, found.backend.strategy()) {
                (IsolationLevel::Container, ExecutionStrategy::ApiSocket { .. }) => {}
                (level, ExecutionStrategy::CliExec { bin }) => {
                    // apple's program is the one that makes a machine for each container
                    let micro_vm = bin.ends_with(Candidate::AppleContainer.program());
                    prop_assert_eq!(level == IsolationLevel::MicroVm, micro_vm);
                }
                other => prop_assert!(false, "{other:?}"),
            }
        }
    }
}
