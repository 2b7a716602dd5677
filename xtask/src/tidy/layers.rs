//! The invariants of the crate map, checked on the resolved graph of normal dependencies.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::Findings;

const PREFIX: &str = "perry-container-";

/// Crates without I/O, without async, without a clock.
const PURE: &[&str] = &[
    "spec",
    "model",
    "graph",
    "interpolate",
    "yaml",
    "load",
    "support",
    "policy",
    "plan",
    "reconcile",
    "workload",
    "protocol",
    "docker",
    "apple",
    "lima",
];
/// What no pure crate may reach.
const ASYNC_OR_SOCKET: &[&str] = &[
    "tokio",
    "tokio-util",
    "async-trait",
    "async-std",
    "smol",
    "mio",
    "socket2",
    "hyper",
    "hyper-util",
    "bollard",
    "reqwest",
    "ureq",
    "h2",
    "rustls",
];
/// Clients and servers of HTTP.
const HTTP: &[&str] =
    &["hyper", "hyper-util", "reqwest", "ureq", "h2", "bollard", "oci-client", "isahc", "curl"];
const TERMINAL: &[&str] = &["clap", "console", "dialoguer", "indicatif"];
const SIGNATURES: &[&str] = &["sigstore", "sigstore-verify", "cosign"];

/// `these` must not reach `those`.
struct Unreachable {
    these: &'static [&'static str],
    those: &'static [&'static str],
    why: &'static str,
}

const UNREACHABLE: &[Unreachable] = &[
    Unreachable {
        these: PURE,
        those: ASYNC_OR_SOCKET,
        why: "a pure crate decides, it does not do",
    },
    Unreachable {
        these: &["docker", "apple", "lima"],
        those: &["perry-container-process", "perry-container-backend"],
        why: "a protocol describes calls, process makes them",
    },
    Unreachable {
        these: &["engine"],
        those: &["perry-container-protocol", "perry-container-process", "perry-container-socket"],
        why: "the engine speaks to backends, never to a protocol",
    },
    Unreachable {
        these: &["executor"],
        those: &["perry-container-backend", "perry-container-spec"],
        why: "the executor walks plans of anything",
    },
];

/// Only `these` may name `those` among their dependencies.
struct Reserved {
    these: &'static [&'static str],
    those: &'static [&'static str],
}

const RESERVED: &[Reserved] = &[
    Reserved {
        these: &["perry-container-registry", "perry-container-verify", "perry-container-socket"],
        those: HTTP,
    },
    Reserved {
        these: &[
            "perry-container-cli",
            "perry-container-verify-cli",
            "perry-container-installer",
            "xtask",
        ],
        those: TERMINAL,
    },
    Reserved { these: &["perry-container-verify"], those: SIGNATURES },
    Reserved { these: &["xtask"], those: &["anyhow"] },
];

/// The workspace's packages and every package's normal dependencies, by name.
pub(crate) struct Packages {
    members: BTreeSet<String>,
    edges: BTreeMap<String, BTreeSet<String>>,
}

impl Packages {
    pub(crate) fn read(metadata: &Value) -> Result<Self> {
        let packages = metadata["packages"].as_array().context("packages")?;
        let name_of: BTreeMap<&str, &str> = packages
            .iter()
            .filter_map(|package| Some((package["id"].as_str()?, package["name"].as_str()?)))
            .collect();
        let name =
            |id: &Value| id.as_str().and_then(|id| name_of.get(id)).map(|name| (*name).to_owned());
        let members = metadata["workspace_members"].as_array().context("workspace_members")?;
        let mut edges = BTreeMap::<String, BTreeSet<String>>::new();
        for node in metadata["resolve"]["nodes"].as_array().context("resolve")? {
            let Some(from) = name(&node["id"]) else { continue };
            let normal = node["deps"].as_array().into_iter().flatten().filter(|dep| is_normal(dep));
            edges.entry(from).or_default().extend(normal.filter_map(|dep| name(&dep["pkg"])));
        }
        Ok(Self { members: members.iter().filter_map(name).collect(), edges })
    }

    /// The shortest way from one package to another.
    fn path(&self, from: &str, to: &str) -> Option<Vec<String>> {
        let mut came = BTreeMap::<&str, &str>::new();
        let mut queue = std::collections::VecDeque::from([from]);
        while let Some(at) = queue.pop_front() {
            if at == to {
                let mut path = vec![to.to_owned()];
                let mut at = to;
                while at != from {
                    at = came[at];
                    path.push(at.to_owned());
                }
                path.reverse();
                return Some(path);
            }
            for next in self.edges.get(at).into_iter().flatten() {
                if next != from && !came.contains_key(next.as_str()) {
                    came.insert(next, at);
                    queue.push_back(next);
                }
            }
        }
        None
    }
}

fn is_normal(dep: &Value) -> bool {
    dep["dep_kinds"].as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind["kind"].is_null()))
}

pub(crate) fn check(packages: &Packages) -> Findings {
    let mut findings = Findings::default();
    for rule in UNREACHABLE {
        for this in rule.these {
            let this = format!("{PREFIX}{this}");
            if !packages.members.contains(&this) {
                continue;
            }
            for that in rule.those {
                if let Some(path) = packages.path(&this, that) {
                    findings.fault(format!("{}: {}", path.join(" -> "), rule.why));
                }
            }
        }
    }
    for rule in RESERVED {
        for member in
            packages.members.iter().filter(|member| !rule.these.contains(&member.as_str()))
        {
            for that in rule.those {
                if packages.edges.get(member).is_some_and(|edges| edges.contains(*that)) {
                    findings.fault(format!(
                        "{member} depends on {that}: only {} may",
                        rule.these.join(", ")
                    ));
                }
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packages(edges: &[(&str, &[&str])]) -> Packages {
        let edges: BTreeMap<String, BTreeSet<String>> = edges
            .iter()
            .map(|(from, to)| {
                ((*from).to_owned(), to.iter().map(|name| (*name).to_owned()).collect())
            })
            .collect();
        Packages {
            members: edges.keys().filter(|name| name.starts_with(PREFIX)).cloned().collect(),
            edges,
        }
    }

    #[test]
    fn the_way_to_what_must_not_be_reached_is_shown() {
        let found = check(&packages(&[
            ("perry-container-plan", &["serde", "perry-container-graph"]),
            ("perry-container-graph", &["helper"]),
            ("helper", &["tokio"]),
        ]));
        assert_eq!(
            found.faults[..2],
            [
                "perry-container-graph -> helper -> tokio: a pure crate decides, it does not do",
                "perry-container-plan -> perry-container-graph -> helper -> tokio: a pure crate decides, it does not do",
            ]
        );
    }

    #[test]
    fn a_reserved_crate_is_refused_elsewhere() {
        let found = check(&packages(&[
            ("perry-container-cli", &["clap"]),
            ("perry-container-probe", &["clap"]),
        ]));
        assert_eq!(found.faults.len(), 1);
        assert!(found.faults[0].starts_with("perry-container-probe depends on clap"));
    }
}
