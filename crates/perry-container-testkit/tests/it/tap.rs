//! Calls as text, faults, delays, budgets.

use crate::life::{named, s, sim};
use perry_container_backend::{ContainerBackend as _, ContainerBackendExt as _};
use perry_container_spec::{ErrorKind, ImagePull, NetworkSpec, Parts, Selector};
use perry_container_testkit::{Fault, MockBackend, MockResponse, Script, Tap};
use snapbox::{assert_data_eq, str};

#[tokio::test(start_paused = true)]
async fn calls_are_written_down() {
    let tap = Tap::new(sim(Script::new()));
    tap.run(&named("web")).await.unwrap();
    tap.observe(&Selector::default(), Parts::CONTAINERS | Parts::IMAGES).await.unwrap();
    tap.remove("web", true).await.unwrap();
    assert_data_eq!(
        tap.text(),
        str![[r#"
create web
start web@1
observe CI
remove_each web

"#]]
    );
    assert_eq!((tap.count("start"), tap.count("")), (1, 4));
}

#[tokio::test(start_paused = true)]
async fn faults_come_before_or_after_the_effect() {
    for (fault, kind, there) in [
        (Fault::refused(), ErrorKind::Other, false),
        (Fault::CutBefore, ErrorKind::Cut, false),
        (Fault::CutAfter, ErrorKind::Cut, true),
    ] {
        let tap = Tap::new(sim(Script::new()));
        tap.fail_nth(0, fault);
        assert_eq!(tap.create(&named("web")).await.unwrap_err().kind, kind);
        assert_eq!(tap.inner().peek("web").is_some(), there);
        tap.heal();
        assert_eq!(tap.create(&named("web")).await.is_ok(), !there);
    }
}

#[tokio::test(start_paused = true)]
async fn a_cut_pull_ends_its_flow_with_the_error() {
    let tap = Tap::new(sim(Script::new()));
    tap.fail_matching("pull", Fault::CutBefore);
    let what = ImagePull { reference: "app:1".to_owned(), platform: None };
    assert_eq!(tap.pull_image(&what).await.unwrap_err().kind, ErrorKind::Cut);
}

#[tokio::test(start_paused = true)]
async fn delays_hangs_and_budgets() {
    let tap = Tap::new(sim(Script::new()));
    tap.delay("check", s(5));
    let begin = tokio::time::Instant::now();
    tap.check_available().await.unwrap();
    assert_eq!(begin.elapsed().as_secs(), 5);
    tap.fail_matching("create", Fault::Hangs);
    assert!(tokio::time::timeout(s(3600), tap.create(&named("web"))).await.is_err());
    tap.budget("check_available", 1);
    let over = tap.check_available().await.unwrap_err();
    assert_eq!(over.text, "more than 1 calls of check_available");
}

#[tokio::test(start_paused = true)]
async fn the_mock_answers_from_its_queue_and_else_as_the_simulation() {
    let mock = MockBackend::new();
    let net = NetworkSpec { name: "net".to_owned(), ..NetworkSpec::default() };
    mock.push_response(MockResponse::ok());
    mock.push_response(MockResponse::error(ErrorKind::EngineDown, "gone").on("create_volume"));
    mock.push_response(MockResponse::error(ErrorKind::Permission, "no"));
    mock.create_network(&net).await.unwrap();
    assert_eq!(mock.check_available().await.unwrap_err().kind, ErrorKind::Permission);
    let conflict = mock.create_network(&net).await.unwrap_err();
    assert_eq!(conflict.kind, ErrorKind::Conflict);
    let calls: Vec<String> = mock.calls().iter().map(ToString::to_string).collect();
    assert_eq!(calls, ["create_network net", "check_available", "create_network net"]);
    assert_data_eq!(
        mock.sim().text(),
        str![[r#"
network net

"#]]
    );
}
