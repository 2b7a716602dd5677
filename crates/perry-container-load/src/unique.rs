//! Lists whose items have a key: a later item takes the place of an earlier one.

use indexmap::IndexMap;
use perry_container_yaml::{Kind, Node};

use crate::{
    ProblemKind, PropertyPath,
    grammar::volume,
    merge::scalar_text,
    problem::{Fault, Faults},
    trail::{Change, Trail},
};

/// Drops what is repeated, everywhere in a document.
pub(crate) fn enforce(root: &mut Node, trail: &mut Trail) -> Result<(), Faults> {
    walk(root, &mut PropertyPath::root(), trail)
}

/// As deep as the rules go.
const DEPTH: usize = 5;

fn walk(node: &mut Node, path: &mut PropertyPath, trail: &mut Trail) -> Result<(), Faults> {
    match &mut node.kind {
        Kind::Map(map) if path.segments().len() < DEPTH => {
            for (key, entry) in map.iter_mut() {
                let ruled =
                    !path.segments().is_empty() || matches!(&**key, "services" | "networks");
                if !ruled || !matches!(entry.value.kind, Kind::Map(_) | Kind::Seq(_)) {
                    continue;
                }
                path.push(key.as_str());
                walk(&mut entry.value, path, trail)?;
                path.pop();
            }
        }
        Kind::Seq(items) => {
            if let Some(rule) = rule_of(path) {
                let mut kept = IndexMap::with_capacity(items.len());
                for (number, item) in std::mem::take(items).into_iter().enumerate() {
                    let key = key_of(rule, &item, &path.join(number))?;
                    let by = item.span;
                    if let Some(was) = kept.insert(key, item) {
                        trail.gone(path, &was, by, Change::Overridden);
                    }
                }
                *items = kept.into_values().collect();
            }
        }
        _ => {}
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Rule {
    /// What stands before `=`.
    Name,
    Value,
    Path,
    Volume,
    Device,
    /// `target`, or a directory and `source`.
    Mount(&'static str),
    Port,
}

fn rule_of(path: &PropertyPath) -> Option<Rule> {
    let mut room = [""; 9];
    match path.names(&mut room) {
        ["networks", _, "labels"] => Some(Rule::Name),
        ["services", _, rest @ ..] => match rest {
            [
                "annotations" | "cap_add" | "cap_drop" | "dns" | "dns_opt" | "dns_search"
                | "environment" | "labels" | "links" | "profiles" | "sysctls" | "tmpfs",
            ]
            | ["build", "args" | "additional_contexts" | "labels" | "tags"]
            | ["deploy", "labels"]
            | ["networks", _, "aliases" | "link_local_ips"] => Some(Rule::Name),
            ["expose"] => Some(Rule::Value),
            ["env_file"] => Some(Rule::Path),
            ["volumes"] => Some(Rule::Volume),
            ["devices"] => Some(Rule::Device),
            ["secrets"] => Some(Rule::Mount("/run/secrets")),
            ["configs"] => Some(Rule::Mount("")),
            ["ports"] => Some(Rule::Port),
            _ => None,
        },
        _ => None,
    }
}

/// Items that have no key (they are of a type validation will refuse) are keys of their own.
fn key_of(rule: Rule, item: &Node, path: &PropertyPath) -> Result<String, Faults> {
    let member = |key: &str| item.get(key).and_then(scalar_text);
    let own = || format!("\0{path}");
    Ok(match rule {
        Rule::Name => match item.as_str() {
            Some(text) => text.split('=').next().unwrap_or(text).to_owned(),
            None => own(),
        },
        Rule::Value if matches!(item.kind, Kind::Float(_)) => {
            return Err(Fault::new(
                ProblemKind::Value,
                path,
                item.span,
                "no port or range of ports",
            )
            .hint("write a whole number, or text such as \"8000-8010\"")
            .into());
        }
        Rule::Value => scalar_text(item).unwrap_or_else(own),
        Rule::Path => {
            item.as_str().map(str::to_owned).or_else(|| member("path")).unwrap_or_else(own)
        }
        Rule::Volume => match &item.kind {
            Kind::Str(text) => match volume::parse(text) {
                Ok(volume) => volume.target,
                Err(_) => own(),
            },
            Kind::Map(_) => match member("target") {
                Some(target) => target,
                None => return Err(missing(path, item, "mount target", "`target: /path`")),
            },
            _ => own(),
        },
        Rule::Device => match &item.kind {
            Kind::Str(text) => {
                let mut parts = text.split(':');
                let source = parts.next().unwrap_or("");
                parts.next().unwrap_or(source).to_owned()
            }
            Kind::Map(_) => match member("target") {
                Some(target) => target,
                None => return Err(missing(path, item, "target", "`target: /dev/x`")),
            },
            _ => own(),
        },
        Rule::Mount(directory) => match item.as_str() {
            Some(source) => format!("{directory}/{source}"),
            None => match (member("target"), member("source")) {
                (Some(target), _) => target,
                (None, Some(source)) => format!("{directory}/{source}"),
                (None, None) => own(),
            },
        },
        Rule::Port => match &item.kind {
            Kind::Map(_) => {
                let Some(target) = member("target") else {
                    return Err(missing(path, item, "target port", "`target: 80`"));
                };
                let host = member("host_ip").unwrap_or_else(|| "0.0.0.0".to_owned());
                let protocol = member("protocol").unwrap_or_else(|| "tcp".to_owned());
                let published = member("published").unwrap_or_default();
                format!("{host}:{published}:{target}/{protocol}")
            }
            _ => scalar_text(item).unwrap_or_else(own),
        },
    })
}

fn missing(path: &PropertyPath, item: &Node, what: &str, hint: &str) -> Faults {
    Fault::new(ProblemKind::Schema, path, item.span, format!("a {what} is missing"))
        .hint(format!("add {hint}"))
        .into()
}
