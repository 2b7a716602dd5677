//! A verifier with what a tool knows: the policy's file, trust roots, credentials of this user.

use crate::{
    HelperPrograms,
    process::{Environment, Host},
    registry::{CredentialFiles, Options, Registry},
    verify::{Gate, PolicyError, TrustPolicy, TrustRoot, Verifier},
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// Names a policy's file where no flag does.
pub const POLICY: &str = "PERRY_CONTAINER_VERIFY_POLICY";
/// Names the file of a trust root where no flag does.
pub const TRUSTED_ROOT: &str = "PERRY_CONTAINER_TRUSTED_ROOT";

/// What verification goes by.
#[derive(Debug, Clone, Default)]
pub struct VerificationOptions {
    /// The policy's file, YAML or JSON; that of the environment where there is none, else Chainguard's identity for
    /// Chainguard's images.
    pub policy: Option<PathBuf>,
    /// The trust root's file; that of the environment where there is none, else the public one.
    pub trusted_root: Option<PathBuf>,
    /// The public root is not refreshed.
    pub offline: bool,
    /// Something is demanded for single images, too, under the root that is believed where nothing else is said.
    pub demands: bool,
    /// How registries are read.
    pub registry: Options,
}

/// A verifier, its policy, and what a person should know.
#[derive(Clone)]
pub struct Verification {
    /// Who verifies.
    pub verifier: Verifier,
    /// What holds.
    pub policy: TrustPolicy,
    /// Whose certificates, logs and clocks are believed where nothing else is said.
    pub root: TrustRoot,
    /// What was not as it should be, without being an error.
    pub notes: Vec<String>,
}

impl Verification {
    /// Reads policy and roots. Files that are named are relative to `here`, those in a policy to the policy.
    ///
    /// # Errors
    /// [`PolicyError`] names the file and what is wrong with it.
    pub async fn open(
        options: &VerificationOptions,
        environment: &Environment,
        host: Arc<dyn Host>,
        here: &Path,
    ) -> Result<Self, PolicyError> {
        let file = |flag: &Option<PathBuf>, name: &str| {
            let set = environment.get_os(name).filter(|value| !value.is_empty());
            flag.clone().or_else(|| set.map(PathBuf::from)).map(|path| here.join(path))
        };
        let root = match file(&options.trusted_root, TRUSTED_ROOT) {
            None => TrustRoot::public(),
            Some(path) => {
                let text = read(&path).map_err(|why| unusable("the trust root", &path, why))?;
                TrustRoot::from_json(&path.display().to_string(), &text)?
            }
        };
        let policy = match file(&options.policy, POLICY) {
            None => TrustPolicy::chainguard(&root),
            Some(path) => {
                let text = read(&path).map_err(|why| unusable("the policy", &path, why))?;
                let fault = |why| unusable("the policy", &path, why);
                let value = value(&text).map_err(fault)?;
                let dir = path.parent().unwrap_or(here).to_owned();
                TrustPolicy::read(&value, &root, &|file| read(&dir.join(file)))?
            }
        };
        let files = CredentialFiles::of(|name| environment.get_os(name).map(ToOwned::to_owned));
        let helpers = Arc::new(HelperPrograms::new(host));
        let registry = Registry::new(options.registry.clone(), files, Some(helpers));
        let mut verification =
            Self { verifier: Verifier::new(registry), policy, root, notes: Vec::new() };
        let public = TrustRoot::public();
        let believed = verification.policy.roots().any(|root| *root == public)
            || options.demands && verification.root == public;
        if believed && !options.offline {
            verification.refresh(environment).await?;
        }
        Ok(verification)
    }

    /// Brings the public root up to date.
    ///
    /// # Errors
    /// [`PolicyError`]: what came is no trust root. That none came is a note.
    #[cfg(feature = "tuf")]
    pub async fn refresh(&mut self, environment: &Environment) -> Result<(), PolicyError> {
        use crate::verify::Refresh;
        let public = TrustRoot::public();
        let dir = |name: &str| {
            environment.get_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
        };
        let cache = dir("XDG_CACHE_HOME").or_else(|| dir("HOME").map(|home| home.join(".cache")));
        let refresh = Refresh::new(cache.map(|dir| dir.join("perry-container/tuf")));
        let refreshed = refresh.run().await?;
        self.policy = self.policy.clone().with_root_for(&public, &refreshed.root);
        if self.root == public {
            self.root = refreshed.root;
        }
        self.notes.extend(refreshed.note);
        Ok(())
    }

    /// Without the feature `tuf` the built-in root is all there is.
    ///
    /// # Errors
    /// None.
    #[cfg(not(feature = "tuf"))]
    #[expect(clippy::unused_async, reason = "the same as with the feature")]
    pub async fn refresh(&mut self, _: &Environment) -> Result<(), PolicyError> {
        Ok(())
    }

    /// The gate that plans go through. `strict`: what is demanded for one image is added to the policy instead of
    /// standing in its place. `demanded_only`: only what something is demanded for alone is verified. Files that demands
    /// name are relative to `directory`.
    pub fn gate(self, strict: bool, demanded_only: bool, directory: PathBuf) -> Gate {
        let Self { verifier, policy, root, .. } = self;
        Gate { verifier, policy, root, strict, demanded_only, directory }
    }
}

fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| error.to_string())
}

fn unusable(what: &str, path: &Path, why: String) -> PolicyError {
    PolicyError::File { at: what.to_owned(), file: path.display().to_string(), why }
}

/// A policy as it is written.
#[cfg(feature = "yaml")]
fn value(text: &str) -> Result<serde_json::Value, String> {
    use crate::load::{Files, Tree};
    let documents = crate::yaml::parse(text, None).map_err(|error| error.to_string())?;
    let mut documents = documents.into_iter();
    match (documents.next(), documents.next()) {
        (Some(root), None) => Ok(Tree { root, files: Files::default() }.to_json()),
        (None, _) => Err("it is empty".to_owned()),
        (Some(_), Some(_)) => Err("it holds more than one document".to_owned()),
    }
}

#[cfg(not(feature = "yaml"))]
fn value(text: &str) -> Result<serde_json::Value, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}
