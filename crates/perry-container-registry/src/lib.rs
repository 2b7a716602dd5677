#![doc = include_str!("../README.md")]

mod challenge;
mod client;
mod credentials;
mod digest;
mod error;
mod place;
mod reference;
mod types;

pub use client::{Limits, Options, Registry};
pub use credentials::{Credential, CredentialFiles, Helpers};
pub use digest::Digest;
pub use error::RegistryError;
pub use reference::{Reference, Repository};
pub use types::{Descriptor, Manifest, Referrers};
