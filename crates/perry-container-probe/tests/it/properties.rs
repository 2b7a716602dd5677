//! Properties of detection.

use crate::{DOCKER_DOWN, DOCKER_VERSION, PODMAN_VERSION, Scripted};
use perry_container_probe::{
    BackendCell, BackendProbeResult, Candidate, Os, Unavailable, platform_candidates,
};
use perry_container_process::Answer;
use perry_container_spec::{BackendInfo, ErrorKind, Locality};
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

fn with(machine: Scripted, candidate: Candidate, state: State) -> Scripted {
    let (name, calls, good, bad, socket): (_, &[&str], _, _, _) = match candidate {
        Candidate::Podman => (
            "podman",
            &["podman ps -q", "podman version --format=json"],
            PODMAN_VERSION,
            "Error: broken\n",
            "unix:///run/podman/podman.sock",
        ),
        Candidate::Docker => (
            "docker",
            &["docker --host=unix:///var/run/docker.sock version '--format={{json .}}'"],
            DOCKER_VERSION,
            DOCKER_DOWN,
            "unix:///var/run/docker.sock",
        ),
        // Whatever it does, it cannot be driven.
        _ if state == State::Absent => return machine,
        other => return machine.program(other.program()),
    };
    let answer = match state {
        State::Absent => return machine,
        State::AnswersAtSocket => return machine.socket(socket, Ok(name)),
        State::Broken => Answer::fails(1, bad),
        State::Silent => Answer::Hangs(Vec::new()),
        State::Answers => Answer::prints(good),
    };
    calls.iter().fold(machine.program(name), |machine, call| machine.answer(call, answer.clone()))
}

fn usable(candidate: Candidate, state: State) -> bool {
    matches!(candidate, Candidate::Docker | Candidate::Podman)
        && matches!(state, State::Answers | State::AnswersAtSocket)
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
        platform in prop::sample::select(vec![None, Some(Os::Linux)]),
    ) {
        order.truncate(length);
        let mut machine = Scripted::new();
        for (candidate, state) in Candidate::ALL.into_iter().zip(&states) {
            machine = with(machine, candidate, *state);
        }
        let state_of = |one: Candidate| states[Candidate::ALL.iter().position(|c| *c == one).unwrap()];
        let order = match platform {
            Some(os) => platform_candidates(os).to_vec(),
            None => {
                let names = order.iter().map(|one| one.name()).collect::<Vec<_>>().join(",");
                machine = machine.env("PERRY_CONTAINER_BACKEND", &names);
                order
            }
        };
        let expected = order.iter().copied().find(|one| usable(*one, state_of(*one)));
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
                    let any = usable(Candidate::Podman, podman) || usable(Candidate::Docker, docker);
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
}
