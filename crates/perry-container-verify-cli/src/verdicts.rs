//! What becomes of each image.

use crate::{Outside, grammar::How, images::Wanted};
use futures_util::{StreamExt as _, stream};
use perry_container_compose::{
    Verification,
    verify::{Requirement, TrustPolicy, Verdict, VerifyError},
};

/// Images at a time.
const AT_ONCE: usize = 8;

/// An image and what becomes of it.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) wanted: Wanted,
    pub(crate) outcome: Outcome,
}

/// What becomes of an image.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// It may run.
    May(Verdict),
    /// It is built here; nobody can have signed it yet.
    Built,
    /// It may not, or nobody could tell.
    Not(VerifyError),
}

impl Row {
    /// In one word.
    pub(crate) const fn word(&self) -> &'static str {
        match &self.outcome {
            Outcome::May(Verdict::Verified(_)) => "verified",
            Outcome::May(Verdict::Skipped(_)) => "skipped",
            Outcome::Built => "built",
            Outcome::Not(error) if error.is_verdict() => "refused",
            Outcome::Not(_) => "unverified",
        }
    }
}

/// Verifies all of them, in the order in which they were named.
pub(crate) async fn verdicts(
    verification: &Verification,
    how: &How,
    wanted: Vec<Wanted>,
    outside: &Outside,
) -> Vec<Row> {
    stream::iter(wanted)
        .map(|wanted| async move {
            if wanted.built {
                return Row { wanted, outcome: Outcome::Built };
            }
            let verdict = verdict(verification, how, &wanted, outside).await;
            let outcome = verdict.map_or_else(Outcome::Not, Outcome::May);
            Row { wanted, outcome }
        })
        .buffered(AT_ONCE)
        .collect()
        .await
}

async fn verdict(
    verification: &Verification,
    how: &How,
    wanted: &Wanted,
    outside: &Outside,
) -> Result<Verdict, VerifyError> {
    let Verification { verifier, policy, root, .. } = verification;
    // Flags and a policy say what holds; without them, what the file demands does.
    let own = how.says_whom() || how.policy.is_some();
    let read = |file: &str| {
        std::fs::read_to_string(outside.here.join(file)).map_err(|error| error.to_string())
    };
    match wanted.demand.as_ref().filter(|demand| demand.is_object() && !own) {
        Some(demand) => {
            let demand = Requirement::read("x-perry-verify", demand, root, &read)?;
            verifier.verify(&wanted.image, &TrustPolicy::of(demand)).await
        }
        None => verifier.verify(&wanted.image, policy).await,
    }
}

/// 0 all may run, 1 something was refused, 2 a demand is none, 3 something could not be verified.
pub(crate) fn code(rows: &[Row]) -> u8 {
    let errors = || {
        rows.iter().filter_map(|row| match &row.outcome {
            Outcome::Not(error) => Some(error),
            _ => None,
        })
    };
    if errors().any(|error| matches!(error, VerifyError::Policy(_))) {
        2
    } else if errors().any(VerifyError::is_verdict) {
        1
    } else if errors().next().is_some() {
        3
    } else {
        0
    }
}
