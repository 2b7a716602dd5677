#![doc = include_str!("../README.md")]

mod capabilities;
mod feature;
mod fit;
mod table;
mod tables;

pub use capabilities::{Capabilities, Cell, Level};
pub use feature::{Feature, Group};
pub use fit::{Mode, Note, Refused, fit, fit_network};
pub use table::{Row, Table, Versions};
pub use tables::{APPLE, COLIMA, DOCKER, LIMA, NERDCTL, ORBSTACK, PODMAN, RANCHER_DESKTOP, TABLES};
