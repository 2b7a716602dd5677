//! Files in, a model or a message out.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

mod differential;
mod discover;
mod grammars;
mod places;
mod property;
mod refusals;
mod round_trip;
mod rules;
mod size;
