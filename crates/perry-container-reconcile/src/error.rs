//! Why there is no plan.

use perry_container_graph::GraphError;
use perry_container_spec::UnitId;

/// A wish that cannot be planned for. Nothing was done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReconcileError {
    /// A cycle, or a dependency that is not there.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// A service was named that the project does not have.
    #[error("no such service: {0}")]
    NoSuchService(String),
    /// A service has no container to act on.
    #[error("service \"{0}\" has no container to start")]
    NoContainer(String),
    /// An external network is not there.
    #[error("network {0} declared as external, but could not be found")]
    ExternalNetwork(String),
    /// An external volume is not there.
    #[error("external volume \"{0}\" not found")]
    ExternalVolume(String),
    /// The network's name is taken by one that belongs to something else.
    #[error(
        "network {name} was found but belongs to the key \"{found}\" of the project, not to \"{wanted}\"; rename one"
    )]
    NetworkTaken {
        /// Its full name.
        name: String,
        /// The key in its label.
        found: String,
        /// The key that wants it.
        wanted: String,
    },
    /// The image is not there and must not be fetched.
    #[error("service \"{service}\": image {image} is not there, {why}")]
    ImageAbsent {
        /// The service.
        service: String,
        /// The image.
        image: String,
        /// What forbids it.
        why: &'static str,
    },
    /// Nobody can have signed the image.
    #[error("service \"{service}\": image {image} cannot be verified: it {why}")]
    Unverifiable {
        /// The service.
        service: String,
        /// The image.
        image: String,
        /// Why.
        why: &'static str,
    },
    /// Two containers want one host port.
    #[error(
        "{first} and {second} both publish host port {port}; give one another port, or a range"
    )]
    PortClash {
        /// One of them.
        first: UnitId,
        /// The other.
        second: UnitId,
        /// `127.0.0.1:8080/tcp`.
        port: String,
    },
    /// Somebody waits for the health of a service without a check.
    #[error(
        "service \"{waiter}\" waits for \"{service}\" to be healthy, but \"{service}\" has no health check; add one, or \
         wait for service_started"
    )]
    NoHealthcheck {
        /// Who waits.
        waiter: String,
        /// For whom.
        service: String,
    },
}

impl ReconcileError {
    /// The numeric code that callers see.
    pub const fn code(&self) -> i32 {
        match self {
            Self::Graph(GraphError::Cycle(_)) => 422,
            Self::NoSuchService(_)
            | Self::NoContainer(_)
            | Self::ExternalNetwork(_)
            | Self::ExternalVolume(_) => 404,
            Self::ImageAbsent { .. } => 404,
            _ => 400,
        }
    }
}
