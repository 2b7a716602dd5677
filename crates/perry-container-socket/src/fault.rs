//! What an engine's refusal means.

use perry_container_backend::BackendError;
use perry_container_spec::ErrorKind;
use serde::Deserialize;

/// Who answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Flavour {
    /// Docker Engine.
    Docker,
    /// Podman's API service.
    Podman,
}

/// docker sends `message`; podman `message` (the whole chain), `cause` (its end) and `response`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Refusal {
    message: String,
    cause: String,
}

/// Words that stand in a text (in lower case, in this order), and what it means.
type Pattern = (ErrorKind, &'static [&'static str]);

use ErrorKind::{
    Conflict, ImageMissing, InUse, Invalid, NotFound, NotRunning, Permission, PortInUse,
    Unsupported,
};

/// What docker's status does not tell: it refuses a network in use with 403, a taken port and a registry's answer with 500.
/// The first that fits counts. docker 28.5.2.
const DOCKER: &[Pattern] = &[
    (PortInUse, &["port is already allocated"]),
    (PortInUse, &["address already in use"]),
    (PortInUse, &["ports are not available"]),
    (Permission, &["pull access denied"]),
    (Permission, &["unauthorized"]),
    (Permission, &["requested access to the resource is denied"]),
    (Permission, &["no basic auth credentials"]),
    (InUse, &["conflict: unable to"]),
    (ImageMissing, &["no such image"]),
    (ImageMissing, &["manifest for", "not found"]),
    (ImageMissing, &["manifest unknown"]),
    (ImageMissing, &["no matching manifest"]),
    (ImageMissing, &["does not match the specified platform"]),
    (ImageMissing, &["does not provide the specified platform"]),
    (ImageMissing, &["repository", "not found"]),
    (ImageMissing, &["failed to resolve source metadata"]),
    (Conflict, &["is already in use by container"]),
    (Conflict, &["already exists"]),
    (Conflict, &["pool overlaps with other one"]),
    (InUse, &["has active endpoints"]),
    (InUse, &["volume is in use"]),
    (InUse, &["container is running: stop the container"]),
    (InUse, &["cannot remove a running container"]),
    (InUse, &["device or resource busy"]),
    (NotRunning, &["is not running"]),
    (NotRunning, &["is paused"]),
    (NotRunning, &["is not paused"]),
    (NotRunning, &["is already paused"]),
    (NotRunning, &["cannot attach to a"]),
    (NotRunning, &["is restarting, wait until"]),
    (NotRunning, &["cannot join network of a non running container"]),
    (NotRunning, &["cannot start a paused container"]),
    (NotFound, &["no such container"]),
    (NotFound, &["no such volume"]),
    (NotFound, &["no such exec"]),
    (NotFound, &["network", "not found"]),
    (NotFound, &["could not find the file"]),
    (NotFound, &["is not connected to"]),
    (Unsupported, &["page not found"]),
    (Unsupported, &["not a swarm manager"]),
    (Unsupported, &["could not select device driver"]),
    (Unsupported, &["unresolvable cdi devices"]),
    (Unsupported, &["not supported"]),
    (Unsupported, &["only supported"]),
    (Unsupported, &["not implemented"]),
    (Unsupported, &["requires buildkit"]),
    (Unsupported, &["plugin", "not found"]),
    (Unsupported, &["unknown or invalid runtime name"]),
    (Unsupported, &["not a shared or slave mount"]),
    (Invalid, &["not permitted on predefined"]),
    (Invalid, &["pre-defined"]),
    (Invalid, &["executable file not found"]),
    (Invalid, &["no such file or directory"]),
    (Invalid, &["marked read-only"]),
    (Invalid, &["invalid"]),
    (Invalid, &["dockerfile"]),
];

/// podman says most things with status 500. podman 4.3.1 and 5.8.6.
const PODMAN: &[Pattern] = &[
    (PortInUse, &["address already in use"]),
    (PortInUse, &["port is already allocated"]),
    (Permission, &["requested access to the resource is denied"]),
    (Permission, &["unauthorized"]),
    (Permission, &["authentication required"]),
    (Permission, &["denied: "]),
    (ImageMissing, &["image not known"]),
    (ImageMissing, &["manifest unknown"]),
    (ImageMissing, &["name unknown"]),
    (ImageMissing, &["no such image"]),
    (ImageMissing, &["no image found in"]),
    (ImageMissing, &["did not resolve to an alias"]),
    (InUse, &["image is in use by"]),
    (InUse, &["image used by"]),
    (Conflict, &["container name", "is already in use"]),
    (Conflict, &["already in use, cannot rename"]),
    (Conflict, &["name is already in use"]),
    (Conflict, &["already exists"]),
    (Conflict, &["already connected"]),
    (Conflict, &["is already used on the host or by another config"]),
    (Conflict, &["unique constraint failed"]),
    (InUse, &["has associated containers with it"]),
    (InUse, &["network is being used"]),
    (InUse, &["volume is being used"]),
    (InUse, &["is being used by the following container"]),
    (InUse, &["cannot be removed without force"]),
    (InUse, &["has dependent containers"]),
    (InUse, &["container has dependent"]),
    (NotRunning, &["can only create exec sessions on running"]),
    (NotRunning, &["can only attach to"]),
    (NotRunning, &["can only kill running containers"]),
    (NotRunning, &["can only be used on running containers"]),
    (NotRunning, &["container state improper"]),
    (NotRunning, &["is not running"]),
    (NotRunning, &["is paused"]),
    (NotRunning, &["is not paused"]),
    (NotRunning, &["refusing to clean up"]),
    (NotFound, &["no such container"]),
    (NotFound, &["no such object"]),
    (NotFound, &["no such volume"]),
    (NotFound, &["no such network"]),
    (NotFound, &["network not found"]),
    (NotFound, &["no such exec session"]),
    (NotFound, &["is not connected to network"]),
    (NotFound, &["could not be found on container"]),
    (Unsupported, &["not found", "unknown path"]),
    (Unsupported, &["unresolvable cdi devices"]),
    (Unsupported, &["only supported"]),
    (Unsupported, &["not supported"]),
    (Unsupported, &["unsupported bridge network option"]),
    (Unsupported, &["required plugin missing"]),
    (Unsupported, &["conmon failed"]),
    (Unsupported, &["container-init binary not found"]),
    (Invalid, &["invalid"]),
    (Invalid, &["unknown"]),
    (Invalid, &["unsupported"]),
    (Invalid, &["must be"]),
    (Invalid, &["cannot be"]),
    (Invalid, &["cannot set"]),
    (Invalid, &["is not allowed"]),
    (Invalid, &["not in any subnet"]),
    (Invalid, &["no such file or directory"]),
    (Invalid, &["executable file", "not found"]),
    (Invalid, &["permission denied"]), // of a program that cannot be run
    (Invalid, &["not a directory"]),
    (Invalid, &["unable to find user"]),
    (Invalid, &["unable to find group"]),
    (Invalid, &["no defined healthcheck"]),
    (Invalid, &["parsing"]),
];

/// What a text of an engine means, when it tells.
pub(crate) fn meaning(flavour: Flavour, text: &str) -> Option<ErrorKind> {
    let text = text.to_lowercase();
    let all = |words: &[&str]| {
        words
            .iter()
            .try_fold(&text[..], |rest, word| rest.find(word).map(|at| &rest[at + word.len()..]))
    };
    let table = match flavour {
        Flavour::Docker => DOCKER,
        Flavour::Podman => PODMAN,
    };
    table.iter().find(|(_, words)| all(words).is_some()).map(|(kind, _)| *kind)
}

fn by_status(status: u16) -> ErrorKind {
    match status {
        400 => Invalid,
        401 | 403 => Permission,
        404 => NotFound,
        405 | 501 => Unsupported,
        409 => Conflict,
        _ => ErrorKind::Other,
    }
}

/// The error that a refusal is.
pub(crate) fn refused(
    flavour: Flavour,
    verb: &'static str,
    object: &str,
    status: u16,
    body: &[u8],
) -> BackendError {
    let refusal = serde_json::from_slice::<Refusal>(body).unwrap_or_default();
    let mut text = refusal.message.trim().to_owned();
    if text.is_empty() {
        text = String::from_utf8_lossy(body.get(..1024).unwrap_or(body)).trim().to_owned();
    }
    if text.is_empty() {
        text = format!("the engine answered with status {status} and no words");
    }
    // podman's message is the whole chain, mostly with its cause at the end.
    let kind = meaning(flavour, &text).or_else(|| meaning(flavour, &refusal.cause));
    let kind = match (kind, status) {
        // podman says of a path that is not there what it says of a bad request.
        (Some(Invalid), 404) | (None, _) => by_status(status),
        (Some(kind), _) => kind,
    };
    BackendError::new(verb, object, kind, text).with_status(i32::from(status))
}
