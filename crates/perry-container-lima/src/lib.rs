#![doc = include_str!("../README.md")]

mod broken;
mod copy;
mod create;
mod guest;
mod hand;
mod protocol;
mod through;

pub use guest::Guest;
pub use protocol::LimaProtocol;
