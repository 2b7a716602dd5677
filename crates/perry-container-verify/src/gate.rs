//! The gate that plans go through.

use crate::{Requirement, TrustPolicy, TrustRoot, Verdict, Verifier, VerifyError};
use async_trait::async_trait;
use perry_container_backend::{GateError, ImageGate};
use perry_container_registry::{Digest, Reference, RegistryError};
use std::path::PathBuf;

/// Whether images are verified before they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Mode {
    /// They are not.
    #[default]
    Off,
    /// They are, and what would be refused is only told.
    Warn,
    /// They are, and what is not as the policy wants it does not run.
    Enforce,
}

/// A mode that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not a mode of verification: enforce (or 1, on, true, yes, strict), warn, or off (or 0, false, no)"
)]
pub struct ModeError(String);

impl std::str::FromStr for Mode {
    type Err = ModeError;

    /// ```
    /// # use perry_container_verify::Mode;
    /// assert_eq!("strict".parse(), Ok(Mode::Enforce));
    /// assert_eq!("".parse(), Ok(Mode::Off));
    /// assert!("maybe".parse::<Mode>().is_err());
    /// ```
    fn from_str(text: &str) -> Result<Self, ModeError> {
        match text.to_ascii_lowercase().as_str() {
            "1" | "on" | "true" | "yes" | "enforce" | "strict" => Ok(Self::Enforce),
            "warn" => Ok(Self::Warn),
            "" | "0" | "off" | "false" | "no" => Ok(Self::Off),
            _ => Err(ModeError(text.to_owned())),
        }
    }
}

/// A verifier with its policy.
#[derive(Clone)]
pub struct Gate {
    /// Who verifies.
    pub verifier: Verifier,
    /// What holds.
    pub policy: TrustPolicy,
    /// Whose certificates, logs and clocks are believed where somebody demands something for one image.
    pub root: TrustRoot,
    /// Demands may only be added to the policy. Otherwise a demand stands in its place: who asked for verification by
    /// hand wants what the files say.
    pub strict: bool,
    /// Only images for which something is demanded alone are verified.
    pub demanded_only: bool,
    /// Where files lie that a demand names.
    pub directory: PathBuf,
}

impl Gate {
    /// What is demanded for one image; `true` is what the policy wants.
    fn demand(&self, text: &str) -> Result<Option<Requirement>, VerifyError> {
        const AT: &str = "x-perry-verify";
        if text == "true" {
            return Ok(None);
        }
        let value = serde_json::from_str(text).map_err(|error| {
            let (at, why) = (AT.to_owned(), error.to_string());
            crate::PolicyError::Shape { at, why }
        })?;
        let read = |file: &str| {
            std::fs::read_to_string(self.directory.join(file)).map_err(|error| error.to_string())
        };
        Ok(Some(Requirement::read(AT, &value, &self.root, &read)?))
    }

    async fn decide(
        &self,
        image: &Reference,
        digest: &Digest,
        demand: Option<&str>,
    ) -> Result<Verdict, VerifyError> {
        let own = demand.map(|text| self.demand(text)).transpose()?.flatten();
        let rule = self.policy.rule(&image.repository);
        let mut verdict = None;
        if let Some((n, requirement)) = rule.filter(|_| self.strict || own.is_none()) {
            let rule = format!("rule {n} of the policy");
            verdict = Some(self.verifier.demand(image, digest, &rule, requirement).await?);
        } else if self.strict || own.is_none() {
            return Err(VerifyError::NoRule { image: image.to_string() });
        }
        match (own, verdict) {
            // A demand of nothing adds nothing to a policy.
            (Some(Requirement::Skip) | None, Some(verdict)) => Ok(verdict),
            (Some(own), _) => self.verifier.demand(image, digest, "x-perry-verify", &own).await,
            (None, None) => Err(VerifyError::NoRule { image: image.to_string() }),
        }
    }
}

fn refused(image: &str, error: &VerifyError) -> GateError {
    GateError { image: image.to_owned(), reason: error.to_string(), code: error.code() }
}

#[async_trait]
impl ImageGate for Gate {
    fn wants(&self, reference: &str, demand: Option<&str>) -> bool {
        // What cannot be read is looked at, so that it is refused with its reason.
        let Ok(image) = Reference::parse(reference) else { return true };
        let skips = |requirement: &Requirement| *requirement == Requirement::Skip;
        let policy = self.policy.rule(&image.repository).is_some_and(|(_, rule)| skips(rule));
        if self.demanded_only && demand.is_none() {
            return false;
        }
        // A demand that cannot be read is one.
        let own = match demand.map(|text| self.demand(text)) {
            None | Some(Ok(None)) => None,
            Some(Ok(Some(own))) => Some(skips(&own)),
            Some(Err(_)) => Some(false),
        };
        match (self.strict, own) {
            (true, own) => !(policy && own.unwrap_or(true)),
            (false, Some(skips)) => !skips,
            (false, None) => !policy,
        }
    }

    async fn resolve(&self, reference: &str) -> Result<String, GateError> {
        let wrong = |source| VerifyError::Registry { image: reference.to_owned(), source };
        let found = async {
            let image = Reference::parse(reference).map_err(wrong)?;
            let digest = self.verifier.resolve(&image).await?;
            Ok::<_, VerifyError>(image.at(&digest))
        };
        let pinned = found.await.map_err(|error| refused(reference, &error))?;
        Ok(pinned.to_string())
    }

    async fn verify(
        &self,
        reference: &str,
        pinned: &str,
        demand: Option<&str>,
    ) -> Result<String, GateError> {
        let wrong = |source| VerifyError::Registry { image: reference.to_owned(), source };
        let decided = async {
            let image = Reference::parse(reference).map_err(wrong)?;
            let content = Reference::parse(pinned).map_err(wrong)?;
            match content.digest.filter(|_| content.repository == image.repository) {
                Some(digest) => self.decide(&image, &digest, demand).await,
                None => Err(wrong(RegistryError::Reference {
                    text: pinned.to_owned(),
                    why: "it is no content of this image".to_owned(),
                })),
            }
        };
        match decided.await.map_err(|error| refused(reference, &error))? {
            Verdict::Verified(verified) => Ok(format!("signed by {}", verified.signer)),
            Verdict::Skipped(_) => Ok("the policy lets it pass".to_owned()),
        }
    }
}
