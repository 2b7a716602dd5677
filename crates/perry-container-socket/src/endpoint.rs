//! Where an engine listens.

use perry_container_backend::BackendError;
use perry_container_spec::ErrorKind;
use std::{fmt, path::PathBuf, str::FromStr};

/// Where an engine listens. Text form as in `DOCKER_HOST`; there is no TLS and no ssh.
///
/// ```
/// # use perry_container_socket::Endpoint;
/// let endpoint: Endpoint = "unix:///var/run/docker.sock".parse()?;
/// assert_eq!(endpoint.to_string(), "unix:///var/run/docker.sock");
/// assert!("ssh://host".parse::<Endpoint>().is_err());
/// # Ok::<(), perry_container_backend::BackendError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// `unix:///path`, or the path itself.
    Unix(PathBuf),
    /// `tcp://host:port`; port 2375 when absent.
    Tcp(String, u16),
    /// `npipe:////./pipe/name`, on Windows.
    Npipe(String),
}

impl Endpoint {
    /// Whether its engine sees the file system of this machine: a socket file, not a network.
    pub const fn is_local(&self) -> bool {
        matches!(self, Self::Unix(_) | Self::Npipe(_))
    }
}

impl FromStr for Endpoint {
    type Err = BackendError;

    fn from_str(text: &str) -> Result<Self, BackendError> {
        let bad = |kind, why: &str| BackendError::new("connect to", text, kind, why);
        let invalid = |why: &str| bad(ErrorKind::Invalid, why);
        if text.starts_with('/') {
            return Ok(Self::Unix(text.into()));
        }
        let Some((scheme, rest)) = text.split_once("://") else {
            return Err(invalid(
                "an endpoint is unix:///path, tcp://host:port or npipe:////./pipe/name",
            ));
        };
        match scheme {
            "unix" if rest.starts_with('/') => Ok(Self::Unix(rest.into())),
            "unix" => Err(invalid("the path of a socket is absolute")),
            "tcp" | "http" => {
                let rest = rest.strip_suffix('/').unwrap_or(rest);
                let (host, port) = match rest.rsplit_once(':') {
                    // The colons of a bare [::1] are none before a port.
                    Some((host, port)) if !port.contains(']') => {
                        (host, port.parse().map_err(|_| invalid("a port is a number up to 65535"))?)
                    }
                    _ => (rest, 2375),
                };
                let host = host.trim_start_matches('[').trim_end_matches(']');
                if host.is_empty() || host.contains(['/', '@', '?', '#']) {
                    return Err(invalid("an address is tcp://host:port and nothing more"));
                }
                Ok(Self::Tcp(host.to_owned(), port))
            }
            "npipe" => Ok(Self::Npipe(rest.replace('/', "\\"))),
            "https" => Err(bad(
                ErrorKind::Unsupported,
                "an engine behind TLS is not spoken to; forward its socket, or use its command line",
            )),
            "ssh" => Err(bad(
                ErrorKind::Unsupported,
                "an engine behind ssh is not spoken to; forward its socket, or use its command line",
            )),
            _ => Err(bad(ErrorKind::Unsupported, "the schemes are unix, tcp and npipe")),
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
            Self::Tcp(host, port) if host.contains(':') => write!(f, "tcp://[{host}]:{port}"),
            Self::Tcp(host, port) => write!(f, "tcp://{host}:{port}"),
            Self::Npipe(path) => write!(f, "npipe://{}", path.replace('\\', "/")),
        }
    }
}
