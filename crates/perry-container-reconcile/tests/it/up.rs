//! From nothing, and when nothing is to be done.

use crate::world::{STACK, desired, made, project, text, up};
use perry_container_plan::Strategy;
use perry_container_reconcile::{Action, PullPolicy, UpOptions};
use perry_container_spec::{ENTRYPOINT_LABEL, ImageInfo, Observed, State, UnitId};
use snapbox::{assert_data_eq, str};
use std::time::Duration;

#[test]
fn from_nothing() {
    assert_data_eq!(
        text(&up(&desired(STACK), &Observed::default())),
        str![[r#"
#0 create network p_default (missing)
#1 pull postgres:16 (missing)
#2 pull redis:7 (missing)
#3 pull httpd:1 (missing)
#4 create p-db-1 (missing) needs 0 1
#5 start p-db-1 (missing) needs 4
#6 create p-cache-1 (missing) needs 0 2
#7 start p-cache-1 (missing) needs 6
#8 await p-db-1 healthy (web-1 depends on it) needs 5
#9 create p-web-1 (missing) needs 0 3 8 follows 7
#10 start p-web-1 (missing) needs 9

"#]]
    );
}

#[test]
fn a_strategy_adds_one_barrier_between_two_levels() {
    let options = UpOptions { strategy: Strategy::DependencyAware, ..UpOptions::default() };
    let planned =
        perry_container_reconcile::up(&desired(STACK), &Observed::default(), &options).unwrap();
    assert_data_eq!(
        text(&planned),
        str![[r#"
#0 create network p_default (missing)
#1 pull postgres:16 (missing)
#2 pull redis:7 (missing)
#3 pull httpd:1 (missing)
#4 create p-db-1 (missing) needs 0 1
#5 start p-db-1 (missing) needs 4
#6 create p-cache-1 (missing) needs 0 2
#7 start p-cache-1 (missing) needs 6
#8 await p-db-1 healthy (web-1 depends on it) needs 5
#9 barrier follows 7 8
#10 create p-web-1 (missing) needs 0 3 8 follows 7 9
#11 start p-web-1 (missing) needs 10

"#]]
    );
}

#[test]
fn second_up_has_nothing_to_do() {
    let desired = desired(STACK);
    let planned = up(&desired, &made(&desired));
    assert_eq!(text(&planned), "");
    assert_eq!(planned.kept.len(), 3);
    assert_eq!(planned.plan.facts.len(), 6, "three ids and three images");
}

#[test]
fn what_is_stopped_is_started_when_its_dependencies_are_ready() {
    let desired = desired(STACK);
    let mut seen = made(&desired);
    for state in seen.containers.values_mut().map(|c| &mut c.state) {
        *state = State::Exited;
    }
    assert_data_eq!(
        text(&up(&desired, &seen)),
        str![[r#"
#0 start p-db-1 (stopped)
#1 start p-cache-1 (stopped)
#2 await p-db-1 healthy (web-1 depends on it) needs 0
#3 start p-web-1 (stopped) needs 2 follows 1

"#]]
    );
}

#[test]
fn wait_waits_for_everything_and_fails_the_run() {
    let options = UpOptions {
        wait: true,
        wait_timeout: Some(Duration::from_secs(9)),
        ..UpOptions::default()
    };
    let planned =
        perry_container_reconcile::up(&desired(STACK), &Observed::default(), &options).unwrap();
    assert_data_eq!(
        text(&planned),
        str![[r#"
#0 create network p_default (missing)
#1 pull postgres:16 (missing)
#2 pull redis:7 (missing)
#3 pull httpd:1 (missing)
#4 create p-db-1 (missing) needs 0 1
#5 start p-db-1 (missing) needs 4
#6 create p-cache-1 (missing) needs 0 2
#7 start p-cache-1 (missing) needs 6
#8 await p-db-1 healthy (web-1 depends on it) needs 5
#9 await p-cache-1 healthy (until all is well) needs 7
#10 create p-web-1 (missing) needs 0 3 8 follows 7
#11 start p-web-1 (missing) needs 10
#12 await p-web-1 healthy (until all is well) needs 11
#13 barrier needs 8 9 12

"#]]
    );
    let vital = planned.plan.vital();
    assert!(
        planned
            .plan
            .actions()
            .filter(|(_, a)| a.to_string().starts_with("await"))
            .all(|(id, _)| vital[id])
    );
}

#[test]
fn only_what_is_named_and_what_it_needs() {
    let named = |names: &[&str], no_deps| UpOptions {
        named: names.iter().map(|name| (*name).to_owned()).collect(),
        no_deps,
        ..UpOptions::default()
    };
    let plan =
        |options| perry_container_reconcile::up(&desired(STACK), &Observed::default(), &options);
    assert_data_eq!(
        text(&plan(named(&["cache"], false)).unwrap()),
        str![[r#"
#0 create network p_default (missing)
#1 pull redis:7 (missing)
#2 create p-cache-1 (missing) needs 0 1
#3 start p-cache-1 (missing) needs 2

"#]]
    );
    assert_data_eq!(
        text(&plan(named(&["web"], true)).unwrap()),
        str![[r#"
#0 create network p_default (missing)
#1 pull httpd:1 (missing)
#2 create p-web-1 (missing) needs 0 1
#3 start p-web-1 (missing) needs 2

"#]]
    );
    assert_data_eq!(
        plan(named(&["wbe"], false)).unwrap_err().to_string(),
        str!["no such service: wbe"]
    );
}

#[test]
fn a_service_waits_for_all_containers_of_another_and_may_wait_for_completion() {
    let desired = desired(
        r#"{
        "web": {"image": "a", "depends_on": {"db": {"condition": "service_started", "required": true},
            "migrate": {"condition": "service_completed_successfully", "required": true}}},
        "db": {"image": "b", "scale": 2},
        "migrate": {"image": "b", "depends_on": {"db": {"condition": "service_started", "required": true}}}
    }"#,
    );
    assert!(desired.units[&UnitId::new("migrate", 1)].completes);
    assert_data_eq!(
        text(&up(&desired, &Observed::default())),
        str![[r#"
#0 pull b (missing)
#1 pull a (missing)
#2 create p-db-1 (missing) needs 0
#3 start p-db-1 (missing) needs 2
#4 create p-db-2 (missing) needs 0
#5 start p-db-2 (missing) needs 4
#6 create p-migrate-1 (missing) needs 0 3 5
#7 start p-migrate-1 (missing) needs 6
#8 await p-migrate-1 completed (web-1 depends on it) needs 7
#9 create p-web-1 (missing) needs 1 3 5 8
#10 start p-web-1 (missing) needs 9

"#]]
    );
}

#[test]
fn volumes_and_used_networks_are_made_and_those_of_others_must_be_there() {
    let desired = project(
        r#"{"services": {"db": {"image": "a", "networks": {"back": null}, "volumes": [
                {"type": "volume", "source": "data", "target": "/data"},
                {"type": "volume", "source": "shared", "target": "/shared"}]}},
            "networks": {"back": {}, "unused": {}},
            "volumes": {"data": {}, "shared": {"external": true, "name": "shared"}, "unused": {}}}"#,
    );
    let mut seen = made(&desired);
    seen.containers.clear();
    seen.networks.clear();
    seen.volumes.shift_remove("p_data");
    assert_data_eq!(
        text(&up(&desired, &seen)),
        str![[r#"
#0 create network p_back (missing)
#1 create volume p_data (missing)
#2 create p-db-1 (missing) needs 0 1
#3 start p-db-1 (missing) needs 2

"#]]
    );
    seen.volumes.clear();
    let error = perry_container_reconcile::up(&desired, &seen, &UpOptions::default()).unwrap_err();
    assert_data_eq!(error.to_string(), str![[r#"external volume "shared" not found"#]]);
}

#[test]
fn late_values_make_edges() {
    let desired = desired(
        r#"{"tool": {"image": "a", "network_mode": "service:web", "volumes_from": ["data:ro"]},
            "data": {"image": "b"}, "web": {"image": "c"}}"#,
    );
    assert_data_eq!(
        text(&up(&desired, &Observed::default())),
        str![[r#"
#0 pull b (missing)
#1 pull c (missing)
#2 pull a (missing)
#3 create p-data-1 (missing) needs 0
#4 start p-data-1 (missing) needs 3
#5 create p-web-1 (missing) needs 1
#6 start p-web-1 (missing) needs 5
#7 create p-tool-1 (missing) needs 2 4 6
#8 start p-tool-1 (missing) needs 7

"#]]
    );
}

#[test]
fn an_image_that_must_not_be_fetched_and_is_not_there() {
    let never = desired(r#"{"web": {"image": "a", "pull_policy": "never"}}"#);
    let refused = |desired, options: &UpOptions| {
        perry_container_reconcile::up(desired, &Observed::default(), options)
            .unwrap_err()
            .to_string()
    };
    assert_data_eq!(
        refused(&never, &UpOptions::default()),
        str![[r#"service "web": image a is not there, and its pull policy is never"#]]
    );
    let built = desired(r#"{"web": {"build": {"context": "/src"}}}"#);
    let options = UpOptions { no_build: true, ..UpOptions::default() };
    assert_data_eq!(
        refused(&built, &options),
        str![[r#"service "web": image p-web is not there, and building was forbidden"#]]
    );
    assert_data_eq!(
        text(&up(&built, &Observed::default())),
        str![[r#"
#0 build p-web (missing)
#1 create p-web-1 (missing) needs 0
#2 start p-web-1 (missing) needs 1

"#]]
    );
}

#[test]
fn whether_an_image_is_newer_is_found_out_first() {
    let desired = desired(
        r#"{"web": {"image": "a", "pull_policy": "always"}, "new": {"image": "b", "pull_policy": "always"}}"#,
    );
    let mut seen = made(&desired);
    seen.containers.retain(|_, c| c.name == "p-web-1");
    let mut options = UpOptions::default();
    let first = perry_container_reconcile::inquire(&desired, &seen, &options).unwrap();
    assert_data_eq!(
        first.to_string(),
        str![[r#"
#0 pull a (requested)

"#]]
    );
    options.fetched.insert("a".to_owned());
    seen.images["a"].id = "sha256:newer".to_owned();
    let then = perry_container_reconcile::up(&desired, &seen, &options).unwrap();
    assert_data_eq!(
        text(&then),
        str![[r#"
#0 pull b (requested)
#1 barrier needs 0
#2 stop p-web-1 (its image is newer) needs 1
#3 rename p-web-1 to web-1-id_p-web-1 (its image is newer) needs 2
#4 create p-web-1 (its image is newer) needs 3
#5 start p-web-1 (its image is newer) needs 4
#6 create p-new-1 (missing) needs 0
#7 start p-new-1 (missing) needs 6
#8 commit needs 5 7
#9 remove web-1-id_p-web-1 (replaced) needs 8

"#]]
    );
    options.pull = Some(PullPolicy::Never);
    assert!(perry_container_reconcile::inquire(&desired, &seen, &options).unwrap().is_empty());
}

#[test]
fn two_containers_on_one_port_are_refused_before_anything_is_made() {
    let desired = desired(
        r#"{"a": {"image": "a", "ports": [{"target": 80, "published": "8080", "protocol": "tcp", "host_ip": "127.0.0.1"}]},
            "b": {"image": "a", "ports": [{"target": 81, "published": "8080", "protocol": "tcp"}]}}"#,
    );
    let error =
        perry_container_reconcile::up(&desired, &Observed::default(), &UpOptions::default())
            .unwrap_err();
    assert_data_eq!(
        error.to_string(),
        str!["a-1 and b-1 both publish host port 8080/tcp; give one another port, or a range"]
    );
}

#[test]
fn waiting_for_health_that_nobody_checks_is_refused() {
    let desired = desired(
        r#"{"a": {"image": "a", "depends_on": {"b": {"condition": "service_healthy", "required": true}}},
            "b": {"image": "b", "healthcheck": {"disable": true}}}"#,
    );
    let error =
        perry_container_reconcile::up(&desired, &Observed::default(), &UpOptions::default())
            .unwrap_err();
    assert_data_eq!(
        error.to_string(),
        str![[
            r#"service "a" waits for "b" to be healthy, but "b" has no health check; add one, or wait for service_started"#
        ]]
    );
}

#[test]
fn a_cycle_is_shown_as_a_path() {
    let on = |other| {
        format!(
            r#"{{"image": "a", "depends_on": {{"{other}": {{"condition": "service_started", "required": true}}}}}}"#
        )
    };
    let desired = desired(&format!(r#"{{"a": {}, "b": {}}}"#, on("b"), on("a")));
    let error =
        perry_container_reconcile::up(&desired, &Observed::default(), &UpOptions::default())
            .unwrap_err();
    assert_data_eq!(error.to_string(), str!["dependency cycle: a-1 -> b-1 -> a-1"]);
    assert_eq!(error.code(), 422);
}

#[test]
fn only_created_with_no_start() {
    let options = UpOptions { no_start: true, ..UpOptions::default() };
    let planned =
        perry_container_reconcile::up(&desired(STACK), &Observed::default(), &options).unwrap();
    assert_data_eq!(
        text(&planned),
        str![[r#"
#0 create network p_default (missing)
#1 pull postgres:16 (missing)
#2 pull redis:7 (missing)
#3 pull httpd:1 (missing)
#4 create p-db-1 (missing) needs 0 1
#5 create p-cache-1 (missing) needs 0 2
#6 create p-web-1 (missing) needs 0 3

"#]]
    );
}

#[test]
fn hooks_run_after_the_start_and_before_whoever_waits() {
    let desired = desired(
        r#"{"db": {"image": "a", "post_start": [{"command": ["init"]}, {"command": ["seed"]}]},
            "web": {"image": "a", "depends_on": {"db": {"condition": "service_started", "required": true}}}}"#,
    );
    assert_data_eq!(
        text(&up(&desired, &Observed::default())),
        str![[r#"
#0 pull a (missing)
#1 create p-db-1 (missing) needs 0
#2 start p-db-1 (missing) needs 1
#3 exec init in p-db-1 (missing) needs 2
#4 exec seed in p-db-1 (missing) needs 3
#5 barrier needs 4
#6 create p-web-1 (missing) needs 0 4
#7 start p-web-1 (missing) needs 6

"#]]
    );
}

/// podman's list does not tell it: a label does.
#[test]
fn a_container_carries_what_it_runs() {
    let desired = desired(
        r#"{"own": {"image": "app:1", "entrypoint": ["sh", "-c"]}, "images": {"image": "app:1"}, "other": {"image": "new:1"}}"#,
    );
    let mut observed = Observed::default();
    let image = ImageInfo {
        id: "sha256:1".to_owned(),
        entrypoint: Some(vec!["/entry.sh".to_owned(), "a b".to_owned()]),
        ..ImageInfo::default()
    };
    observed.images.insert("app:1".to_owned(), image);
    let plan = up(&desired, &observed).plan;
    // What starts them cannot be bound yet.
    let told = plan.actions().filter_map(|(_, action)| match action.bind(&plan.facts) {
        Ok(Action::Create(unit, spec)) => {
            let label = spec.labels.get(ENTRYPOINT_LABEL).map_or("no label", String::as_str);
            Some(format!("{unit}: {label}\n"))
        }
        _ => None,
    });
    let told: String = told.collect();
    assert_data_eq!(
        told,
        str![[r#"
own-1: ["sh","-c"]
images-1: ["/entry.sh","a b"]
other-1: no label

"#]]
    );
}
