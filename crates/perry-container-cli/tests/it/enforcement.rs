//! What becomes of what the runtime cannot honour.

use super::stage::Stage;
use perry_container_compose::support::Capabilities;
use perry_container_testkit::Sim;
use snapbox::{assert_data_eq, str};

const STACK: &str = "\
name: shop
services:
  web:
    image: web:1
    healthcheck: {test: [CMD, 'true'], start_period: 9s, start_interval: 1s}
    domainname: example.org
  db:
    image: db:1
    links: [web]
networks:
  default:
    enable_ipv4: false
";

fn stage() -> Stage {
    Stage::over(STACK, Sim::new().with_any_image().with_capabilities(Capabilities::podman("5.8.6")))
}

#[tokio::test(start_paused = true)]
async fn strict_refuses_before_anything_is_made_and_names_each_place() {
    let stage = stage();
    assert_data_eq!(
        stage.text("--enforcement strict up -d").await,
        str![[r#"
status 1
---
error: Backend 'podman' cannot honor the spec for service 'web', service 'db', network 'default': compose.yaml:5:74: web: healthcheck.start_interval (podman has no start interval; the interval is used); compose.yaml:6:17: web: domainname (podman has no domain name of its own); compose.yaml:9:5: db: links (podman has no links; the service's names are found through its networks); compose.yaml:12:18: default: enable_ipv4 (podman networks always have IPv4)

"#]]
    );
    assert_eq!(stage.runtime.inner().text(), "", "nothing is there");
    // The variable says the same.
    let mut stage = stage;
    stage.env.push(("PERRY_CONTAINER_ENFORCEMENT", "strict".to_owned()));
    assert_eq!(stage.run("create").await.status, 1);
    assert_eq!(stage.runtime.inner().text(), "", "nothing is there");
    // The flag is stronger.
    assert_data_eq!(
        stage.text("--enforcement lenient --progress quiet create").await,
        str![[r#"
status 0
---
level=warning msg="compose.yaml:5:74: services.web.healthcheck.start_interval: podman has no start interval; the interval is used"
level=warning msg="compose.yaml:6:17: services.web.domainname: podman has no domain name of its own"
level=warning msg="compose.yaml:9:5: services.db.links: podman has no links; the service's names are found through its networks"
level=warning msg="compose.yaml:12:18: networks.default.enable_ipv4: podman networks always have IPv4"
level=warning msg="podman runs health checks by systemd timers only; those of web run only while perry-compose waits or is attached"

"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn lenient_and_warn_tell_each_place() {
    let stage = stage();
    assert_data_eq!(
        stage.run("--progress quiet create").await.err,
        str![[r#"
level=warning msg="compose.yaml:5:74: services.web.healthcheck.start_interval: podman has no start interval; the interval is used"
level=warning msg="compose.yaml:6:17: services.web.domainname: podman has no domain name of its own"
level=warning msg="compose.yaml:9:5: services.db.links: podman has no links; the service's names are found through its networks"
level=warning msg="compose.yaml:12:18: networks.default.enable_ipv4: podman networks always have IPv4"
level=warning msg="podman runs health checks by systemd timers only; those of web run only while perry-compose waits or is attached"

"#]]
    );
    assert_data_eq!(
        stage.run("--progress quiet --enforcement warn create --force-recreate").await.err,
        str![[r#"
level=warning msg="compose.yaml:5:5: services.web.healthcheck: podman runs health checks by systemd timers only"
level=warning msg="compose.yaml:5:74: services.web.healthcheck.start_interval: podman has no start interval; the interval is used"
level=warning msg="compose.yaml:6:17: services.web.domainname: podman has no domain name of its own"
level=warning msg="compose.yaml:9:5: services.db.links: podman has no links; the service's names are found through its networks"
level=warning msg="compose.yaml:12:18: networks.default.enable_ipv4: podman networks always have IPv4"
level=warning msg="podman runs health checks by systemd timers only; those of web run only while perry-compose waits or is attached"

"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn a_word_that_is_no_mode_is_refused() {
    let mut stage = stage();
    stage.env.push(("PERRY_CONTAINER_ENFORCEMENT", "harsh".to_owned()));
    assert_data_eq!(
        stage.text("up -d").await,
        str![[r#"
status 1
---
error: PERRY_CONTAINER_ENFORCEMENT: `harsh` is not one of lenient, warn and strict

"#]]
    );
}
