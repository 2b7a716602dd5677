//! Why an image was not accepted.

use crate::PolicyError;
use perry_container_registry::{Digest, RegistryError};
use serde::Serialize;
use std::fmt::Write as _;

/// Why an image may not run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The registry has no signature of it.
    #[error(
        "{image} is not signed: its registry has no signature of {digest}; {rule} wants {wanted}"
    )]
    NoSignature {
        /// As it was asked for.
        image: String,
        /// What was looked for.
        digest: Digest,
        /// Which rule.
        rule: String,
        /// What it wants.
        wanted: String,
    },
    /// There are signatures, and none counts.
    #[error("no signature of {image} ({digest}) is what {rule} wants{}", lines(.why))]
    Rejected {
        /// As it was asked for.
        image: String,
        /// What was looked for.
        digest: Digest,
        /// Which rule.
        rule: String,
        /// Each signature found and why it does not count.
        why: Vec<Rejected>,
    },
    /// No rule says what holds for it.
    #[error("no rule of the policy is for {image}, and what no rule is for is refused")]
    NoRule {
        /// As it was asked for.
        image: String,
    },
    /// Its registry did not tell.
    #[error("{image} could not be verified: {source}")]
    Registry {
        /// As it was asked for.
        image: String,
        /// What went wrong.
        #[source]
        source: RegistryError,
    },
    /// It took too long.
    #[error("{image} could not be verified within {seconds} s")]
    TooSlow {
        /// As it was asked for.
        image: String,
        /// The limit.
        seconds: u64,
    },
    /// The policy is none.
    #[error(transparent)]
    Policy(#[from] PolicyError),
}

impl VerifyError {
    /// The numeric code that callers see.
    pub const fn code(&self) -> i32 {
        match self {
            Self::Registry { source, .. } => source.code(),
            Self::TooSlow { .. } => 503,
            Self::Policy(_) => 400,
            _ => 403,
        }
    }

    /// Whether the image was refused, as opposed to not looked at.
    pub const fn is_verdict(&self) -> bool {
        matches!(self, Self::NoSignature { .. } | Self::Rejected { .. } | Self::NoRule { .. })
    }
}

/// A signature that was found and does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rejected {
    /// Where it lies.
    pub place: String,
    /// Whose it should have been.
    pub wanted: String,
    /// Why it does not count.
    #[serde(serialize_with = "text")]
    pub why: Rejection,
}

fn text<S: serde::Serializer>(why: &Rejection, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(why)
}

/// Above this many, a message names the others by their number.
const SHOWN: usize = 8;

fn lines(why: &[Rejected]) -> String {
    let mut text = String::new();
    for one in why.iter().take(SHOWN) {
        let _ = write!(text, "\n  {}: {}", one.place, one.why);
    }
    if why.len() > SHOWN {
        let _ = write!(text, "\n  and {} more", why.len() - SHOWN);
    }
    text
}

/// Why a signature does not count for an image and somebody who is trusted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// It cannot be read.
    #[error("it is no signature: {0}")]
    Malformed(String),
    /// It is for something else.
    #[error("it is for {0}, not for this image")]
    OtherImage(String),
    /// It says something else than that the image is signed.
    #[error("it is not a signature but says something about the image ({predicate})")]
    NotASignature {
        /// What it says.
        predicate: String,
    },
    /// Somebody else signed.
    #[error("signed by {found}, wanted {expected}")]
    Identity {
        /// Who should have signed.
        expected: String,
        /// Who did.
        found: String,
    },
    /// Somebody else vouches for the signer.
    #[error("{found} vouches for the signer, wanted {expected}")]
    Issuer {
        /// Who should.
        expected: String,
        /// Who does.
        found: String,
    },
    /// The build was another one.
    #[error("{claim} is {found}, wanted {expected}")]
    Claim {
        /// Which claim.
        claim: &'static str,
        /// The wanted value.
        expected: String,
        /// The certificate's.
        found: String,
    },
    /// A value was not signed along.
    #[error("annotation {name} is {found}, wanted {expected}")]
    Annotation {
        /// Its name.
        name: String,
        /// The wanted value.
        expected: String,
        /// The signed one.
        found: String,
    },
    /// The signature is not by that key.
    #[error("the signature does not match: {0}")]
    Signature(String),
    /// The certificate is not by anybody who is believed.
    #[error("its certificate is by nobody whom {root} knows: {why}")]
    Chain {
        /// Which root.
        root: String,
        /// In the library's words.
        why: String,
    },
    /// The certificate was not valid then.
    #[error("its certificate was valid from {from} to {to}, but the signature is of {time}")]
    ExpiredAt {
        /// When it was signed.
        time: String,
        /// When the certificate began.
        from: String,
        /// When it ended.
        to: String,
    },
    /// The certificate is in no certificate log.
    #[error("its certificate does not stand in a certificate log that {root} knows: {why}")]
    Sct {
        /// Which root.
        root: String,
        /// In the library's words.
        why: String,
    },
    /// The root lacks what is needed.
    #[error("{root} cannot be used for it: {why}")]
    Root {
        /// Which root.
        root: String,
        /// In the library's words.
        why: String,
    },
    /// A log that the root does not know.
    #[error("it stands in a log ({id}) that {root} does not know; a newer root may")]
    UnknownLog {
        /// Its id.
        id: String,
        /// Which root.
        root: String,
    },
    /// The log's proof is none.
    #[error("the proof that it stands in the log does not hold: {0}")]
    LogProof(String),
    /// The log has something else.
    #[error("the entry of the log is of another signature: {0}")]
    LogMismatch(String),
    /// It is in no log.
    #[error("it stands in no transparency log")]
    NotLogged,
    /// Nothing says when it was made.
    #[error("nothing that is believed says when it was made")]
    NoTrustedTime,
    /// A timestamp is not by anybody who is believed.
    #[error("its timestamp is not believed: {0}")]
    Timestamp(String),
    /// There is a certificate where a key was wanted, or the reverse.
    #[error("it was made {found}, wanted {wanted}")]
    WrongKind {
        /// How it was made.
        found: &'static str,
        /// How it should have been.
        wanted: &'static str,
    },
    /// It uses what is not known here.
    #[error("it uses something that is not supported: {0}")]
    Unsupported(String),
    /// It could not be read from the registry.
    #[error(transparent)]
    Unread(RegistryError),
}
