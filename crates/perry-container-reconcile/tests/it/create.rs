//! `create` and `scale`: an `up` that starts nothing, and one of some services.

use crate::world::{STACK, desired, made, project, text};
use perry_container_model::ComposeSpec;
use perry_container_reconcile::{Action, Context, Desired, Recreate, UpOptions, lower, up};
use perry_container_spec::{Observed, State};
use snapbox::{assert_data_eq, str};

fn create(desired: &Desired, seen: &Observed) -> String {
    text(&up(desired, seen, &UpOptions::default().creating()).unwrap())
}

#[test]
fn create_makes_all_and_starts_nothing() {
    let desired = project(
        r#"{"name": "p", "networks": {"default": {}}, "volumes": {"data": {}}, "services": {
            "web": {"image": "httpd:1", "networks": {"default": null}, "depends_on": {
                "db": {"condition": "service_healthy", "required": true}}},
            "db": {"image": "postgres:16", "networks": {"default": null}, "healthcheck": {"test": ["CMD", "true"]},
                "post_start": [{"command": ["hello"]}],
                "volumes": [{"type": "volume", "source": "data", "target": "/data"}]}}}"#,
    );
    assert_data_eq!(
        create(&desired, &Observed::default()),
        str![[r#"
#0 create network p_default (missing)
#1 create volume p_data (missing)
#2 pull postgres:16 (missing)
#3 pull httpd:1 (missing)
#4 create p-db-1 (missing) needs 0 1 2
#5 create p-web-1 (missing) needs 0 3

"#]]
    );
    assert_data_eq!(create(&desired, &made(&desired)), str![]);
    let waits = UpOptions { wait: true, ..UpOptions::default() };
    let waiting = up(&desired, &made(&desired), &waits.creating()).unwrap();
    assert_eq!(text(&waiting), "", "what is not started is not waited for");
}

/// An id is a late value: its container is made first.
#[test]
fn create_in_the_order_of_late_values() {
    let desired = desired(
        r#"{"a": {"image": "a", "network_mode": "service:b", "volumes_from": ["c"]},
            "b": {"image": "a"}, "c": {"image": "a"}}"#,
    );
    assert_data_eq!(
        create(&desired, &Observed::default()),
        str![[r#"
#0 pull a (missing)
#1 create p-b-1 (missing) needs 0
#2 create p-c-1 (missing) needs 0
#3 create p-a-1 (missing) needs 0 1 2

"#]]
    );
}

#[test]
fn create_leaves_what_is_as_it_should_be() {
    let desired = desired(STACK);
    let mut seen = made(&desired);
    for (id, state) in
        [("web-1-id", State::Exited), ("db-1-id", State::Created), ("cache-1-id", State::Paused)]
    {
        seen.containers[id].state = state;
    }
    let planned = up(&desired, &seen, &UpOptions::default().creating()).unwrap();
    assert_eq!(text(&planned), "");
    let kept: Vec<String> =
        planned.kept.iter().map(|(name, word)| format!("{name} {word}")).collect();
    assert_eq!(kept, ["p-db-1 Created", "p-cache-1 Running", "p-web-1 Created"]);
}

/// As with docker compose, what ran and is made anew does not run afterwards; what merely asked to restart with it goes on.
#[test]
fn create_makes_anew_what_differs() {
    let web = r#""web": {"image": "a", "depends_on": {"db": {"condition": "service_started", "required": true, "restart": true}}}"#;
    let before = desired(&format!(r#"{{"db": {{"image": "a"}}, {web}}}"#));
    let after =
        desired(&format!(r#"{{"db": {{"image": "a", "environment": {{"A": "1"}}}}, {web}}}"#));
    assert_data_eq!(
        create(&after, &made(&before)),
        str![[r#"
#0 stop p-db-1 (services.db.environment changed)
#1 rename p-db-1 to db-1-id_p-db-1 (services.db.environment changed) needs 0
#2 create p-db-1 (services.db.environment changed) needs 1
#3 commit needs 2
#4 remove db-1-id_p-db-1 (replaced) needs 3

"#]]
    );
    let force = UpOptions {
        recreate: Recreate::Force,
        named: ["web".to_owned()].into(),
        ..UpOptions::default()
    };
    assert_data_eq!(
        text(&up(&before, &made(&before), &force.creating()).unwrap()),
        str![[r#"
#0 stop p-web-1 (requested)
#1 rename p-web-1 to web-1-id_p-web-1 (requested) needs 0
#2 create p-web-1 (requested) needs 1
#3 commit needs 2
#4 remove web-1-id_p-web-1 (replaced) needs 3

"#]]
    );
    let never = UpOptions {
        recreate: Recreate::Never,
        recreate_deps: Recreate::Never,
        ..UpOptions::default()
    };
    assert_eq!(text(&up(&after, &made(&before), &never.creating()).unwrap()), "");
}

fn scaled(web: u32, db: u32) -> Desired {
    let spec: ComposeSpec = serde_json::from_str(
        r#"{"name": "p", "services": {
            "web": {"image": "a", "depends_on": {"db": {"condition": "service_started", "required": true}}},
            "db": {"image": "a"}, "other": {"image": "a"}}}"#,
    )
    .unwrap();
    let scale = [("web".to_owned(), web), ("db".to_owned(), db)].into();
    let context = Context { project: "p".to_owned(), scale, ..Context::default() };
    lower(&spec, &context).unwrap().0
}

fn scale(desired: &Desired, seen: &Observed, no_deps: bool) -> String {
    text(&up(desired, seen, &UpOptions::scaling(["web".to_owned()].into(), no_deps)).unwrap())
}

#[test]
fn scale_goes_up_and_down_by_number() {
    assert_data_eq!(
        scale(&scaled(3, 1), &made(&scaled(1, 1)), false),
        str![[r#"
#0 create p-web-2 (missing)
#1 start p-web-2 (missing) needs 0
#2 create p-web-3 (missing)
#3 start p-web-3 (missing) needs 2

"#]]
    );
    assert_data_eq!(
        scale(&scaled(1, 1), &made(&scaled(3, 1)), false),
        str![[r#"
#0 stop p-web-2 (more than wanted)
#1 stop p-web-3 (more than wanted)
#2 commit needs 0 1
#3 remove p-web-2 (more than wanted) needs 2
#4 remove p-web-3 (more than wanted) needs 2

"#]]
    );
    assert_data_eq!(
        scale(&scaled(0, 1), &made(&scaled(2, 1)), false),
        str![[r#"
#0 stop p-web-1 (more than wanted)
#1 stop p-web-2 (more than wanted)
#2 commit needs 0 1
#3 remove p-web-1 (more than wanted) needs 2
#4 remove p-web-2 (more than wanted) needs 2

"#]]
    );
    assert_eq!(scale(&scaled(2, 1), &made(&scaled(2, 1)), false), "");
}

/// The dependencies come along, in the number of the file, unless they are to be left alone.
#[test]
fn scale_and_what_it_depends_on() {
    assert_data_eq!(
        scale(&scaled(1, 1), &Observed::default(), false),
        str![[r#"
#0 pull a (missing)
#1 create p-db-1 (missing) needs 0
#2 start p-db-1 (missing) needs 1
#3 create p-web-1 (missing) needs 0 2
#4 start p-web-1 (missing) needs 3

"#]]
    );
    assert_data_eq!(
        scale(&scaled(2, 1), &made(&scaled(1, 2)), false),
        str![[r#"
#0 stop p-db-2 (more than wanted)
#1 create p-web-2 (missing)
#2 start p-web-2 (missing) needs 1
#3 commit needs 0 2
#4 remove p-db-2 (more than wanted) needs 3

"#]]
    );
    assert_data_eq!(
        scale(&scaled(2, 1), &made(&scaled(1, 2)), true),
        str![[r#"
#0 create p-web-2 (missing)
#1 start p-web-2 (missing) needs 0

"#]]
    );
    assert_data_eq!(
        scale(&scaled(1, 1), &Observed::default(), true),
        str![[r#"
#0 pull a (missing)
#1 create p-web-1 (missing) needs 0
#2 start p-web-1 (missing) needs 1

"#]]
    );
}

/// `web` in these numbers.
fn numbered(numbers: &[u32]) -> Observed {
    let most = numbers.iter().copied().max().unwrap_or_default();
    let mut seen = made(&scaled(most, 1));
    seen.containers.retain(|_, seen| {
        let web = seen.name.strip_prefix("p-web-");
        web.is_none_or(|number| numbers.iter().any(|n| n.to_string() == number))
    });
    seen
}

/// Numbers have gaps once somebody has removed a container: what is there counts, whatever its number.
#[test]
fn numbers_with_gaps() {
    assert_eq!(scale(&scaled(2, 1), &numbered(&[1, 3]), false), "");
    assert_eq!(scale(&scaled(1, 1), &numbered(&[7]), false), "");
    assert_data_eq!(
        scale(&scaled(2, 1), &numbered(&[1, 3, 4]), false),
        str![[r#"
#0 stop p-web-4 (more than wanted)
#1 commit needs 0
#2 remove p-web-4 (more than wanted) needs 1

"#]]
    );
    assert_data_eq!(
        scale(&scaled(3, 1), &numbered(&[1, 3]), false),
        str![[r#"
#0 create p-web-2 (missing)
#1 start p-web-2 (missing) needs 0

"#]]
    );
    assert_data_eq!(
        scale(&scaled(3, 1), &numbered(&[5, 9]), false),
        str![[r#"
#0 create p-web-1 (missing)
#1 start p-web-1 (missing) needs 0

"#]]
    );
    assert_data_eq!(
        scale(&scaled(1, 1), &numbered(&[2, 3]), false),
        str![[r#"
#0 stop p-web-3 (more than wanted)
#1 commit needs 0
#2 remove p-web-3 (more than wanted) needs 1

"#]]
    );
}

/// Whoever refers to a container refers to the one that is there; its name and label have its number.
#[test]
fn numbers_with_gaps_and_references() {
    let services = |image: &str| {
        format!(
            r#"{{"web": {{"image": "a", "network_mode": "service:db", "links": ["db:base"],
                  "depends_on": {{"db": {{"condition": "service_started", "required": true}}}}}},
                "db": {{"image": "{image}"}}}}"#
        )
    };
    let before = desired(&services("a"));
    let mut seen = made(&before);
    let mut db = seen.containers.shift_remove("db-1-id").unwrap();
    (db.id, db.name) = ("db-4-id".to_owned(), "p-db-4".to_owned());
    db.labels.insert("com.docker.compose.container-number".to_owned(), "4".to_owned());
    seen.containers.insert(db.id.clone(), db);
    assert_eq!(text(&crate::world::up(&before, &seen)), "");
    let planned = crate::world::up(&desired(&services("b")), &seen);
    assert_data_eq!(
        text(&planned),
        str![[r#"
#0 pull b (missing)
#1 barrier needs 0
#2 stop p-web-1 (uses db-4, which is new) needs 1
#3 rename p-web-1 to web-1-id_p-web-1 (uses db-4, which is new) needs 2
#4 stop p-db-4 (services.db.image changed) needs 1 follows 2
#5 rename p-db-4 to db-4-id_p-db-4 (services.db.image changed) needs 4
#6 create p-db-4 (services.db.image changed) needs 0 5
#7 start p-db-4 (services.db.image changed) needs 6
#8 create p-web-1 (uses db-4, which is new) needs 3 7
#9 start p-web-1 (uses db-4, which is new) needs 8
#10 commit needs 9
#11 remove web-1-id_p-web-1 (replaced) needs 10
#12 remove db-4-id_p-db-4 (replaced) needs 10

"#]]
    );
    let made: Vec<String> = (planned.plan.actions())
        .filter_map(|(_, action)| match action {
            Action::Create(id, template) => {
                let links: Vec<_> = template.links.iter().map(|link| link.alias.as_str()).collect();
                let number = &template.labels["com.docker.compose.container-number"];
                Some(format!("{id} {number} {:?} {links:?}", template.network))
            }
            _ => None,
        })
        .collect();
    assert_data_eq!(
        made.join("\n"),
        str![[r#"
db-4 4 Default []
web-1 1 Container(Ref(ContainerId(UnitId { service: "db", number: 4 }))) ["base", "db-4", "p-db-4"]
"#]]
    );
}
