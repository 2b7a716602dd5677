//! The signatures of `fixtures/sigs` in every layout, with every negative, served by a registry of this process.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod bed;
mod cache;
mod cases;
mod policy;
mod properties;
#[cfg(feature = "tuf")]
mod tuf;
