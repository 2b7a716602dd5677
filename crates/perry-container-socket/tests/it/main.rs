//! The Engine API as it is spoken: against a scripted server, and against the engines of this machine.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod lab;
mod made;
mod odd;
mod server;
