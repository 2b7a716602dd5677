//! Which container a command is meant for.

use crate::world::{project, runtime, session, up};
use futures_util::TryStreamExt as _;
use perry_container_backend::Feed;
use perry_container_spec::ExecSpec;
use serde_json::json;

#[tokio::test(start_paused = true)]
async fn the_first_by_number_or_the_one_asked_for() {
    let runtime = runtime();
    let desired = project(json!({"web": {"image": "web:1", "scale": 2}}));
    up(&runtime, &desired).await.unwrap();
    let session = session(&runtime);
    let name = async |index| {
        session.container_of("demo", "web", index).await.map(|c| c.name).map_err(|e| e.to_string())
    };
    assert_eq!(name(None).await.unwrap(), "demo-web-1");
    assert_eq!(name(Some(2)).await.unwrap(), "demo-web-2");
    assert_eq!(name(Some(3)).await.unwrap_err(), "service \"web\" has no container number 3");
    let other = session.container_of("demo", "db", None).await.unwrap_err();
    assert_eq!(other.to_string(), "service \"db\" is not running");

    let what = ExecSpec::new(["sh", "-c", "exit 7"]);
    let running = session.exec("demo", "web", None, &what, Feed::Empty).await.unwrap();
    let frames: Vec<_> = running.output.try_collect().await.unwrap();
    assert_eq!((frames.len(), running.exit.await.unwrap()), (0, 7));
}
