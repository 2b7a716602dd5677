//! Stacks that docker compose brought up.

use crate::world::{STACK, desired, made, text, up};
use perry_container_reconcile::{selector, unit_of};
use snapbox::{assert_data_eq, str};

#[test]
fn a_stack_of_docker_compose_is_adopted_by_its_hash() {
    let desired = desired(STACK);
    let mut seen = made(&desired);
    for labels in seen.containers.values_mut().map(|c| &mut c.labels) {
        labels.retain(|key, _| key.starts_with("com.docker.compose."));
    }
    assert_eq!(text(&up(&desired, &seen)), "");
    seen.containers["db-1-id"].labels["com.docker.compose.config-hash"] = "other".to_owned();
    assert_data_eq!(
        text(&up(&desired, &seen)),
        str![[r#"
#0 stop p-db-1 (services.db changed)
#1 rename p-db-1 to db-1-id_p-db-1 (services.db changed) needs 0
#2 create p-db-1 (services.db changed) needs 1
#3 start p-db-1 (services.db changed) needs 2
#4 await p-db-1 healthy (services.db changed) needs 3
#5 barrier needs 4
#6 commit needs 5
#7 remove db-1-id_p-db-1 (replaced) needs 6

"#]]
    );
}

#[test]
fn a_one_off_container_is_no_unit() {
    let mut seen = made(&desired(STACK));
    let one = &mut seen.containers["db-1-id"];
    assert_eq!(unit_of(one).unwrap().to_string(), "db-1");
    one.labels["com.docker.compose.oneoff"] = "True".to_owned();
    assert_eq!(unit_of(one), None);
}

#[test]
fn one_look_asks_for_labels_and_for_what_others_made() {
    assert_data_eq!(
        format!("{:#?}", selector("p", Some(&desired(STACK)))),
        str![[r#"
Selector {
    labels: [
        (
            "com.docker.compose.project",
            Some(
                "p",
            ),
        ),
    ],
    networks: [
        "p_default",
    ],
    volumes: [],
    images: [
        "httpd:1",
        "postgres:16",
        "redis:7",
    ],
}
"#]]
    );
}
