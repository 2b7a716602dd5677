//! The names that the reference documents give, held to their promises.

#[cfg(feature = "yaml")]
mod desired;
mod error;
mod names;
mod order;
#[cfg(feature = "yaml")]
mod parse;
