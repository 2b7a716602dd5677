//! What follows from what is written: default networks, names, implied dependencies.

use perry_container_interpolate::Env;
use perry_container_yaml::{Entry, Kind, Map, Node, Span};

use crate::{
    canonical::pairs_to_map,
    defaults::{each_item, each_service, first_span, is_true, member_map},
    grammar::volume,
    merge::{scalar_text, started},
    shape::{set, set_default},
};

/// compose-go's `loader.Normalize`. `values`: gives variables of services without a value the one they have outside, and
/// cleans the targets of mounts.
pub(crate) fn normalize(root: &mut Node, project: &str, env: &Env, values: bool) {
    let Some(map) = root.as_map_mut() else { return };
    let name_span = map.get("name").map(|entry| entry.value.span).unwrap_or_default();
    set(map, "name", Kind::Str(project.to_owned()), name_span);
    networks(root);
    each_service(root, |_, service| {
        if let Some(policy) = service.get_mut("pull_policy")
            && policy.value.as_str() == Some("if_not_present")
        {
            policy.value.kind = Kind::Str("missing".to_owned());
        }
        if let Some(build) = member_map(service, "build") {
            let span = first_span(build);
            set_default(build, "context", Kind::Str(".".to_owned()), span);
            if !build.contains_key("dockerfile_inline") {
                set_default(build, "dockerfile", Kind::Str("Dockerfile".to_owned()), span);
            }
            if let Some(args) = build.get_mut("args") {
                resolve(&mut args.value, env, false);
            }
        }
        if let Some(environment) = service.get_mut("environment").filter(|_| values) {
            resolve(&mut environment.value, env, true);
        }
        if values {
            each_item(service, "volumes", |volume, _| {
                if let Some(Kind::Str(target)) =
                    volume.get_mut("target").map(|entry| &mut entry.value.kind)
                {
                    *target = volume::clean(target);
                }
            });
        }
        dependencies(service);
    });
    names(root, project);
}

/// Gives keys without a value the one of the environment. Keys that have none there either are
/// kept or dropped.
pub(crate) fn resolve(node: &mut Node, env: &Env, keep: bool) {
    pairs_to_map(node);
    let Some(map) = node.as_map_mut() else { return };
    for (key, entry) in map.iter_mut() {
        if entry.value.is_null()
            && let Some(value) = env.get(key)
        {
            entry.value.kind = Kind::Str(value.to_owned());
        }
    }
    if !keep {
        map.retain(|_, entry| !entry.value.is_null());
    }
}

fn networks(root: &mut Node) {
    let mut uses_default = None;
    each_service(root, |_, service| {
        if service.contains_key("provider") || service.contains_key("network_mode") {
            return;
        }
        let key = service.get("networks").map(|entry| entry.key);
        let own = service.get("networks").and_then(|entry| entry.value.as_map());
        match own {
            Some(networks) if !networks.is_empty() => {
                if let Some(entry) = networks.get("default") {
                    uses_default.get_or_insert(entry.key);
                }
            }
            _ => {
                let span = key.unwrap_or_default();
                let entry = Entry { key: span, value: Node::new(Kind::Null, span) };
                let map: Map = [("default".to_owned(), entry)].into_iter().collect();
                set(service, "networks", Kind::Map(map), span);
                uses_default.get_or_insert(span);
            }
        }
    });
    let (Some(span), Some(map)) = (uses_default, root.as_map_mut()) else { return };
    set_default(map, "networks", Kind::Map(Map::new()), span);
    if let Some(entry) = map.get_mut("networks") {
        if entry.value.is_null() {
            entry.value.kind = Kind::Map(Map::new());
        }
        if let Some(networks) = entry.value.as_map_mut() {
            set_default(networks, "default", Kind::Null, span);
        }
    }
}

/// Dependencies that follow from links, shared namespaces and volumes of other services.
fn dependencies(service: &mut Map) {
    let mut implied: Vec<(String, bool, Span)> = Vec::new();
    let texts = |key: &str| {
        let items = service.get(key).and_then(|entry| entry.value.as_seq());
        items.into_iter().flatten().filter_map(|item| Some((item.as_str()?, item.span)))
    };
    for (link, span) in texts("links") {
        let name = link.split(':').next().unwrap_or(link);
        implied.push((name.to_owned(), true, span));
    }
    for namespace in ["network_mode", "ipc", "pid", "uts", "cgroup"] {
        let Some(entry) = service.get(namespace) else { continue };
        if let Some(name) = entry.value.as_str().and_then(|mode| mode.strip_prefix("service:")) {
            implied.push((name.to_owned(), true, entry.value.span));
        }
    }
    for (from, span) in texts("volumes_from") {
        if !from.starts_with("container:") {
            let name = from.split(':').next().unwrap_or(from);
            implied.push((name.to_owned(), false, span));
        }
    }
    if implied.is_empty() {
        return;
    }
    set_default(service, "depends_on", Kind::Map(Map::new()), implied[0].2);
    let Some(depends_on) = member_map(service, "depends_on") else { return };
    for (name, restart, span) in implied {
        if !depends_on.contains_key(&name) {
            let value = started(span, Some(restart), true);
            depends_on.insert(name, Entry { key: span, value });
        }
    }
}

/// The name of every resource in the runtime.
fn names(root: &mut Node, project: &str) {
    let Some(map) = root.as_map_mut() else { return };
    for kind in ["networks", "volumes", "configs", "secrets"] {
        let Some(resources) = member_map(map, kind) else { continue };
        for (key, entry) in resources.iter_mut() {
            let span = entry.key;
            if entry.value.is_null() {
                entry.value.kind = Kind::Map(Map::new());
            }
            let Some(resource) = entry.value.as_map_mut() else { continue };
            let named = resource.get("name").is_some_and(|name| !name.value.is_null());
            if !named {
                let external = is_true(resource, "external");
                let name = if external { key.clone() } else { format!("{project}_{key}") };
                set(resource, "name", Kind::Str(name), span);
            }
        }
    }
}

/// Configs that come from a variable get its value as content.
pub(crate) fn config_contents(root: &mut Node, env: &Env) {
    let configs = root.get_mut("configs").and_then(Node::as_map_mut);
    for (_, entry) in configs.into_iter().flatten() {
        let span = entry.value.span;
        let Some(config) = entry.value.as_map_mut() else { continue };
        let name = config.get("environment").and_then(|entry| entry.value.as_str());
        if let Some(value) = name.and_then(|name| env.get(name)) {
            let value = Kind::Str(value.to_owned());
            set(config, "content", value, span);
        }
    }
}

/// Whatever is still written short, once nothing is merged any more.
pub(crate) fn finish(root: &mut Node) -> Vec<(crate::PropertyPath, Span, String)> {
    let mut bad = Vec::new();
    each_service(root, |name, service| {
        let path = crate::PropertyPath::from_iter(["services", name]);
        for key in ["command", "entrypoint"] {
            if let Some(entry) = service.get_mut(key) {
                command(&mut entry.value, &path.join(key), &mut bad);
            }
        }
        for hooks in ["pre_start", "post_start", "pre_stop"] {
            let Some(Kind::Seq(items)) = service.get_mut(hooks).map(|e| &mut e.value.kind) else {
                continue;
            };
            for (number, hook) in items.iter_mut().enumerate() {
                if let Some(line) = hook.get_mut("command") {
                    command(line, &path.join(hooks).join(number).join("command"), &mut bad);
                }
                if let Some(environment) = hook.get_mut("environment") {
                    pairs_to_map(environment);
                }
            }
        }
        if let Some(develop) = member_map(service, "develop")
            && let Some(Kind::Seq(triggers)) = develop.get_mut("watch").map(|e| &mut e.value.kind)
        {
            for (number, trigger) in triggers.iter_mut().enumerate() {
                let exec = trigger.get_mut("exec");
                if let Some(line) = exec.and_then(|exec| exec.get_mut("command")) {
                    let path = path.join("develop").join("watch").join(number).join("exec");
                    command(line, &path.join("command"), &mut bad);
                }
            }
        }
        if let Some(healthcheck) = member_map(service, "healthcheck")
            && let Some(test) = healthcheck.get_mut("test")
            && let Kind::Str(line) = &test.value.kind
        {
            let span = test.value.span;
            let items = [Node::str("CMD-SHELL", span), Node::str(line.clone(), span)];
            test.value.kind = Kind::Seq(items.into());
        }
        for key in ["annotations", "environment", "labels", "sysctls"] {
            if let Some(entry) = service.get_mut(key) {
                pairs_to_map(&mut entry.value);
            }
        }
        for (outer, keys) in
            [("build", &["args", "labels", "additional_contexts"][..]), ("deploy", &["labels"])]
        {
            let Some(map) = member_map(service, outer) else { continue };
            for key in keys {
                if let Some(entry) = map.get_mut(*key) {
                    pairs_to_map(&mut entry.value);
                }
            }
        }
        provider_options(service);
    });
    for kind in ["networks", "volumes", "secrets", "configs"] {
        let resources = root.get_mut(kind).and_then(Node::as_map_mut);
        for (_, entry) in resources.into_iter().flatten() {
            if let Some(labels) = entry.value.get_mut("labels") {
                pairs_to_map(labels);
            }
        }
    }
    bad
}

fn command(
    node: &mut Node,
    path: &crate::PropertyPath,
    bad: &mut Vec<(crate::PropertyPath, Span, String)>,
) {
    let Kind::Str(line) = &node.kind else { return };
    match crate::grammar::command::split(line) {
        Some(words) => {
            let span = node.span;
            node.kind = Kind::Seq(words.into_iter().map(|word| Node::str(word, span)).collect());
        }
        None => bad.push((path.clone(), node.span, format!("invalid command line: {line:?}"))),
    }
}

/// Options of a provider are lists of texts.
fn provider_options(service: &mut Map) {
    let Some(provider) = member_map(service, "provider") else { return };
    let Some(options) = member_map(provider, "options") else { return };
    for entry in options.values_mut() {
        let span = entry.value.span;
        let items = match std::mem::take(&mut entry.value.kind) {
            Kind::Seq(items) => items,
            kind => vec![Node::new(kind, span)],
        };
        let text = |item: Node| Node::str(scalar_text(&item).unwrap_or_default(), item.span);
        entry.value.kind = Kind::Seq(items.into_iter().map(text).collect());
    }
}
