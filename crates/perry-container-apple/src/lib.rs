#![doc = include_str!("../README.md")]

mod argv;
mod encode;
mod env;
mod errors;
mod lacks;
mod notes;
mod parse;
mod protocol;
mod verbs;

pub use protocol::AppleContainerProtocol;
