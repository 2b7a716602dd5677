//! The command, over a registry of this process.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod bed;
mod cases;
mod files;
mod reports;
mod usage;
