//! Taking down.

use crate::world::{STACK, desired, made, project, text};
use perry_container_reconcile::{DownOptions, down};
use perry_container_spec::{Observed, State};
use snapbox::{assert_data_eq, str};

#[test]
fn dependents_first_then_networks() {
    let desired = desired(STACK);
    let planned = down("p", Some(&desired), &made(&desired), &DownOptions::default()).unwrap();
    assert_data_eq!(
        text(&planned),
        str![[r#"
#0 stop p-web-1 (requested)
#1 remove p-web-1 (requested) follows 0
#2 stop p-cache-1 (requested) follows 1
#3 remove p-cache-1 (requested) follows 2
#4 stop p-db-1 (requested) follows 1
#5 remove p-db-1 (requested) follows 4
#6 barrier follows 1 3 5
#7 remove network p_default (requested) follows 6

"#]]
    );
}

#[test]
fn labels_alone_tell_the_order() {
    let seen = made(&desired(STACK));
    let planned = down("p", None, &seen, &DownOptions::default()).unwrap();
    assert_data_eq!(
        text(&planned),
        str![[r#"
#0 stop p-web-1 (requested)
#1 remove p-web-1 (requested) follows 0
#2 stop p-cache-1 (requested) follows 1
#3 remove p-cache-1 (requested) follows 2
#4 stop p-db-1 (requested) follows 1
#5 remove p-db-1 (requested) follows 4
#6 barrier follows 1 3 5
#7 remove network p_default (requested) follows 6

"#]]
    );
}

#[test]
fn labels_with_a_cycle_still_come_down() {
    let mut seen = made(&desired(STACK));
    seen.containers["db-1-id"].labels["com.docker.compose.depends_on"] =
        "web:service_started:false,::,".to_owned();
    let planned = down("p", None, &seen, &DownOptions::default()).unwrap();
    assert_eq!(
        planned.plan.actions().filter(|(_, a)| a.to_string().starts_with("remove p-")).count(),
        3
    );
}

#[test]
fn own_volumes_go_when_asked_and_external_ones_stay() {
    let desired = project(
        r#"{"services": {"db": {"image": "a", "volumes": [
                {"type": "volume", "source": "data", "target": "/data"},
                {"type": "volume", "source": "shared", "target": "/shared"}]}},
            "volumes": {"data": {}, "shared": {"external": true, "name": "shared"}}}"#,
    );
    let mut seen = made(&desired);
    seen.volumes["shared"].labels.clear();
    let options = DownOptions { volumes: true, ..DownOptions::default() };
    assert_data_eq!(
        text(&down("p", Some(&desired), &seen, &options).unwrap()),
        str![[r#"
#0 stop p-db-1 (requested)
#1 remove p-db-1 (requested) follows 0
#2 remove volume p_data (requested) follows 1

"#]]
    );
    assert_data_eq!(
        text(&down("p", None, &seen, &options).unwrap()),
        str![[r#"
#0 stop p-db-1 (requested)
#1 remove p-db-1 (requested) follows 0
#2 remove volume p_data (requested) follows 1

"#]]
    );
}

#[test]
fn what_is_stopped_is_only_removed_and_named_services_leave_networks_in_use() {
    let desired = desired(STACK);
    let mut seen = made(&desired);
    seen.containers["cache-1-id"].state = State::Exited;
    let options = DownOptions { named: ["cache".to_owned()].into(), ..DownOptions::default() };
    assert_data_eq!(
        text(&down("p", Some(&desired), &seen, &options).unwrap()),
        str![[r#"
#0 remove p-cache-1 (requested)
note: network p_default is still in use and stays

"#]]
    );
}

#[test]
fn services_of_inactive_profiles_stay_and_orphans_go_when_asked() {
    let all = desired(STACK);
    let mut now = desired(r#"{"cache": {"image": "redis:7", "networks": {"default": null}}}"#);
    now.known.insert("db".to_owned());
    let options = DownOptions { remove_orphans: true, ..DownOptions::default() };
    assert_data_eq!(
        text(&down("p", Some(&now), &made(&all), &options).unwrap()),
        str![[r#"
#0 stop p-web-1 (requested)
#1 remove p-web-1 (requested) follows 0
#2 stop p-cache-1 (requested) follows 1
#3 remove p-cache-1 (requested) follows 2
#4 barrier follows 1 3
note: network p_default is still in use and stays

"#]]
    );
}

#[test]
fn nothing_to_take_down_is_no_error() {
    let planned = down("p", None, &Observed::default(), &DownOptions::default()).unwrap();
    assert_data_eq!(
        text(&planned),
        str![[r#"
note: No resource found to remove for project "p".

"#]]
    );
}
