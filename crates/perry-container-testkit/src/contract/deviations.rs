//! What the contract says of a runtime that cannot do all of it: what is skipped follows from its table.

use super::TRANSCRIPT;
use perry_container_support::{Capabilities, Feature, Level};

/// A step that says something else where a feature is not native.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deviation {
    /// The feature.
    pub feature: Feature,
    /// The level at which it says so.
    pub level: Level,
    /// The title of its case.
    pub case: &'static str,
    /// The step, as the transcript names it.
    pub step: &'static str,
    /// What it says there.
    pub says: &'static str,
}

const NETWORKS: &str = "Containers meet in networks";
const OUTPUT: &str = "Its output and its end are told";

/// All of them.
pub const DEVIATIONS: &[Deviation] = &[
    Deviation {
        feature: Feature::NetworkAlias,
        level: Level::Emulated,
        case: NETWORKS,
        step: "not in a network it is not in",
        says: "found",
    },
    Deviation {
        feature: Feature::ConnectNetwork,
        level: Level::Unsupported,
        case: NETWORKS,
        step: "connect",
        says: "error: not supported",
    },
    Deviation {
        feature: Feature::ConnectNetwork,
        level: Level::Unsupported,
        case: NETWORKS,
        step: "disconnect",
        says: "error: not supported",
    },
    Deviation {
        feature: Feature::Attach,
        level: Level::Unsupported,
        case: OUTPUT,
        step: "attach while it waits for input",
        says: "error: not supported",
    },
];

/// What [`run`](super::run) says of a backend with this table.
///
/// ```
/// use perry_container_support::Capabilities;
/// use perry_container_testkit::contract::{TRANSCRIPT, expected};
///
/// assert_eq!(expected(&Capabilities::all("sim")), TRANSCRIPT);
/// ```
pub fn expected(can: &Capabilities) -> String {
    let mut case = "";
    let mut said = String::new();
    for line in TRANSCRIPT.lines() {
        if !line.starts_with(' ') {
            case = line;
        }
        let (step, _) = line.trim_start().split_once(": ").unwrap_or((line, ""));
        let other = DEVIATIONS.iter().find(|one| {
            one.case == case && one.step == step && can.level(one.feature) == one.level
        });
        match other {
            Some(other) => said.extend(["  ", step, ": ", other.says, "\n"]),
            None => said.extend([line, "\n"]),
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_deviation_is_one_of_a_step_that_there_is() {
        for one in DEVIATIONS {
            let can = Capabilities::all("sim").with(one.feature, one.level, "");
            assert_ne!(expected(&can), TRANSCRIPT, "{one:?}");
        }
    }
}
