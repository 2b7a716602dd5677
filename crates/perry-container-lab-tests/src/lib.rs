#![doc = include_str!("../README.md")]
#![expect(clippy::print_stderr, reason = "a skipped test says so")]

pub mod engine;
pub mod lane;
pub mod project;
pub mod proxy;
pub mod run;

pub use self::engine::Engine;
pub use self::lane::{Lane, skip};
pub use self::project::{Live, Project};
pub use self::proxy::Proxy;
pub use self::run::{Done, run};
