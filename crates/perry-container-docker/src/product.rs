//! Products that bring an engine in a machine of its own.

use std::fmt;

/// A product that runs docker's engine, podman or containerd in a virtual machine and is spoken to in that tool's
/// dialect; only its name is another one.
///
/// | product | dialects |
/// |---|---|
/// | OrbStack | docker |
/// | Colima, Rancher Desktop | docker; nerdctl where the product is set to containerd |
/// | Lima | docker, podman or nerdctl, as the instance has it |
///
/// ```
/// # use perry_container_docker::{Dialect, DockerProtocol, Product};
/// # use perry_container_protocol::CliProtocol as _;
/// let colima = DockerProtocol::new(Dialect::docker("28.4.0")).of(Product::Colima);
/// assert_eq!(colima.name(), "colima");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Product {
    /// OrbStack, on macOS.
    Orbstack,
    /// Colima, on macOS and Linux.
    Colima,
    /// Rancher Desktop.
    RancherDesktop,
    /// An instance of Lima.
    Lima,
}

impl Product {
    /// The name of its backend.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Orbstack => "orbstack",
            Self::Colima => "colima",
            Self::RancherDesktop => "rancher-desktop",
            Self::Lima => "lima",
        }
    }
}

impl fmt::Display for Product {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
