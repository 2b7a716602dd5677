//! One document over another: compose-go's `override` package.

use perry_container_yaml::{Entry, Kind, Map, Node, Span, float_text};

use crate::{
    ProblemKind, PropertyPath,
    problem::{Fault, Faults, found},
    trail::{Change, Trail},
};

/// `over` onto `base`, in place.
pub(crate) fn merge(
    base: &mut Node,
    over: Node,
    path: &mut PropertyPath,
    trail: &mut Trail,
) -> Result<(), Faults> {
    if let Some(rule) =
        RULES.iter().find(|(pattern, _)| path.matches(pattern)).map(|(_, rule)| rule)
    {
        return special(*rule, base, over, path, trail);
    }
    if base.is_null() {
        *base = over;
        return Ok(());
    }
    if over.is_null() {
        return Ok(());
    }
    match (&mut base.kind, over.kind) {
        (Kind::Map(map), Kind::Map(other)) => {
            merge_maps(map, other, path, trail)?;
            // What was written last is where people look first.
            base.span = over.span;
        }
        (Kind::Seq(items), Kind::Seq(others)) => {
            items.extend(others);
            base.span = over.span;
        }
        (Kind::Map(_) | Kind::Seq(_), other) => {
            return Err(cannot_override(base, &Node::new(other, over.span), path));
        }
        (_, kind) => {
            trail.gone(path, base, over.span, Change::Overridden);
            *base = Node { kind, tag: over.tag, span: over.span };
        }
    }
    Ok(())
}

fn cannot_override(base: &Node, over: &Node, path: &PropertyPath) -> Faults {
    let (new, old) = (found(&over.kind), found(&base.kind));
    let message = format!("cannot override {old} with {new}");
    Fault::new(ProblemKind::Merge, path, over.span, message)
        .hint(format!("write {old}, or `!override` to replace what was there"))
        .related(base.span, "the first value")
        .into()
}

pub(crate) fn merge_maps(
    map: &mut Map,
    other: Map,
    path: &mut PropertyPath,
    trail: &mut Trail,
) -> Result<(), Faults> {
    for (key, entry) in other {
        match map.get_mut(&key) {
            None => {
                map.insert(key, entry);
            }
            Some(base) => {
                path.push(key);
                merge(&mut base.value, entry.value, path, trail)?;
                base.key = entry.key;
                path.pop();
            }
        }
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Rule {
    /// The later value, whatever it is.
    Replace,
    /// Both as lists, one behind the other.
    ToList,
    /// As [`Self::ToList`], what is there already is not added again.
    Hosts,
    Build,
    /// A list of names is a map to this.
    ToMap(Default),
    Logging,
    Ulimit,
    Ipam,
}

#[derive(Clone, Copy)]
enum Default {
    Null,
    Started,
}

const RULES: &[(&str, Rule)] = &[
    ("networks.*.ipam.config", Rule::Ipam),
    ("networks.*.labels", Rule::ToList),
    ("volumes.*.labels", Rule::ToList),
    ("services.*.annotations", Rule::ToList),
    ("services.*.build", Rule::Build),
    ("services.*.build.additional_contexts", Rule::ToList),
    ("services.*.build.args", Rule::ToList),
    ("services.*.build.extra_hosts", Rule::Hosts),
    ("services.*.build.labels", Rule::ToList),
    ("services.*.command", Rule::Replace),
    ("services.*.depends_on", Rule::ToMap(Default::Started)),
    ("services.*.deploy.labels", Rule::ToList),
    ("services.*.dns", Rule::ToList),
    ("services.*.dns_opt", Rule::ToList),
    ("services.*.dns_search", Rule::ToList),
    ("services.*.entrypoint", Rule::Replace),
    ("services.*.env_file", Rule::ToList),
    ("services.*.environment", Rule::ToList),
    ("services.*.extra_hosts", Rule::Hosts),
    ("services.*.healthcheck.test", Rule::Replace),
    ("services.*.label_file", Rule::ToList),
    ("services.*.labels", Rule::ToList),
    ("services.*.logging", Rule::Logging),
    ("services.*.models", Rule::ToMap(Default::Null)),
    ("services.*.networks", Rule::ToMap(Default::Null)),
    ("services.*.sysctls", Rule::ToList),
    ("services.*.tmpfs", Rule::ToList),
    ("services.*.ulimits.*", Rule::Ulimit),
    ("services.*.volumes.*.volume.labels", Rule::ToList),
];

fn special(
    rule: Rule,
    base: &mut Node,
    over: Node,
    path: &mut PropertyPath,
    trail: &mut Trail,
) -> Result<(), Faults> {
    match rule {
        Rule::Replace | Rule::Ulimit => {
            trail.gone(path, base, over.span, Change::Overridden);
            *base = over;
        }
        Rule::ToList => {
            let mut items = to_list(std::mem::take(base), path)?;
            let span = over.span;
            items.extend(to_list(over, path)?);
            *base = Node::new(Kind::Seq(items), span);
        }
        Rule::Hosts => {
            let mut items = to_list(std::mem::take(base), path)?;
            let span = over.span;
            for host in to_list(over, path)? {
                if !items.iter().any(|known| known.same(&host)) {
                    items.push(host);
                }
            }
            *base = Node::new(Kind::Seq(items), span);
        }
        Rule::Build => {
            let mut map = to_build(std::mem::take(base), path)?;
            let span = over.span;
            merge_maps(&mut map, to_build(over, path)?, path, trail)?;
            *base = Node::new(Kind::Map(map), span);
        }
        Rule::ToMap(default) => {
            let mut map = to_map(std::mem::take(base), default, path)?;
            let span = over.span;
            merge_maps(&mut map, to_map(over, default, path)?, path, trail)?;
            *base = Node::new(Kind::Map(map), span);
        }
        Rule::Logging => match (&mut base.kind, over.kind) {
            (Kind::Map(map), Kind::Map(other)) => {
                let differ = match (map.get("driver"), other.get("driver")) {
                    (Some(a), Some(b)) => !a.value.same(&b.value),
                    _ => false,
                };
                if differ {
                    let was = Node::new(Kind::Map(std::mem::replace(map, other)), base.span);
                    trail.gone(path, &was, over.span, Change::Overridden);
                } else {
                    merge_maps(map, other, path, trail)?;
                }
                base.span = over.span;
            }
            // The reference panics on null over a map; like everywhere else null keeps the base.
            (_, Kind::Null) => {}
            (Kind::Null, kind) => *base = Node::new(kind, over.span),
            (_, kind) => return Err(cannot_override(base, &Node::new(kind, over.span), path)),
        },
        Rule::Ipam => merge_ipam(base, over, path, trail)?,
    }
    Ok(())
}

/// Pools of one subnet are one pool.
fn merge_ipam(
    base: &mut Node,
    mut over: Node,
    path: &mut PropertyPath,
    trail: &mut Trail,
) -> Result<(), Faults> {
    let (Kind::Seq(pools), Kind::Seq(others)) = (&mut base.kind, &mut over.kind) else {
        return Err(cannot_override(base, &over, path));
    };
    let others = std::mem::take(others);
    for other in others {
        let subnet = other.get("subnet").and_then(Node::as_str).map(str::to_owned);
        let known = pools.iter_mut().enumerate().find(|(_, pool)| {
            subnet.is_some() && pool.get("subnet").and_then(Node::as_str) == subnet.as_deref()
        });
        match known {
            Some((number, pool)) => {
                path.push(number.to_string());
                merge(pool, other, path, trail)?;
                path.pop();
            }
            None => pools.push(other),
        }
    }
    base.span = over.span;
    Ok(())
}

/// Text as Go's `%v` prints a scalar.
pub(crate) fn scalar_text(node: &Node) -> Option<String> {
    match &node.kind {
        Kind::Str(text) | Kind::Timestamp(text) => Some(text.clone()),
        Kind::Bool(value) => Some(value.to_string()),
        Kind::Int(value) => Some(value.to_string()),
        Kind::Float(value) => Some(float_text(*value)),
        Kind::Null | Kind::Seq(_) | Kind::Map(_) => None,
    }
}

/// What no schema allows and a merge would turn into text, or into nothing, before the schema sees it.
fn misfit(node: &Node, path: &PropertyPath, wanted: &str) -> Faults {
    let message = format!("{} where {wanted} belongs", found(&node.kind));
    Fault::new(ProblemKind::Merge, path, node.span, message).into()
}

/// A map as sorted `k=v` items, text as one item.
fn to_list(node: Node, path: &PropertyPath) -> Result<Vec<Node>, Faults> {
    Ok(match node.kind {
        Kind::Seq(items) => items,
        Kind::Map(map) => {
            let mut items = Vec::with_capacity(map.len());
            for (key, Entry { key: key_span, value }) in map {
                let span = if value.span.is_known() { value.span } else { key_span };
                let mut add = |value: Option<String>| {
                    let text = value.map_or_else(|| key.clone(), |value| format!("{key}={value}"));
                    items.push(Node::str(text, span));
                };
                for value in value.as_seq().unwrap_or(std::slice::from_ref(&value)) {
                    match scalar_text(value) {
                        None if !value.is_null() => {
                            return Err(misfit(value, &path.join(&key), "a single value"));
                        }
                        text => add(text),
                    }
                }
            }
            items.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
            items
        }
        Kind::Str(_) => vec![node],
        Kind::Null => Vec::new(),
        _ => return Err(misfit(&node, path, "a list or a mapping")),
    })
}

fn to_build(node: Node, path: &PropertyPath) -> Result<Map, Faults> {
    Ok(match node.kind {
        Kind::Map(map) => map,
        Kind::Str(_) => [("context".to_owned(), Entry::new(node))].into_iter().collect(),
        Kind::Null => Map::new(),
        _ => return Err(misfit(&node, path, "a mapping or a path")),
    })
}

fn to_map(node: Node, default: Default, path: &PropertyPath) -> Result<Map, Faults> {
    match node.kind {
        Kind::Map(map) => Ok(map),
        Kind::Seq(items) => {
            let entry = |(number, item): (usize, Node)| {
                let span = item.span;
                match item.kind {
                    Kind::Str(name) => {
                        Ok((name, Entry { key: span, value: default_node(default, span) }))
                    }
                    _ => Err(misfit(&item, &path.join(number), "a name")),
                }
            };
            items.into_iter().enumerate().map(entry).collect()
        }
        Kind::Null => Ok(Map::new()),
        _ => Err(misfit(&node, path, "a list or a mapping")),
    }
}

fn default_node(default: Default, span: Span) -> Node {
    match default {
        Default::Null => Node::new(Kind::Null, span),
        Default::Started => started(span, None, true),
    }
}

/// `{condition: service_started, required: true}` at a place.
pub(crate) fn started(span: Span, restart: Option<bool>, required: bool) -> Node {
    let mut map = Map::new();
    let mut set = |key: &str, kind| {
        map.insert(key.to_owned(), Entry { key: span, value: Node::new(kind, span) });
    };
    set("condition", Kind::Str("service_started".to_owned()));
    if let Some(restart) = restart {
        set("restart", Kind::Bool(restart));
    }
    set("required", Kind::Bool(required));
    Node::new(Kind::Map(map), span)
}
