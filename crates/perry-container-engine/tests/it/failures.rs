//! A failed `up` says which service, why, and what its container said last; and the world is as it was.

use crate::world::{over, project, runtime, s, session, stack, up, up_with, with};
use perry_container_engine::{EngineError, Reason};
use perry_container_reconcile::{PullPolicy, UpOptions};
use perry_container_spec::{Health, State};
use perry_container_testkit::{Fault, Script, Sim};
use serde_json::json;
use snapbox::{assert_data_eq, str};

fn failure(error: EngineError) -> perry_container_engine::Failure {
    match error {
        EngineError::Failed(failure) => *failure,
        other => panic!("{other}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_that_dies_before_it_is_healthy() {
    let mut db = Script::new().never_healthy().exits_after(s(5) / 2, 3);
    for n in 0..14 {
        db = db.prints(s(n) / 8, format!("line {n}"));
    }
    let runtime = over(
        Sim::new()
            .with_any_image()
            .with_registry("db:1", db.complains(s(2), "FATAL: password authentication failed")),
    );
    let failure = failure(up(&runtime, &stack()).await.unwrap_err());
    assert_data_eq!(
        failure.to_string(),
        str![[r#"
service `db` exited (3) before it was healthy
the last it printed (demo-db-1):
  line 5
  line 6
  line 7
  line 8
  line 9
  line 10
  line 11
  line 12
  line 13
  FATAL: password authentication failed
"#]]
    );
    assert_eq!((failure.service.as_deref(), failure.code()), (Some("db"), 3));
    assert!(matches!(failure.reason, Reason::Exited { status: Some(3), oom: false, .. }));
    assert_data_eq!(
        failure.report.run.text(),
        str![[r#"
#0 create network demo_default (missing): done
#1 pull db:1 (missing): done
#2 pull cache:1 (missing): done
#3 pull web:1 (missing): done
#4 create demo-db-1 (missing) needs 0 1: done
#5 start demo-db-1 (missing) needs 4: done
#6 create demo-cache-1 (missing) needs 0 2: done
#7 start demo-cache-1 (missing) needs 6: done
#8 await demo-db-1 healthy (web-1 depends on it) needs 5: failed
#9 create demo-web-1 (missing) needs 0 3 7 8: skipped
#10 start demo-web-1 (missing) needs 9: skipped

"#]]
    );
    assert_eq!(runtime.inner().text(), "");
}

#[tokio::test(start_paused = true)]
async fn a_check_that_fails() {
    let db = Script::new().never_healthy().complains(s(1), "could not bind");
    let runtime = over(Sim::new().with_any_image().with_registry("db:1", db));
    let error = up(&runtime, &stack()).await.unwrap_err();
    assert_data_eq!(
        error.to_string(),
        str![[r#"
service `db` is unhealthy
the last it printed (demo-db-1):
  could not bind
"#]]
    );
    assert_eq!(runtime.inner().text(), "");
}

#[tokio::test(start_paused = true)]
async fn a_missing_image() {
    let runtime = over(Sim::new().with_registry("cache:1", Script::new()));
    let desired = project(json!({"web": {"image": "nope:1"}, "cache": {"image": "cache:1"}}));
    let error = up(&runtime, &desired).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "service `web`: could not pull `nope:1`: manifest for nope:1 not found: manifest unknown"
    );
    assert_eq!((error.code(), runtime.inner().text()), (404, String::new()));
}

#[tokio::test(start_paused = true)]
async fn a_taken_port_and_who_holds_it() {
    let port =
        |host: &str| json!({"target": 80, "published": host, "protocol": "tcp", "mode": "ingress"});
    let runtime = over(Sim::new().with_any_image());
    let other = project(json!({"old": {"image": "app:1", "ports": [port("8080")]}}));
    up(&runtime, &other).await.unwrap();
    let before = runtime.inner().text();
    let mut desired = project(json!({
        "db": {"image": "db:1"},
        "web": {"image": "app:1", "ports": [port("8080")], "depends_on": {"db": {"condition": "service_started"}}},
    }));
    desired.known.insert("old".to_owned());
    let error = up(&runtime, &desired).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "service `web`: could not start `demo-web-1`: Bind for 0.0.0.0:8080 failed: port is already allocated (held by \
         container `demo-old-1`)"
    );
    assert_eq!(runtime.inner().text(), before);
    runtime.inner().occupy(9090);
    let desired = project(json!({"web": {"image": "app:1", "ports": [port("9090")]}}));
    let error = up(&runtime, &desired).await.unwrap_err();
    assert!(error.to_string().ends_with("port is already allocated"), "{error}");
    assert_eq!(error.code(), 409);
}

#[tokio::test(start_paused = true)]
async fn a_one_shot_that_fails() {
    let job = Script::new().exits_after(s(1), 9).prints(s(0), "migration 7 failed");
    let runtime = over(Sim::new().with_any_image().with_registry("job:1", job));
    let desired = project(json!({
        "job": {"image": "job:1"},
        "web": {"image": "web:1", "depends_on": {"job": {"condition": "service_completed_successfully"}}},
    }));
    let error = up(&runtime, &desired).await.unwrap_err();
    assert_data_eq!(
        error.to_string(),
        str![[r#"
service `job` didn't complete successfully: exit 9
the last it printed (demo-job-1):
  migration 7 failed
"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn a_hook_that_fails() {
    let web = Script::new().answers("./warm-up --all", "cache is cold\n", 4);
    let runtime = over(Sim::new().with_any_image().with_registry("web:1", web));
    let desired = project(json!({
        "web": {"image": "web:1", "post_start": [{"command": ["./warm-up", "--all"]}]},
        "db": {"image": "db:1", "post_start": [{"command": ["true"]}]},
    }));
    let error = up(&runtime, &desired).await.unwrap_err();
    assert_eq!(error.to_string(), "service `web` hook exited with status 4: cache is cold");
    assert_eq!((error.code(), runtime.inner().text()), (4, String::new()));
}

#[tokio::test(start_paused = true)]
async fn what_ran_before_runs_again() {
    let sick = Script::new().never_healthy();
    let runtime = over(Sim::new().with_any_image().with_registry("db:2", sick));
    up(&runtime, &stack()).await.unwrap();
    let before = runtime.inner().text();
    let check = json!({"test": ["CMD", "true"], "interval": "1s"});
    let newer = project(json!({
        "db": {"image": "db:2", "healthcheck": check},
        "cache": {"image": "cache:1"},
        "web": {
            "image": "web:1",
            "depends_on": {"db": {"condition": "service_healthy"}, "cache": {"condition": "service_started"}},
        },
    }));
    let failure = failure(up(&runtime, &newer).await.unwrap_err());
    assert!(failure.to_string().starts_with("service `db` is unhealthy"), "{failure}");
    assert_eq!(runtime.inner().text(), before);
    assert!(failure.report.undo.unwrap().succeeded() && failure.report.left.is_empty());
}

#[tokio::test(start_paused = true)]
async fn without_rollback_what_was_made_stays() {
    let runtime =
        over(Sim::new().with_any_image().with_registry("db:1", Script::new().never_healthy()));
    let options = UpOptions { no_rollback: true, ..UpOptions::default() };
    assert!(up_with(&runtime, &stack(), &options).await.is_err());
    assert_eq!(runtime.inner().peek("demo-db-1").unwrap().state, State::Running);
}

/// The old container runs again, with its id and its volumes; without rollback the service is down, and that is said.
#[tokio::test(start_paused = true)]
async fn a_recreate_that_fails() {
    let stack = |image: &str| {
        let db = json!({
            "image": image,
            "volumes": [
                {"type": "volume", "source": "data", "target": "/data"},
                {"type": "volume", "target": "/cache"},
            ],
        });
        with(json!({"db": db, "web": {"image": "web:1"}}), &json!({"data": {}}))
    };
    for no_rollback in [false, true] {
        let runtime = over(
            Sim::new()
                .with_any_image()
                .with_registry("db:2", Script::new().broken("exec format error")),
        );
        up(&runtime, &stack("db:1")).await.unwrap();
        let old = runtime.inner().peek("demo-db-1").unwrap();
        let options = UpOptions { no_rollback, ..UpOptions::default() };
        let error = up_with(&runtime, &stack("db:2"), &options).await.unwrap_err();
        let now = runtime.inner().peek(&old.id).unwrap();
        assert_eq!(now.mounts, old.mounts);
        let text = error.to_string();
        if no_rollback {
            assert_data_eq!(
                text,
                str![[r#"
service `db`: could not start `demo-db-1`: exec format error
service `db` is down: nothing was taken back, its old container is demo-db-1@1_demo-db-1
"#]]
            );
            assert_eq!((now.name.as_str(), now.state), ("demo-db-1@1_demo-db-1", State::Exited));
            assert_eq!(runtime.inner().peek("demo-db-1").unwrap().state, State::Created);
        } else {
            assert_data_eq!(
                text,
                str!["service `db`: could not start `demo-db-1`: exec format error"]
            );
            assert_eq!((now.name.as_str(), now.state), ("demo-db-1", State::Running));
        }
        assert_eq!(runtime.inner().peek("demo-web-1").unwrap().state, State::Running);
        // The next up, with an image that works, has the data of the old one.
        up(&runtime, &stack("db:3")).await.unwrap();
        let next = runtime.inner().peek("demo-db-1").unwrap();
        assert_eq!((next.state, &next.mounts), (State::Running, &old.mounts));
        assert!(runtime.inner().peek(&old.id).is_none());
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_taken_back_is_named() {
    let runtime =
        over(Sim::new().with_any_image().with_registry("db:1", Script::new().never_healthy()));
    runtime.fail_matching("remove_each demo-cache-1", Fault::refused());
    let error = up(&runtime, &stack()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "service `db` is unhealthy; could not take back: remove demo-cache-1, remove network demo_default (the next `up` or \
         `down` mends it)"
    );
}

#[tokio::test(start_paused = true)]
async fn a_run_that_waits_for_all_says_what_did_not_come_up() {
    let app = Script::new().exits_after(s(0), 0);
    let runtime = over(Sim::new().with_any_image().with_registry("once:1", app));
    let desired = project(json!({"once": {"image": "once:1"}, "web": {"image": "web:1"}}));
    up(&runtime, &desired).await.unwrap();
    let options = UpOptions { wait: true, ..UpOptions::default() };
    let error = up_with(&runtime, &desired, &options).await.unwrap_err();
    assert_eq!(error.to_string(), "service `once` exited (0) before it was up");
}

#[tokio::test(start_paused = true)]
async fn a_wait_may_be_too_long() {
    let slow = Script::new().healthy_after(s(60));
    let runtime = over(Sim::new().with_any_image().with_registry("db:1", slow));
    let mut desired = stack();
    let db = desired.units.values_mut().find(|unit| unit.image.reference == "db:1").unwrap();
    db.template.healthcheck.as_mut().unwrap().retries = Some(100);
    let options = UpOptions { wait: true, wait_timeout: Some(s(3)), ..UpOptions::default() };
    let error = up_with(&runtime, &desired, &options).await.unwrap_err();
    assert_eq!(error.to_string(), "service `db` is not healthy after 3 s");
    up(&runtime, &desired).await.unwrap();
    assert_eq!(runtime.inner().peek("demo-db-1").unwrap().health, Some(Health::Healthy));
}

#[tokio::test(start_paused = true)]
async fn a_pull_that_fails_leaves_the_running_container_alone() {
    let runtime = runtime();
    up(&runtime, &stack()).await.unwrap();
    let before = runtime.inner().text();
    runtime.fail_matching("pull db:1", Fault::refused());
    let options = UpOptions { pull: Some(PullPolicy::Always), ..UpOptions::default() };
    let error = up_with(&runtime, &stack(), &options).await.unwrap_err();
    assert_eq!(error.to_string(), "service `db`: could not pull `db:1`: injected");
    assert_eq!(runtime.inner().text(), before);
    runtime.heal();
    let brakes = perry_container_executor::Brakes::default();
    let pulled = session(&runtime)
        .pull(&stack(), &UpOptions::default(), false, false, &brakes, &mut |_| ())
        .await
        .unwrap();
    assert!(pulled.run.succeeded());
}
