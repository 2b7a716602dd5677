//! Trust roots: whose certificates, logs and clocks are believed.

use crate::PolicyError;
use perry_container_registry::Digest;
use serde_json::{Value, json};
use sigstore::{
    Verifier,
    trust_root::{SIGSTORE_PRODUCTION_TRUSTED_ROOT, TrustedRoot},
    types::DerCertificate,
};
use std::{
    fmt,
    sync::{Arc, OnceLock},
};

/// A trust root, read and checked. Clones share it.
#[derive(Clone)]
pub struct TrustRoot(Arc<Root>);

struct Root {
    name: String,
    json: String,
    digest: Digest,
    /// Of certificates of its own no log is asked for a signed timestamp of issue.
    private: bool,
    read: OnceLock<Read>,
}

/// What is kept of a root that was read.
pub(crate) struct Read {
    pub(crate) verifier: Verifier,
    logs: Vec<Vec<u8>>,
}

impl Read {
    /// Whether a transparency log is known.
    pub(crate) fn knows(&self, log: &[u8]) -> bool {
        self.logs.iter().any(|known| known == log)
    }
}

impl TrustRoot {
    /// The root of the public-good instance as it was when this program was built. Its logs change about once a year.
    ///
    /// ```
    /// # use perry_container_verify::TrustRoot;
    /// assert_eq!(TrustRoot::public().name(), "the public trust root");
    /// ```
    pub fn public() -> Self {
        static PUBLIC: OnceLock<TrustRoot> = OnceLock::new();
        let root = PUBLIC.get_or_init(|| {
            let json = SIGSTORE_PRODUCTION_TRUSTED_ROOT.to_owned();
            Self::of("the public trust root".to_owned(), json, false, OnceLock::new())
        });
        root.clone()
    }

    /// A `trusted_root.json`; the name is for messages.
    ///
    /// # Errors
    /// [`PolicyError::TrustRoot`] when it is none.
    pub fn from_json(name: &str, json: &str) -> Result<Self, PolicyError> {
        let read = read(name, json)?;
        Ok(Self::of(name.to_owned(), json.to_owned(), false, read.into()))
    }

    /// The same root with these certificates (PEM, one or more) as the only authorities for signing certificates.
    ///
    /// # Errors
    /// [`PolicyError::TrustRoot`] when they are none.
    pub fn with_authorities(&self, name: &str, pem: &str) -> Result<Self, PolicyError> {
        let fault = |why: String| PolicyError::TrustRoot { name: name.to_owned(), why };
        let certificates = certificates(pem).map_err(fault)?;
        let mut root: Value =
            serde_json::from_str(&self.0.json).map_err(|error| fault(error.to_string()))?;
        // Each is an anchor of its own, so a chain in any order will do.
        let authority = |der: &DerCertificate| {
            json!({"subject": {"organization": "", "commonName": name}, "uri": "",
                "certChain": {"certificates": [{"rawBytes": der.to_base64()}]},
                "validFor": {"start": "1970-01-01T00:00:00Z"}})
        };
        root["certificateAuthorities"] = certificates.iter().map(authority).collect();
        let json = root.to_string();
        let read = read(name, &json)?;
        Ok(Self::of(name.to_owned(), json, true, read.into()))
    }

    fn of(name: String, json: String, private: bool, read: OnceLock<Read>) -> Self {
        let digest = Digest::of(json.as_bytes());
        Self(Arc::new(Root { name, json, digest, private, read }))
    }

    /// Its name in messages.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// What it is, in one value.
    pub fn digest(&self) -> &Digest {
        &self.0.digest
    }

    /// Whether its certificate authorities were given one by one.
    pub fn is_private(&self) -> bool {
        self.0.private
    }

    pub(crate) fn read(&self) -> Result<&Read, PolicyError> {
        // Only the built-in one is read late: who verifies by a key of their own never needs it.
        if let Some(read) = self.0.read.get() {
            return Ok(read);
        }
        let read = read(&self.0.name, &self.0.json)?;
        Ok(self.0.read.get_or_init(|| read))
    }
}

fn read(name: &str, json: &str) -> Result<Read, PolicyError> {
    let fault = |why: String| PolicyError::TrustRoot { name: name.to_owned(), why };
    let root = TrustedRoot::from_json(json).map_err(|error| fault(error.to_string()))?;
    let verifier = Verifier::new(&root).map_err(|error| fault(error.to_string()))?;
    let logs = root.tlogs.iter().map(|log| log.log_id.key_id.as_bytes().to_vec()).collect();
    Ok(Read { verifier, logs })
}

/// Every certificate of a PEM text.
pub(crate) fn certificates(pem: &str) -> Result<Vec<DerCertificate>, String> {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    let mut found = Vec::new();
    for block in pem.split(BEGIN).skip(1) {
        let der = DerCertificate::from_pem(&format!("{BEGIN}{block}"));
        found.push(der.map_err(|error| error.to_string())?);
    }
    if found.is_empty() {
        return Err("there is no PEM certificate in it".to_owned());
    }
    Ok(found)
}

impl fmt::Debug for TrustRoot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TrustRoot({}, {})", self.0.name, self.0.digest)
    }
}

impl PartialEq for TrustRoot {
    fn eq(&self, other: &Self) -> bool {
        self.0.digest == other.0.digest
    }
}

impl Eq for TrustRoot {}
