//! Whom a policy trusts, as data.

mod matcher;
mod pattern;
mod read;

pub use matcher::Matcher;
pub use pattern::ImagePattern;
pub use read::Files;

use crate::TrustRoot;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use perry_container_registry::{Digest, Repository};
use serde::Deserialize;
use sigstore::{crypto::KeyAlgorithm, types::DerPublicKey};
use std::{collections::BTreeMap, fmt};

/// Who signs the public images of Chainguard.
pub const CHAINGUARD_IDENTITY: &str =
    "https://github.com/chainguard-images/images/.github/workflows/release.yaml@refs/heads/main";
/// Who vouches for them.
pub const CHAINGUARD_ISSUER: &str = "https://token.actions.githubusercontent.com";

/// What is wrong with a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// It cannot be read.
    #[error("{at}: {why}")]
    Shape {
        /// Where in the policy.
        at: String,
        /// What is wrong and what would be right.
        why: String,
    },
    /// A file that it names cannot be used.
    #[error("{at}: {file}: {why}")]
    File {
        /// Where in the policy.
        at: String,
        /// As it was written.
        file: String,
        /// Why.
        why: String,
    },
    /// A trust root is none.
    #[error("{name} is not a trust root: {why}")]
    TrustRoot {
        /// Its name.
        name: String,
        /// Why.
        why: String,
    },
}

/// Which images must be signed by whom. The first rule that matches counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustPolicy {
    /// In order.
    pub rules: Vec<Rule>,
    /// Images that no rule matches are not verified. Without it they are refused.
    pub skip_others: bool,
}

/// What holds for some images.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Which.
    pub images: Vec<ImagePattern>,
    /// What holds.
    pub requirement: Requirement,
}

/// What an image must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Requirement {
    /// A signature by one of these.
    AnyOf(Vec<Authority>),
    /// Nothing. It must be written; it is never a default.
    Skip,
}

/// Somebody who is trusted, and under which conditions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    /// Who.
    pub by: SignedBy,
    /// Values that must have been signed along.
    pub annotations: BTreeMap<String, String>,
    /// Whether the signature must stand in a transparency log.
    pub log: LogRule,
    /// Whether it must bear a timestamp of a trusted authority (RFC 3161).
    pub timestamp: bool,
    /// Whose certificates, logs and clocks are believed.
    pub root: TrustRoot,
}

/// How a signature says who made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignedBy {
    /// By a certificate that names an identity.
    Keyless(Keyless),
    /// By a key.
    Key(Key),
}

/// What a certificate must say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyless {
    /// Who signed.
    pub identity: Matcher,
    /// Who vouched for that.
    pub issuer: Matcher,
    /// What else it says of the build.
    pub claims: BTreeMap<Claim, Matcher>,
    /// Whether the certificate must stand in a certificate log.
    pub sct: bool,
}

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    der: DerPublicKey,
    pub(crate) algorithm: KeyAlgorithm,
}

impl Key {
    /// A key in PEM: P-256 (what cosign makes), P-384, Ed25519 or RSA with 2048 bits and more.
    ///
    /// # Errors
    /// In words.
    pub fn from_pem(pem: &str) -> Result<Self, String> {
        let der = DerPublicKey::from_pem(pem.trim()).map_err(|error| {
            format!("it is no public key in PEM ({error}); `cosign public-key` prints one")
        })?;
        let algorithm = KeyAlgorithm::from_spki(&der).map_err(|error| error.to_string())?;
        Ok(Self { der, algorithm })
    }

    pub(crate) const fn der(&self) -> &DerPublicKey {
        &self.der
    }

    /// The first digits of its digest, for messages.
    pub fn fingerprint(&self) -> String {
        Digest::of(self.der.as_bytes()).hex()[..16].to_owned()
    }
}

/// Whether a signature must stand in a transparency log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogRule {
    /// It must.
    #[default]
    Required,
    /// It need not: a key's signature counts by itself, a certificate's by a timestamp.
    NotRequired,
}

/// What a certificate says of the build, by the names of its extensions (Fulcio's `oid-info.md`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Claim {
    /// `1.2`: `push`.
    GithubWorkflowTrigger,
    /// `1.3`: the commit.
    GithubWorkflowSha,
    /// `1.4`: the workflow's name.
    GithubWorkflowName,
    /// `1.5`: `owner/repository`.
    GithubWorkflowRepository,
    /// `1.6`: `refs/heads/main`.
    GithubWorkflowRef,
    /// `1.9`: the configuration that asked for the signature.
    BuildSignerUri,
    /// `1.11`: `github-hosted` or `self-hosted`.
    RunnerEnvironment,
    /// `1.12`: the repository as a URL.
    SourceRepositoryUri,
    /// `1.13`: the commit.
    SourceRepositoryDigest,
    /// `1.14`: `refs/heads/main`.
    SourceRepositoryRef,
    /// `1.15`: the provider's number of the repository, which survives a new name.
    SourceRepositoryIdentifier,
    /// `1.16`: its owner.
    SourceRepositoryOwnerUri,
    /// `1.17`: the provider's number of the owner.
    SourceRepositoryOwnerIdentifier,
    /// `1.18`: the configuration that ran.
    BuildConfigUri,
    /// `1.20`: `push`, `release`.
    BuildTrigger,
    /// `1.22`: `public`, `private`.
    SourceRepositoryVisibility,
    /// `1.23`: `production`.
    DeploymentEnvironment,
}

impl TrustPolicy {
    /// Chainguard's identity for Chainguard's public images, and nothing else.
    ///
    /// ```
    /// # use perry_container_verify::TrustPolicy;
    /// # use perry_container_registry::Reference;
    /// let policy = TrustPolicy::chainguard(&perry_container_verify::TrustRoot::public());
    /// assert!(policy.rule("cgr.dev/chainguard/static".parse::<Reference>()?.repository).is_some());
    /// assert!(policy.rule("redis".parse::<Reference>()?.repository).is_none());
    /// # Ok::<_, perry_container_registry::RegistryError>(())
    /// ```
    pub fn chainguard(root: &TrustRoot) -> Self {
        let images = vec![ImagePattern::all_of("cgr.dev", &["chainguard"])];
        let requirement = Requirement::AnyOf(vec![Authority::keyless(
            Matcher::Exact(CHAINGUARD_IDENTITY.to_owned()),
            Matcher::Exact(CHAINGUARD_ISSUER.to_owned()),
            root.clone(),
        )]);
        Self { rules: vec![Rule { images, requirement }], skip_others: false }
    }

    /// One requirement for every image.
    pub fn of(requirement: Requirement) -> Self {
        let images = vec![ImagePattern::everything()];
        Self { rules: vec![Rule { images, requirement }], skip_others: false }
    }

    /// What holds for an image, and the rule's number (from 1). None when no rule matches.
    pub fn rule(
        &self,
        image: impl std::borrow::Borrow<Repository>,
    ) -> Option<(usize, &Requirement)> {
        let matches =
            |rule: &Rule| rule.images.iter().any(|pattern| pattern.matches(image.borrow()));
        let found = (self.rules.iter().enumerate()).find(|(_, rule)| matches(rule));
        if let Some((n, rule)) = found {
            return Some((n + 1, &rule.requirement));
        }
        self.skip_others.then_some((0, &Requirement::Skip))
    }

    /// Every root that a signature may be checked with.
    pub fn roots(&self) -> impl Iterator<Item = &TrustRoot> {
        let authorities = self.rules.iter().flat_map(|rule| match &rule.requirement {
            Requirement::AnyOf(all) => all.as_slice(),
            Requirement::Skip => &[],
        });
        authorities.map(|authority| &authority.root)
    }

    /// The same policy with another root where this one was.
    #[must_use]
    pub fn with_root_for(mut self, old: &TrustRoot, new: &TrustRoot) -> Self {
        for rule in &mut self.rules {
            rule.requirement = rule.requirement.clone().with_root_for(old, new);
        }
        self
    }
}

impl Requirement {
    /// What it demands, in one value: two requirements with the same digest accept the same signatures.
    pub fn digest(&self) -> Digest {
        // Debug shows every field, maps are sorted, and roots and keys show what they are.
        Digest::of(format!("{self:?}").as_bytes())
    }

    /// The same with another root where this one was.
    #[must_use]
    pub fn with_root_for(mut self, old: &TrustRoot, new: &TrustRoot) -> Self {
        if let Self::AnyOf(all) = &mut self {
            for authority in all.iter_mut().filter(|authority| authority.root == *old) {
                authority.root = new.clone();
            }
        }
        self
    }
}

impl Authority {
    /// An identity, in a log.
    pub fn keyless(identity: Matcher, issuer: Matcher, root: TrustRoot) -> Self {
        let sct = !root.is_private();
        let by = SignedBy::Keyless(Keyless { identity, issuer, claims: BTreeMap::new(), sct });
        Self::of(by, root)
    }

    /// A key, in a log.
    pub fn key(key: Key, root: TrustRoot) -> Self {
        Self::of(SignedBy::Key(key), root)
    }

    fn of(by: SignedBy, root: TrustRoot) -> Self {
        let (annotations, log) = (BTreeMap::new(), LogRule::Required);
        Self { by, annotations, log, timestamp: false, root }
    }
}

impl fmt::Display for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.by {
            SignedBy::Keyless(keyless) => {
                write!(f, "identity {} of {}", keyless.identity, keyless.issuer)
            }
            SignedBy::Key(key) => write!(f, "key {}", key.fingerprint()),
        }
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Skip => f.write_str("nothing (skip)"),
            Self::AnyOf(all) => {
                let texts: Vec<String> = all.iter().map(ToString::to_string).collect();
                f.write_str(&texts.join(", or "))
            }
        }
    }
}

impl Claim {
    /// As policies write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::GithubWorkflowTrigger => "github-workflow-trigger",
            Self::GithubWorkflowSha => "github-workflow-sha",
            Self::GithubWorkflowName => "github-workflow-name",
            Self::GithubWorkflowRepository => "github-workflow-repository",
            Self::GithubWorkflowRef => "github-workflow-ref",
            Self::BuildSignerUri => "build-signer-uri",
            Self::RunnerEnvironment => "runner-environment",
            Self::SourceRepositoryUri => "source-repository-uri",
            Self::SourceRepositoryDigest => "source-repository-digest",
            Self::SourceRepositoryRef => "source-repository-ref",
            Self::SourceRepositoryIdentifier => "source-repository-identifier",
            Self::SourceRepositoryOwnerUri => "source-repository-owner-uri",
            Self::SourceRepositoryOwnerIdentifier => "source-repository-owner-identifier",
            Self::BuildConfigUri => "build-config-uri",
            Self::BuildTrigger => "build-trigger",
            Self::SourceRepositoryVisibility => "source-repository-visibility",
            Self::DeploymentEnvironment => "deployment-environment",
        }
    }

    pub(crate) fn of(self, claims: &sigstore::crypto::FulcioCiClaims) -> Option<&str> {
        let old = &claims.deprecated_github;
        let value = match self {
            Self::GithubWorkflowTrigger => &old.workflow_trigger,
            Self::GithubWorkflowSha => &old.workflow_sha,
            Self::GithubWorkflowName => &old.workflow_name,
            Self::GithubWorkflowRepository => &old.workflow_repository,
            Self::GithubWorkflowRef => &old.workflow_ref,
            Self::BuildSignerUri => &claims.build_signer_uri,
            Self::RunnerEnvironment => &claims.runner_environment,
            Self::SourceRepositoryUri => &claims.source_repository_uri,
            Self::SourceRepositoryDigest => &claims.source_repository_digest,
            Self::SourceRepositoryRef => &claims.source_repository_ref,
            Self::SourceRepositoryIdentifier => &claims.source_repository_identifier,
            Self::SourceRepositoryOwnerUri => &claims.source_repository_owner_uri,
            Self::SourceRepositoryOwnerIdentifier => &claims.source_repository_owner_identifier,
            Self::BuildConfigUri => &claims.build_config_uri,
            Self::BuildTrigger => &claims.build_trigger,
            Self::SourceRepositoryVisibility => &claims.source_repository_visibility_at_signing,
            Self::DeploymentEnvironment => &claims.deployment_environment,
        };
        value.as_deref()
    }
}

/// Base64 of PEM, or PEM itself, as policies may hold keys.
pub(crate) fn pem_text(text: &str) -> String {
    if text.contains("-----BEGIN") {
        return text.to_owned();
    }
    let bytes = STANDARD.decode(text.trim()).ok();
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_else(|| text.to_owned())
}
