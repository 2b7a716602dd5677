//! Which runtime fits a stack, by the tables alone: nobody is asked.

use crate::{Candidate, Detector, Os, platform_candidates};
use perry_container_support::{
    APPLE, COLIMA, Capabilities, Cell, DOCKER, Feature, LIMA, Level, NERDCTL, ORBSTACK, PODMAN,
    RANCHER_DESKTOP, Table,
};

/// Which levels of a feature are good enough.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Accept {
    /// What the runtime does by itself.
    StrictNative,
    /// And what is done in its place.
    #[default]
    Emulated,
    /// And what works with a difference.
    Partial,
}

impl Accept {
    /// `strict-native`, `accept-emulated` or `accept-partial`; every other word is the default.
    ///
    /// ```
    /// # use perry_container_probe::Accept;
    /// assert_eq!(Accept::named("strict-native"), Accept::StrictNative);
    /// assert_eq!(Accept::named("whatever"), Accept::Emulated);
    /// ```
    pub fn named(word: &str) -> Self {
        match word {
            "strict-native" => Self::StrictNative,
            "accept-partial" => Self::Partial,
            _ => Self::Emulated,
        }
    }

    /// Whether this level will do.
    pub const fn accepts(self, level: Level) -> bool {
        match level {
            Level::Native => true,
            Level::Emulated => !matches!(self, Self::StrictNative),
            Level::Partial => matches!(self, Self::Partial),
            Level::Unsupported => false,
        }
    }
}

/// What a candidate lacks of what is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fitness {
    /// The candidate.
    pub candidate: Candidate,
    /// Each feature that is needed and not good enough there, with what the table says of it. None: it fits.
    pub lacks: Vec<(Feature, Cell)>,
}

impl Candidate {
    /// Its table, that of docker for products that have docker inside unless they are told otherwise.
    pub const fn table(self) -> &'static Table {
        match self {
            Self::AppleContainer => &APPLE,
            Self::Orbstack => &ORBSTACK,
            Self::Colima => &COLIMA,
            Self::RancherDesktop => &RANCHER_DESKTOP,
            Self::Lima => &LIMA,
            Self::Podman => &PODMAN,
            Self::Nerdctl => &NERDCTL,
            Self::Docker => &DOCKER,
        }
    }

    /// What its newest known version can do on a host as it usually is. Where nobody is asked nobody says that there is no
    /// systemd, whose timers run podman's health checks and whose units start its containers at boot.
    pub fn at_best(self) -> Capabilities {
        let table = self.table();
        let can = Capabilities::of(table, table.newest);
        match self {
            Self::Podman => can.with(Feature::Health, Level::Native, "").with(
                Feature::Restart,
                Level::Native,
                "",
            ),
            _ => can,
        }
    }
}

impl Detector {
    /// The platform whose candidates it looks for.
    pub const fn os(&self) -> Os {
        self.os
    }
}

/// How each candidate of a platform fits, in the platform's order. Hints ([`Feature::is_hint`]) keep nobody from fitting.
pub fn fitness(os: Os, needs: &[Feature], accept: Accept) -> Vec<Fitness> {
    let of = |&candidate: &Candidate| {
        let can = candidate.at_best();
        let counts = needs.iter().filter(|feature| !feature.is_hint());
        let cells = counts.map(|&feature| (feature, can.cell(feature)));
        let lacks = cells.filter(|(_, cell)| !accept.accepts(cell.level)).collect();
        Fitness { candidate, lacks }
    };
    platform_candidates(os).iter().map(of).collect()
}

/// The first candidate of a platform that has all that is needed; without needs the first one.
///
/// ```
/// use perry_container_probe::{Accept, Candidate, Os, select};
/// use perry_container_support::Feature;
///
/// let first = select(Os::MacOs, &[], Accept::default());
/// assert_eq!(first, Some(Candidate::AppleContainer));
/// let first = select(Os::MacOs, &[Feature::Privileged], Accept::default());
/// assert_eq!(first, Some(Candidate::Orbstack));
/// ```
pub fn select(os: Os, needs: &[Feature], accept: Accept) -> Option<Candidate> {
    let all = fitness(os, needs, accept);
    all.into_iter().find(|one| one.lacks.is_empty()).map(|one| one.candidate)
}
