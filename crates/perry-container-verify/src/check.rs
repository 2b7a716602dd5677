//! Whether one candidate is a signature of an image by somebody who is trusted. Total and synchronous: what is decided
//! here is decided from its arguments alone, but for the clock, which the library reads to refuse times to come.

use crate::{
    Authority, Candidate, Rejection,
    layout::{self, Parsed},
    policy::{Key, Keyless, LogRule, SignedBy},
};
use perry_container_registry::Digest;
use serde::Serialize;
use sigstore::{
    CertificateError, Error, PublicKeyVerificationPolicy, TimestampError, TransparencyLogError,
    VerificationPolicy, VerificationResult,
    crypto::{self, SigningScheme},
    types::{Artifact, Sha256Hash, SignatureContent, bundle::VerificationMaterialContent},
};

/// Whose signature was accepted, and what proves its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Signer {
    /// Who signed, where a certificate says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
    /// Who vouches for that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// The key, by the first digits of its digest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// When, as logs and clocks say that are believed (RFC 3339).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub times: Vec<String>,
    /// It stands in a transparency log.
    pub logged: bool,
}

impl std::fmt::Display for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.identity, &self.issuer, &self.key) {
            (Some(identity), Some(issuer), _) => write!(f, "{identity} of {issuer}"),
            (_, _, Some(key)) => write!(f, "key {key}"),
            _ => f.write_str("nobody"),
        }
    }
}

/// Checks a candidate.
///
/// # Errors
/// [`Rejection`] says why it does not count.
pub fn check(
    candidate: &Candidate,
    image: &Digest,
    authority: &Authority,
) -> Result<Signer, Rejection> {
    let parsed = layout::parse(&candidate.content)?;
    let subject = about(&parsed, image)?;
    for (name, expected) in &authority.annotations {
        let found = subject.annotations.get(name);
        if found != Some(expected) {
            let found = found.map_or("absent", String::as_str).to_owned();
            let (name, expected) = (name.clone(), expected.clone());
            return Err(Rejection::Annotation { name, expected, found });
        }
    }
    let material = &parsed.bundle.verification_material;
    let entries = material.tlog_entries.len();
    match (authority.log, entries) {
        (LogRule::Required, 0) => return Err(Rejection::NotLogged),
        (_, 0 | 1) => {}
        _ => return Err(Rejection::LogMismatch(format!("there are {entries} entries, not one"))),
    }
    if authority.timestamp && material.timestamp_verification_data.rfc3161_timestamps.is_empty() {
        return Err(Rejection::Timestamp("there is none".to_owned()));
    }
    let by_key = matches!(material.content, VerificationMaterialContent::PublicKey(_));
    let kind = |key| if key { "by a key" } else { "with a certificate" };
    match &authority.by {
        SignedBy::Keyless(_) | SignedBy::Key(_)
            if by_key != matches!(authority.by, SignedBy::Key(_)) =>
        {
            Err(Rejection::WrongKind { found: kind(by_key), wanted: kind(!by_key) })
        }
        SignedBy::Keyless(keyless) => by_certificate(&parsed, image, authority, keyless),
        SignedBy::Key(key) => by_this_key(&parsed, image, authority, key),
    }
}

/// The subject that is this image, in a text that says that it is signed.
fn about<'a>(parsed: &'a Parsed, image: &Digest) -> Result<&'a layout::Subject, Rejection> {
    if let Some(predicate) = &parsed.says.predicate {
        return Err(Rejection::NotASignature { predicate: predicate.clone() });
    }
    let subjects = &parsed.says.subjects;
    if let Some(subject) = subjects.iter().find(|subject| subject.digest == image.as_str()) {
        return Ok(subject);
    }
    Err(Rejection::OtherImage(match subjects.first() {
        Some(subject) if !subject.digest.is_empty() => subject.digest.clone(),
        _ => "no digest of SHA-256".to_owned(),
    }))
}

/// What the library compares the signature with: the image's digest where a statement names it, else the signed bytes.
fn artifact<'a>(parsed: &'a Parsed, image: &Digest) -> Artifact<'a> {
    match &parsed.payload {
        Some(payload) => Artifact::from_blob(payload),
        None => Artifact::from_digest(Sha256Hash::new(image.bytes())),
    }
}

fn by_certificate(
    parsed: &Parsed,
    image: &Digest,
    authority: &Authority,
    keyless: &Keyless,
) -> Result<Signer, Rejection> {
    let logged = authority.log == LogRule::Required;
    // Who signed is compared below: the library compares whole values only.
    let mut policy = VerificationPolicy::any_identity();
    if !logged {
        policy = policy.skip_tlog_unsafe();
    }
    if !keyless.sct {
        policy = policy.skip_sct();
    }
    let verifier = verifier(parsed, authority)?;
    let found = verifier
        .verify(artifact(parsed, image), &parsed.bundle, &policy)
        .map_err(|error| rejection(error, parsed, authority))?;
    let proven = found.certificate_verified()
        && (found.sct_verified() || !keyless.sct)
        && (found.tlog_verified() || !logged);
    let (Some(certificate), true) = (found.certificate(), proven) else {
        return Err(Rejection::Unsupported("not everything could be checked".to_owned()));
    };
    let none = || "nobody".to_owned();
    let identity = found.identity().map(|identity| identity.as_str().to_owned());
    let identity = identity.filter(|found| !found.is_empty()).unwrap_or_else(none);
    if !keyless.identity.matches(&identity) {
        let expected = keyless.identity.to_string();
        return Err(Rejection::Identity { expected, found: identity });
    }
    let issuer = found.issuer().map_or_else(none, str::to_owned);
    if !keyless.issuer.matches(&issuer) {
        let expected = keyless.issuer.to_string();
        return Err(Rejection::Issuer { expected, found: issuer });
    }
    for (claim, wanted) in &keyless.claims {
        let value = claim.of(&certificate.ci_claims);
        if !value.is_some_and(|value| wanted.matches(value)) {
            return Err(Rejection::Claim {
                claim: claim.name(),
                expected: wanted.to_string(),
                found: value.unwrap_or("absent").to_owned(),
            });
        }
    }
    let logged =
        found.tlog_verified() && !parsed.bundle.verification_material.tlog_entries.is_empty();
    let (identity, issuer) = (Some(identity), Some(issuer));
    Ok(Signer { identity, issuer, key: None, times: times(&found), logged })
}

fn by_this_key(
    parsed: &Parsed,
    image: &Digest,
    authority: &Authority,
    key: &Key,
) -> Result<Signer, Rejection> {
    let fingerprint = Some(key.fingerprint());
    let material = &parsed.bundle.verification_material;
    let stamps = &material.timestamp_verification_data.rfc3161_timestamps;
    if authority.log == LogRule::NotRequired
        && material.tlog_entries.is_empty()
        && stamps.is_empty()
    {
        // The library wants some evidence of time; here none was asked for.
        signature_only(parsed, key)?;
        let (times, logged) = (vec![], false);
        return Ok(Signer { identity: None, issuer: None, key: fingerprint, times, logged });
    }
    let logged = authority.log == LogRule::Required;
    let mut policy = PublicKeyVerificationPolicy::new(key.der().clone());
    if !logged {
        policy = policy.skip_tlog_unsafe();
    }
    let verifier = verifier(parsed, authority)?;
    let found = verifier
        .verify(artifact(parsed, image), &parsed.bundle, &policy)
        .map_err(|error| rejection(error, parsed, authority))?;
    if logged && !found.tlog_verified() {
        return Err(Rejection::NotLogged);
    }
    let logged = found.tlog_verified();
    Ok(Signer { identity: None, issuer: None, key: fingerprint, times: times(&found), logged })
}

fn signature_only(parsed: &Parsed, key: &Key) -> Result<(), Rejection> {
    let scheme: SigningScheme = key.algorithm.default_signing_scheme();
    let result = match (&parsed.bundle.content, &parsed.payload) {
        (SignatureContent::DsseEnvelope(envelope), None) => {
            crypto::verify_signature(key.der(), &envelope.pae(), &envelope.signature.sig, scheme)
        }
        (SignatureContent::MessageSignature(message), Some(payload)) => {
            crypto::verify_signature(key.der(), payload, &message.signature, scheme)
        }
        _ => return Err(Rejection::Unsupported("a signature of another kind".to_owned())),
    };
    result.map_err(|error| Rejection::Signature(error.to_string()))
}

/// The library's verifier of a root that knows the log.
fn verifier<'a>(
    parsed: &Parsed,
    authority: &'a Authority,
) -> Result<&'a sigstore::Verifier, Rejection> {
    let root = || authority.root.name().to_owned();
    let read = authority
        .root
        .read()
        .map_err(|error| Rejection::Root { root: root(), why: error.to_string() })?;
    let entry = parsed.bundle.verification_material.tlog_entries.first();
    if let Some(entry) = entry.filter(|_| authority.log == LogRule::Required) {
        let id = &entry.log_id.key_id;
        if !read.knows(id.as_bytes()) {
            return Err(Rejection::UnknownLog { id: id.to_base64(), root: root() });
        }
    }
    Ok(&read.verifier)
}

fn times(found: &VerificationResult) -> Vec<String> {
    let mut times: Vec<String> =
        found.verified_timestamps().iter().map(ToString::to_string).collect();
    times.sort();
    times.dedup();
    times
}

/// The library's errors, one by one.
fn rejection(error: Error, parsed: &Parsed, authority: &Authority) -> Rejection {
    let root = || authority.root.name().to_owned();
    match error {
        Error::SignatureInvalid(why) => Rejection::Signature(why),
        // That the image is the right one was compared before.
        Error::ArtifactMismatch(why) => Rejection::LogMismatch(why),
        Error::InvalidTrustRoot(why) => Rejection::Root { root: root(), why },
        Error::Certificate(error) => certificate(error, parsed, root()),
        Error::TransparencyLog(error) => match error {
            TransparencyLogError::UnknownLog { log_id } => {
                Rejection::UnknownLog { id: log_id, root: root() }
            }
            TransparencyLogError::EntryMismatch(why) => Rejection::LogMismatch(why),
            TransparencyLogError::IntegratedTime(why) => Rejection::Timestamp(why),
            other => Rejection::LogProof(other.to_string()),
        },
        Error::Timestamp(error) => match error {
            TimestampError::NoVerifiedTimestamp(_) => Rejection::NoTrustedTime,
            other => Rejection::Timestamp(other.to_string()),
        },
        Error::InvalidBundle(why) => Rejection::Malformed(why),
        Error::Bundle(error) => Rejection::Malformed(error.to_string()),
        Error::Types(error) => Rejection::Malformed(error.to_string()),
        Error::Crypto(error) => Rejection::Signature(error.to_string()),
        other => Rejection::Unsupported(other.to_string()),
    }
}

fn certificate(error: CertificateError, parsed: &Parsed, root: String) -> Rejection {
    match error {
        CertificateError::Malformed(why) => Rejection::Malformed(why),
        CertificateError::Sct(why) => Rejection::Sct { root, why },
        CertificateError::ChainInvalid(why) => {
            // The chain's own check of the certificate's time comes as text.
            let timely = !["CertExpired", "CertNotValidYet"].iter().any(|name| why.contains(name));
            let info = parsed.bundle.signing_certificate();
            let info = info.and_then(|der| crypto::parse_certificate_info(der).ok());
            match info.filter(|_| !timely) {
                None => Rejection::Chain { root, why },
                Some(info) => {
                    let entry = parsed.bundle.verification_material.tlog_entries.first();
                    let time = entry.and_then(|entry| entry.integrated_time);
                    let time = time.map_or("another time".to_owned(), |time| time.to_string());
                    let (from, to) = (info.not_before.to_string(), info.not_after.to_string());
                    Rejection::ExpiredAt { time, from, to }
                }
            }
        }
        other => Rejection::Chain { root, why: other.to_string() },
    }
}
