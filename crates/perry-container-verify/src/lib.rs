#![doc = include_str!("../README.md")]

mod about;
mod cache;
mod check;
mod discover;
mod error;
mod gate;
mod layout;
mod policy;
mod trust;
#[cfg(feature = "tuf")]
mod tuf;
mod verifier;

pub use about::About;
pub use check::{Signer, check};
pub use error::{Rejected, Rejection, VerifyError};
pub use gate::{Gate, Mode, ModeError};
pub use layout::{Candidate, Content};
pub use policy::{
    Authority, CHAINGUARD_IDENTITY, CHAINGUARD_ISSUER, Claim, Files, ImagePattern, Key, Keyless,
    LogRule, Matcher, PolicyError, Requirement, Rule, SignedBy, TrustPolicy,
};
pub use trust::TrustRoot;
#[cfg(feature = "tuf")]
pub use tuf::{Refresh, Refreshed};
pub use verifier::{Explanation, Finding, Verdict, Verified, Verifier};
