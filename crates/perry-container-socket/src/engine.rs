//! Who answers at an endpoint, and which version of its API is spoken.

use crate::{
    Endpoint, Options,
    ask::Ask,
    fault::Flavour,
    wire::{Answer, Limits, Wire},
};
use perry_container_backend::Result;
use perry_container_spec::ErrorKind;
use perry_container_support::Capabilities;
use std::sync::atomic::AtomicU64;

/// The newest version that this crate was written against (docker 28.5).
const NEWEST: (u32, u32) = (1, 51);

/// What a ping tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Engine {
    pub(crate) flavour: Flavour,
    /// The engine's own version: `28.5.2`, `4.3.1`.
    pub(crate) version: Option<String>,
    /// The version of the API that is spoken.
    pub(crate) api: (u32, u32),
}

impl Engine {
    pub(crate) const fn name(&self) -> &'static str {
        match self.flavour {
            Flavour::Docker => "docker",
            Flavour::Podman => "podman",
        }
    }

    pub(crate) fn capabilities(&self) -> Capabilities {
        let version = self.version.as_deref().unwrap_or_default();
        match self.flavour {
            Flavour::Docker => Capabilities::docker(version),
            Flavour::Podman => Capabilities::podman(version),
        }
    }

    /// The major version; that of an engine that tells none counts as the newest.
    pub(crate) fn major(&self) -> u32 {
        let major = self.version.as_deref().and_then(|v| v.split('.').next());
        major.and_then(|major| major.parse().ok()).unwrap_or(u32::MAX)
    }
}

fn version(text: &str) -> Option<(u32, u32)> {
    let (major, minor) = text.trim().split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// `Docker/28.5.2+dfsg4 (linux)`, `Libpod/4.3.1 (linux)`: the header tells podman behind docker's socket.
pub(crate) fn identify(
    server: Option<&str>,
    libpod: Option<&str>,
    api: Option<&str>,
) -> Option<Engine> {
    let product = server.and_then(|s| s.split_whitespace().next()).unwrap_or_default();
    let (name, own) = product.split_once('/').unwrap_or((product, ""));
    let flavour = if libpod.is_some() || name.eq_ignore_ascii_case("libpod") {
        Flavour::Podman
    } else {
        Flavour::Docker
    };
    let api = version(api?)?;
    let own = match flavour {
        Flavour::Podman => libpod.unwrap_or(own),
        Flavour::Docker => own,
    };
    Some(Engine {
        flavour,
        version: (!own.is_empty()).then(|| own.to_owned()),
        api: api.min(NEWEST),
    })
}

fn told(answer: &Answer) -> Option<Engine> {
    identify(
        answer.header("server"),
        answer.header("libpod-api-version"),
        answer.header("api-version"),
    )
}

/// Asks who answers, and prepares to speak its version.
pub(crate) async fn greet(endpoint: Endpoint, options: &Options) -> Result<(Wire, Engine)> {
    let limits =
        Limits { deadline: options.deadline, silence: options.silence, whole: options.whole };
    let mut wire = Wire {
        endpoint,
        limits,
        flavour: Flavour::Docker,
        version: String::new(),
        libpod: String::new(),
        calls: AtomicU64::new(0),
    };
    let answer = wire.send(ping(&wire.endpoint)).await?;
    let Some(engine) = told(&answer) else {
        return Err(answer.error(ErrorKind::Malformed, "what answers there speaks no Engine API"));
    };
    wire.flavour = engine.flavour;
    wire.version = format!("/v{}.{}", engine.api.0, engine.api.1);
    if let (Flavour::Podman, Some(version)) = (engine.flavour, &engine.version) {
        wire.libpod = format!("/v{version}");
    }
    Ok((wire, engine))
}

pub(crate) fn ping(endpoint: &Endpoint) -> Ask {
    Ask::get("reach the engine at", endpoint.to_string()).at("_ping")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn engines_are_told_by_their_headers() {
        let tell = |server, libpod, api| {
            identify(server, libpod, api).map_or_else(
                || "nobody".to_owned(),
                |e| format!("{} {} {:?}", e.name(), e.version.as_deref().unwrap_or("?"), e.api),
            )
        };
        assert_eq!(
            tell(Some("Docker/28.5.2+dfsg4 (linux)"), None, Some("1.51")),
            "docker 28.5.2+dfsg4 (1, 51)"
        );
        assert_eq!(
            tell(Some("Libpod/4.3.1 (linux)"), Some("4.3.1"), Some("1.41")),
            "podman 4.3.1 (1, 41)"
        );
        assert_eq!(
            tell(Some("Docker/31.0.0 (linux)"), None, Some("1.60")),
            "docker 31.0.0 (1, 51)"
        );
        assert_eq!(
            tell(Some("Docker/20.10.5 (linux)"), None, Some("1.41")),
            "docker 20.10.5 (1, 41)"
        );
        assert_eq!(tell(None, Some("5.8.6"), Some("1.41")), "podman 5.8.6 (1, 41)");
        assert_eq!(tell(None, None, Some("1.43")), "docker ? (1, 43)");
        assert_eq!(tell(Some("nginx"), None, None), "nobody");
        assert_eq!(tell(None, None, Some("latest")), "nobody");
    }
}
