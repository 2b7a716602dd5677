//! The functional tests that the plan of the reference names (task 24.1).

use crate::world::{project, with};
use perry_container_engine::{EngineError, Report, Session, SessionOptions};
use perry_container_executor::Brakes;
use perry_container_reconcile::{Desired, DownOptions, UpOptions};
use perry_container_spec::ErrorKind;
use perry_container_testkit::{MockBackend, MockResponse};
use serde_json::json;

fn session(mock: &MockBackend) -> Session {
    Session::new(mock.shared(), SessionOptions::default())
}

async fn up(mock: &MockBackend, desired: &Desired) -> Result<Report, EngineError> {
    session(mock).up(desired, &UpOptions::default(), &Brakes::default(), &mut |_| ()).await
}

async fn down(mock: &MockBackend, desired: &Desired, volumes: bool) {
    let options = DownOptions { volumes, ..DownOptions::default() };
    let brakes = Brakes::default();
    let session = session(mock);
    session.down("demo", Some(desired), &options, &brakes, &mut |_| ()).await.unwrap();
}

/// The places of the calls of a method.
fn places(mock: &MockBackend, method: &str) -> Vec<usize> {
    let calls = mock.calls();
    calls.iter().enumerate().filter(|(_, call)| call.method == method).map(|(n, _)| n).collect()
}

fn objects(mock: &MockBackend, method: &str) -> Vec<String> {
    let calls = mock.calls();
    calls.into_iter().filter(|call| call.method == method).map(|call| call.object).collect()
}

fn chain() -> Desired {
    project(json!({
        "web": {"image": "web:1", "depends_on": {"api": {"condition": "service_started"}}},
        "api": {"image": "api:1", "depends_on": {"db": {"condition": "service_started"}}},
        "db": {"image": "db:1"},
    }))
}

fn with_volume() -> Desired {
    with(
        json!({"db": {"image": "db:1", "volumes": [{"type": "volume", "source": "data", "target": "/data"}]}}),
        &json!({"data": {}}),
    )
}

#[tokio::test(start_paused = true)]
async fn up_creates_networks_before_containers() {
    let mock = MockBackend::new();
    up(&mock, &chain()).await.unwrap();
    let networks = places(&mock, "create_network");
    let first = places(&mock, "create")[0];
    assert!(networks.len() == 1 && networks.iter().all(|place| *place < first));
}

#[tokio::test(start_paused = true)]
async fn up_creates_volumes_before_containers() {
    let mock = MockBackend::new();
    up(&mock, &with_volume()).await.unwrap();
    assert_eq!(objects(&mock, "create_volume"), ["demo_data"]);
    assert!(places(&mock, "create_volume")[0] < places(&mock, "create")[0]);
}

#[tokio::test(start_paused = true)]
async fn up_starts_services_in_dependency_order() {
    let mock = MockBackend::new();
    up(&mock, &chain()).await.unwrap();
    assert_eq!(objects(&mock, "start"), ["demo-db-1@1", "demo-api-1@2", "demo-web-1@3"]);
}

#[tokio::test(start_paused = true)]
async fn up_rollback_on_service_failure() {
    let mock = MockBackend::new();
    mock.push_response(MockResponse::ok().on("start"));
    mock.push_response(MockResponse::ok().on("start"));
    mock.push_response(
        MockResponse::error(ErrorKind::Other, "no space left on device").on("start"),
    );
    let error = up(&mock, &chain()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "service `web`: could not start `demo-web-1`: no space left on device"
    );
    assert_eq!(objects(&mock, "stop"), ["demo-api-1@2", "demo-db-1@1"]);
    assert_eq!(objects(&mock, "remove_each"), ["demo-web-1@3", "demo-api-1@2", "demo-db-1@1"]);
    assert_eq!(objects(&mock, "remove_network"), ["demo_default"]);
    assert_eq!(mock.sim().text(), "");
}

#[tokio::test(start_paused = true)]
async fn down_removes_containers_and_networks() {
    let mock = MockBackend::new();
    up(&mock, &chain()).await.unwrap();
    mock.clear();
    down(&mock, &chain(), false).await;
    assert_eq!(objects(&mock, "stop"), ["demo-web-1@3", "demo-api-1@2", "demo-db-1@1"]);
    assert_eq!(objects(&mock, "remove_each"), ["demo-web-1@3", "demo-api-1@2", "demo-db-1@1"]);
    assert_eq!(objects(&mock, "remove_network"), ["demo_default"]);
    assert_eq!(mock.sim().text(), "");
}

#[tokio::test(start_paused = true)]
async fn down_with_volumes_removes_named_volumes() {
    let mock = MockBackend::new();
    up(&mock, &with_volume()).await.unwrap();
    down(&mock, &with_volume(), false).await;
    assert_eq!(mock.sim().text(), "volume demo_data\n");
    up(&mock, &with_volume()).await.unwrap();
    mock.clear();
    down(&mock, &with_volume(), true).await;
    assert_eq!(objects(&mock, "remove_volume"), ["demo_data"]);
    assert_eq!(mock.sim().text(), "");
}
