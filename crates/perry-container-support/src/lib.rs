#![doc = include_str!("../README.md")]

mod capabilities;
mod feature;
mod fit;
mod kept;
mod needs;
mod rules;
mod table;
mod tables;

pub use capabilities::{Capabilities, Cell, Level};
pub use feature::{Feature, Group};
pub use fit::{Act, BadMode, Mode, Note, Refused, fit, fit_network, fit_volume};
pub use kept::{kept, may_differ};
pub use needs::{Need, needs, network_needs, volume_needs};
pub use table::{Row, Table, Versions};
pub use tables::{APPLE, COLIMA, DOCKER, LIMA, NERDCTL, ORBSTACK, PODMAN, RANCHER_DESKTOP, TABLES};
