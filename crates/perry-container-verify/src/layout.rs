//! How signatures lie in registries: from layers of manifests to one shape.

use crate::Rejection;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use indexmap::IndexMap;
use perry_container_registry::{Descriptor, Digest};
use serde::Deserialize;
use serde_json::{Value, json};
use sigstore::types::{Bundle, DerCertificate, MediaType, SignatureContent};
use std::collections::BTreeMap;

/// A Sigstore bundle.
pub(crate) const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
/// A payload whose signature lies in the annotations of its layer.
pub(crate) const SIMPLE: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
const LEGACY_ARTIFACT: &str = "application/vnd.dev.cosign.artifact.sig.v1+json";
const EMPTY: &str = "application/vnd.oci.empty.v1+json";

/// What the signed text of a signature says that it is.
const SIGNS: &str = "https://sigstore.dev/cosign/sign/v1";
const IN_TOTO: &str = "application/vnd.in-toto+json";
const SIMPLE_TYPE: &str = "cosign container image signature";

const SIGNATURE: &str = "dev.cosignproject.cosign/signature";
const CERTIFICATE: &str = "dev.sigstore.cosign/certificate";
const REKOR: &str = "dev.sigstore.cosign/bundle";
const TIMESTAMP: &str = "dev.sigstore.cosign/rfc3161timestamp";

/// Something that may be a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Where it lies, for people.
    pub place: String,
    /// What lies there.
    pub content: Content,
}

/// What may be a signature, as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A Sigstore bundle.
    Bundle(Bytes),
    /// A payload and the annotations of its layer.
    Simple(Bytes, IndexMap<String, String>),
}

/// Whether an entry of a list of referrers can be a signature. Its type is no reason to believe anything: clients write
/// the type of the configuration there, and some registries nothing.
pub(crate) fn may_be_signature(entry: &Descriptor) -> bool {
    matches!(
        entry.artifact_type.as_deref(),
        None | Some("" | BUNDLE | LEGACY_ARTIFACT | EMPTY | SIMPLE)
    ) || entry
        .artifact_type
        .as_deref()
        .is_some_and(|kind| kind.starts_with("application/vnd.oci.image.config"))
}

#[derive(Deserialize)]
struct Manifest {
    #[serde(default)]
    layers: Vec<Descriptor>,
}

/// The layers of a manifest that may be signatures.
pub(crate) fn layers(manifest: &[u8]) -> Result<Vec<Descriptor>, Rejection> {
    let manifest: Manifest = serde_json::from_slice(manifest)
        .map_err(|error| Rejection::Malformed(format!("no manifest ({error})")))?;
    let mut layers = manifest.layers;
    layers.retain(|layer| layer.media_type == BUNDLE || layer.media_type == SIMPLE);
    Ok(layers)
}

/// A candidate that has the shape of a signature.
pub(crate) struct Parsed {
    pub(crate) bundle: Bundle,
    pub(crate) says: Says,
    /// What was signed, where that is not in the bundle.
    pub(crate) payload: Option<Bytes>,
}

/// What the signed text says.
pub(crate) struct Says {
    /// The type of what it says; none for a signature.
    pub(crate) predicate: Option<String>,
    pub(crate) subjects: Vec<Subject>,
}

/// An image that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Subject {
    pub(crate) digest: String,
    pub(crate) annotations: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Statement {
    #[serde(rename = "_type")]
    kind: String,
    subject: Vec<RawSubject>,
    #[serde(rename = "predicateType")]
    predicate: String,
}

#[derive(Deserialize)]
struct RawSubject {
    #[serde(default)]
    digest: BTreeMap<String, String>,
    #[serde(default)]
    annotations: Option<BTreeMap<String, Value>>,
}

#[derive(Deserialize)]
struct Simple {
    critical: Critical,
    #[serde(default)]
    optional: Option<BTreeMap<String, Value>>,
}

#[derive(Deserialize)]
struct Critical {
    #[serde(rename = "type")]
    kind: String,
    image: Image,
}

#[derive(Deserialize)]
struct Image {
    #[serde(rename = "docker-manifest-digest")]
    digest: String,
}

/// The annotation with the log's promise.
#[derive(Deserialize)]
struct Rekor {
    #[serde(rename = "SignedEntryTimestamp")]
    promise: String,
    #[serde(rename = "Payload")]
    payload: RekorPayload,
}

#[derive(Deserialize)]
struct RekorPayload {
    body: String,
    #[serde(rename = "integratedTime")]
    time: i64,
    #[serde(rename = "logIndex")]
    index: i64,
    #[serde(rename = "logID")]
    log: String,
}

#[derive(Deserialize)]
struct Timestamp {
    #[serde(rename = "SignedRFC3161Timestamp")]
    token: String,
}

fn malformed(what: &str) -> impl FnOnce(serde_json::Error) -> Rejection + '_ {
    move |error| Rejection::Malformed(format!("{what}: {error}"))
}

/// Brings a candidate into the one shape.
pub(crate) fn parse(content: &Content) -> Result<Parsed, Rejection> {
    match content {
        Content::Bundle(bytes) => bundle(bytes),
        Content::Simple(payload, annotations) => simple(payload, annotations),
    }
}

fn bundle(bytes: &[u8]) -> Result<Parsed, Rejection> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| Rejection::Malformed("the bundle is not UTF-8".to_owned()))?;
    let bundle =
        Bundle::from_json(text).map_err(|error| Rejection::Malformed(error.to_string()))?;
    // Older versions may do with less proof; what comes from a registry must not choose one.
    if bundle.media_type() != MediaType::Bundle0_3 {
        let version = bundle.media_type();
        return Err(Rejection::Unsupported(format!("a bundle of version {version}")));
    }
    let SignatureContent::DsseEnvelope(envelope) = &bundle.content else {
        return Err(Rejection::Unsupported("a signature of bytes, not of a statement".to_owned()));
    };
    if envelope.payload_type != IN_TOTO {
        let predicate = envelope.payload_type.clone();
        return Err(Rejection::NotASignature { predicate });
    }
    let statement: Statement =
        serde_json::from_slice(envelope.payload.as_bytes()).map_err(malformed("the statement"))?;
    if !statement.kind.starts_with("https://in-toto.io/Statement/") {
        return Err(Rejection::NotASignature { predicate: statement.kind });
    }
    let subject = |raw: RawSubject| {
        let digest = raw.digest.get("sha256").map(|hex| format!("sha256:{hex}"));
        let annotations = texts(raw.annotations);
        Subject { digest: digest.unwrap_or_default(), annotations }
    };
    let says = Says {
        predicate: (statement.predicate != SIGNS).then_some(statement.predicate),
        subjects: statement.subject.into_iter().map(subject).collect(),
    };
    Ok(Parsed { bundle, says, payload: None })
}

/// The values that are text; others cannot be asked for.
fn texts(values: Option<BTreeMap<String, Value>>) -> BTreeMap<String, String> {
    let text = |(name, value): (String, Value)| match value {
        Value::String(text) => Some((name, text)),
        _ => None,
    };
    values.unwrap_or_default().into_iter().filter_map(text).collect()
}

/// The older layout as a bundle, so that one verifier serves both. With the log's promise it is one of version 0.1, which
/// needs no proof beside it.
fn simple(payload: &Bytes, annotations: &IndexMap<String, String>) -> Result<Parsed, Rejection> {
    let text: Simple = serde_json::from_slice(payload).map_err(malformed("the signed text"))?;
    let says = Says {
        predicate: (text.critical.kind != SIMPLE_TYPE).then_some(text.critical.kind),
        subjects: vec![Subject {
            digest: text.critical.image.digest,
            annotations: texts(text.optional),
        }],
    };
    let Some(signature) = annotations.get(SIGNATURE).filter(|text| !text.is_empty()) else {
        return Err(Rejection::Malformed("its layer bears no signature".to_owned()));
    };
    let material = match annotations.get(CERTIFICATE).filter(|pem| !pem.is_empty()) {
        None => json!({"publicKey": {"hint": ""}}),
        Some(pem) => {
            let der = DerCertificate::from_pem(pem)
                .map_err(|error| Rejection::Malformed(format!("its certificate: {error}")))?;
            json!({"certificate": {"rawBytes": der.to_base64()}})
        }
    };
    let rekor = annotations.get(REKOR).filter(|text| !text.is_empty());
    let entries = match rekor {
        None => vec![],
        Some(text) => {
            let rekor: Rekor =
                serde_json::from_str(text).map_err(malformed("its entry of the log"))?;
            let id = unhex(&rekor.payload.log).ok_or_else(|| {
                Rejection::Malformed("the log's id is not hexadecimal".to_owned())
            })?;
            vec![json!({
                "logIndex": rekor.payload.index.to_string(),
                "logId": {"keyId": STANDARD.encode(id)},
                "kindVersion": {"kind": "hashedrekord", "version": "0.0.1"},
                "integratedTime": rekor.payload.time.to_string(),
                "inclusionPromise": {"signedEntryTimestamp": rekor.promise},
                "canonicalizedBody": rekor.payload.body,
            })]
        }
    };
    let timestamps = match annotations.get(TIMESTAMP).filter(|text| !text.is_empty()) {
        None => vec![],
        Some(text) => {
            let timestamp: Timestamp =
                serde_json::from_str(text).map_err(malformed("its timestamp"))?;
            vec![json!({"signedTimestamp": timestamp.token})]
        }
    };
    let version = if rekor.is_some() { MediaType::Bundle0_1 } else { MediaType::Bundle0_3 };
    let mut material = material;
    material["tlogEntries"] = entries.into();
    material["timestampVerificationData"] = json!({"rfc3161Timestamps": timestamps});
    let bundle = json!({
        "mediaType": version.as_str(),
        "verificationMaterial": material,
        "messageSignature": {
            "messageDigest": {
                "algorithm": "SHA2_256",
                "digest": STANDARD.encode(Digest::of(payload).bytes()),
            },
            "signature": signature,
        },
    });
    let bundle = serde_json::from_value(bundle).map_err(malformed("its annotations"))?;
    Ok(Parsed { bundle, says, payload: Some(payload.clone()) })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || text.len() % 2 == 1 {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}
