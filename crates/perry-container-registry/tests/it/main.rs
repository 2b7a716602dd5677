//! What the crate makes of registries that behave, that want something first, and that do not behave.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod content;
mod faults;
mod login;
mod references;

use perry_container_registry::{
    CredentialFiles, Limits, Options, Reference, Registry, RegistryError,
};
use perry_container_testkit::registry::{RegistryServer, Store};
use std::time::Duration;

/// A registry and a client with short patience.
pub(crate) struct Bed {
    pub(crate) server: RegistryServer,
    pub(crate) registry: Registry,
}

pub(crate) fn patience() -> Limits {
    Limits {
        connect: Duration::from_millis(1500),
        silence: Duration::from_millis(2500),
        whole: Duration::from_millis(5000),
        ..Limits::default()
    }
}

impl Bed {
    pub(crate) async fn new(store: Store) -> Self {
        Self::with(store, CredentialFiles::default()).await
    }

    pub(crate) async fn with(store: Store, files: CredentialFiles) -> Self {
        let server = RegistryServer::start(store).await;
        let options = Options { limits: patience(), insecure: vec![] };
        Self { server, registry: Registry::new(options, files, None) }
    }

    pub(crate) fn image(&self, rest: &str) -> Reference {
        Reference::parse(&format!("{}/{rest}", self.server.host())).unwrap()
    }

    /// The digest, or the error, without the port.
    pub(crate) async fn resolved(&self, rest: &str) -> String {
        self.told(self.registry.resolve(&self.image(rest)).await.map(|m| m.digest.to_string()))
    }

    pub(crate) fn told<T: ToString>(&self, result: Result<T, RegistryError>) -> String {
        let text = match result {
            Ok(value) => value.to_string(),
            Err(error) => format!("{}: {error}", error.code()),
        };
        text.replace(&self.server.host(), "REG")
    }
}
