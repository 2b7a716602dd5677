//! What is there.

use crate::{ContainerInfo, Id, ImageInfo, NetworkInfo, VolumeInfo};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use std::ops::BitOr;

/// What to look for. Containers, networks and volumes are found by labels, never by names; `networks` and `volumes`
/// name further ones (external ones, and names that could be taken), `images` the references of interest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selector {
    /// All of these labels; a value of `None` asks for the key alone. Empty: everything.
    pub labels: Vec<(String, Option<String>)>,
    /// Further networks, by name.
    pub networks: Vec<String>,
    /// Further volumes, by name.
    pub volumes: Vec<String>,
    /// Images, by reference as they are written in a spec.
    pub images: Vec<String>,
}

impl Selector {
    /// Whatever carries this label.
    pub fn label(key: impl Into<String>, value: impl Into<String>) -> Self {
        Self { labels: vec![(key.into(), Some(value.into()))], ..Self::default() }
    }

    /// Whether these labels are among those asked for.
    pub fn matches(&self, labels: &IndexMap<String, String>) -> bool {
        self.labels.iter().all(|(key, wanted)| {
            labels
                .get(key)
                .is_some_and(|found| wanted.as_ref().is_none_or(|wanted| wanted == found))
        })
    }
}

/// Which kinds of objects to look at: every kind costs a call or two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parts(u8);

impl Parts {
    /// Containers.
    pub const CONTAINERS: Self = Self(1);
    /// Networks.
    pub const NETWORKS: Self = Self(2);
    /// Volumes.
    pub const VOLUMES: Self = Self(4);
    /// Images.
    pub const IMAGES: Self = Self(8);
    /// All four.
    pub const ALL: Self = Self(15);

    /// Whether all of `other` are in it.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl BitOr for Parts {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observed {
    /// By id.
    pub containers: IndexMap<Id, ContainerInfo>,
    /// By name.
    pub networks: IndexMap<String, NetworkInfo>,
    /// By name.
    pub volumes: IndexMap<String, VolumeInfo>,
    /// By the reference that was asked for; what is not there is missing here.
    pub images: IndexMap<String, ImageInfo>,
}
