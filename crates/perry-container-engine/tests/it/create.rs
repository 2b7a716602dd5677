//! `create` and `scale` are an `up`: either all is as desired, or the world is as it was.

use crate::world::{Runtime, line, over, project, runtime, s, session, stack, up};
use perry_container_engine::{EngineError, Report};
use perry_container_executor::Brakes;
use perry_container_reconcile::{Context, Desired, UpOptions, lower};
use perry_container_testkit::{Fault, Sim};
use serde_json::json;
use snapbox::{assert_data_eq, str};
use std::time::Duration;
use tokio::time::sleep;

async fn create(runtime: &Runtime, desired: &Desired) -> Result<Report, EngineError> {
    let options = UpOptions::default();
    session(runtime).create(desired, &options, &Brakes::default(), &mut |_| ()).await
}

async fn scale(runtime: &Runtime, desired: &Desired) -> Result<Report, EngineError> {
    let options = UpOptions::scaling(["web".to_owned()].into(), false);
    session(runtime).up(desired, &options, &Brakes::default(), &mut |_| ()).await
}

/// `web` leans on `db`, in so many containers.
fn scaled(web: u32) -> Desired {
    let spec = json!({
        "name": "demo",
        "networks": {"default": {"name": "demo_default"}},
        "services": {
            "db": {"image": "db:1", "networks": {"default": null}},
            "web": {"image": "web:1", "networks": {"default": null},
                "depends_on": {"db": {"condition": "service_started", "required": true}}},
        },
    });
    let context = Context {
        project: "demo".to_owned(),
        scale: [("web".to_owned(), web)].into(),
        ..Context::default()
    };
    lower(&serde_json::from_value(spec).unwrap(), &context).unwrap().0
}

#[tokio::test(start_paused = true)]
async fn create_makes_all_and_starts_nothing() {
    let (runtime, mut lines) = (runtime(), Vec::new());
    let mut tell = |progress| lines.push(line(&progress) + "\n");
    let (brakes, options) = (Brakes::default(), UpOptions::default());
    for _ in 0..2 {
        session(&runtime).create(&stack(), &options, &brakes, &mut tell).await.unwrap();
    }
    assert_data_eq!(
        lines.concat(),
        str![[r#"
Run: 7 actions
    0 Image db:1 Pulling
    0 Image cache:1 Pulling
    0 Image web:1 Pulling
    0 Network demo_default Creating
      db:1 Downloading 40/100
      cache:1 Downloading 40/100
      web:1 Downloading 40/100
   10 Network demo_default Created
      db:1 Pulled db:1 100/100
      cache:1 Pulled cache:1 100/100
      web:1 Pulled web:1 100/100
  420 Image db:1 Pulled
  420 Container demo-db-1 Creating
  420 Image cache:1 Pulled
  420 Container demo-cache-1 Creating
  420 Image web:1 Pulled
  420 Container demo-web-1 Creating
  520 Container demo-db-1 Created
  520 Container demo-cache-1 Created
  520 Container demo-web-1 Created
Container demo-db-1 Created
Container demo-cache-1 Created
Container demo-web-1 Created

"#]]
    );
    assert_data_eq!(
        runtime.inner().text(),
        str![[r#"
container demo-cache-1@2 demo-cache-1 cache:1 created
container demo-db-1@1 demo-db-1 db:1 created
container demo-web-1@3 demo-web-1 web:1 created
network demo_default

"#]]
    );
    runtime.clear();
    let report = up(&runtime, &stack()).await.unwrap();
    assert_data_eq!(
        report.run.text(),
        str![[r#"
#0 start demo-db-1 (stopped): done
#1 start demo-cache-1 (stopped): done
#2 await demo-db-1 healthy (web-1 depends on it) needs 0: done
#3 start demo-web-1 (stopped) needs 1 2: done

"#]]
    );
}

/// `a` shares the network of `b`.
fn leaning() -> Desired {
    project(json!({
        "a": {"image": "a:1", "network_mode": "service:b"},
        "b": {"image": "a:1"},
    }))
}

#[tokio::test(start_paused = true)]
async fn create_of_what_shares_a_namespace() {
    let (runtime, desired) = (runtime(), leaning());
    create(&runtime, &desired).await.unwrap();
    up(&runtime, &desired).await.unwrap();
    assert_eq!(up(&runtime, &desired).await.unwrap().run.plan.to_string(), "");
}

fn changed() -> Desired {
    project(json!({
        "db": {"image": "db:1", "environment": {"A": "1"}},
        "cache": {"image": "cache:2"},
        "web": {"image": "web:1", "depends_on": {"db": {"condition": "service_started"}}},
    }))
}

/// Each call of a `create`, of nothing and of what runs and differs, failed once.
#[tokio::test(start_paused = true)]
async fn a_create_that_fails_is_undone() {
    let mut cases = 0;
    for there in [false, true] {
        for fault in [Fault::refused(), Fault::CutBefore, Fault::CutAfter] {
            for n in 0.. {
                let runtime = runtime();
                if there {
                    up(&runtime, &stack()).await.unwrap();
                }
                let before = runtime.inner().text();
                runtime.clear();
                runtime.fail_nth(n, fault.clone());
                let result = create(&runtime, &changed()).await;
                sleep(s(60)).await;
                let Some(failed) = runtime.calls().get(n).map(ToString::to_string) else {
                    result.unwrap();
                    break;
                };
                cases += 1;
                let committed = match &result {
                    Ok(_) => true,
                    Err(EngineError::Failed(failure)) => failure.report.run.committed(),
                    Err(_) => false,
                };
                if !committed {
                    assert_eq!(runtime.inner().text(), before, "{fault:?} {failed}");
                }
                runtime.heal();
                up(&runtime, &changed()).await.unwrap();
                let again = up(&runtime, &changed()).await.unwrap();
                assert_eq!(again.run.plan.to_string(), "", "{fault:?} {failed}");
            }
        }
    }
    assert!(cases > 60, "only {cases} cases");
}

#[tokio::test(start_paused = true)]
async fn a_scale_that_fails_is_undone() {
    let mut cases = 0;
    for (from, to) in [(1, 3), (3, 1), (2, 0)] {
        for fault in [Fault::refused(), Fault::CutBefore, Fault::CutAfter] {
            for n in 0.. {
                let runtime = runtime();
                up(&runtime, &scaled(from)).await.unwrap();
                let before = runtime.inner().text();
                runtime.clear();
                runtime.fail_nth(n, fault.clone());
                let result = scale(&runtime, &scaled(to)).await;
                sleep(s(60)).await;
                let Some(failed) = runtime.calls().get(n).map(ToString::to_string) else {
                    result.unwrap();
                    break;
                };
                cases += 1;
                let committed = match &result {
                    Ok(_) => true,
                    Err(EngineError::Failed(failure)) => failure.report.run.committed(),
                    Err(_) => false,
                };
                if !committed {
                    assert_eq!(runtime.inner().text(), before, "{from} to {to} {fault:?} {failed}");
                }
                runtime.heal();
                scale(&runtime, &scaled(to)).await.unwrap();
                let again = scale(&runtime, &scaled(to)).await.unwrap();
                assert_eq!(again.run.plan.to_string(), "", "{from} to {to} {fault:?} {failed}");
            }
        }
    }
    assert!(cases > 30, "only {cases} cases");
}

#[tokio::test(start_paused = true)]
async fn a_signal_takes_a_create_back() {
    let runtime = over(Sim::new().with_any_image());
    let brakes = Brakes::default();
    let pulling = brakes.clone();
    tokio::spawn(async move {
        sleep(Duration::from_millis(450)).await; // while the first is made
        pulling.pull();
    });
    let (desired, options) = (leaning(), UpOptions::default());
    let error =
        session(&runtime).create(&desired, &options, &brakes, &mut |_| ()).await.unwrap_err();
    assert_eq!((error.to_string().as_str(), error.code()), ("interrupted", 130));
    assert_eq!(runtime.count("create"), 1);
    assert_eq!(runtime.inner().text(), "");
}

/// Scaling costs what it changes.
#[tokio::test(start_paused = true)]
async fn one_look_and_what_it_changes() {
    let runtime = runtime();
    create(&runtime, &scaled(2)).await.unwrap();
    let made = runtime.text();
    up(&runtime, &scaled(2)).await.unwrap();
    runtime.clear();
    scale(&runtime, &scaled(4)).await.unwrap();
    scale(&runtime, &scaled(1)).await.unwrap();
    assert_data_eq!(
        format!("{made}---\n{}", runtime.text()),
        str![[r#"
observe CNVI
pull db:1
pull web:1
create_network demo_default
inspect_images db:1
inspect_images web:1
create demo-db-1
create demo-web-1
create demo-web-2
---
observe CNVI
create demo-web-3
create demo-web-4
start demo-web-3@4
start demo-web-4@5
observe CNVI
stop demo-web-2@3
stop demo-web-3@4
stop demo-web-4@5
remove_each demo-web-2@3
remove_each demo-web-3@4
remove_each demo-web-4@5

"#]]
    );
}
