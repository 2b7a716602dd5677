//! Stop, start, restart.

use crate::world::{STACK, desired, made, text};
use perry_container_reconcile::{LifeOptions, restart, start, stop};
use perry_container_spec::{Observed, State};
use snapbox::{assert_data_eq, str};

fn named(names: &[&str]) -> LifeOptions {
    LifeOptions {
        named: names.iter().map(|name| (*name).to_owned()).collect(),
        ..LifeOptions::default()
    }
}

fn stopped(mut seen: Observed) -> Observed {
    for seen in seen.containers.values_mut() {
        (seen.state, seen.health) = (State::Exited, None);
    }
    seen
}

#[test]
fn stop_goes_backwards_and_leaves_what_is_stopped() {
    let desired = desired(STACK);
    let mut seen = made(&desired);
    assert_data_eq!(
        text(&stop(Some(&desired), &seen, &named(&[])).unwrap()),
        str![[r#"
#0 stop p-web-1 (requested)
#1 stop p-cache-1 (requested) follows 0
#2 stop p-db-1 (requested) follows 0

"#]]
    );
    seen.containers["web-1-id"].state = State::Exited;
    assert_data_eq!(
        text(&stop(None, &seen, &named(&["web", "db"])).unwrap()),
        str![[r#"
#0 stop p-db-1 (requested)

"#]]
    );
    assert_data_eq!(
        stop(Some(&desired), &seen, &named(&["wbe"])).unwrap_err().to_string(),
        str!["no such service: wbe"]
    );
}

#[test]
fn start_goes_forwards_and_waits_for_conditions() {
    let desired = desired(STACK);
    let seen = stopped(made(&desired));
    assert_data_eq!(
        text(&start(Some(&desired), &seen, &named(&[])).unwrap()),
        str![[r#"
#0 start p-cache-1 (requested)
#1 start p-db-1 (requested)
#2 await p-db-1 healthy (web-1 depends on it) needs 1
#3 start p-web-1 (requested) needs 2 follows 0

"#]]
    );
    assert_data_eq!(
        text(&start(None, &seen, &LifeOptions { wait: true, ..named(&[]) }).unwrap()),
        str![[r#"
#0 start p-cache-1 (requested)
#1 start p-db-1 (requested)
#2 await p-db-1 healthy (web-1 depends on it) needs 1
#3 start p-web-1 (requested) needs 0 2
#4 await p-cache-1 healthy (until all is well) needs 0
#5 await p-web-1 healthy (until all is well) needs 3
#6 barrier needs 2 4 5

"#]]
    );
    assert_eq!(text(&start(Some(&desired), &made(&desired), &named(&[])).unwrap()), "");
    let none = start(Some(&desired), &Observed::default(), &named(&[])).unwrap_err();
    assert_data_eq!(none.to_string(), str![[r#"service "web" has no container to start"#]]);
}

#[test]
fn restart_takes_along_who_asked_for_it() {
    let desired = desired(
        r#"{"db": {"image": "a"}, "other": {"image": "a"},
            "web": {"image": "a", "depends_on": {"db": {"condition": "service_started", "required": true, "restart": true}}}}"#,
    );
    let seen = made(&desired);
    assert_data_eq!(
        text(&restart(Some(&desired), &seen, &named(&["db"])).unwrap()),
        str![[r#"
#0 stop p-db-1 (requested)
#1 start p-db-1 (requested) needs 0
#2 stop p-web-1 (requested) follows 1
#3 start p-web-1 (restarts with db-1) needs 2

"#]]
    );
    let alone = LifeOptions { no_deps: true, ..named(&["db"]) };
    assert_data_eq!(
        text(&restart(None, &seen, &alone).unwrap()),
        str![[r#"
#0 stop p-db-1 (requested)
#1 start p-db-1 (requested) needs 0

"#]]
    );
    assert_data_eq!(
        text(&restart(None, &stopped(seen), &named(&[])).unwrap()),
        str![[r#"
#0 start p-db-1 (requested)
#1 start p-other-1 (requested)
#2 start p-web-1 (requested) follows 0

"#]]
    );
}
