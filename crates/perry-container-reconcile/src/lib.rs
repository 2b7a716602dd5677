#![doc = include_str!("../README.md")]

mod action;
mod desired;
mod doubts;
mod down;
mod downs;
mod error;
mod fit;
mod half;
mod halt;
mod hash;
mod labels;
mod life;
mod lint;
mod lower;
mod options;
mod order;
mod rm;
mod select;
mod tend;
mod up;

pub use action::{Action, Cause, Gated, Target, Unbound, image_facts};
pub use desired::{
    Condition, Dependency, Desired, DesiredNetwork, DesiredVolume, Hook, ImageSource, PullPolicy,
    Unit,
};
pub use doubts::{clear_doubts, still_there};
pub use down::down;
pub use downs::{Down, must_be_down, went_down};
pub use error::ReconcileError;
pub use fit::{Loss, PlacedNeed, Refused, fit, needs};
pub use half::{Half, HalfMade, Next, half_made, traces};
pub use halt::{kill, pause, unpause};
pub use labels::{
    config_files_of, is_compose_label, is_oneoff, is_oneoff_in, project_of, service_in, service_of,
    unit_of,
};
pub use life::{restart, start, stop};
pub use lint::lint;
pub use lower::{Context, LowerError, PlacedNote, lower};
pub use options::{
    DownOptions, GateOptions, KillOptions, LifeOptions, Planned, Recreate, RmOptions, UpOptions,
};
pub use perry_container_support::Mode;
pub use rm::rm;
pub use select::{any_project, selector};
pub use tend::{Memory, Policies, Sight, Tended, tend};
pub use up::{inquire, pull, up};
