//! Five stacks that differ in everything that plans depend on, and how each of them changes.

use perry_container_reconcile::{Context, Desired, lower};
use perry_container_testkit::{Script, Sim};
use serde_json::{Value, json};
use std::time::Duration;

/// A stack as it was, and what it may become.
pub(super) struct Stack {
    pub(super) name: &'static str,
    pub(super) was: Desired,
    /// What changed, and the stack with the change.
    pub(super) drifts: Vec<(&'static str, Desired)>,
    pub(super) more: Desired,
    pub(super) fewer: Desired,
}

/// A model; `scale` over what it says. The project's name is short, so that ids of the simulation differ in their first
/// twelve characters.
fn model(spec: &Value, scale: &[(&str, u32)]) -> Desired {
    let mut spec = spec.clone();
    for service in spec["services"].as_object_mut().unwrap().values_mut() {
        let service = service.as_object_mut().unwrap();
        if !service.contains_key("network_mode") {
            service.entry("networks").or_insert(json!({"default": null}));
        }
    }
    for kind in ["networks", "volumes"] {
        for (key, of) in spec[kind].as_object_mut().unwrap() {
            of.as_object_mut().unwrap().entry("name").or_insert(json!(format!("m_{key}")));
        }
    }
    let spec = serde_json::from_value(spec).unwrap();
    let scale = scale.iter().map(|(service, n)| ((*service).to_owned(), *n)).collect();
    let context = Context { project: "m".to_owned(), scale, ..Context::default() };
    lower(&spec, &context).unwrap().0
}

/// The model with a value put at a place (`/services/db/image`).
fn with(spec: &Value, place: &str, value: Value) -> Value {
    let mut spec = spec.clone();
    let (parent, key) = place.rsplit_once('/').unwrap();
    spec.pointer_mut(parent).unwrap()[key] = value;
    spec
}

fn without(spec: &Value, service: &str) -> Value {
    let mut spec = spec.clone();
    spec["services"].as_object_mut().unwrap().remove(service);
    spec
}

/// Images of the stacks whose containers do not just run.
pub(super) fn sim() -> Sim {
    let ms = Duration::from_millis;
    Sim::new()
        .with_any_image()
        .with_registry("mig:1", Script::new().exits_after(ms(300), 0))
        .with_registry("mig:2", Script::new().exits_after(ms(300), 0))
        .with_registry("db:1", Script::new().healthy_after(ms(700)))
        .with_registry("hook:1", warm())
        .with_registry("hook:2", warm())
        .with_registry("app:1", warm())
        .with_registry("app:2", warm())
}

fn warm() -> Script {
    Script::new().answers("warm up", "", 0).answers("bye", "", 0)
}

fn check() -> Value {
    json!({"test": ["CMD", "true"], "interval": "1s", "retries": 3})
}

fn volume(source: Option<&str>, target: &str) -> Value {
    let mut mount = json!({"type": "volume", "target": target});
    if let Some(source) = source {
        mount["source"] = json!(source);
    }
    mount
}

fn single() -> Stack {
    let spec = json!({
        "name": "m",
        "services": {"db": {
            "image": "db:1",
            "healthcheck": check(),
            "volumes": [volume(Some("data"), "/data"), volume(None, "/cache")],
        }},
        "networks": {"default": {}},
        "volumes": {"data": {}},
    });
    let config = with(&spec, "/services/db/environment", json!({"A": "1"}));
    let image = with(&spec, "/services/db/image", json!("db:2"));
    let network = with(&spec, "/networks/default/internal", json!(true));
    let mut moved = with(&spec, "/volumes/logs", json!({}));
    moved["services"]["db"]["volumes"] =
        json!([volume(Some("data"), "/data"), volume(Some("logs"), "/logs")]);
    Stack {
        name: "single",
        was: model(&spec, &[]),
        drifts: vec![
            ("config", model(&config, &[])),
            ("image", model(&image, &[])),
            ("network", model(&network, &[])),
            ("volumes", model(&moved, &[])),
        ],
        more: model(&spec, &[("db", 2)]),
        fewer: model(&spec, &[("db", 0)]),
    }
}

fn web() -> Stack {
    let on =
        |condition: &str, required: bool| json!({"condition": condition, "required": required});
    let spec = json!({
        "name": "m",
        "services": {
            "db": {
                "image": "db:1",
                "healthcheck": check(),
                "volumes": [volume(Some("data"), "/data")],
            },
            "ca": {"image": "ca:1"},
            "mig": {"image": "mig:1", "depends_on": {"db": on("service_healthy", true)}},
            "web": {
                "image": "web:1",
                "volumes": [volume(Some("files"), "/files")],
                "depends_on": {
                    "db": {"condition": "service_healthy", "required": true, "restart": true},
                    "mig": on("service_completed_successfully", true),
                    "ca": on("service_started", false),
                },
            },
        },
        "networks": {"default": {}},
        "volumes": {"data": {}, "files": {"name": "archive", "external": true}},
    });
    let config = with(&spec, "/services/db/environment", json!({"A": "1"}));
    let image = with(&spec, "/services/mig/image", json!("mig:2"));
    let two = with(
        &with(&spec, "/services/web/image", json!("web:2")),
        "/services/ca/image",
        json!("ca:2"),
    );
    Stack {
        name: "web",
        was: model(&spec, &[]),
        drifts: vec![
            ("config", model(&config, &[])),
            ("image", model(&image, &[])),
            ("two images", model(&two, &[])),
            (
                "service removed",
                model(&without(&with(&spec, "/services/web/depends_on", json!({})), "ca"), &[]),
            ),
        ],
        more: model(&spec, &[("web", 3)]),
        fewer: model(&spec, &[("web", 0)]),
    }
}

fn networks() -> Stack {
    let spec = json!({
        "name": "m",
        "services": {
            "web": {"image": "web:1", "networks": {"front": {"aliases": ["site"]}, "back": null, "office": null}},
            "api": {"image": "api:1", "networks": {"back": {"aliases": ["rpc", "rest"]}}},
            "job": {"image": "job:1", "networks": {"back": null, "deep": null}},
        },
        "networks": {
            "front": {},
            "back": {},
            "deep": {"internal": true},
            "office": {"name": "office", "external": true},
        },
        "volumes": {},
    });
    let changed = with(&spec, "/networks/back/internal", json!(true));
    let both = with(&changed, "/networks/deep/internal", json!(false));
    let moved = with(&spec, "/services/api/networks", json!({"front": null}));
    // The service that is not in the project any more stays in the network that is made again.
    let orphan = with(&without(&spec, "job"), "/networks/back/internal", json!(true));
    Stack {
        name: "networks",
        was: model(&spec, &[]),
        drifts: vec![
            ("network", model(&changed, &[])),
            ("two networks", model(&both, &[])),
            ("moved", model(&moved, &[])),
            ("service removed", model(&orphan, &[])),
        ],
        more: model(&spec, &[("api", 2)]),
        fewer: model(&spec, &[("job", 0)]),
    }
}

fn shared() -> Stack {
    let spec = json!({
        "name": "m",
        "services": {
            "vpn": {
                "image": "hook:1",
                "volumes": [volume(None, "/keys")],
                "post_start": [{"command": ["warm", "up"]}, {"command": ["warm", "up"], "user": "root"}],
                "pre_stop": [{"command": ["bye"]}],
            },
            "app": {
                "image": "app:1",
                "network_mode": "service:vpn",
                "volumes": [volume(None, "/var/lib/app"), volume(Some("data"), "/data")],
                "post_start": [{"command": ["warm", "up"]}],
            },
            "box": {"image": "box:1", "volumes_from": ["app", "vpn:ro"], "pid": "service:app"},
        },
        "networks": {"default": {}},
        "volumes": {"data": {}},
    });
    let config = with(&spec, "/services/vpn/environment", json!({"A": "1"}));
    let image = with(&spec, "/services/app/image", json!("app:2"));
    let hook = with(&spec, "/services/vpn/image", json!("hook:2"));
    Stack {
        name: "shared",
        was: model(&spec, &[]),
        drifts: vec![
            ("config", model(&config, &[])),
            ("image", model(&image, &[])),
            ("image of a hook", model(&hook, &[])),
            ("service removed", model(&without(&spec, "box"), &[])),
        ],
        more: model(&spec, &[("box", 2)]),
        fewer: model(&spec, &[("box", 0)]),
    }
}

fn scaled() -> Stack {
    let port =
        json!({"target": 80, "published": "8000-8009", "protocol": "tcp", "mode": "ingress"});
    let spec = json!({
        "name": "m",
        "services": {
            "app": {
                "image": "m-app",
                "build": {"context": "/src"},
                "scale": 3,
                "ports": [port],
                "depends_on": {"q": {"condition": "service_started", "required": true}},
            },
            "q": {"image": "q:1", "pull_policy": "always", "scale": 2},
        },
        "networks": {"default": {}},
        "volumes": {},
    });
    let config = with(&spec, "/services/app/environment", json!({"A": "1"}));
    let image = with(&spec, "/services/q/image", json!("q:2"));
    Stack {
        name: "scaled",
        was: model(&spec, &[]),
        drifts: vec![
            ("config", model(&config, &[])),
            ("image", model(&image, &[])),
            (
                "service removed",
                model(&without(&with(&spec, "/services/app/depends_on", json!({})), "q"), &[]),
            ),
        ],
        more: model(&spec, &[("app", 5)]),
        fewer: model(&spec, &[("app", 1)]),
    }
}

pub(super) fn all() -> Vec<Stack> {
    vec![single(), web(), networks(), shared(), scaled()]
}
