//! Values nobody wrote, and the checks that need no other part of the document.

use perry_container_yaml::{Kind, Map, Node, Span};

use crate::{
    ProblemKind, PropertyPath,
    problem::{Fault, Faults},
    shape::set_default,
};

/// Default values of a canonical document: compose-go's `transform.SetDefaultValues`.
pub(crate) fn set_defaults(root: &mut Node) {
    each_service(root, |_, service| {
        if let Some(build) = member_map(service, "build") {
            let span = first_span(build);
            set_default(build, "context", Kind::Str(".".to_owned()), span);
        }
        each_item(service, "secrets", |secret, span| {
            let source = secret.get("source").and_then(|entry| entry.value.as_str());
            if let Some(target) = source.map(|source| format!("/run/secrets/{source}")) {
                set_default(secret, "target", Kind::Str(target), span);
            }
        });
        each_item(service, "ports", |port, span| {
            set_default(port, "protocol", Kind::Str("tcp".to_owned()), span);
            set_default(port, "mode", Kind::Str("ingress".to_owned()), span);
        });
        each_item(service, "gpus", device_count);
        if let Some(deploy) = member_map(service, "deploy")
            && let Some(resources) = member_map(deploy, "resources")
            && let Some(reservations) = member_map(resources, "reservations")
        {
            each_item(reservations, "devices", device_count);
        }
    });
}

fn device_count(device: &mut Map, span: Span) {
    if !device.contains_key("device_ids") {
        set_default(device, "count", Kind::Str("all".to_owned()), span);
    }
}

/// Contradictions inside one property: compose-go's `validation` package.
pub(crate) fn check(root: &Node) -> Result<(), Faults> {
    let mut faults = Vec::new();
    let top = |key: &str| root.get(key).and_then(Node::as_map).into_iter().flatten();
    for (name, entry) in top("volumes") {
        let path = PropertyPath::from_iter(["volumes", name]);
        let Some(volume) = entry.value.as_map() else { continue };
        if !is_true(volume, "external") {
            continue;
        }
        for (key, entry) in volume {
            if !matches!(key.as_str(), "name" | "external") && !key.starts_with("x-") {
                let message = format!("conflicting parameters `external` and `{key}`");
                faults.push(
                    Fault::new(ProblemKind::Conflict, &path, entry.key, message)
                        .hint("an external volume is used as it is"),
                );
            }
        }
    }
    for (kind, sources) in [
        ("configs", &["file", "environment", "content"][..]),
        ("secrets", &["file", "environment"]),
    ] {
        for (name, entry) in top(kind) {
            let path = PropertyPath::from_iter([kind, name]);
            let Some(map) = entry.value.as_map() else { continue };
            let given: Vec<&&str> = sources.iter().filter(|key| map.contains_key(**key)).collect();
            let fault =
                |message: String| Fault::new(ProblemKind::Conflict, &path, entry.key, message);
            match given.len() {
                0 if !map.contains_key("driver") && !map.contains_key("external") => {
                    faults.push(fault(format!("one of {} must be set", sources.join(", "))));
                }
                0 | 1 => {}
                _ => faults.push(fault(format!("{} exclude each other", sources.join(", ")))),
            }
        }
    }
    for (name, entry) in top("services") {
        let path = PropertyPath::from_iter(["services", name]);
        check_service(&entry.value, &path, &mut faults);
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

fn check_service(service: &Node, path: &PropertyPath, faults: &mut Faults) {
    let devices = |node: Option<&Node>, path: PropertyPath, faults: &mut Faults| {
        for (number, device) in node.and_then(Node::as_seq).into_iter().flatten().enumerate() {
            if device.get("count").is_some()
                && let Some(ids) = device.get("device_ids")
            {
                let message = "`count` and `device_ids` exclude each other";
                let path = path.join(number);
                faults.push(Fault::new(ProblemKind::Conflict, &path, ids.span, message));
            }
        }
    };
    devices(service.get("gpus"), path.join("gpus"), faults);
    let mut at = Some(service);
    let mut deep = path.clone();
    for key in ["deploy", "resources", "reservations", "devices"] {
        at = at.and_then(|node| node.get(key));
        deep.push(key);
    }
    devices(at, deep, faults);
    // A number may be -1, for no limit; a text may not.
    for key in ["mem_limit", "mem_reservation", "memswap_limit", "mem_swappiness", "shm_size"] {
        if let Some(node) = service.get(key)
            && let Some(text) = node.as_str()
            && text.starts_with('-')
        {
            let message = format!("invalid size {text:?}");
            let mut fault = Fault::new(ProblemKind::Value, &path.join(key), node.span, message);
            if text == "-1" {
                fault = fault.hint("write -1 without quotes");
            }
            faults.push(fault);
        }
    }
    let watch = service.get("develop").and_then(|develop| develop.get("watch"));
    for (number, trigger) in watch.and_then(Node::as_seq).into_iter().flatten().enumerate() {
        if let Some(target) = trigger.get("path")
            && target.as_str() == Some("")
        {
            let path = path.join("develop").join("watch").join(number).join("path");
            faults.push(Fault::new(ProblemKind::Value, &path, target.span, "must not be blank"));
        }
    }
    let volumes = service.get("volumes").and_then(Node::as_seq).into_iter().flatten();
    for (number, volume) in volumes.enumerate() {
        let source = volume.get("source").and_then(Node::as_str).unwrap_or("");
        if volume.get("type").and_then(Node::as_str) == Some("bind") && source.is_empty() {
            let path = path.join("volumes").join(number);
            faults.push(
                Fault::new(ProblemKind::Value, &path, volume.span, "a bind mount needs a source")
                    .hint("add `source: ./path`"),
            );
        }
    }
}

pub(crate) fn each_service(root: &mut Node, mut act: impl FnMut(&str, &mut Map)) {
    let Some(services) = root.get_mut("services").and_then(Node::as_map_mut) else { return };
    for (name, entry) in services.iter_mut() {
        if let Some(service) = entry.value.as_map_mut() {
            act(name, service);
        }
    }
}

/// The maps of a list.
pub(crate) fn each_item(map: &mut Map, key: &str, mut act: impl FnMut(&mut Map, Span)) {
    let Some(Kind::Seq(items)) = map.get_mut(key).map(|entry| &mut entry.value.kind) else {
        return;
    };
    for item in items {
        let span = item.span;
        if let Some(item) = item.as_map_mut() {
            act(item, span);
        }
    }
}

pub(crate) fn member_map<'a>(map: &'a mut Map, key: &str) -> Option<&'a mut Map> {
    map.get_mut(key)?.value.as_map_mut()
}

pub(crate) fn is_true(map: &Map, key: &str) -> bool {
    map.get(key).is_some_and(|entry| match &entry.value.kind {
        Kind::Bool(on) => *on,
        Kind::Str(text) => text == "true",
        _ => false,
    })
}

pub(crate) fn first_span(map: &Map) -> Span {
    map.first().map(|(_, entry)| entry.key).unwrap_or_default()
}
