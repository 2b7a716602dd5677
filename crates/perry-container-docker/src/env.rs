//! How variables get into a container without being seen.

use crate::{dialect::Traits, quote::refuse};
use indexmap::IndexMap;
use perry_container_protocol::{Arg, Invocation, ToolError};
use perry_container_spec::Sensitive;

/// Names, and beginnings of names (with `*`), that change what the client, its helpers, its language's runtime or the
/// C library do. Compared without regard to case, because Go reads proxies in both. No broader than that: a key in
/// `SSH_PRIVATE_KEY` has newlines, and a file could not carry it.
const STEERING: &[&str] = &[
    "_CONTAINERS_*",
    "BASH_*",
    "BUILDAH_*",
    "BUILDKIT_*",
    "BUILDX_*",
    "COMSPEC",
    "CONMON*",
    "CONTAINER*",
    "DBUS_*",
    "DOCKER_*",
    "ENV",
    "GCONV_PATH",
    "GLIBC_TUNABLES",
    "GNUPGHOME",
    "GOCOVERDIR",
    "GODEBUG",
    "GOENV",
    "GOGC",
    "GOMAXPROCS",
    "GOMEMLIMIT",
    "GORACE",
    "GOTRACEBACK",
    "GPG_AGENT_INFO",
    "GPG_TTY",
    "HOME",
    "HOSTALIASES",
    "IFS",
    "INVOCATION_ID",
    "LANG",
    "LANGUAGE",
    "LC_*",
    "LD_*",
    "LISTEN_*",
    "LOCALDOMAIN",
    "LOCPATH",
    "LOGNAME",
    "MALLOC_*",
    "NERDCTL_*",
    "NETAVARK*",
    "NLSPATH",
    "NOTIFY_SOCKET",
    "NO_COLOR",
    "OTEL_*",
    "PATH",
    "PATHEXT",
    "PODMAN_*",
    "PWD",
    "REGISTRY_AUTH_FILE",
    "RESOLV_*",
    "RES_OPTIONS",
    "RUST_BACKTRACE",
    "RUST_LOG",
    "SHELL",
    "SSH_ASKPASS*",
    "SSH_AUTH_SOCK",
    "SSH_CLIENT",
    "SSH_CONNECTION",
    "SSH_TTY",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "STORAGE_DRIVER",
    "STORAGE_OPTS",
    "SYSTEMD_*",
    "SYSTEMROOT",
    "TEMP",
    "TERM",
    "TMP",
    "TMPDIR",
    "TZ",
    "TZDIR",
    "USER",
    "WINDIR",
    "XDG_*",
];

/// Whether a variable of this name in the client's environment would change what the client does.
pub(crate) fn steers(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    name.ends_with("_PROXY")
        || STEERING.iter().any(|known| match known.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == *known,
        })
}

/// A line that is longer makes Go's scanner give up.
const LONGEST_LINE: usize = 64 * 1024 - 1;

/// Hands variables over: `--env=NAME` and the value in the client's environment, or, for a name that would steer the
/// client, a line of a file that only this user can read.
///
/// The file's grammar (docker's `opts/file.go`, podman's `pkg/env`): a line is `NAME=value`, blanks before it are lost,
/// `#` begins a comment, quotes mean nothing, no newline is possible.
///
/// # Errors
/// [`ToolError::Refused`] for a name or value that neither way can carry. The text never holds the value.
pub(crate) fn pass(
    call: &mut Invocation,
    env: &IndexMap<String, Sensitive<String>>,
    tool: &Traits,
) -> Result<(), ToolError> {
    let mut file = String::new();
    for (name, value) in env {
        let text = value.expose();
        if name.is_empty() || name.contains(['=', '\0']) {
            return Err(refuse("variable", name, "has no name that a process can have"));
        }
        if text.contains('\0') {
            return Err(refuse("variable", name, "holds a zero byte"));
        }
        let hidden = steers(name) || tool.env_globs && name.ends_with('*');
        if !hidden {
            call.flag("--env", name).env.push((name.clone(), value.clone()));
            continue;
        }
        if name.starts_with(['#', '\u{feff}']) || name.contains(char::is_whitespace) {
            return Err(refuse("variable", name, "has a name that no environment file can hold"));
        }
        if text.contains('\n') || text.ends_with('\r') {
            return Err(refuse(
                "variable",
                name,
                "would steer the client and so goes by a file, which can hold no newline",
            ));
        }
        if name.len() + text.len() + 1 > LONGEST_LINE {
            return Err(refuse(
                "variable",
                name,
                "would steer the client and so goes by a file, which can hold 64 KiB a line",
            ));
        }
        file.push_str(name);
        file.push('=');
        file.push_str(text);
        file.push('\n');
    }
    if !file.is_empty() {
        call.args.push(Arg::File {
            prefix: "--env-file=".to_owned(),
            content: Sensitive::new(file.into_bytes()),
        });
    }
    Ok(())
}
