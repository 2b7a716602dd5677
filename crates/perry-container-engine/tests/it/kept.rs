//! What a runtime accepted and did not keep is found by a look at what it made, and said.

use crate::world::{over, project, up};
use perry_container_engine::Report;
use perry_container_reconcile::Desired;
use perry_container_support::Capabilities;
use perry_container_testkit::Sim;
use serde_json::json;
use snapbox::{assert_data_eq, str};

/// Every image of the simulation is one of linux/amd64.
async fn made(desired: &Desired, can: Capabilities) -> (Report, usize) {
    let runtime = over(Sim::new().with_any_image().with_capabilities(can));
    let report = up(&runtime, desired).await.unwrap();
    (report, runtime.count("inspect_images"))
}

#[tokio::test(start_paused = true)]
async fn a_foreign_platform_is_told_with_one_look_for_all() {
    let desired = project(json!({
        "a": {"image": "a:1", "platform": "linux/arm64", "scale": 3},
        "b": {"image": "b:1", "platform": "linux/amd64"},
        "c": {"image": "c:1", "platform": "linux/riscv64"},
    }));
    let (report, looks) = made(&desired, Capabilities::podman("5.8.6")).await;
    assert_data_eq!(
        report.notes.join("\n"),
        str![[r#"
services.a.platform: linux/arm64 was asked for and linux/amd64 is there; podman takes an image of another platform when there is none of that one
services.c.platform: linux/riscv64 was asked for and linux/amd64 is there; podman takes an image of another platform when there is none of that one
"#]]
    );
    let (report, others) = made(&desired, Capabilities::docker("28.5.2")).await;
    assert_eq!(report.notes, [""; 0], "docker keeps it or fails");
    assert_eq!(looks, others + 1);
}

#[tokio::test(start_paused = true)]
async fn nobody_looks_where_nothing_can_be() {
    let desired = project(json!({"a": {"image": "a:1"}, "b": {"image": "b:1"}}));
    let (report, looks) = made(&desired, Capabilities::podman("5.8.6")).await;
    let (_, others) = made(&desired, Capabilities::docker("28.5.2")).await;
    assert_eq!(report.notes, [""; 0]);
    assert_eq!(looks, others);
}
