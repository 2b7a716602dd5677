//! A runtime, a project, a session.

use perry_container_engine::{EngineError, Progress, Report, Session, SessionOptions};
use perry_container_executor::Brakes;
use perry_container_reconcile::{Context, Desired, DownOptions, UpOptions, lower};
use perry_container_testkit::{Sim, Tap};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

pub(crate) const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A project named `demo`; services without networks are in its default network.
pub(crate) fn project(services: Value) -> Desired {
    with(services, &json!({}))
}

/// The same with volumes.
pub(crate) fn with(mut services: Value, volumes: &Value) -> Desired {
    for service in services.as_object_mut().unwrap().values_mut() {
        let service = service.as_object_mut().unwrap();
        if !service.contains_key("network_mode") {
            service.entry("networks").or_insert(json!({"default": null}));
        }
    }
    let mut named = json!({});
    for key in volumes.as_object().unwrap().keys() {
        named[key] = json!({"name": format!("demo_{key}")});
    }
    let spec = json!({
        "name": "demo",
        "services": services,
        "networks": {"default": {"name": "demo_default"}},
        "volumes": named,
    });
    let spec = serde_json::from_value(spec).unwrap();
    let context = Context { project: "demo".to_owned(), ..Context::default() };
    lower(&spec, &context).unwrap().0
}

/// `web` waits for a healthy `db`; `cache` stands beside.
pub(crate) fn stack() -> Desired {
    project(json!({
        "db": {"image": "db:1", "healthcheck": {"test": ["CMD", "true"], "interval": "1s"}},
        "cache": {"image": "cache:1"},
        "web": {
            "image": "web:1",
            "depends_on": {"db": {"condition": "service_healthy"}, "cache": {"condition": "service_started"}},
        },
    }))
}

/// `n` services that depend on nothing.
pub(crate) fn many(n: usize) -> Desired {
    let services: serde_json::Map<String, Value> =
        (0..n).map(|n| (format!("s{n}"), json!({"image": "app:1"}))).collect();
    project(Value::Object(services))
}

pub(crate) type Runtime = Arc<Tap<Sim>>;

/// Every image can be pulled.
pub(crate) fn runtime() -> Runtime {
    over(Sim::new().with_any_image())
}

pub(crate) fn over(sim: Sim) -> Runtime {
    Arc::new(Tap::new(sim))
}

pub(crate) fn session(runtime: &Runtime) -> Session {
    Session::new(Arc::<Tap<Sim>>::clone(runtime), SessionOptions::default())
}

pub(crate) async fn up(runtime: &Runtime, desired: &Desired) -> Result<Report, EngineError> {
    up_with(runtime, desired, &UpOptions::default()).await
}

pub(crate) async fn up_with(
    runtime: &Runtime,
    desired: &Desired,
    options: &UpOptions,
) -> Result<Report, EngineError> {
    session(runtime).up(desired, options, &Brakes::default(), &mut |_| ()).await
}

pub(crate) async fn down(
    runtime: &Runtime,
    desired: Option<&Desired>,
    options: &DownOptions,
) -> Result<Report, EngineError> {
    session(runtime).down("demo", desired, options, &Brakes::default(), &mut |_| ()).await
}

/// Progress as lines.
pub(crate) fn line(progress: &Progress) -> String {
    match progress {
        Progress::Kept { object, text } => format!("{} {} {text}", object.kind, object.name),
        Progress::Begun { at, object: Some(object), text, .. } => {
            format!("{:>5} {} {} {text}", at.as_millis(), object.kind, object.name)
        }
        Progress::Ended { at, object: Some(object), text, error, .. } => {
            let error = error.as_ref().map(|error| format!(": {error}")).unwrap_or_default();
            format!("{:>5} {} {} {text}{error}", at.as_millis(), object.kind, object.name)
        }
        Progress::Planned { phase, actions } => format!("{phase:?}: {actions} actions"),
        Progress::Pull { reference, text, current, total } => {
            format!("      {reference} {text} {current}/{total}")
        }
        Progress::Note { text } => format!("note: {text}"),
        other => format!("{other:?}"),
    }
}
