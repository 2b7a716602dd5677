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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use snapbox::{assert_data_eq, str};

    /// What engines said, and what it means. docker 28.5.2, podman 4.3.1.
    #[test]
    fn refusals_of_docker() {
        let said = [
            (404, "No such container: web"),
            (404, "No such image: web:1"),
            (404, "network p_net not found"),
            (404, "get data: no such volume"),
            (404, "Could not find the file /x in container web"),
            (404, "page not found"),
            (
                409,
                "Conflict. The container name \"/web\" is already in use by container \"ab\". You have to remove (or rename) that container to be able to reuse that name.",
            ),
            (409, "network with name p_net already exists"),
            (
                409,
                "cannot remove container \"/web\": container is running: stop the container before removing or force remove",
            ),
            (409, "container ab is not running"),
            (409, "Container web is paused, unpause the container before exec"),
            (409, "remove data: volume is in use - [ab]"),
            (
                409,
                "conflict: unable to remove repository reference \"web:1\" (must force) - container ab is using its referenced image cd",
            ),
            (409, "removal of container ab is already in progress"),
            (
                403,
                "error while removing network: network p_net id ab has active endpoints (name:\"web\" id:\"cd\")",
            ),
            (403, "invalid pool request: Pool overlaps with other one on this address space"),
            (403, "operation is not permitted on predefined bridge network"),
            (
                500,
                "failed to set up container networking: driver failed programming external connectivity on endpoint web (ab): Bind for 127.0.0.1:8080 failed: port is already allocated",
            ),
            (
                500,
                "failed to bind host port for 0.0.0.0:80:172.17.0.2:80/tcp: address already in use",
            ),
            (500, "manifest for r.example/web:1 not found: manifest unknown: manifest unknown"),
            (
                404,
                "pull access denied for web, repository does not exist or may require 'docker login'",
            ),
            (
                500,
                "Head \"https://r.example/v2/web/manifests/1\": unauthorized: authentication required",
            ),
            (400, "invalid mount config for type \"bind\": bind source path does not exist: /x"),
            (
                400,
                "failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: \"nope\": executable file not found in $PATH: unknown",
            ),
            (500, "could not select device driver \"nvidia\" with capabilities: [[gpu]]"),
            (
                503,
                "This node is not a swarm manager. Use \"docker swarm init\" to connect this node to swarm and try again.",
            ),
            (500, "something else"),
        ];
        let told = said.map(|(status, text)| {
            let body = serde_json::json!({"message": text}).to_string();
            let error = refused(Flavour::Docker, "do", "it", status, body.as_bytes());
            format!("{}: {text}\n", error.kind)
        });
        assert_data_eq!(
            told.concat(),
            str![[r#"
not found: No such container: web
image missing: No such image: web:1
not found: network p_net not found
not found: get data: no such volume
not found: Could not find the file /x in container web
not supported: page not found
name taken: Conflict. The container name "/web" is already in use by container "ab". You have to remove (or rename) that container to be able to reuse that name.
name taken: network with name p_net already exists
in use: cannot remove container "/web": container is running: stop the container before removing or force remove
not running: container ab is not running
not running: Container web is paused, unpause the container before exec
in use: remove data: volume is in use - [ab]
in use: conflict: unable to remove repository reference "web:1" (must force) - container ab is using its referenced image cd
name taken: removal of container ab is already in progress
in use: error while removing network: network p_net id ab has active endpoints (name:"web" id:"cd")
name taken: invalid pool request: Pool overlaps with other one on this address space
invalid: operation is not permitted on predefined bridge network
port in use: failed to set up container networking: driver failed programming external connectivity on endpoint web (ab): Bind for 127.0.0.1:8080 failed: port is already allocated
port in use: failed to bind host port for 0.0.0.0:80:172.17.0.2:80/tcp: address already in use
image missing: manifest for r.example/web:1 not found: manifest unknown: manifest unknown
permission denied: pull access denied for web, repository does not exist or may require 'docker login'
permission denied: Head "https://r.example/v2/web/manifests/1": unauthorized: authentication required
invalid: invalid mount config for type "bind": bind source path does not exist: /x
invalid: failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "nope": executable file not found in $PATH: unknown
not supported: could not select device driver "nvidia" with capabilities: [[gpu]]
not supported: This node is not a swarm manager. Use "docker swarm init" to connect this node to swarm and try again.
failed: something else

"#]]
        );
    }

    #[test]
    fn refusals_of_podman() {
        let said = [
            (
                404,
                "no such container",
                "no container with name or ID \"web\" found: no such container",
            ),
            (404, "no such image", "web:1: image not known"),
            (
                404,
                "network not found",
                "unable to find network with name or ID p_net: network not found",
            ),
            (404, "no such volume", "no volume with name \"data\" found: no such volume"),
            (
                404,
                "no such file or directory",
                "\"/x\" could not be found on container web: no such file or directory",
            ),
            (
                500,
                "that name is already in use",
                "creating container storage: the container name \"web\" is already in use by ab. You have to remove that container to be able to reuse that name: that name is already in use",
            ),
            (
                500,
                "network already exists",
                "network name p_net already used: network already exists",
            ),
            (
                500,
                "container state improper",
                "cannot remove container ab as it is running - running or paused containers cannot be removed without force: container state improper",
            ),
            (
                500,
                "container state improper",
                "can only kill running containers. ab is in state exited: container state improper",
            ),
            (
                409,
                "cannot create exec session as container ab is paused",
                "cannot create exec session as container ab is paused",
            ),
            (
                409,
                "container state improper",
                "can only create exec sessions on running containers: container state improper",
            ),
            (
                500,
                "volume is being used",
                "volume data is being used by the following container(s): ab: volume is being used",
            ),
            (
                409,
                "network is being used",
                "\"p_net\" has associated containers with it. Use -f to forcibly delete containers and pods: network is being used",
            ),
            (
                409,
                "image is in use by a container",
                "Image used by ab: image is in use by a container",
            ),
            (
                500,
                "address already in use",
                "cannot listen on the TCP port: listen tcp4 127.0.0.1:8080: bind: address already in use",
            ),
            (
                500,
                "subnet 10.5.0.0/16 is already used on the host or by another config",
                "subnet 10.5.0.0/16 is already used on the host or by another config",
            ),
            (500, "no such file or directory", "statfs /x: no such file or directory"),
            (
                500,
                "OCI runtime attempted to invoke a command that was not found",
                "crun: executable file `nope` not found in $PATH: No such file or directory: OCI runtime attempted to invoke a command that was not found",
            ),
            (
                404,
                "manifest unknown",
                "initializing source docker://r.example/web:1: reading manifest 1 in r.example/web: manifest unknown: manifest unknown",
            ),
            (500, "something else", "something else"),
        ];
        let told = said.map(|(status, cause, text)| {
            let body = serde_json::json!({"cause": cause, "message": text, "response": status})
                .to_string();
            let error = refused(Flavour::Podman, "do", "it", status, body.as_bytes());
            format!("{}: {text}\n", error.kind)
        });
        assert_data_eq!(
            told.concat(),
            str![[r#"
not found: no container with name or ID "web" found: no such container
image missing: web:1: image not known
not found: unable to find network with name or ID p_net: network not found
not found: no volume with name "data" found: no such volume
not found: "/x" could not be found on container web: no such file or directory
name taken: creating container storage: the container name "web" is already in use by ab. You have to remove that container to be able to reuse that name: that name is already in use
name taken: network name p_net already used: network already exists
in use: cannot remove container ab as it is running - running or paused containers cannot be removed without force: container state improper
not running: can only kill running containers. ab is in state exited: container state improper
not running: cannot create exec session as container ab is paused
not running: can only create exec sessions on running containers: container state improper
in use: volume data is being used by the following container(s): ab: volume is being used
in use: "p_net" has associated containers with it. Use -f to forcibly delete containers and pods: network is being used
in use: Image used by ab: image is in use by a container
port in use: cannot listen on the TCP port: listen tcp4 127.0.0.1:8080: bind: address already in use
name taken: subnet 10.5.0.0/16 is already used on the host or by another config
invalid: statfs /x: no such file or directory
invalid: crun: executable file `nope` not found in $PATH: No such file or directory: OCI runtime attempted to invoke a command that was not found
image missing: initializing source docker://r.example/web:1: reading manifest 1 in r.example/web: manifest unknown: manifest unknown
failed: something else

"#]]
        );
    }

    #[test]
    fn refusals_without_words() {
        let text = |status, body: &str| {
            refused(Flavour::Docker, "start", "web", status, body.as_bytes()).to_string()
        };
        assert_data_eq!(
            [
                text(500, ""),
                text(404, "Not Found\n"),
                text(500, "{\"message\":null}"),
                text(400, "{\"message\":\"\"}")
            ]
            .join("\n"),
            str![[r#"
could not start `web`: the engine answered with status 500 and no words
could not start `web`: Not Found
could not start `web`: {"message":null}
could not start `web`: {"message":""}
"#]]
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        /// Any body is an error with a text and the status as its number.
        #[test]
        fn any_refusal_is_an_error(status in 400_u16..600, body in proptest::collection::vec(any::<u8>(), 0..200)) {
            for flavour in [Flavour::Docker, Flavour::Podman] {
                let error = refused(flavour, "start", "web", status, &body);
                prop_assert!(!error.text.is_empty());
                prop_assert_eq!(error.status, Some(i32::from(status)));
            }
        }
    }
}
