//! What the tools' error texts mean.
//!
//! Only the exit code tells whether a call succeeded: podman complains on standard error when all is well.

use crate::dialect::Traits;
use perry_container_protocol::{Output, ToolError};
use perry_container_spec::ErrorKind;

/// Words that all stand in a text (in lower case, in this order), and what such a text means.
pub(crate) type Pattern = (ErrorKind, &'static [&'static str]);

use ErrorKind::{
    Conflict, EngineDown, ImageMissing, InUse, Invalid, NotFound, NotRunning, Other, Permission,
    PortInUse, Unsupported,
};

/// docker's client and Docker Engine, by the newest texts (28) and those of older versions. The first match counts.
pub(crate) const DOCKER: &[Pattern] = &[
    // The engine.
    (EngineDown, &["cannot connect to the docker daemon"]),
    (EngineDown, &["error during connect"]),
    (EngineDown, &["failed to connect to the docker api"]),
    (Permission, &["permission denied while trying to connect"]),
    (EngineDown, &["context", "not found", "docker context"]),
    (Unsupported, &["client version", "is too"]), // `is too new. Maximum supported API version is 1.24`, `is too old.`
    // Images and registries.
    (Permission, &["pull access denied"]),
    (Permission, &["unauthorized"]),
    (Permission, &["requested access to the resource is denied"]),
    (Permission, &["no basic auth credentials"]),
    (Other, &["get \"http", "dial tcp"]), // a registry that does not answer; a host's name proves nothing
    (InUse, &["conflict: unable to"]),
    (ImageMissing, &["no such image"]),
    (ImageMissing, &["manifest for", "not found"]),
    (ImageMissing, &["manifest unknown"]),
    (ImageMissing, &["no matching manifest"]),
    (ImageMissing, &["does not match the specified platform"]),
    (ImageMissing, &["does not provide the specified platform"]),
    (ImageMissing, &["image does not exist locally"]),
    (ImageMissing, &["repository", "not found"]),
    (ImageMissing, &["unable to find image"]),
    (ImageMissing, &["failed to resolve source metadata"]),
    // Names.
    (Conflict, &["is already in use by container"]),
    (Conflict, &["network with name", "already exists"]),
    (Conflict, &["endpoint with name", "already exists"]),
    (Conflict, &["removal of container", "already in progress"]),
    (Conflict, &["pool overlaps with other one"]),
    (Conflict, &["networking: address already in use"]), // of a container, not a port
    (Conflict, &["a volume by that name already exists"]),
    // Ports.
    (PortInUse, &["port is already allocated"]),
    (PortInUse, &["bind: address already in use"]),
    (PortInUse, &["ports are not available"]),
    // Use.
    (InUse, &["has active endpoints"]),
    (InUse, &["volume is in use"]),
    (InUse, &["container is running: stop the container before"]),
    (InUse, &["cannot remove a running container"]),
    (InUse, &["you cannot remove a running container"]),
    (InUse, &["device or resource busy"]),
    // States.
    (NotRunning, &["is not running"]),
    (NotRunning, &["is paused"]),
    (NotRunning, &["is not paused"]),
    (NotRunning, &["is already paused"]),
    (NotRunning, &["cannot attach to a stopped container"]),
    (NotRunning, &["cannot attach to a paused container"]),
    (NotRunning, &["is restarting, wait until the container is running"]),
    (NotRunning, &["cannot join network of a non running container"]),
    (NotRunning, &["cannot start a paused container"]),
    // Objects.
    (NotFound, &["no such container"]),
    (NotFound, &["no such object"]),
    (NotFound, &["no such volume"]),
    (NotFound, &["no such network"]),
    (NotFound, &["network", "not found"]),
    (NotFound, &["no such exec"]),
    (NotFound, &["could not find the file"]),
    (NotFound, &["is not connected to network"]),
    (NotFound, &["is not connected to the network"]),
    (NotFound, &["no public port"]),
    // What this engine or machine cannot do.
    (Unsupported, &["not a swarm manager"]),
    (Unsupported, &["could not select device driver"]),
    (Unsupported, &["unresolvable cdi devices"]),
    (Unsupported, &["is supported only for"]),
    (Unsupported, &["only supported on"]),
    (Unsupported, &["only supported for"]),
    (Unsupported, &["not supported"]),
    (Unsupported, &["not implemented"]),
    (Unsupported, &["not enabled on this host"]),
    (Unsupported, &["unix syslog delivery error"]),
    (Unsupported, &["plugin", "not found"]),
    (Unsupported, &["requires api version"]),
    (Unsupported, &["unknown or invalid runtime name"]),
    (Unsupported, &["not a shared or slave mount"]),
    (Unsupported, &["not a shared mount"]),
    // Requests.
    (Invalid, &["invalid"]),
    (Invalid, &["unknown flag"]),
    (Invalid, &["unknown shorthand flag"]),
    (Invalid, &["unknown command"]),
    (Invalid, &["unknown docker command"]),
    (Invalid, &["flag needs an argument"]),
    (Invalid, &["requires", "argument"]),
    (Invalid, &["accepts", "argument"]),
    (Invalid, &["conflicts with"]),
    (Invalid, &["conflicting options"]),
    (Invalid, &["cannot be used with"]),
    (Invalid, &["can't be"]),
    (Invalid, &["cannot be"]),
    (Invalid, &["must be"]),
    (Invalid, &["must not"]),
    (Invalid, &["must provide"]),
    (Invalid, &["bad format"]),
    (Invalid, &["bad parameter"]),
    (Invalid, &["unrecognized"]),
    (Invalid, &["unknown"]),
    (Invalid, &["is not allowed"]),
    (Invalid, &["minimum memory limit"]),
    (Invalid, &["memory limit should be"]),
    (Invalid, &["executable file not found"]),
    (Invalid, &["no such file or directory"]),
    (Invalid, &["does not exist"]),
    (Invalid, &["permission denied"]), // of a program that cannot be run
    (Invalid, &["marked read-only"]),
    (Invalid, &["unable to find user"]),
    (Invalid, &["unable to find group"]),
    (Invalid, &["path", "not found"]),
    (Invalid, &["failed to read dockerfile"]),
    (Invalid, &["syntax error"]),
    (Invalid, &["parse error"]),
    (Invalid, &["error setting rlimit"]),
    (Invalid, &["failed to parse"]),
    (Invalid, &["range of cpus is from"]),
    (Unsupported, &["cgroup"]),
];

/// podman (4.3.1 and 5.8.6) with crun or runc.
pub(crate) const PODMAN: &[Pattern] = &[
    (EngineDown, &["cannot connect to podman"]),
    (EngineDown, &["unable to connect to podman"]),
    (Permission, &["requested access to the resource is denied"]),
    (Permission, &["unauthorized"]),
    (Permission, &["authentication required"]),
    (Permission, &["reading manifest", "denied"]),
    // Images and registries.
    (ImageMissing, &["image not known"]),
    (ImageMissing, &["manifest unknown"]),
    (ImageMissing, &["name unknown"]),
    (ImageMissing, &["no such image"]),
    (ImageMissing, &["no image found in"]),
    (ImageMissing, &["did not resolve to an alias"]),
    (Other, &["get \"http", "dial tcp"]), // a registry that does not answer
    (InUse, &["image is in use by"]),
    (InUse, &["image used by"]),
    // Names.
    (Conflict, &["the container name", "is already in use"]),
    (Conflict, &["already in use, cannot rename"]),
    (Conflict, &["name", "is in use: container already exists"]),
    (Conflict, &["network already exists"]),
    (Conflict, &["volume already exists"]),
    (Conflict, &["secret name in use"]),
    (Conflict, &["already connected"]),
    (Conflict, &["is already used on the host or by another config"]),
    (Conflict, &["unique constraint failed"]), // rename in podman 5's database
    // Ports.
    (PortInUse, &["address already in use"]),
    (PortInUse, &["port is already allocated"]),
    // Use.
    (InUse, &["has associated containers with it"]),
    (InUse, &["network is being used"]),
    (InUse, &["volume is being used"]),
    (InUse, &["is being used by the following container"]),
    (InUse, &["running or paused containers cannot be removed without force"]),
    (InUse, &["cannot be removed without force"]),
    (InUse, &["has dependent containers"]),
    (InUse, &["container has dependent"]),
    // States.
    (NotRunning, &["can only create exec sessions on running containers"]),
    (NotRunning, &["can only attach to running containers"]),
    (NotRunning, &["can only kill running containers"]),
    (NotRunning, &["can only be used on running containers"]),
    (NotRunning, &["container state improper"]),
    (NotRunning, &["is not running"]),
    (NotRunning, &["is not paused"]),
    (NotRunning, &["is not created"]),
    (NotRunning, &["refusing to clean up"]),
    (NotRunning, &["can only stop"]),
    // Objects.
    (NotFound, &["no such container"]),
    (NotFound, &["no such object"]),
    (NotFound, &["no such volume"]),
    (NotFound, &["no such network"]),
    (NotFound, &["network not found"]),
    (NotFound, &["no such secret"]),
    (NotFound, &["no such pod"]),
    (NotFound, &["is not connected to network"]),
    (NotFound, &["could not be found on container"]),
    (NotFound, &["failed to find published port"]),
    // What this version or machine cannot do.
    (Unsupported, &["unresolvable cdi devices"]),
    (Unsupported, &["only supported"]),
    (Unsupported, &["not supported"]),
    (Unsupported, &["unsupported bridge network option"]),
    (Unsupported, &["required plugin missing"]),
    (Unsupported, &["volume plugin"]),
    (Unsupported, &["oci runtime", "not found: invalid argument"]),
    (Unsupported, &["as root"]),
    (Unsupported, &["not enough available ids"]),
    (Unsupported, &["find enough available ids"]),
    (Unsupported, &["conmon failed"]),
    (Unsupported, &["write child: broken pipe"]), // conmon refuses what its log driver does not know
    (Unsupported, &["container-init binary not found"]),
    // Requests.
    (Invalid, &["invalid"]),
    (Invalid, &["unknown flag"]),
    (Invalid, &["unknown shorthand flag"]),
    (Invalid, &["unrecognized"]),
    (Invalid, &["unknown"]),
    (Invalid, &["unsupported"]),
    (Invalid, &["requires"]),
    (Invalid, &["accepts"]),
    (Invalid, &["must be"]),
    (Invalid, &["must provide"]),
    (Invalid, &["cannot be"]),
    (Invalid, &["cannot set"]),
    (Invalid, &["cannot specify"]),
    (Invalid, &["can only be"]),
    (Invalid, &["conflicts with"]),
    (Invalid, &["is not allowed"]),
    (Invalid, &["not in any subnet"]),
    (Invalid, &["no such file or directory"]),
    (Invalid, &["does not exist"]),
    (Invalid, &["executable file", "not found"]),
    (Invalid, &["permission denied"]),
    (Invalid, &["is a directory"]),
    (Invalid, &["not a directory"]),
    (Invalid, &["not found"]),
    (Invalid, &["unable to find user"]),
    (Invalid, &["unable to find group"]),
    (Invalid, &["parsing"]),
    (Invalid, &["specify at least"]),
    (Invalid, &["has no defined healthcheck"]),
    (Invalid, &["repository name must be lowercase"]),
    (Invalid, &["number of"]),
    (Invalid, &["host path"]),
    (Invalid, &["port ranges have different lengths"]),
    (Invalid, &["needs at least one subnet"]),
    (Invalid, &["memory limit could be too low"]),
    (Unsupported, &["not enough unused ids"]),
    (Unsupported, &["cgroup"]),
];

/// Reads the errors of one tool.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader(&'static Traits);

impl Traits {
    pub(crate) const fn reader(&'static self) -> Reader {
        Reader(self)
    }
}

impl Reader {
    /// The kind of a text.
    pub(crate) fn kind(self, text: &str) -> ErrorKind {
        let text = text.to_ascii_lowercase();
        let all = |words: &[&str]| {
            words.iter().try_fold(&text[..], |rest, word| {
                rest.find(word).map(|at| &rest[at + word.len()..])
            })
        };
        let found = self.0.errors.iter().find(|(_, words)| all(words).is_some());
        found.map_or(Other, |(kind, _)| *kind)
    }

    /// The error of a call that failed.
    pub(crate) fn error(self, out: &Output<'_>) -> ToolError {
        let message = message(&out.complaint())
            .or_else(|| message(&out.text()))
            .unwrap_or_else(|| format!("{} failed and said nothing about it", self.0.name));
        ToolError::Refused { kind: self.kind(&message), code: out.code, message }
    }

    /// Fails unless the call succeeded.
    pub(crate) fn accepted(self, out: &Output<'_>) -> Result<(), ToolError> {
        if out.code == 0 { Ok(()) } else { Err(self.error(out)) }
    }

    /// An error that says that something of this kind is not there.
    pub(crate) fn missing(self, kind: ErrorKind, what: &str, name: &str) -> ToolError {
        ToolError::Refused { kind, code: 1, message: format!("no such {what}: {name}") }
    }
}

/// Beginnings of a line that say nothing but that there was an error.
const PREFIXES: &[&str] = &[
    "docker: ",
    "Error response from daemon: ",
    "Error: ",
    "ERROR: ",
    "error: ",
    "Error response from daemon:",
];

/// Beginnings of lines that say nothing about an error.
const NOISE: &[&str] = &[
    "Usage:",
    "See '",
    "Run '",
    "Try '",
    "For more help",
    "Trying to pull",
    "Unable to find image",
    "Getting image source signatures",
    "Copying ",
    "Writing manifest",
    "Storing signatures",
    "failed to connect to syslog",
    "exit status ",
    "Error: failed to start containers",
    "Error: failed to rename container",
    "Emulate Docker CLI using podman",
];

/// The tool's own words, without its decoration; `None` when it said nothing.
pub(crate) fn message(complaint: &str) -> Option<String> {
    let mut lines: Vec<(bool, String)> = Vec::new(); // whether it begins an error, and its text
    let mut usage = false;
    for line in complaint.lines() {
        let line = line.trim_end();
        if NOISE.iter().any(|noise| line.trim_start().starts_with(noise)) || line.is_empty() {
            // what follows a hint about usage lists flags, until the next error
            usage |= line.starts_with("Usage:");
            continue;
        }
        if let Some(logged) = logrus(line) {
            lines.extend(logged.map(|text| (true, text)));
            continue;
        }
        let mut text = line.trim_start();
        let begins = PREFIXES.iter().any(|prefix| text.starts_with(prefix));
        while let Some(rest) = PREFIXES.iter().find_map(|prefix| text.strip_prefix(prefix)) {
            text = rest.trim_start();
        }
        usage &= !begins;
        if !usage && !text.is_empty() {
            lines.push((begins, text.to_owned()));
        }
    }
    // From the last line that begins an error; docker's first is the one that tells, and its follow-ups are noise.
    let from =
        lines.iter().rposition(|(begins, _)| *begins).unwrap_or(lines.len().saturating_sub(3));
    let mut all = String::new();
    for (_, line) in &lines[from.min(lines.len())..] {
        if !all.is_empty() {
            all.push_str(if all.ends_with(':') { " " } else { "; " });
        }
        all.push_str(line);
    }
    let text = all.trim_end_matches(": unknown").trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The text of a logrus line: `Some(None)` when it is only a warning.
fn logrus(line: &str) -> Option<Option<String>> {
    let rest = line.strip_prefix("time=\"")?;
    let (_, rest) = rest.split_once("\" level=")?;
    let (level, rest) = rest.split_once(' ')?;
    if !matches!(level, "fatal" | "panic") {
        return Some(None); // podman logs at level error what it got over
    }
    let quoted = rest.strip_prefix("msg=").unwrap_or(rest);
    Some(Some(serde_json::from_str(quoted).unwrap_or_else(|_| quoted.trim_matches('"').to_owned())))
}

/// Whether a text is a full id.
pub(crate) fn is_id(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())
}
