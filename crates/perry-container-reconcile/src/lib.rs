//! From what is wanted and what is there to what to do. It performs nothing and asks nobody.

mod action;
mod desired;
mod options;

pub use action::{Action, Cause, Target, Unbound};
pub use desired::{
    Condition, Dependency, Desired, DesiredNetwork, DesiredVolume, Hook, ImageSource, PullPolicy,
    Unit,
};
pub use options::{Ask, DownOptions, LifeOptions, Planned, Recreate, UpOptions};
