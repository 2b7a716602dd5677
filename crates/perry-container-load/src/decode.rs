//! Texts and fractions where the model has another type: what compose-go's decoder makes of them, at the paths that
//! interpolation leaves alone, and what it drops in silence.

use perry_container_yaml::{Kind, Node, Span};

use crate::{
    ProblemKind, PropertyPath,
    defaults::{each_service, member_map},
    interp::Cast,
    problem::{Fault, Faults, Notices},
    walk::{Way, each_scalar},
};

/// Makes a merged document ready for its types.
pub(crate) fn decode(root: &mut Node, notices: &mut Notices) -> Result<(), Faults> {
    each_service(root, |name, service| {
        let path = PropertyPath::from_iter(["services", name]).join("gpus");
        if let Some(Kind::Seq(requests)) = service.get_mut("gpus").map(|gpus| &mut gpus.value.kind)
        {
            for (number, request) in requests.iter_mut().enumerate() {
                drop_unknown(request, &path.join(number), notices);
            }
        }
        if let Some(provider) = member_map(service, "provider")
            && let Some(options) = member_map(provider, "options")
        {
            options.retain(|_, entry| entry.value.as_seq().is_none_or(|items| !items.is_empty()));
        }
        if let Some(Kind::Seq(servers)) = service.get_mut("dns").map(|dns| &mut dns.value.kind) {
            servers.retain(|server| server.as_str() != Some(""));
        }
    });
    let mut faults = Faults::new();
    each_scalar(root, |node, way| scalar(node, way, notices, &mut faults));
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

const DEVICE_REQUEST: [&str; 5] = ["capabilities", "count", "device_ids", "driver", "options"];

/// The schema does not say which properties a request for GPUs has.
fn drop_unknown(request: &mut Node, path: &PropertyPath, notices: &mut Notices) {
    let Some(map) = request.as_map_mut() else { return };
    map.retain(|key, entry| {
        let known = DEVICE_REQUEST.contains(&key.as_str()) || key.starts_with("x-");
        if !known {
            let message = format!("{path}: unknown property `{key}` is ignored");
            notices.add(&path.join(key), entry.key, message);
        }
        known
    });
}

fn scalar(node: &mut Node, way: &Way<'_>, notices: &mut Notices, faults: &mut Faults) {
    let mut room = [""; 9];
    let ["services", _, property @ ..] = way.names(&mut room) else { return };
    match &node.kind {
        Kind::Str(text) => {
            let Some(cast) = cast_of(property) else { return };
            match cast.apply(text) {
                Ok((kind, _)) => node.kind = kind,
                Err(what) => {
                    let message = format!("{text:?} is no {what}");
                    let fault = Fault::new(ProblemKind::Value, &way.path(), node.span, message);
                    faults.push(fault.hint(cast.hint()));
                }
            }
        }
        Kind::Float(float) if float.is_finite() => {
            let float = *float;
            if is_size(property) {
                node.kind = nothing(&float.to_string(), &way.path(), node.span, notices);
            } else if whole(property) {
                node.kind = truncated(float, &way.path(), node.span, notices);
            }
        }
        Kind::Int(int) if i64::try_from(*int).is_err() && is_size(property) => {
            node.kind = nothing(&int.to_string(), &way.path(), node.span, notices);
        }
        _ => {}
    }
}

/// The reference takes a size that is no text and no whole number of 64 bits for zero.
fn nothing(text: &str, path: &PropertyPath, span: Span, notices: &mut Notices) -> Kind {
    let message =
        format!("{path}: {text} is read as 0; write a whole number, or a text such as \"1g\"");
    notices.add(path, span, message);
    Kind::Int(0)
}

/// A fraction as the whole number that the reference reads.
fn truncated(float: f64, path: &PropertyPath, span: Span, notices: &mut Notices) -> Kind {
    if float.fract() != 0.0 {
        notices.add(path, span, format!("{path}: {float} is read as {}", float.trunc()));
    }
    #[expect(clippy::cast_possible_truncation, reason = "a float that is too large saturates")]
    Kind::Int(float as i128)
}

/// The type of a text that has none of its own, by property of a service.
fn cast_of(property: &[&str]) -> Option<Cast> {
    match property {
        ["attach"]
        | ["build", "no_cache" | "privileged" | "pull"]
        | ["depends_on", _, "restart"]
        | ["env_file", _, "required"]
        | ["post_start" | "pre_stop" | "pre_start", _, "privileged" | "per_replica"]
        | ["develop", "watch", _, "exec", "privileged"]
        | ["volumes", _, "bind", "create_host_path"] => Some(Cast::Bool),
        ["deploy", "resources", "limits", "pids"]
        | [
            "deploy",
            "resources",
            "reservations",
            "generic_resources",
            _,
            "discrete_resource_spec",
            "value",
        ] => Some(Cast::Int),
        _ => None,
    }
}

/// Whether a number there is a number of bytes, or treated as one.
fn is_size(property: &[&str]) -> bool {
    matches!(
        property,
        ["mem_limit" | "mem_reservation" | "memswap_limit" | "mem_swappiness" | "shm_size"]
            | ["build", "shm_size"]
            | ["volumes", _, "tmpfs", "size"]
            | ["blkio_config", _, _, "rate"]
    )
}

/// Whether a number there has to be whole.
fn whole(property: &[&str]) -> bool {
    matches!(property, ["scale" | "pids_limit"] | ["healthcheck", "retries"])
        || cast_of(property) == Some(Cast::Int)
}
