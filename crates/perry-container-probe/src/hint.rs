//! What could help when a runtime does not answer.

use crate::{Candidate, Os, Unavailable};
use perry_container_spec::ErrorKind;

/// What to do about a runtime that cannot be used; nothing where it is not installed.
pub(crate) fn hint(candidate: Candidate, why: &Unavailable, os: Os) -> Option<String> {
    if !why.installed {
        return None;
    }
    match why.kind {
        ErrorKind::EngineDown => Some(start(candidate, os)),
        ErrorKind::Permission => Some(format!(
            "this user may not talk to {candidate}'s engine: join the group that its socket belongs to, or use a \
             rootless engine"
        )),
        ErrorKind::Unsupported if candidate == Candidate::Colima => {
            Some("`colima start --runtime docker` gives it docker's engine".to_owned())
        }
        ErrorKind::Unsupported => Some(format!("bring {candidate} up to date")),
        ErrorKind::Malformed => {
            Some(format!("make sure that `{}` is {candidate}'s own", candidate.program()))
        }
        ErrorKind::Cut => Some(format!("`{}` shows whether its engine answers", asks(candidate))),
        _ => None,
    }
}

/// How its engine is started.
fn start(candidate: Candidate, os: Os) -> String {
    match (candidate, os) {
        (Candidate::AppleContainer, _) => "`container system start` starts it".to_owned(),
        (Candidate::Orbstack, _) => "`orb start` starts it".to_owned(),
        (Candidate::Colima, _) => "`colima start` starts it".to_owned(),
        (Candidate::RancherDesktop, _) => "`rdctl start` starts it".to_owned(),
        (Candidate::Lima, _) => "`limactl start` starts an instance".to_owned(),
        (Candidate::Podman, Os::Linux) => "`podman info` shows what is wrong with it".to_owned(),
        (Candidate::Podman, _) => {
            "`podman machine start` starts its machine, `podman machine init --now` makes one"
                .to_owned()
        }
        (Candidate::Nerdctl, _) => "`systemctl start containerd` starts its engine".to_owned(),
        (Candidate::Docker, Os::Linux) => "`systemctl start docker` starts its engine".to_owned(),
        (Candidate::Docker, _) => "start Docker Desktop".to_owned(),
    }
}

/// A call that asks its engine.
const fn asks(candidate: Candidate) -> &'static str {
    match candidate {
        Candidate::AppleContainer => "container system status",
        Candidate::Orbstack => "orb status",
        Candidate::Colima => "colima status",
        Candidate::RancherDesktop => "rdctl api /v1/backend_state",
        Candidate::Lima => "limactl list",
        Candidate::Podman => "podman ps",
        Candidate::Nerdctl => "nerdctl version",
        Candidate::Docker => "docker version",
    }
}

/// What to install on a platform, and where that is described.
pub(crate) fn install(os: Os) -> String {
    let (what, how) = match os {
        Os::MacOs => ("apple/container", "https://github.com/apple/container"),
        Os::Linux | Os::Windows => ("podman", "https://podman.io/docs/installation"),
    };
    format!("install {what} for {os}, see {how}")
}
