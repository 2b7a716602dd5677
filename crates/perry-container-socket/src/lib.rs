#![doc = include_str!("../README.md")]

mod archive;
mod ask;
mod auth;
mod backend;
mod build;
mod containers;
mod create;
mod endpoint;
mod engine;
mod events;
mod fault;
mod frames;
mod ignore;
mod images;
mod look;
mod moment;
mod options;
mod progress;
#[cfg(test)]
mod recorded;
mod reference;
mod session;
mod shape;
mod usage;
mod verbs;
mod wire;

pub use backend::SocketBackend;
pub use endpoint::Endpoint;
pub use fault::Flavour;
pub use options::Options;
