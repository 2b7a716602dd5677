//! Output of several containers as lines.

use crate::world::{over, project, s, session, up};
use futures_util::{StreamExt as _, TryStreamExt as _};
use perry_container_backend::ContainerBackend as _;
use perry_container_engine::{LogItem, LogsOptions};
use perry_container_reconcile::Desired;
use perry_container_testkit::{Script, Sim};
use serde_json::json;
use snapbox::{assert_data_eq, str};

fn chatty() -> Sim {
    let web = Script::new().prints(s(1), "web one").complains(s(3), "web two").exits_after(s(5), 0);
    let db = Script::new().prints(s(2), "db one").prints(s(4), "db two").exits_after(s(6), 2);
    Sim::new().with_registry("web:1", web).with_registry("db:1", db)
}

fn desired() -> Desired {
    project(json!({"web": {"image": "web:1"}, "db": {"image": "db:1"}}))
}

fn text(item: &LogItem) -> String {
    match item {
        LogItem::Line(line) => format!("{} | {}\n", line.container, line.line),
        LogItem::Ended { container, status, .. } => format!("{container} ended {status:?}\n"),
        _ => String::new(),
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_printed_comes_in_the_order_of_time() {
    let runtime = over(chatty());
    up(&runtime, &desired()).await.unwrap();
    tokio::time::sleep(s(10)).await;
    let lines = async |options: LogsOptions| {
        let flow = session(&runtime).logs("demo", &options).await.unwrap();
        flow.map_ok(|item| text(&item)).try_collect::<Vec<_>>().await.unwrap().concat()
    };
    assert_data_eq!(
        lines(LogsOptions::default()).await,
        str![[r#"
demo-web-1 | web one
demo-db-1 | db one
demo-web-1 | web two
demo-db-1 | db two

"#]]
    );
    let tail = LogsOptions { tail: Some(1), ..LogsOptions::default() };
    assert_eq!(lines(tail).await, "demo-web-1 | web two\ndemo-db-1 | db two\n");
    let one = LogsOptions { services: ["db".to_owned()].into(), ..LogsOptions::default() };
    assert_eq!(lines(one).await, "demo-db-1 | db one\ndemo-db-1 | db two\n");
}

#[tokio::test(start_paused = true)]
async fn following_goes_on_over_a_restart_and_ends_with_the_last() {
    let runtime = over(chatty());
    up(&runtime, &desired()).await.unwrap();
    let options = LogsOptions { follow: true, ..LogsOptions::default() };
    let flow = session(&runtime).logs("demo", &options).await.unwrap();
    let sim = runtime.inner().clone();
    tokio::spawn(async move {
        tokio::time::sleep(s(2) + s(1) / 2).await;
        sim.stop("demo-db-1", None).await.unwrap();
        sim.start("demo-db-1").await.unwrap();
    });
    let lines: Vec<String> = flow.map_ok(|item| text(&item)).try_collect().await.unwrap();
    assert_data_eq!(
        lines.concat(),
        str![[r#"
demo-web-1 | web one
demo-db-1 | db one
demo-db-1 ended Some(143)
demo-web-1 | web two
demo-db-1 | db one
demo-web-1 ended Some(0)
demo-db-1 | db two
demo-db-1 ended Some(2)

"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn a_container_that_comes_later_is_followed_too() {
    let quiet = Script::new().exits_after(s(9), 0);
    let runtime = over(chatty().with_registry("quiet:1", quiet));
    let first = project(json!({"quiet": {"image": "quiet:1"}}));
    up(&runtime, &first).await.unwrap();
    let options = LogsOptions { follow: true, ..LogsOptions::default() };
    let flow = session(&runtime).logs("demo", &options).await.unwrap();
    let later = std::sync::Arc::clone(&runtime);
    tokio::spawn(async move {
        let all = project(json!({"quiet": {"image": "quiet:1"}, "web": {"image": "web:1"}}));
        up(&later, &all).await.unwrap();
    });
    let lines: Vec<String> = flow.map_ok(|item| text(&item)).try_collect().await.unwrap();
    assert_data_eq!(
        lines.concat(),
        str![[r#"
demo-web-1 | web one
demo-web-1 | web two
demo-web-1 ended Some(0)
demo-quiet-1 ended Some(0)

"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn dropping_the_flow_ends_what_feeds_it() {
    let runtime = over(chatty());
    up(&runtime, &desired()).await.unwrap();
    let options = LogsOptions { follow: true, ..LogsOptions::default() };
    let mut flow = session(&runtime).logs("demo", &options).await.unwrap();
    flow.next().await.unwrap().unwrap();
    drop(flow);
    runtime.clear();
    tokio::time::sleep(s(60)).await;
    assert_eq!(runtime.count(""), 0);
}
