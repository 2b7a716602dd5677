//! No byte of a signature can be changed, and nothing that can be written makes the check panic.

use crate::bed;
use bytes::Bytes;
use perry_container_registry::Digest;
use perry_container_verify::{Authority, Candidate, Content, Requirement, check};
use proptest::prelude::*;
use serde_json::Value;
use std::sync::OnceLock;

const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
const SIMPLE: &str = "application/vnd.dev.cosign.simplesigning.v1+json";

/// Every candidate of a repository, straight from the snapshot, without a socket.
fn candidates(repo: &str) -> Vec<Candidate> {
    let (store, mut all) = (bed::snapshot(), vec![]);
    for (digest, manifest) in store.manifests(repo) {
        let Ok(manifest) = serde_json::from_slice::<Value>(manifest) else { continue };
        for layer in manifest["layers"].as_array().into_iter().flatten() {
            let content = store.contents().get(layer["digest"].as_str().unwrap_or_default());
            let Some(bytes) = content.cloned() else { continue };
            let place = format!("{repo} {digest}");
            let annotations = layer.get("annotations").cloned().unwrap_or_default();
            let annotations = serde_json::from_value(annotations).unwrap_or_default();
            match layer["mediaType"].as_str() {
                Some(BUNDLE) => all.push(Candidate { place, content: Content::Bundle(bytes) }),
                Some(SIMPLE) => {
                    all.push(Candidate { place, content: Content::Simple(bytes, annotations) });
                }
                _ => {}
            }
        }
    }
    all
}

fn authorities(requirement: Requirement) -> Vec<Authority> {
    match requirement {
        Requirement::AnyOf(all) => all,
        Requirement::Skip => vec![],
    }
}

/// The check alone agrees with the table, wherever the registry behaves.
#[test]
fn check_alone_agrees_with_the_table() {
    let cases = bed::cases();
    let mut checked = 0;
    for case in &cases.cases {
        // What is too long for a registry's answer never gets here.
        if case.name.starts_with("f-")
            || case.registry.is_some()
            || !case.credentials
            || case.name == "n-huge"
        {
            continue;
        }
        let image: Digest = cases.digests[&case.digest].parse().unwrap();
        let authorities = authorities(cases.requirement(&case.policy));
        let found = candidates(&case.repo);
        let accepted = found.iter().any(|candidate| {
            checked += 1;
            authorities.iter().any(|authority| check(candidate, &image, authority).is_ok())
        });
        // A signature of an image that is not there is a signature; there is nothing to run.
        if case.name != "no-manifest" {
            assert_eq!(accepted, case.want == "accept", "{}", case.name);
        }
    }
    assert!(checked > 150, "{checked}");
}

struct Good {
    image: Digest,
    authority: Authority,
    candidate: Candidate,
}

/// One good signature of each kind.
fn good() -> &'static [Good] {
    static GOOD: OnceLock<Vec<Good>> = OnceLock::new();
    GOOD.get_or_init(|| {
        let cases = bed::cases();
        let names = [
            "kl-v1",
            "kl-v2",
            "kl-old",
            "key-v1",
            "key-old",
            "key-notlog-ign",
            "key-old-notlog-ign",
            "kl-old-tsa",
        ];
        let good = |name: &&str| {
            let case = cases.cases.iter().find(|case| case.name == **name).unwrap();
            let authority = authorities(cases.requirement(&case.policy)).remove(0);
            let image = cases.digests[&case.digest].parse().unwrap();
            let candidate = candidates(&case.repo).remove(0);
            assert!(check(&candidate, &image, &authority).is_ok(), "{name}");
            Good { image, authority, candidate }
        };
        names.iter().map(good).collect()
    })
}

/// What was signed and what signs it, as text: none of it may differ in anything that is accepted. (The root of a proof is
/// not among it: for Rekor 2 it is that of the signed checkpoint which counts.)
fn signed(candidate: &Candidate) -> Vec<String> {
    match &candidate.content {
        Content::Bundle(bytes) => {
            let value: Value = serde_json::from_slice(bytes).unwrap_or_default();
            let paths = [
                "/dsseEnvelope/payload",
                "/dsseEnvelope/payloadType",
                "/dsseEnvelope/signatures/0/sig",
                "/verificationMaterial/certificate/rawBytes",
                "/verificationMaterial/tlogEntries/0/canonicalizedBody",
            ];
            paths.iter().map(|path| format!("{:?}", value.pointer(path))).collect()
        }
        Content::Simple(payload, annotations) => {
            let signature = annotations.get("dev.cosignproject.cosign/signature");
            vec![String::from_utf8_lossy(payload).into_owned(), format!("{signature:?}")]
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// No flipped byte is ever accepted where it matters: what is accepted says the same by the same signer, and proves no
    /// other time. (A hint, or a promise beside a proof, may be missing.)
    #[test]
    fn no_changed_byte_is_accepted(which in 0..8usize, at in any::<prop::sample::Index>(), bit in 0..7u8) {
        let good = &good()[which];
        let flip = |bytes: &[u8]| {
            let mut bytes = bytes.to_vec();
            if !bytes.is_empty() {
                let at = at.index(bytes.len());
                bytes[at] ^= 1 << bit;
            }
            bytes
        };
        let content = match &good.candidate.content {
            Content::Bundle(bytes) => Content::Bundle(flip(bytes).into()),
            Content::Simple(payload, annotations) => {
                let mut annotations = annotations.clone();
                let n = bit as usize % (annotations.len() + 1);
                match annotations.get_index_mut(n) {
                    None => Content::Simple(flip(payload).into(), annotations),
                    Some((_, value)) => {
                        let bytes = flip(value.as_bytes());
                        let Ok(text) = String::from_utf8(bytes) else { return Ok(()) };
                        *value = text;
                        Content::Simple(payload.clone(), annotations)
                    }
                }
            }
        };
        let changed = Candidate { place: String::new(), content };
        if let Ok(signer) = check(&changed, &good.image, &good.authority) {
            let before = check(&good.candidate, &good.image, &good.authority).unwrap();
            let same = (&signer.identity, &signer.issuer, &signer.key, signer.logged)
                == (&before.identity, &before.issuer, &before.key, before.logged);
            let times = signer.times.iter().all(|time| before.times.contains(time));
            prop_assert!(same && times, "{signer:?} instead of {before:?}");
            prop_assert_eq!(signed(&changed), signed(&good.candidate));
        }
        // And never for another image.
        prop_assert!(check(&changed, &Digest::of(b"other"), &good.authority).is_err());
    }

    /// Whatever a registry sends, the check ends with a reason.
    #[test]
    fn anything_at_all(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in "\\PC{0,200}") {
        let good = &good()[0];
        let annotations = [("dev.cosignproject.cosign/signature", &text), ("dev.sigstore.cosign/bundle", &text),
            ("dev.sigstore.cosign/certificate", &text), ("dev.sigstore.cosign/rfc3161timestamp", &text)];
        let annotations = annotations.map(|(name, value)| (name.to_owned(), value.clone())).into_iter().collect();
        for content in [
            Content::Bundle(bytes.clone().into()), Content::Bundle(text.clone().into()),
            Content::Simple(bytes.into(), annotations),
        ] {
            let candidate = Candidate { place: String::new(), content };
            prop_assert!(check(&candidate, &good.image, &good.authority).is_err());
        }
    }

    /// A bundle cut anywhere is none.
    #[test]
    fn cut_anywhere(which in 0..8usize, at in any::<prop::sample::Index>()) {
        let good = &good()[which];
        if let Content::Bundle(bytes) = &good.candidate.content {
            let content = Content::Bundle(Bytes::copy_from_slice(&bytes[..at.index(bytes.len())]));
            let candidate = Candidate { place: String::new(), content };
            prop_assert!(check(&candidate, &good.image, &good.authority).is_err());
        }
    }
}
