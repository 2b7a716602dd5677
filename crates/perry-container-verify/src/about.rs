//! What a candidate says of itself. None of it is proven.

use crate::{Candidate, layout};
use serde::Serialize;
use sigstore::{crypto, types::bundle::VerificationMaterialContent};

/// What a candidate says of itself, for people who ask why it does not count.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct About {
    /// `bundle` or `simple signing`.
    pub layout: &'static str,
    /// Who is said to have signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
    /// Who is said to vouch for that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// When its certificate is valid (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid: Option<(String, String)>,
    /// Which key is said to have signed, as the signer hints.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_hint: Option<String>,
    /// Entries of transparency logs: kind, index, and time where the log says one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub log: Vec<String>,
    /// How many timestamps it bears.
    pub timestamps: usize,
    /// The digests it is about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<String>,
    /// What it says of them, unless it is that they are signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub predicate: Option<String>,
}

impl About {
    /// What a candidate says of itself; as much of it as can be read.
    pub fn of(candidate: &Candidate) -> Self {
        let layout = match candidate.content {
            layout::Content::Bundle(_) => "bundle",
            layout::Content::Simple(..) => "simple signing",
        };
        let Ok(parsed) = layout::parse(&candidate.content) else {
            return Self { layout, ..Self::default() };
        };
        let material = &parsed.bundle.verification_material;
        let mut about = Self {
            layout,
            timestamps: material.timestamp_verification_data.rfc3161_timestamps.len(),
            subjects: parsed.says.subjects.into_iter().map(|subject| subject.digest).collect(),
            predicate: parsed.says.predicate,
            ..Self::default()
        };
        if let VerificationMaterialContent::PublicKey(key) = &material.content {
            about.key_hint = Some(key.hint.clone()).filter(|hint| !hint.is_empty());
        }
        let der = parsed.bundle.signing_certificate();
        if let Some(info) = der.and_then(|der| crypto::parse_certificate_info(der).ok()) {
            about.identity = info.identity.map(|identity| identity.to_string());
            about.issuer = info.issuer;
            about.valid = Some((info.not_before.to_string(), info.not_after.to_string()));
        }
        for entry in &material.tlog_entries {
            let kind = entry.kind_version;
            let mut text = format!("{} {} #{}", kind.kind(), kind.version(), entry.log_index);
            if let Some(time) = entry.integrated_time {
                text = format!("{text} at {time}");
            }
            about.log.push(text);
        }
        about
    }
}
