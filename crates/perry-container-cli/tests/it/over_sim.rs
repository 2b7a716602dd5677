//! Commands as functions: everything from outside is handed in.

use super::stage::Stage;
use perry_container_testkit::{Fault, Script, Sim};
use snapbox::{IntoData as _, assert_data_eq, str};
use std::time::Duration;

const STACK: &str = "\
name: shop
services:
  web:
    image: web:1
    depends_on: {db: {condition: service_healthy}}
  db:
    image: db:1
    healthcheck: {test: [CMD, 'true'], interval: 1s}
";

#[tokio::test(start_paused = true)]
async fn up_ps_down() {
    let stage = Stage::new(STACK);
    assert_data_eq!(
        stage.text("up -d").await,
        str![[r#"
status 0
---
 Image db:1  Pulling
 Image web:1  Pulling
 Network shop_default  Creating
 Network shop_default  Created
 Image db:1  Pulled
 Container shop-db-1  Creating
 Image web:1  Pulled
 Container shop-db-1  Created
 Container shop-db-1  Starting
 Container shop-db-1  Started
 Container shop-db-1  Waiting
 Container shop-db-1  Healthy
 Container shop-web-1  Creating
 Container shop-web-1  Created
 Container shop-web-1  Starting
 Container shop-web-1  Started

"#]]
    );
    let template = "{{.Name}}:{{.State}}:{{.Health}}";
    assert_data_eq!(
        stage.text(&format!("ps --format {template}")).await,
        str![[r#"
status 0
shop-db-1:running:healthy
shop-web-1:running:
---

"#]]
    );
    assert_eq!(stage.run("--progress quiet down").await.text(), "status 0\n---\n");
    assert_eq!(stage.runtime.inner().text(), "");
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_said_once_and_is_the_status() {
    let stage = Stage::new(STACK);
    stage.runtime.fail_matching("start shop-web-1", Fault::refused());
    let done = stage.run("--progress quiet up -d").await;
    assert_eq!(done.status, 1);
    assert_data_eq!(
        done.err,
        str![[r#"
error: service `web`: could not start `shop-web-1`: injected

"#]]
    );
}

/// The first signal stops the containers of an attached `up`, and says so.
#[tokio::test(start_paused = true)]
async fn signals_are_pressed_by_hand() {
    for (terminate, status) in [(false, 130), (true, 143)] {
        let web = Script::new().prints(Duration::from_secs(1), "hello");
        let stage = Stage::over(STACK, Sim::new().with_any_image().with_registry("web:1", web));
        let done = stage
            .during("--progress quiet up", |outside| async move {
                while !outside.out.text().contains("hello") {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                let signals = outside.signals.unwrap();
                if terminate { signals.terminate() } else { signals.interrupt() }
            })
            .await;
        assert_eq!(done.status, status);
        assert_data_eq!(
            done.out,
            str![[r#"
Attaching to db-1, web-1
web-1  | hello
Gracefully Stopping... press Ctrl+C again to force
db-1 exited with code 143
web-1 exited with code 143

"#]]
            .unordered()
        );
        assert!(stage.runtime.inner().text().contains("shop-web-1 web:1 exited"));
    }
}

#[tokio::test(start_paused = true)]
async fn another_command_of_the_project_is_waited_for() {
    let stage = Stage::new(STACK);
    stage.write("compose.yaml", &STACK.replace("interval: 1s", "interval: 2s"));
    let (one, two) = tokio::join!(stage.run("up -d"), stage.run("up -d"));
    assert_eq!((one.status, two.status), (0, 0));
    assert_eq!(stage.runtime.count("create"), 2);
}
