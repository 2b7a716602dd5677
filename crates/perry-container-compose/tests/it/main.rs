//! The names that the reference documents give, held to their promises.

#[cfg(feature = "yaml")]
mod desired;
mod error;
#[cfg(all(feature = "verify", unix))]
mod helpers;
mod names;
mod order;
#[cfg(feature = "yaml")]
mod parse;
