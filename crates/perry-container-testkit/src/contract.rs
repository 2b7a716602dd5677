//! What every backend must do alike, as one script whose transcript is the same text on all of them.
//!
//! The script makes everything under a prefix and removes it again, also what an earlier run left. It needs an image with
//! busybox and nothing from the network. Real engines are slow and shared, so nothing here measures time.

mod cases;
mod deviations;
mod script;

pub use deviations::{DEVIATIONS, Deviation, expected};
pub use script::Ground;
use script::Script;

use perry_container_backend::ContainerBackend;

/// Runs the whole script: the transcript, which is [`TRANSCRIPT`] for a backend that keeps the contract.
///
/// ```no_run
/// # async fn example(backend: &dyn perry_container_backend::ContainerBackend) {
/// use perry_container_testkit::contract::{Ground, TRANSCRIPT, run};
///
/// let said = run(backend, &Ground::new("mytest", "lab/base:1")).await;
/// assert_eq!(said, TRANSCRIPT);
/// # }
/// ```
pub async fn run(backend: &dyn ContainerBackend, ground: &Ground) -> String {
    let mut script = Script::new(backend, ground);
    script.sweep().await;
    cases::lifecycle(&mut script).await;
    cases::output(&mut script).await;
    cases::commands(&mut script).await;
    cases::observing(&mut script).await;
    cases::networks(&mut script).await;
    cases::ports(&mut script).await;
    cases::volumes(&mut script).await;
    cases::files(&mut script).await;
    cases::health(&mut script).await;
    cases::images(&mut script).await;
    cases::events(&mut script).await;
    script.sweep().await;
    script.transcript()
}

/// What [`run`] says of a backend that keeps the contract and lacks nothing. `<p>` stands for the prefix.
pub const TRANSCRIPT: &str = include_str!("contract/transcript.txt");
