//! Variables in texts, and texts where other types belong: compose-go's `interpolation` package
//! and the table of types in its `loader/interpolate.go`.

use indexmap::IndexSet;
use perry_container_interpolate::{Lookup, TemplateError, Variable, interpolate, variables};
use perry_container_yaml::{Kind, Node, Span};

use crate::{
    ProblemKind, PropertyPath,
    problem::{Fault, Faults, Notices},
    trail::Trail,
    walk::{Way, each_scalar},
};

/// Adds the variables of all texts of a document.
pub(crate) fn collect_variables(node: &Node, found: &mut IndexSet<Variable>) {
    match &node.kind {
        Kind::Str(text) if text.contains('$') => {
            found.extend(variables(text));
        }
        Kind::Seq(items) => items.iter().for_each(|item| collect_variables(item, found)),
        Kind::Map(map) => map.values().for_each(|entry| collect_variables(&entry.value, found)),
        _ => {}
    }
}

/// Replaces variables in every text and makes typed values of texts at typed paths.
pub(crate) fn interpolate_node(
    node: &mut Node,
    lookup: &Lookup<'_>,
    notices: &mut Notices,
    trail: &mut Trail,
    room: &mut usize,
) -> Result<(), Faults> {
    let mut work = Work { lookup, notices, trail, room, faults: Vec::new() };
    each_scalar(node, |node, way| work.scalar(node, way));
    if work.faults.is_empty() { Ok(()) } else { Err(work.faults) }
}

struct Work<'a> {
    lookup: &'a Lookup<'a>,
    notices: &'a mut Notices,
    trail: &'a mut Trail,
    /// Bytes that texts may still become.
    room: &'a mut usize,
    faults: Faults,
}

impl Work<'_> {
    /// Said once.
    fn too_long(&mut self, way: &Way<'_>, span: Span) {
        if *self.room > 0 {
            let message = "variables make the texts of the project too long";
            let fault = Fault::new(ProblemKind::Interpolation, &way.path(), span, message);
            self.faults.push(fault.hint("use shorter values, or fewer of them"));
            *self.room = 0;
        }
    }

    fn scalar(&mut self, node: &mut Node, way: &Way<'_>) {
        let span = node.span;
        let Kind::Str(text) = &mut node.kind else { return };
        if text.contains('$') {
            match interpolate(text, self.lookup) {
                Ok(done) => {
                    for name in done.unset {
                        self.notices.unset(&name, &way.path(), span);
                    }
                    if done.text.len() > *self.room {
                        self.too_long(way, span);
                        return;
                    }
                    *self.room -= done.text.len();
                    self.trail.template(text, span, self.lookup);
                    *text = done.text;
                }
                Err(error) => {
                    self.faults.push(template_fault(&error, &way.path(), span));
                    return;
                }
            }
        }
        let Some(cast) = cast_of(way) else { return };
        match cast.apply(text) {
            Ok((kind, old_bool)) => {
                if old_bool {
                    let message = format!(
                        "{text:?} for boolean is not supported by YAML 1.2, please use `{}`",
                        kind == Kind::Bool(true)
                    );
                    self.notices.add(&way.path(), span, message);
                }
                node.kind = kind;
            }
            Err(what) => {
                let message = format!("{text:?} is no {what}");
                let fault = Fault::new(ProblemKind::Interpolation, &way.path(), span, message);
                self.faults.push(fault.hint(cast.hint()));
            }
        }
    }
}

fn template_fault(error: &TemplateError, path: &PropertyPath, span: Span) -> Fault {
    let fault = |message: String| Fault::new(ProblemKind::Interpolation, path, span, message);
    match error {
        TemplateError::Invalid { template } => {
            fault(format!("invalid interpolation format: {template:?}"))
                .hint("write `${NAME}` or `${NAME:-default}`; escape any other $ with another $")
        }
        other => fault(other.to_string()),
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Cast {
    Int,
    Float,
    Bool,
}

impl Cast {
    pub(crate) fn apply(self, text: &str) -> Result<(Kind, bool), &'static str> {
        match self {
            Self::Int => text
                .parse::<i64>()
                .map(|int| (Kind::Int(i128::from(int)), false))
                .map_err(|_| "whole number"),
            Self::Float => {
                text.parse::<f64>().map(|float| (Kind::Float(float), false)).map_err(|_| "number")
            }
            Self::Bool => match text.to_lowercase().as_str() {
                "true" => Ok((Kind::Bool(true), false)),
                "false" => Ok((Kind::Bool(false), false)),
                "y" | "yes" | "on" => Ok((Kind::Bool(true), true)),
                "n" | "no" | "off" => Ok((Kind::Bool(false), true)),
                _ => Err("boolean"),
            },
        }
    }

    pub(crate) fn hint(self) -> &'static str {
        match self {
            Self::Int => "write digits only",
            Self::Float => "write a number such as 0.5",
            Self::Bool => "write true or false",
        }
    }
}

/// The type a text must have at a path, when it must not stay text.
fn cast_of(way: &Way<'_>) -> Option<Cast> {
    let mut room = [""; 9];
    match way.names(&mut room) {
        ["services", _, rest @ ..] => match rest {
            [
                "cpu_count" | "cpu_period" | "cpu_quota" | "cpu_rt_period" | "cpu_rt_runtime"
                | "cpu_shares" | "oom_score_adj" | "pids_limit" | "scale",
            ]
            | ["healthcheck", "retries"]
            | ["ports", _, "target"]
            | ["ulimits", _]
            | ["ulimits", _, "soft" | "hard"]
            | ["deploy", "replicas"]
            | ["deploy", "update_config" | "rollback_config", "parallelism"]
            | ["deploy", "restart_policy", "max_attempts"]
            | ["deploy", "placement", "max_replicas_per_node"] => Some(Cast::Int),
            ["cpu_percent" | "cpus"]
            | ["deploy", "update_config" | "rollback_config", "max_failure_ratio"] => {
                Some(Cast::Float)
            }
            ["init" | "oom_kill_disable" | "privileged" | "read_only" | "stdin_open" | "tty"]
            | ["healthcheck", "disable"]
            | ["volumes", _, "read_only"]
            | ["volumes", _, "volume", "nocopy"] => Some(Cast::Bool),
            _ => None,
        },
        ["networks", _, "external" | "internal" | "attachable" | "enable_ipv4" | "enable_ipv6"]
        | ["volumes" | "secrets" | "configs", _, "external"] => Some(Cast::Bool),
        _ => None,
    }
}
