//! What an interrupted run leaves is recognised by rule, and the next plan does something about it.

use crate::world::{desired, made, project, up};
use perry_container_plan::{Outcome, Step};
use perry_container_reconcile::{
    Desired, Down, DownOptions, Half, UpOptions, down, half_made, must_be_down, traces, went_down,
};
use perry_container_spec::{Observed, State};
use snapbox::{assert_data_eq, str};

fn table(desired: &Desired, seen: &Observed) -> String {
    let plan = up(desired, seen).plan;
    let all = half_made(Some(desired), seen, &plan);
    all.iter().map(Half::to_string).collect::<Vec<_>>().join("\n")
}

/// As a run that sets the container aside leaves it.
fn set_aside(seen: &mut Observed, id: &str) {
    let container = &mut seen.containers[id];
    container.state = State::Exited;
    container.name = format!("{}_{}", &id.chars().take(12).collect::<String>(), container.name);
}

#[test]
fn nothing_is_half_made_after_an_up() {
    let desired = desired(crate::world::STACK);
    assert_eq!(table(&desired, &made(&desired)), "");
}

#[test]
fn a_container_that_was_never_started_or_does_not_run_is_started() {
    let desired = desired(r#"{"web": {"image": "a"}, "db": {"image": "b"}}"#);
    let mut seen = made(&desired);
    seen.containers["web-1-id"].state = State::Created;
    seen.containers["db-1-id"].state = State::Exited;
    assert_data_eq!(
        table(&desired, &seen),
        str![[r#"
container p-web-1 of web-1 was never started: it is started
container p-db-1 of db-1 does not run: it is started
network p_default has no container in it: it stays
"#]]
    );
}

#[test]
fn half_of_a_recreate() {
    let old = desired(r#"{"web": {"image": "a"}}"#);
    let new = desired(r#"{"web": {"image": "b"}}"#);
    // Killed when the old one was set aside.
    let mut seen = made(&old);
    seen.networks.clear();
    set_aside(&mut seen, "web-1-id");
    assert_eq!(
        table(&new, &seen),
        "container web-1-id_p-web-1 is the old one of web-1, which an interrupted run did not replace: it is removed"
    );
    // The wish is as before again.
    assert_eq!(
        table(&old, &seen),
        "container web-1-id_p-web-1 is the old one of web-1, which an interrupted run did not replace: it gets its name back"
    );
    // Killed when the new one was there.
    let mut after = made(&new).containers["web-1-id"].clone();
    after.id = "fresh".to_owned();
    seen.containers.insert("fresh".to_owned(), after);
    assert_eq!(
        table(&new, &seen),
        "container web-1-id_p-web-1 is the old one of web-1, which an interrupted run replaced: it is removed"
    );
    let planned = up(&new, &seen);
    assert_eq!(
        planned.notes.join("\n"),
        "container web-1-id_p-web-1 is the old one of web-1, which an interrupted run replaced: it is removed"
    );
    assert_eq!(
        traces(&seen).join("\n"),
        "container web-1-id_p-web-1 is the old one of web-1, which an interrupted run replaced (the next `up` or `down` mends it)"
    );
    let planned = down("p", Some(&new), &seen, &DownOptions::default()).unwrap();
    assert_eq!(
        planned.notes.join("\n"),
        "container web-1-id_p-web-1 is the old one of web-1, which an interrupted run replaced: it is removed"
    );
}

#[test]
fn two_of_one_unit_and_one_that_is_half_removed() {
    let desired = desired(r#"{"web": {"image": "a"}, "db": {"image": "b"}}"#);
    let mut seen = made(&desired);
    let mut twin = seen.containers["web-1-id"].clone();
    (twin.id, twin.name, twin.state) =
        ("twin".to_owned(), "p-web-1-copy".to_owned(), State::Exited);
    seen.containers.insert("twin".to_owned(), twin);
    seen.containers["db-1-id"].state = State::Dead;
    assert_data_eq!(
        table(&desired, &seen),
        str![[r#"
container p-web-1 is one of several of web-1: it stays
container p-web-1-copy is one of several of web-1: it is removed
container p-db-1 of db-1 was not removed in full: it is removed
network p_default has no container in it: it stays
"#]]
    );
}

#[test]
fn networks_and_volumes_without_members_and_a_container_off_its_network() {
    let with = |services: &str| {
        project(&format!(
            r#"{{"services": {services}, "networks": {{"back": {{}}, "front": {{}}}}, "volumes": {{"data": {{}}}}}}"#
        ))
    };
    let web = r#"{"web": {"image": "a", "networks": {"back": null, "front": null},
        "volumes": [{"type": "volume", "source": "data", "target": "/data"}]}}"#;
    let desired = with(web);
    let mut seen = made(&desired);
    seen.containers["web-1-id"].networks.shift_remove("p_back");
    assert_data_eq!(
        table(&desired, &seen),
        str![[r#"
container p-web-1 of web-1 is not in p_back: it is removed
network p_back has no container in it: it stays
"#]]
    );
    seen.containers.clear();
    assert_data_eq!(
        table(&desired, &seen),
        str![[r#"
network p_back has no container in it: it stays
network p_front has no container in it: it stays
volume p_data is mounted by no container: it stays
"#]]
    );
}

/// A spec says `service:db`; a container was made with an id. The one that has the right id is the unit.
#[test]
fn a_container_that_refers_to_one_that_was_replaced_is_not_the_unit() {
    let desired =
        desired(r#"{"db": {"image": "a"}, "tool": {"image": "b", "network_mode": "service:db"}}"#);
    let mut seen = made(&desired);
    let tool = seen.containers["tool-1-id"].clone();
    let mut old = tool.clone();
    (old.id, old.name, old.state) =
        ("older".to_owned(), "older_p-tool-1".to_owned(), State::Exited);
    for (container, uses) in [(&mut old, "gone"), (&mut seen.containers["tool-1-id"], "db-1-id")] {
        container.labels.insert("perry.compose.uses".to_owned(), uses.to_owned());
    }
    seen.containers.shift_insert(0, "older".to_owned(), old);
    assert_data_eq!(
        up(&desired, &seen).plan.to_string(),
        str![[r#"
#0 remove older_p-tool-1 (left by an earlier run)

"#]]
    );
    // Without its successor it is made again.
    seen.containers.shift_remove("tool-1-id");
    assert_data_eq!(
        up(&desired, &seen).plan.to_string(),
        str![[r#"
#0 create p-tool-1 (uses db-1, which is new)
#1 start p-tool-1 (uses db-1, which is new) needs 0
#2 commit needs 1
#3 remove older_p-tool-1 (replaced) needs 2

"#]]
    );
}

#[test]
fn without_rollback_an_old_container_goes_when_its_successor_is_up() {
    let old = desired(
        r#"{"db": {"image": "a", "healthcheck": {"test": ["CMD", "true"]}}, "web": {"image": "b"}}"#,
    );
    let new = desired(
        r#"{"db": {"image": "c", "healthcheck": {"test": ["CMD", "true"]}}, "web": {"image": "d"}}"#,
    );
    let before = made(&old);
    let options = UpOptions { no_rollback: true, ..UpOptions::default() };
    let plan = perry_container_reconcile::up(&new, &before, &options).unwrap().plan;
    assert_data_eq!(
        plan.to_string(),
        str![[r#"
#0 pull c (missing)
#1 pull d (missing)
#2 barrier needs 0 1
#3 stop p-db-1 (services.db.image changed) needs 2
#4 rename p-db-1 to db-1-id_p-db-1 (services.db.image changed) needs 3
#5 stop p-web-1 (services.web.image changed) needs 2
#6 rename p-web-1 to web-1-id_p-web-1 (services.web.image changed) needs 5
#7 create p-db-1 (services.db.image changed) needs 0 4
#8 start p-db-1 (services.db.image changed) needs 7
#9 await p-db-1 healthy (services.db.image changed) needs 8
#10 barrier needs 9
#11 create p-web-1 (services.web.image changed) needs 1 6
#12 start p-web-1 (services.web.image changed) needs 11
#13 remove db-1-id_p-db-1 (replaced) needs 4 9
#14 remove web-1-id_p-web-1 (replaced) needs 6 12

"#]]
    );
    // The start of db fails: what is down is told, by looking or, where nobody can look, by what was done.
    let fails = |text: &str| text == "start p-db-1";
    let outcomes: Vec<Outcome<_, ()>> = (plan.nodes.iter())
        .map(|node| match &node.step {
            Step::Act(action) if fails(&action.to_string()) => Outcome::Failed(()),
            Step::Act(action) if action.to_string().contains("healthy") => Outcome::Skipped,
            Step::Act(action) if action.to_string() == "remove db-1-id_p-db-1" => Outcome::Skipped,
            _ => Outcome::Done([].into()),
        })
        .collect();
    let by_run = must_be_down(&new, &before, &plan, &outcomes);
    let mut now = made(&new);
    now.containers["db-1-id"].state = State::Created;
    now.containers["db-1-id"].id = "new".to_owned();
    let mut old = before.containers["db-1-id"].clone();
    (old.name, old.state) = ("db-1-id_p-db-1".to_owned(), State::Exited);
    let new_db = now.containers.shift_remove("db-1-id").unwrap();
    now.containers.insert("new".to_owned(), new_db);
    now.containers.insert("db-1-id".to_owned(), old);
    let by_look = went_down(&new, &before, &now);
    assert_eq!(by_run, by_look);
    assert_eq!(
        by_look.iter().map(Down::to_string).collect::<Vec<_>>().join("\n"),
        "service `db` is down: nothing was taken back, its old container is db-1-id_p-db-1"
    );
}
