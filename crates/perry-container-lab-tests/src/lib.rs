#![doc = include_str!("../README.md")]
#![expect(clippy::print_stderr, reason = "a skipped test says so, and a random one its seed")]

pub mod engine;
pub mod lane;
pub mod project;
pub mod proxy;
pub mod run;
pub mod seed;
pub mod terminal;

pub use self::engine::Engine;
pub use self::lane::{Lane, skip};
pub use self::project::{Live, Project};
pub use self::proxy::{Proxy, Relay};
pub use self::run::{Done, Running, run};
pub use self::seed::{Seed, long, tell};
pub use self::terminal::Terminal;
