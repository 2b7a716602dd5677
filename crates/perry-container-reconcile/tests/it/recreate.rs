//! What differs is made anew, and nothing else is touched.

use crate::world::{STACK, desired, made, project, text, up};
use perry_container_plan::{Outcome, undo};
use perry_container_reconcile::{Action, Recreate, UpOptions};
use perry_container_spec::{MountInfo, State, UnitId};
use snapbox::{assert_data_eq, str};

#[test]
fn one_changed_service_is_recreated_and_the_old_container_stays_until_the_commit_point() {
    let before = desired(STACK);
    let after = desired(&STACK.replace("postgres:16", "postgres:17"));
    assert_data_eq!(
        text(&up(&after, &made(&before))),
        str![[r#"
#0 pull postgres:17 (missing)
#1 barrier needs 0
#2 stop p-db-1 (services.db.image changed) needs 1
#3 rename p-db-1 to db-1-id_p-db-1 (services.db.image changed) needs 2
#4 create p-db-1 (services.db.image changed) needs 0 3
#5 start p-db-1 (services.db.image changed) needs 4
#6 await p-db-1 healthy (services.db.image changed) needs 5
#7 barrier needs 6
#8 commit needs 7
#9 remove db-1-id_p-db-1 (replaced) needs 8

"#]]
    );
}

#[test]
fn where_nothing_is_renamed_the_old_container_is_removed_first_and_a_note_says_so() {
    let before = desired(STACK);
    let after = desired(&STACK.replace("postgres:16", "postgres:17"));
    let options = UpOptions { no_rename: true, ..UpOptions::default() };
    let planned = perry_container_reconcile::up(&after, &made(&before), &options).unwrap();
    assert_data_eq!(
        text(&planned),
        str![[r#"
#0 pull postgres:17 (missing)
#1 barrier needs 0
#2 stop and remove p-db-1 (services.db.image changed) needs 1
#3 create p-db-1 (services.db.image changed) needs 0 2
#4 start p-db-1 (services.db.image changed) needs 3
#5 await p-db-1 healthy (services.db.image changed) needs 4
#6 barrier needs 5
note: p-db-1 cannot be set aside on this runtime: it is removed before its successor starts, and does not come back if that fails

"#]]
    );
    assert_eq!(perry_container_reconcile::lint(&planned.plan), [""; 0]);
}

#[test]
fn a_changed_environment_names_itself_and_no_value() {
    let service = |value| {
        format!(
            r#"{{"web": {{"image": "a", "environment": {{"PASSWORD": "{value}"}}}}, "db": {{"image": "b"}}}}"#
        )
    };
    let planned = up(&desired(&service("hunter3")), &made(&desired(&service("hunter2"))));
    assert_data_eq!(
        text(&planned),
        str![[r#"
#0 stop p-web-1 (services.web.environment changed)
#1 rename p-web-1 to web-1-id_p-web-1 (services.web.environment changed) needs 0
#2 create p-web-1 (services.web.environment changed) needs 1
#3 start p-web-1 (services.web.environment changed) needs 2
#4 commit needs 3
#5 remove web-1-id_p-web-1 (replaced) needs 4

"#]]
    );
}

#[test]
fn undo_brings_the_old_containers_back_in_reverse_order() {
    let before = desired(STACK);
    let after = desired(&STACK.replace("postgres:16", "postgres:17").replace("httpd:1", "httpd:2"));
    let plan = up(&after, &made(&before)).plan;
    assert_data_eq!(
        plan.to_string(),
        str![[r#"
#0 pull postgres:17 (missing)
#1 pull httpd:2 (missing)
#2 barrier needs 0 1
#3 stop p-web-1 (services.web.image changed) needs 2
#4 rename p-web-1 to web-1-id_p-web-1 (services.web.image changed) needs 3
#5 stop p-db-1 (services.db.image changed) needs 2 follows 3
#6 rename p-db-1 to db-1-id_p-db-1 (services.db.image changed) needs 5
#7 create p-db-1 (services.db.image changed) needs 0 6
#8 start p-db-1 (services.db.image changed) needs 7
#9 await p-db-1 healthy (services.db.image changed) needs 8
#10 barrier needs 9
#11 create p-web-1 (services.web.image changed) needs 1 4 9
#12 start p-web-1 (services.web.image changed) needs 11
#13 commit needs 10 12
#14 remove web-1-id_p-web-1 (replaced) needs 13
#15 remove db-1-id_p-db-1 (replaced) needs 13

"#]]
    );
    let fails = |action: &Action| action.to_string() == "start p-web-1";
    let mut failed = false;
    let outcomes: Vec<Outcome<Action, ()>> = (plan.nodes.iter())
        .map(|node| {
            failed |=
                matches!(&node.step, perry_container_plan::Step::Act(action) if fails(action));
            if failed { Outcome::Skipped } else { Outcome::Done([].into()) }
        })
        .collect();
    assert_data_eq!(
        undo(&plan, &outcomes).to_string(),
        str![[r#"
#0 remove p-web-1 (undoes #11)
#1 stop p-db-1 (undoes #8) follows 0
#2 remove p-db-1 (undoes #7) follows 1
#3 rename db-1-id_p-db-1 to p-db-1 (undoes #6) follows 2
#4 start p-db-1 (undoes #5) follows 3
#5 rename web-1-id_p-web-1 to p-web-1 (undoes #4) follows 0
#6 start p-web-1 (undoes #3) follows 4 5

"#]]
    );
}

#[test]
fn dependents_that_asked_for_it_restart_and_holders_of_a_namespace_are_made_anew() {
    let services = |image| {
        format!(
            r#"{{"db": {{"image": "{image}"}},
            "web": {{"image": "a", "depends_on": {{"db": {{"condition": "service_started", "required": true, "restart": true}}}}}},
            "tool": {{"image": "a", "network_mode": "service:db"}}}}"#
        )
    };
    assert_data_eq!(
        text(&up(&desired(&services("2")), &made(&desired(&services("1"))))),
        str![[r#"
#0 pull 2 (missing)
#1 barrier needs 0
#2 stop p-web-1 (restarts with db-1) needs 1
#3 stop p-tool-1 (uses db-1, which is new) needs 1
#4 rename p-tool-1 to tool-1-id_p-tool-1 (uses db-1, which is new) needs 3
#5 stop p-db-1 (services.db.image changed) needs 1 follows 2 3
#6 rename p-db-1 to db-1-id_p-db-1 (services.db.image changed) needs 5
#7 create p-db-1 (services.db.image changed) needs 0 6
#8 start p-db-1 (services.db.image changed) needs 7
#9 start p-web-1 (restarts with db-1) needs 2 8
#10 create p-tool-1 (uses db-1, which is new) needs 4 8
#11 start p-tool-1 (uses db-1, which is new) needs 10
#12 commit needs 9 11
#13 remove tool-1-id_p-tool-1 (replaced) needs 12
#14 remove db-1-id_p-db-1 (replaced) needs 12

"#]]
    );
}

#[test]
fn a_changed_network_is_made_again_and_can_be_taken_back() {
    let with = |internal| {
        project(&format!(
            r#"{{"services": {{"web": {{"image": "a", "networks": {{"back": null}}}}}}, "networks": {{"back": {{"internal": {internal}}}}}}}"#
        ))
    };
    let plan = up(&with(true), &made(&with(false))).plan;
    assert_data_eq!(
        plan.to_string(),
        str![[r#"
#0 stop p-web-1 (networks.back changed)
#1 rename p-web-1 to web-1-id_p-web-1 (networks.back changed) needs 0
#2 disconnect web-1-id_p-web-1 from p_back (networks.back changed) needs 1
#3 remove network p_back (networks.back changed) needs 2
#4 create network p_back (networks.back changed) needs 3
#5 create p-web-1 (networks.back changed) needs 2 4
#6 start p-web-1 (networks.back changed) needs 5
#7 commit needs 6
#8 remove web-1-id_p-web-1 (replaced) needs 7

"#]]
    );
    let outcomes: Vec<Outcome<Action, ()>> = plan
        .nodes
        .iter()
        .map(|n| {
            if n.level == 0 && !n.is_final() && matches!(n.step, perry_container_plan::Step::Act(_))
            {
                Outcome::Done([].into())
            } else {
                Outcome::Skipped
            }
        })
        .collect();
    assert_data_eq!(
        undo(&plan, &outcomes[..]).to_string(),
        str![[r#"
#0 remove network p_back (undoes #4)
#1 create network p_back (undoes #3) follows 0
#2 connect web-1-id_p-web-1 to p_back (undoes #2) follows 1
#3 rename web-1-id_p-web-1 to p-web-1 (undoes #1) follows 2
#4 start p-web-1 (undoes #0) follows 3

"#]]
    );
}

#[test]
fn fewer_containers_are_wanted() {
    let scaled = |scale| desired(&format!(r#"{{"web": {{"image": "a", "scale": {scale}}}}}"#));
    assert_data_eq!(
        text(&up(&scaled(1), &made(&scaled(3)))),
        str![[r#"
#0 stop p-web-2 (more than wanted)
#1 stop p-web-3 (more than wanted)
#2 commit needs 0 1
#3 remove p-web-2 (more than wanted) needs 2
#4 remove p-web-3 (more than wanted) needs 2

"#]]
    );
    assert_data_eq!(
        text(&up(&scaled(2), &made(&scaled(1)))),
        str![[r#"
#0 create p-web-2 (missing)
#1 start p-web-2 (missing) needs 0

"#]]
    );
    assert_data_eq!(
        text(&up(&scaled(0), &made(&scaled(1)))),
        str![[r#"
#0 stop p-web-1 (more than wanted)
#1 commit needs 0
#2 remove p-web-1 (more than wanted) needs 1

"#]]
    );
}

#[test]
fn orphans_are_told_and_removed_when_asked() {
    let (before, after) = (
        desired(STACK),
        desired(r#"{"cache": {"image": "redis:7", "networks": {"default": null}}}"#),
    );
    let seen = made(&before);
    assert_data_eq!(
        text(&up(&after, &seen)),
        str![[r#"
note: Found orphan containers ([p-web-1 p-db-1]) for this project. If you removed or renamed this service in your compose file, you can run this command with the --remove-orphans flag to clean it up.

"#]]
    );
    let options = UpOptions { remove_orphans: true, ..UpOptions::default() };
    let planned = perry_container_reconcile::up(&after, &seen, &options).unwrap();
    assert_data_eq!(
        text(&planned),
        str![[r#"
#0 stop p-web-1 (orphan)
#1 stop p-db-1 (orphan)
#2 commit needs 0 1
#3 remove p-web-1 (orphan) needs 2
#4 remove p-db-1 (orphan) needs 2

"#]]
    );
}

#[test]
fn of_several_containers_for_one_unit_the_wanted_one_stays() {
    let desired = desired(r#"{"web": {"image": "a"}}"#);
    let mut seen = made(&desired);
    let mut aside = seen.containers["web-1-id"].clone();
    // A killed run left the old one set aside and the new one created.
    (aside.id, aside.name) = ("0123456789abcdef".to_owned(), "0123456789ab_p-web-1".to_owned());
    aside.state = State::Exited;
    aside.labels["perry.compose.spec_hash"] = "other".to_owned();
    seen.containers.insert(aside.id.clone(), aside.clone());
    assert_data_eq!(
        text(&up(&desired, &seen)),
        str![[r#"
#0 remove 0123456789ab_p-web-1 (left by an earlier run)
note: container 0123456789ab_p-web-1 is the old one of web-1, which an interrupted run replaced: it is removed

"#]]
    );
    // Only the one set aside is left, and it is the wanted one.
    seen.containers.shift_remove("web-1-id");
    seen.containers["0123456789abcdef"].labels =
        desired.units[&UnitId::new("web", 1)].template.labels.clone();
    assert_data_eq!(
        text(&up(&desired, &seen)),
        str![[r#"
#0 rename 0123456789ab_p-web-1 to p-web-1 (left by an earlier run)
#1 start p-web-1 (left by an earlier run) needs 0
note: container 0123456789ab_p-web-1 is the old one of web-1, which an interrupted run did not replace: it gets its name back

"#]]
    );
}

#[test]
fn anonymous_volumes_are_carried_over() {
    let service = |tag| {
        desired(&format!(
            r#"{{"db": {{"image": "a:{tag}", "volumes": [{{"type": "volume", "target": "/own"}}]}}}}"#
        ))
    };
    let mut seen = made(&service(1));
    let mount = |name: &str, target: &str| MountInfo {
        kind: "volume".to_owned(),
        name: Some(name.repeat(64)),
        source: String::new(),
        target: target.to_owned(),
        writable: true,
    };
    seen.containers["db-1-id"].mounts =
        vec![mount("a", "/own"), mount("b", "/image"), mount("x", "/named")];
    let create = |options: &UpOptions| {
        let planned = perry_container_reconcile::up(&service(2), &seen, options).unwrap();
        let made = planned.plan.actions().find_map(|(_, action)| match action {
            Action::Create(_, spec) => Some(
                spec.mounts
                    .iter()
                    .map(|m| (m.source.clone(), m.target.clone()))
                    .collect::<Vec<_>>(),
            ),
            _ => None,
        });
        made.unwrap()
    };
    let kept =
        [(Some("a".repeat(64)), "/own".to_owned()), (Some("b".repeat(64)), "/image".to_owned())];
    assert_eq!(create(&UpOptions::default()), kept);
    let fresh = create(&UpOptions { renew_anon_volumes: true, ..UpOptions::default() });
    assert_eq!(fresh, [(None, "/own".to_owned())]);
}

#[test]
fn force_and_never() {
    let desired = desired(r#"{"web": {"image": "a"}}"#);
    let changed = crate::world::desired(r#"{"web": {"image": "b"}}"#);
    let with = |recreate| UpOptions { recreate, ..UpOptions::default() };
    let planned =
        perry_container_reconcile::up(&desired, &made(&desired), &with(Recreate::Force)).unwrap();
    assert_data_eq!(
        text(&planned),
        str![[r#"
#0 stop p-web-1 (requested)
#1 rename p-web-1 to web-1-id_p-web-1 (requested) needs 0
#2 create p-web-1 (requested) needs 1
#3 start p-web-1 (requested) needs 2
#4 commit needs 3
#5 remove web-1-id_p-web-1 (replaced) needs 4

"#]]
    );
    let planned =
        perry_container_reconcile::up(&changed, &made(&desired), &with(Recreate::Never)).unwrap();
    assert_eq!(text(&planned), "");
}
