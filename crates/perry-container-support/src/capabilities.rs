//! What one runtime can do.

use crate::{
    Feature, Table,
    table::parts,
    tables::{APPLE, COLIMA, DOCKER, LIMA, NERDCTL, ORBSTACK, PODMAN, RANCHER_DESKTOP},
};
use indexmap::IndexMap;
use serde::{Serialize, Serializer, ser::SerializeMap as _};
use std::fmt;

/// How far a runtime can do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// By itself.
    Native,
    /// We do it in its place.
    Emulated,
    /// With a difference, which the table's text tells.
    Partial,
    /// Not at all.
    Unsupported,
}

impl Level {
    /// All of them, the best first.
    pub const ALL: [Self; 4] = [Self::Native, Self::Emulated, Self::Partial, Self::Unsupported];

    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Emulated => "emulated",
            Self::Partial => "partial",
            Self::Unsupported => "unsupported",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What a runtime can do of one feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Cell {
    /// How far.
    pub level: Level,
    /// What is different; empty for what is native.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub text: &'static str,
    /// How that is known.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub source: &'static str,
}

impl Cell {
    const NATIVE: Self = Self { level: Level::Native, text: "", source: "" };
}

/// What one runtime can do, in one version.
///
/// As text a line per feature, as JSON `{"runtime": .., "features": {id: {"level": .., "text": .., "source": ..}}}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    /// The runtime, as notes name it.
    pub runtime: String,
    cells: IndexMap<Feature, Cell>,
}

impl Capabilities {
    /// A runtime that can do everything: simulations.
    pub fn all(runtime: impl Into<String>) -> Self {
        Self { runtime: runtime.into(), cells: IndexMap::new() }
    }

    /// The column of a table for a version (`28.5.2+dfsg4`); what is no version is the newest.
    pub fn of(table: &Table, version: &str) -> Self {
        let version = parts(version);
        let cell = |feature: Feature| {
            let row = table.row(feature, version)?;
            Some((feature, Cell { level: row.level, text: row.text, source: row.source }))
        };
        let cells = Feature::ALL.iter().copied().filter_map(cell).collect();
        Self { runtime: table.runtime.to_owned(), cells }
    }

    /// docker on Linux.
    pub fn docker(version: &str) -> Self {
        Self::of(&DOCKER, version)
    }

    /// podman on a host without systemd, by podman's version. With systemd its health checks run by themselves, and
    /// driving them too changes nothing.
    pub fn podman(version: &str) -> Self {
        Self::of(&PODMAN, version)
    }

    /// nerdctl, by its version.
    pub fn nerdctl(version: &str) -> Self {
        Self::of(&NERDCTL, version)
    }

    /// apple/container, by its version.
    pub fn apple(version: &str) -> Self {
        Self::of(&APPLE, version)
    }

    /// The nerdctl of an instance of lima, by nerdctl's version.
    pub fn lima(version: &str) -> Self {
        Self::of(&LIMA, version)
    }

    /// OrbStack, by its engine's version.
    pub fn orbstack(version: &str) -> Self {
        Self::of(&ORBSTACK, version)
    }

    /// colima with docker inside, by docker's version.
    pub fn colima(version: &str) -> Self {
        Self::of(&COLIMA, version)
    }

    /// Rancher Desktop with docker (moby) inside, by docker's version.
    pub fn rancher_desktop(version: &str) -> Self {
        Self::of(&RANCHER_DESKTOP, version)
    }

    /// The same under another name: a product around this engine (colima with containerd is nerdctl inside).
    #[must_use]
    pub fn called(mut self, runtime: impl Into<String>) -> Self {
        self.runtime = runtime.into();
        self
    }

    /// The same with one feature set.
    #[must_use]
    pub fn with(mut self, feature: Feature, level: Level, text: &'static str) -> Self {
        self.cells.insert(feature, Cell { level, text, source: "" });
        self
    }

    /// All of one feature.
    pub fn cell(&self, feature: Feature) -> Cell {
        self.cells.get(&feature).copied().unwrap_or(Cell::NATIVE)
    }

    /// How far the runtime can do this.
    pub fn level(&self, feature: Feature) -> Level {
        self.cell(feature).level
    }

    /// What is different; empty for what is native.
    pub fn text(&self, feature: Feature) -> &'static str {
        self.cell(feature).text
    }

    /// Whether we have to do this in the runtime's place.
    pub fn emulated(&self, feature: Feature) -> bool {
        self.level(feature) == Level::Emulated
    }
}

/// `start_interval          unsupported  podman has no start interval; the interval is used`
impl fmt::Display for Capabilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for &feature in Feature::ALL {
            let Cell { level, text, .. } = self.cell(feature);
            if text.is_empty() {
                writeln!(f, "{feature:24}{level}")?;
            } else {
                writeln!(f, "{feature:24}{level:13}{text}")?;
            }
        }
        Ok(())
    }
}

impl Serialize for Capabilities {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let all: IndexMap<Feature, Cell> =
            Feature::ALL.iter().map(|&feature| (feature, self.cell(feature))).collect();
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("runtime", &self.runtime)?;
        map.serialize_entry("features", &all)?;
        map.end()
    }
}
