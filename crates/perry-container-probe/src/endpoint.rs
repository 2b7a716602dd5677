//! Where an engine is reached.

use perry_container_spec::{EngineId, Locality};
use std::path::Path;

/// Where an engine is reached: `unix:///path`, `tcp://host:port`, `ssh://user@host`, `npipe:////./pipe/name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Endpoint {
    /// As `--host=` and `--url=` take it.
    pub(crate) url: String,
    /// Behind TLS.
    pub(crate) tls: bool,
}

impl Endpoint {
    /// As the docker client reads `DOCKER_HOST`: what has no scheme is an address.
    pub(crate) fn new(text: &str) -> Self {
        let text = text.trim();
        let url = match text {
            path if path.starts_with('/') => format!("unix://{path}"),
            url if url.contains("://") => url.to_owned(),
            address => format!("tcp://{address}"),
        };
        let tls = url.starts_with("https://") || url.trim_end_matches('/').ends_with(":2376");
        Self { url, tls }
    }

    /// A socket file.
    pub(crate) fn unix(path: &Path) -> Self {
        Self { url: format!("unix://{}", path.display()), tls: false }
    }

    /// The socket file.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.url.strip_prefix("unix://").map(Path::new)
    }

    fn scheme(&self) -> &str {
        self.url.split_once("://").map_or("", |(scheme, _)| scheme)
    }

    /// Whether it can be spoken to without the tool: neither ssh nor TLS.
    pub(crate) fn is_plain(&self) -> bool {
        !self.tls && matches!(self.scheme(), "unix" | "tcp" | "http" | "npipe")
    }

    /// Where its engine runs.
    pub(crate) fn locality(&self) -> Locality {
        match self.scheme() {
            "unix" | "npipe" | "fd" => Locality::Local,
            _ => Locality::Remote,
        }
    }

    /// The engine behind it: a socket file by its one true path, which `canonical` finds; an address in lower case,
    /// with its port.
    pub(crate) fn engine(
        &self,
        canonical: impl FnOnce(&Path) -> Option<std::path::PathBuf>,
    ) -> EngineId {
        if let Some(path) = self.path() {
            let path = canonical(path).unwrap_or_else(|| path.to_owned());
            return EngineId(format!("unix://{}", path.display()));
        }
        let url = self.url.trim_end_matches('/');
        let (scheme, rest) = url.split_once("://").unwrap_or(("tcp", url));
        let scheme = if matches!(scheme, "http" | "https") { "tcp" } else { scheme };
        let mut rest = match scheme {
            "tcp" => rest.to_ascii_lowercase(),
            _ => rest.to_owned(),
        };
        if scheme == "tcp" && !rest.rsplit(']').next().is_some_and(|end| end.contains(':')) {
            rest.push_str(if self.tls { ":2376" } else { ":2375" });
        }
        EngineId(format!("{scheme}://{rest}"))
    }
}
