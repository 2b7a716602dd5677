//! Kill, pause, unpause, and the removal of what rests.

use crate::world::{STACK, desired, made, text};
use perry_container_reconcile::{
    Desired, KillOptions, LifeOptions, Planned, ReconcileError, RmOptions, kill, pause, rm, unpause,
};
use perry_container_spec::{ContainerInfo, Observed, State};
use snapbox::{assert_data_eq, str};

fn names<T: FromIterator<String>>(line: &str) -> T {
    line.split_whitespace().map(str::to_owned).collect()
}

fn life(line: &str) -> LifeOptions {
    LifeOptions { named: names(line), ..LifeOptions::default() }
}

/// The stack in the state of each container, with one of `run`, one of a service that is gone, and one of a service that
/// is known but not wanted now.
fn crowd(desired: &mut Desired) -> Observed {
    desired.known.insert("tools".to_owned());
    let mut seen = made(desired);
    let others = [
        ("p-web-run-1", "web", "True"),
        ("p-old-1", "old", "False"),
        ("p-tools-1", "tools", "False"),
    ];
    for (name, service, oneoff) in others {
        let mut other = ContainerInfo::new(format!("{name}-id"), name, "a:1");
        other.state = State::Running;
        let labels = [("service", service), ("oneoff", oneoff), ("container-number", "1")];
        for (key, value) in labels {
            other.labels.insert(format!("com.docker.compose.{key}"), value.to_owned());
        }
        seen.containers.insert(other.id.clone(), other);
    }
    seen
}

fn set(seen: &mut Observed, states: &[(&str, State)]) {
    for (id, state) in states {
        seen.containers[*id].state = *state;
    }
}

#[track_caller]
fn killed(desired: Option<&Desired>, seen: &Observed, line: &str, remove_orphans: bool) -> String {
    let options = KillOptions { named: names(line), remove_orphans, ..KillOptions::default() };
    text(&kill(desired, seen, &options).unwrap())
}

#[test]
fn kill_reaches_all_that_runs_at_once() {
    let mut desired = desired(STACK);
    let mut seen = crowd(&mut desired);
    set(&mut seen, &[("cache-1-id", State::Paused), ("db-1-id", State::Restarting)]);
    assert_data_eq!(
        killed(Some(&desired), &seen, "", false),
        str![[r#"
#0 kill p-web-1 with SIGKILL (requested)
#1 kill p-cache-1 with SIGKILL (requested)
#2 kill p-db-1 with SIGKILL (requested)

"#]]
    );
    set(&mut seen, &[("cache-1-id", State::Exited), ("db-1-id", State::Created)]);
    assert_data_eq!(
        killed(Some(&desired), &seen, "", false),
        str![[r#"
#0 kill p-web-1 with SIGKILL (requested)

"#]]
    );
    set(&mut seen, &[("web-1-id", State::Dead)]);
    assert_data_eq!(
        killed(Some(&desired), &seen, "", false),
        str![[r#"
note: no container to kill

"#]]
    );
}

#[test]
fn kill_with_another_signal() {
    let desired = desired(STACK);
    let options =
        KillOptions { named: names("db"), signal: "USR1".to_owned(), ..KillOptions::default() };
    assert_data_eq!(
        text(&kill(Some(&desired), &made(&desired), &options).unwrap()),
        str![[r#"
#0 kill p-db-1 with USR1 (requested)

"#]]
    );
}

/// podman 4 waits in vain for the end of what is frozen.
#[test]
fn kill_lets_go_on_what_could_not_be_killed() {
    let desired = desired(STACK);
    let mut seen = made(&desired);
    set(&mut seen, &[("web-1-id", State::Paused)]);
    let options = KillOptions { thaw: true, ..KillOptions::default() };
    assert_data_eq!(
        text(&kill(Some(&desired), &seen, &options).unwrap()),
        str![[r#"
#0 unpause p-web-1 (requested)
#1 kill p-web-1 with SIGKILL (requested) follows 0
#2 kill p-cache-1 with SIGKILL (requested)
#3 kill p-db-1 with SIGKILL (requested)

"#]]
    );
    let term = KillOptions { signal: "TERM".to_owned(), ..options };
    assert_data_eq!(
        text(&kill(Some(&desired), &seen, &term).unwrap()),
        str![[r#"
#0 kill p-web-1 with TERM (requested)
#1 kill p-cache-1 with TERM (requested)
#2 kill p-db-1 with TERM (requested)

"#]]
    );
}

/// Orphans, and what `run` made, are asked for; what is known but not wanted now is no orphan.
#[test]
fn whom_kill_reaches() {
    let mut desired = desired(STACK);
    let seen = crowd(&mut desired);
    assert_data_eq!(
        killed(Some(&desired), &seen, "", true),
        str![[r#"
#0 kill p-web-1 with SIGKILL (requested)
#1 kill p-web-run-1 with SIGKILL (requested)
#2 kill p-cache-1 with SIGKILL (requested)
#3 kill p-db-1 with SIGKILL (requested)
#4 kill p-old-1 with SIGKILL (requested)

"#]]
    );
    assert_data_eq!(
        killed(Some(&desired), &seen, "web", true),
        str![[r#"
#0 kill p-web-1 with SIGKILL (requested)
#1 kill p-web-run-1 with SIGKILL (requested)

"#]]
    );
    assert_data_eq!(
        killed(Some(&desired), &seen, "tools", false),
        str![[r#"
#0 kill p-tools-1 with SIGKILL (requested)

"#]]
    );
    assert_data_eq!(
        killed(None, &seen, "", false),
        str![[r#"
#0 kill p-web-1 with SIGKILL (requested)
#1 kill p-cache-1 with SIGKILL (requested)
#2 kill p-db-1 with SIGKILL (requested)
#3 kill p-old-1 with SIGKILL (requested)
#4 kill p-tools-1 with SIGKILL (requested)

"#]]
    );
    assert_data_eq!(
        killed(None, &seen, "", true),
        str![[r#"
#0 kill p-web-1 with SIGKILL (requested)
#1 kill p-web-run-1 with SIGKILL (requested)
#2 kill p-cache-1 with SIGKILL (requested)
#3 kill p-db-1 with SIGKILL (requested)
#4 kill p-old-1 with SIGKILL (requested)
#5 kill p-tools-1 with SIGKILL (requested)

"#]]
    );
    assert_data_eq!(
        killed(None, &seen, "nobody", false),
        str![[r#"
note: no container to kill

"#]]
    );
}

type Plans = fn(Option<&Desired>, &Observed, &LifeOptions) -> Result<Planned, ReconcileError>;

/// The plan and what stays.
#[track_caller]
fn frozen(plans: Plans, desired: Option<&Desired>, seen: &Observed, line: &str) -> String {
    let planned = plans(desired, seen, &life(line)).unwrap();
    let kept: String = planned.kept.iter().map(|(name, word)| format!("{name} {word}\n")).collect();
    format!("{kept}{}", text(&planned))
}

#[test]
fn pause_goes_backwards_and_unpause_forwards() {
    let mut desired = desired(STACK);
    let mut seen = crowd(&mut desired);
    assert_data_eq!(
        frozen(pause, Some(&desired), &seen, ""),
        str![[r#"
#0 pause p-web-1 (requested)
#1 pause p-cache-1 (requested) follows 0
#2 pause p-db-1 (requested) follows 0

"#]]
    );
    assert_data_eq!(
        frozen(unpause, Some(&desired), &seen, ""),
        str![[r#"
p-cache-1 Running
p-db-1 Running
p-web-1 Running

"#]]
    );
    let paused = State::Paused;
    set(&mut seen, &[("web-1-id", paused), ("db-1-id", paused), ("cache-1-id", paused)]);
    assert_data_eq!(
        frozen(pause, Some(&desired), &seen, ""),
        str![[r#"
p-web-1 Paused
p-cache-1 Paused
p-db-1 Paused

"#]]
    );
    assert_data_eq!(
        frozen(unpause, Some(&desired), &seen, ""),
        str![[r#"
#0 unpause p-cache-1 (requested)
#1 unpause p-db-1 (requested)
#2 unpause p-web-1 (requested) follows 0 1

"#]]
    );
}

/// docker compose stops at the first that is paused already.
#[test]
fn half_of_a_pause_is_completed() {
    let desired = desired(STACK);
    let mut seen = made(&desired);
    set(&mut seen, &[("web-1-id", State::Paused), ("db-1-id", State::Exited)]);
    assert_data_eq!(
        frozen(pause, Some(&desired), &seen, ""),
        str![[r#"
p-web-1 Paused
#0 pause p-cache-1 (requested)

"#]]
    );
    assert_data_eq!(
        frozen(unpause, Some(&desired), &seen, ""),
        str![[r#"
p-cache-1 Running
#0 unpause p-web-1 (requested)

"#]]
    );
    assert_data_eq!(
        frozen(pause, None, &seen, "web"),
        str![[r#"
p-web-1 Paused

"#]]
    );
    assert_data_eq!(
        frozen(pause, None, &seen, "db"),
        str![[r#"
note: no container to pause

"#]]
    );
    assert_data_eq!(
        frozen(unpause, None, &seen, "db"),
        str![[r#"
note: no container to unpause

"#]]
    );
}

#[test]
fn rm_takes_what_rests() {
    let mut desired = desired(STACK);
    let mut seen = crowd(&mut desired);
    let rm =
        |seen: &Observed, options: &RmOptions| text(&rm(Some(&desired), seen, options).unwrap());
    let plain = RmOptions::default();
    assert_data_eq!(
        rm(&seen, &plain),
        str![[r#"
note: No stopped containers

"#]]
    );
    let states =
        [("web-1-id", State::Created), ("db-1-id", State::Dead), ("cache-1-id", State::Removing)];
    set(&mut seen, &states);
    assert_data_eq!(
        rm(&seen, &plain),
        str![[r#"
#0 remove p-web-1 (requested)
#1 remove p-db-1 (requested) follows 0

"#]]
    );
    set(&mut seen, &[("web-1-id", State::Paused), ("db-1-id", State::Restarting)]);
    assert_data_eq!(
        rm(&seen, &plain),
        str![[r#"
note: No stopped containers

"#]]
    );
    let stop = RmOptions { stop: true, ..RmOptions::default() };
    assert_data_eq!(
        rm(&seen, &stop),
        str![[r#"
#0 stop p-web-1 (requested)
#1 remove p-web-1 (requested) needs 0
#2 stop p-db-1 (requested) follows 1
#3 remove p-db-1 (requested) needs 2

"#]]
    );
    set(
        &mut seen,
        &[
            ("web-1-id", State::Exited),
            ("p-tools-1-id", State::Exited),
            ("p-web-run-1-id", State::Exited),
        ],
    );
    assert_data_eq!(
        rm(&seen, &RmOptions { named: names("tools web"), ..RmOptions::default() }),
        str![[r#"
#0 remove p-tools-1 (requested)
#1 remove p-web-1 (requested)

"#]]
    );
}

#[test]
fn rm_by_labels_alone_takes_every_service() {
    let mut desired = desired(STACK);
    let mut seen = crowd(&mut desired);
    for seen in seen.containers.values_mut() {
        seen.state = State::Exited;
    }
    assert_data_eq!(
        text(&rm(None, &seen, &RmOptions::default()).unwrap()),
        str![[r#"
#0 remove p-web-1 (requested)
#1 remove p-cache-1 (requested) follows 0
#2 remove p-db-1 (requested) follows 0
#3 remove p-old-1 (requested)
#4 remove p-tools-1 (requested)

"#]]
    );
    assert_data_eq!(
        text(&rm(None, &Observed::default(), &RmOptions::default()).unwrap()),
        str![[r#"
note: No stopped containers

"#]]
    );
}

/// What came since a person was asked is not theirs to have agreed to.
#[test]
fn rm_takes_only_what_was_agreed_to() {
    let desired = desired(STACK);
    let mut seen = made(&desired);
    set(&mut seen, &[("web-1-id", State::Exited), ("db-1-id", State::Exited)]);
    let options =
        RmOptions { approved: Some(names("web-1-id gone-id")), stop: true, ..RmOptions::default() };
    assert_data_eq!(
        text(&rm(Some(&desired), &seen, &options).unwrap()),
        str![[r#"
#0 remove p-web-1 (requested)

"#]]
    );
}

/// Nothing is removed by force: what began to run meanwhile stays.
#[test]
fn rm_never_forces() {
    use perry_container_reconcile::Action;
    let desired = desired(STACK);
    let mut seen = made(&desired);
    set(&mut seen, &[("db-1-id", State::Exited)]);
    let options = RmOptions { stop: true, volumes: true, ..RmOptions::default() };
    let planned = rm(Some(&desired), &seen, &options).unwrap();
    let how: Vec<_> = (planned.plan.actions())
        .filter_map(|(_, action)| match action {
            Action::Remove(_, how) => Some((how.force, how.volumes)),
            _ => None,
        })
        .collect();
    assert_eq!(how, [(false, true); 3]);
}

#[test]
fn hooks_run_before_a_stop_also_beyond_the_scale() {
    let desired = desired(r#"{"web": {"image": "a", "pre_stop": [{"command": ["bye"]}]}}"#);
    let mut seen = made(&desired);
    let mut second = seen.containers["web-1-id"].clone();
    (second.id, second.name) = ("web-2-id".to_owned(), "p-web-2".to_owned());
    second.labels.insert("com.docker.compose.container-number".to_owned(), "2".to_owned());
    seen.containers.insert(second.id.clone(), second);
    let options = RmOptions { stop: true, ..RmOptions::default() };
    assert_data_eq!(
        text(&rm(Some(&desired), &seen, &options).unwrap()),
        str![[r#"
#0 exec bye in p-web-1 (requested)
#1 stop p-web-1 (requested) follows 0
#2 remove p-web-1 (requested) needs 1
#3 exec bye in p-web-2 (requested)
#4 stop p-web-2 (requested) follows 3
#5 remove p-web-2 (requested) needs 4

"#]]
    );
    assert_data_eq!(
        text(&crate::world::up(&desired, &seen)),
        str![[r#"
#0 exec bye in p-web-2 (more than wanted)
#1 stop p-web-2 (more than wanted) follows 0
#2 commit needs 1
#3 remove p-web-2 (more than wanted) needs 2

"#]]
    );
}

#[test]
fn services_that_nobody_knows() {
    let desired = desired(STACK);
    let seen = made(&desired);
    let wish = KillOptions { named: names("wbe"), ..KillOptions::default() };
    let errors = [
        kill(Some(&desired), &seen, &wish).unwrap_err(),
        pause(Some(&desired), &seen, &life("wbe")).unwrap_err(),
        unpause(Some(&desired), &seen, &life("wbe")).unwrap_err(),
        rm(Some(&desired), &seen, &RmOptions { named: names("wbe"), ..RmOptions::default() })
            .unwrap_err(),
    ];
    assert!(errors.iter().all(|error| error.to_string() == "no such service: wbe"), "{errors:?}");
}
