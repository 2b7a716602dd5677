//! The tables, one file per runtime.

mod apple;
mod docker;
mod nerdctl;
mod podman;

pub use apple::APPLE;
pub use docker::{COLIMA, DOCKER, ORBSTACK, RANCHER_DESKTOP};
pub use nerdctl::{LIMA, NERDCTL};
pub use podman::PODMAN;

use crate::Table;

/// All tables, in the order in which a platform with all of them prefers them.
pub static TABLES: [&Table; 8] =
    [&APPLE, &ORBSTACK, &COLIMA, &RANCHER_DESKTOP, &LIMA, &PODMAN, &NERDCTL, &DOCKER];
