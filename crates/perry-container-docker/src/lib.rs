#![doc = include_str!("../README.md")]

mod argv;
mod dialect;
mod env;
mod errors;
mod exec;
mod notes;
mod own;
mod parse;
mod product;
mod protocol;
mod quote;
mod tar;
mod verbs;

pub use dialect::{Dialect, Version};
pub use product::Product;
pub use protocol::DockerProtocol;
pub use tar::archive;
