//! From an image and a policy to a verdict.

use crate::{
    About, Candidate, Rejected, Requirement, Signer, TrustPolicy, VerifyError,
    cache::Cache,
    check,
    discover::{Found, discover},
};
use perry_container_registry::{Digest, Reference, Registry};
use serde::Serialize;
use std::sync::Arc;
use tokio::time::timeout;

/// Verifies images. It keeps connections, and what it has verified; clones share both.
#[derive(Clone)]
pub struct Verifier {
    registry: Registry,
    cache: Arc<Cache>,
}

/// What is known of an image that may run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Verified {
    /// What was verified, and what is to run.
    pub digest: Digest,
    /// Who signed it.
    pub signer: Signer,
    /// Where the signature lies.
    pub place: String,
}

/// What becomes of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is signed as the policy wants it.
    Verified(Verified),
    /// The policy says that it need not be; this is what its reference names now.
    Skipped(Digest),
}

impl Verdict {
    /// What may run.
    pub const fn digest(&self) -> &Digest {
        match self {
            Self::Verified(verified) => &verified.digest,
            Self::Skipped(digest) => digest,
        }
    }
}

/// Everything that was found of an image's signatures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Explanation {
    /// In full.
    pub image: String,
    /// What its reference names now.
    pub digest: Digest,
    /// Which rule is for it, and what that wants.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// One by one.
    pub findings: Vec<Finding>,
    /// What there is more of than is looked at.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub more: Vec<String>,
    /// What the registry did not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
}

/// Something that may be a signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Finding {
    /// Where it lies.
    pub place: String,
    /// What it says of itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<About>,
    /// Who accepts it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counts: Option<Signer>,
    /// Why it does not count, for each who could have accepted it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rejected: Vec<Rejected>,
}

impl Verifier {
    /// Reads nothing yet.
    pub fn new(registry: Registry) -> Self {
        Self { registry, cache: Arc::default() }
    }

    /// The registries it reads.
    pub const fn registry(&self) -> &Registry {
        &self.registry
    }

    /// What a reference names now. With a digest in it, nobody is asked.
    ///
    /// # Errors
    /// [`VerifyError::Registry`].
    pub async fn resolve(&self, image: &Reference) -> Result<Digest, VerifyError> {
        if let Some(digest) = &image.digest {
            return Ok(digest.clone());
        }
        let fault = |source| VerifyError::Registry { image: image.to_string(), source };
        Ok(self.registry.resolve(image).await.map_err(fault)?.digest)
    }

    /// Whether an image may run: its reference is resolved, and what it names now is verified.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub async fn verify(
        &self,
        image: &Reference,
        policy: &TrustPolicy,
    ) -> Result<Verdict, VerifyError> {
        let Some((rule, requirement)) = policy.rule(&image.repository) else {
            return Err(VerifyError::NoRule { image: image.to_string() });
        };
        let digest = self.resolve(image).await?;
        self.demand(image, &digest, &format!("rule {rule}"), requirement).await
    }

    /// Whether this very content has what is demanded of it. `rule` is for messages.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub async fn demand(
        &self,
        image: &Reference,
        digest: &Digest,
        rule: &str,
        requirement: &Requirement,
    ) -> Result<Verdict, VerifyError> {
        let verdict = self.decide(image, digest, rule, requirement).await;
        let word = match &verdict {
            Ok(Verdict::Verified(verified)) => format!("signed by {}", verified.signer),
            Ok(Verdict::Skipped(_)) => "skipped".to_owned(),
            Err(error) => error.to_string(),
        };
        tracing::debug!(
            target: "perry_container::verify", %image, %digest, rule, verdict = word, "verified"
        );
        verdict
    }

    async fn decide(
        &self,
        image: &Reference,
        digest: &Digest,
        rule: &str,
        requirement: &Requirement,
    ) -> Result<Verdict, VerifyError> {
        let Requirement::AnyOf(authorities) = requirement else {
            return Ok(Verdict::Skipped(digest.clone()));
        };
        let slot = self.cache.slot(&image.repository, digest, requirement.digest());
        let mut known = slot.lock().await;
        if let Some(verified) = &*known {
            return Ok(Verdict::Verified(verified.clone()));
        }
        let (mut rejected, mut good) = (Vec::new(), None);
        let mut each = |found: Found| {
            match found {
                Found::Candidate(candidate) => {
                    for authority in authorities {
                        let place = candidate.place.clone();
                        match check(&candidate, digest, authority) {
                            Ok(signer) => {
                                good = Some(Verified { digest: digest.clone(), signer, place });
                                return true;
                            }
                            Err(why) => {
                                let wanted = authority.to_string();
                                rejected.push(Rejected { place, wanted, why });
                            }
                        }
                    }
                }
                Found::Unusable(place, why) => {
                    rejected.push(Rejected { place, wanted: String::new(), why });
                }
                Found::More(_) => {}
            }
            false
        };
        let whole = self.registry.limits().whole;
        let looking = discover(&self.registry, &image.repository, digest, &mut each);
        let told = timeout(whole, looking).await;
        let (text, rule) = (image.to_string(), rule.to_owned());
        if let Some(verified) = good {
            *known = Some(verified.clone());
            return Ok(Verdict::Verified(verified));
        }
        match told {
            Err(_) => Err(VerifyError::TooSlow { image: text, seconds: whole.as_secs() }),
            Ok(Err(source)) => Err(VerifyError::Registry { image: text, source }),
            Ok(Ok(())) if rejected.is_empty() => {
                // Of what is not there nobody can have a signature.
                if let Err(source) = self.registry.manifest(&image.repository, digest).await {
                    return Err(VerifyError::Registry { image: text, source });
                }
                let (digest, wanted) = (digest.clone(), requirement.to_string());
                Err(VerifyError::NoSignature { image: text, digest, rule, wanted })
            }
            Ok(Ok(())) => {
                let (digest, why) = (digest.clone(), rejected);
                Err(VerifyError::Rejected { image: text, digest, rule, why })
            }
        }
    }

    /// Everything that may be a signature of an image, and why it does or does not count.
    ///
    /// # Errors
    /// [`VerifyError`] when the reference cannot be resolved.
    pub async fn explain(
        &self,
        image: &Reference,
        policy: &TrustPolicy,
    ) -> Result<Explanation, VerifyError> {
        let digest = self.resolve(image).await?;
        let rule = policy.rule(&image.repository);
        let authorities = match rule {
            Some((_, Requirement::AnyOf(authorities))) => authorities.as_slice(),
            _ => &[],
        };
        let (mut findings, mut more) = (Vec::new(), Vec::new());
        let mut each = |found: Found| {
            match found {
                Found::Candidate(candidate) => {
                    findings.push(finding(&candidate, &digest, authorities));
                }
                Found::Unusable(place, why) => {
                    let rejected =
                        vec![Rejected { place: place.clone(), wanted: String::new(), why }];
                    findings.push(Finding { place, about: None, counts: None, rejected });
                }
                Found::More(place) => more.push(place),
            }
            false
        };
        let whole = self.registry.limits().whole;
        let looking = discover(&self.registry, &image.repository, &digest, &mut each);
        let fault = match timeout(whole, looking).await {
            Ok(told) => told.err().map(|error| error.to_string()),
            Err(_) => Some(format!("not everything was read within {} s", whole.as_secs())),
        };
        let rule = rule.map(|(n, requirement)| match n {
            0 => "none; the policy lets others pass".to_owned(),
            n => format!("rule {n} wants {requirement}"),
        });
        Ok(Explanation { image: image.to_string(), digest, rule, findings, more, fault })
    }
}

fn finding(candidate: &Candidate, image: &Digest, authorities: &[crate::Authority]) -> Finding {
    let (mut counts, mut rejected) = (None, Vec::new());
    for authority in authorities {
        match check(candidate, image, authority) {
            Ok(signer) => counts = counts.or(Some(signer)),
            Err(why) => rejected.push(Rejected {
                place: candidate.place.clone(),
                wanted: authority.to_string(),
                why,
            }),
        }
    }
    if counts.is_some() {
        rejected.clear();
    }
    Finding { place: candidate.place.clone(), about: Some(About::of(candidate)), counts, rejected }
}
