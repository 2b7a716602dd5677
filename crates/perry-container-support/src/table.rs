//! The form of a table.

use crate::{Feature, Level};

/// Versions of a runtime by their first two numbers: from the first on, up to but without the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Versions {
    /// The first.
    pub from: (u32, u32),
    /// The first one that is too new.
    pub below: (u32, u32),
}

impl Versions {
    /// Every version.
    pub const ANY: Self = Self { from: (0, 0), below: (u32::MAX, u32::MAX) };

    /// Whether this version is one of them.
    pub fn hold(self, version: (u32, u32)) -> bool {
        self.from <= version && (version < self.below || self.below == Self::ANY.below)
    }
}

/// One statement: these features are of this level in these versions.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// The features.
    pub features: &'static [Feature],
    /// In which versions.
    pub versions: Versions,
    /// How far.
    pub level: Level,
    /// What is different; empty for what is native.
    pub text: &'static str,
    /// How that is known.
    pub source: &'static str,
}

impl Row {
    pub(crate) const fn native(features: &'static [Feature], source: &'static str) -> Self {
        Self { features, versions: Versions::ANY, level: Level::Native, text: "", source }
    }

    pub(crate) const fn emulated(
        features: &'static [Feature],
        text: &'static str,
        source: &'static str,
    ) -> Self {
        Self { features, versions: Versions::ANY, level: Level::Emulated, text, source }
    }

    pub(crate) const fn partial(
        features: &'static [Feature],
        text: &'static str,
        source: &'static str,
    ) -> Self {
        Self { features, versions: Versions::ANY, level: Level::Partial, text, source }
    }

    pub(crate) const fn unsupported(
        features: &'static [Feature],
        text: &'static str,
        source: &'static str,
    ) -> Self {
        Self { features, versions: Versions::ANY, level: Level::Unsupported, text, source }
    }

    /// Only from this version on.
    pub(crate) const fn since(mut self, major: u32, minor: u32) -> Self {
        self.versions.from = (major, minor);
        self
    }

    /// Only before this version.
    pub(crate) const fn before(mut self, major: u32, minor: u32) -> Self {
        self.versions.below = (major, minor);
        self
    }
}

/// All statements about one runtime. Every feature has exactly one row for every version; a test holds that.
#[derive(Debug)]
pub struct Table {
    /// The runtime, as notes name it.
    pub runtime: &'static str,
    /// The table of the engine inside: what has no row here is as it is there.
    pub base: Option<&'static Self>,
    /// Its rows.
    pub rows: &'static [Row],
    /// The newest version that is known, for those who ask nobody.
    pub newest: &'static str,
}

impl Table {
    /// The row of a feature in a version.
    pub fn row(&self, feature: Feature, version: (u32, u32)) -> Option<&'static Row> {
        let own = self
            .rows
            .iter()
            .find(|row| row.features.contains(&feature) && row.versions.hold(version));
        own.or_else(|| self.base?.row(feature, version))
    }

    /// The first versions of all ranges, in ascending order: between two of them nothing changes.
    pub fn steps(&self) -> Vec<(u32, u32)> {
        let own = self.rows.iter().flat_map(|row| [row.versions.from, row.versions.below]);
        let mut all: Vec<_> = own.filter(|version| version.0 < u32::MAX).collect();
        all.extend(self.base.map(Self::steps).unwrap_or_default());
        all.push((0, 0));
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// `28.5.2+dfsg4` is (28, 5); what is no version is the newest.
pub(crate) fn parts(version: &str) -> (u32, u32) {
    let version = version.trim_start_matches('v');
    let mut numbers = version.split(['.', '-', '+']).map(|part| part.parse().ok());
    match (numbers.next().flatten(), numbers.next().flatten()) {
        (Some(major), minor) => (major, minor.unwrap_or(0)),
        (None, _) => (u32::MAX, 0),
    }
}
