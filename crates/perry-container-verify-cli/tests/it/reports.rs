//! What the command prints.

use crate::bed::{Bed, keyless};
use snapbox::{assert_data_eq, str};

/// With times and lengths of hashes out of the way.
fn plain(text: &str) -> String {
    let mut words = String::new();
    for line in text.split_inclusive('\n') {
        for word in line.split_inclusive(|c: char| c.is_whitespace() || "(),\"".contains(c)) {
            let bare = word.trim_end_matches(|c: char| c.is_whitespace() || "(),\"".contains(c));
            let rest = &word[bare.len()..];
            let time = bare.len() >= 20
                && bare.as_bytes()[4] == b'-'
                && bare.contains('T')
                && bare.starts_with("20");
            words += if time { "TIME" } else { bare };
            words += rest;
        }
    }
    words
}

#[tokio::test]
async fn lines() {
    let bed = Bed::new().await;
    let words = format!(
        "{} REG/pos/kl-v1:1 REG/pos/multi:1 REG/pos/unsigned:1 REG/pos/att:1 REG/pos/nowhere",
        keyless()
    );
    let done = bed.run(&words).await;
    assert_eq!((done.code, done.err.as_str()), (1, ""));
    assert_data_eq!(
        done.out,
        str![[r#"
verified   REG/pos/kl-v1:1
           sha256:1386053f6db2e62f11834b30769e6c67663c5689d06781d5e90abfa5468eef45, signed by https://github.com/chainguard-images/images/.github/workflows/release.yaml@refs/heads/main of https://token.actions.githubusercontent.com
verified   REG/pos/multi:1
           sha256:1386053f6db2e62f11834b30769e6c67663c5689d06781d5e90abfa5468eef45, signed by https://github.com/chainguard-images/images/.github/workflows/release.yaml@refs/heads/main of https://token.actions.githubusercontent.com
refused    REG/pos/unsigned:1
           REG/pos/unsigned:1 is not signed: its registry has no signature of sha256:1386053f6db2e62f11834b30769e6c67663c5689d06781d5e90abfa5468eef45; rule 1 wants identity https://github.com/chainguard-images/images/.github/workflows/release.yaml@refs/heads/main of https://token.actions.githubusercontent.com
refused    REG/pos/att:1
           no signature of REG/pos/att:1 (sha256:1386053f6db2e62f11834b30769e6c67663c5689d06781d5e90abfa5468eef45) is what rule 1 wants
           referrer sha256:778a43e17c2b: it is not a signature but says something about the image (https://slsa.dev/provenance/v0.2)
unverified REG/pos/nowhere
           REG/pos/nowhere:latest could not be verified: there is no manifest REG/pos/nowhere:latest

"#]]
    );
}

#[tokio::test]
async fn one_object() {
    let bed = Bed::new().await;
    let done = bed.run(&format!("--format json {} REG/pos/kl-v1:1 REG/pos/att:1", keyless())).await;
    assert_eq!(done.code, 1);
    assert_data_eq!(
        plain(&done.out),
        str![[r#"
{
  "images": [
    {
      "image": "REG/pos/kl-v1:1",
      "verdict": "verified",
      "digest": "sha256:1386053f6db2e62f11834b30769e6c67663c5689d06781d5e90abfa5468eef45",
      "signer": {
        "identity": "https://github.com/chainguard-images/images/.github/workflows/release.yaml@refs/heads/main",
        "issuer": "https://token.actions.githubusercontent.com",
        "times": [
          "TIME"
        ],
        "logged": true
      },
      "signature": "referrer sha256:30a9294511f5"
    },
    {
      "image": "REG/pos/att:1",
      "verdict": "refused",
      "reason": "no signature of REG/pos/att:1 (sha256:1386053f6db2e62f11834b30769e6c67663c5689d06781d5e90abfa5468eef45) is what rule 1 wants/n  referrer sha256:778a43e17c2b: it is not a signature but says something about the image (https://slsa.dev/provenance/v0.2)",
      "code": 403,
      "digest": "sha256:1386053f6db2e62f11834b30769e6c67663c5689d06781d5e90abfa5468eef45",
      "rejected": [
        {
          "place": "referrer sha256:778a43e17c2b",
          "wanted": "identity https://github.com/chainguard-images/images/.github/workflows/release.yaml@refs/heads/main of https://token.actions.githubusercontent.com",
          "why": "it is not a signature but says something about the image (https://slsa.dev/provenance/v0.2)"
        }
      ]
    }
  ]
}

"#]]
    );
}

#[tokio::test]
async fn sarif_points_into_the_file() {
    let bed = Bed::new().await;
    bed.write("compose.yaml", "name: p\nservices:\n  web:\n    image: REG/pos/kl-v1:1\n  db:\n    image: REG/pos/unsigned:1\n");
    let done = bed.run(&format!("-o sarif -f compose.yaml {}", keyless())).await;
    assert_eq!(done.code, 1);
    assert_data_eq!(
        done.out,
        str![[r#"
{
  "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
  "version": "2.1.0",
  "runs": [
    {
      "tool": {
        "driver": {
          "name": "perry-verify",
          "version": "0.1.0",
          "rules": [
            {
              "id": "no-signature",
              "shortDescription": {
                "text": "The image is not signed"
              },
              "defaultConfiguration": {
                "level": "error"
              }
            },
            {
              "id": "rejected",
              "shortDescription": {
                "text": "No signature of the image is by whom the policy trusts"
              },
              "defaultConfiguration": {
                "level": "error"
              }
            },
            {
              "id": "no-rule",
              "shortDescription": {
                "text": "No rule of the policy is for the image"
              },
              "defaultConfiguration": {
                "level": "error"
              }
            },
            {
              "id": "unverified",
              "shortDescription": {
                "text": "The image could not be verified"
              },
              "defaultConfiguration": {
                "level": "error"
              }
            }
          ]
        }
      },
      "results": [
        {
          "ruleId": "no-signature",
          "ruleIndex": 0,
          "level": "error",
          "message": {
            "text": "REG/pos/unsigned:1 is not signed: its registry has no signature of sha256:1386053f6db2e62f11834b30769e6c67663c5689d06781d5e90abfa5468eef45; rule 1 wants identity https://github.com/chainguard-images/images/.github/workflows/release.yaml@refs/heads/main of https://token.actions.githubusercontent.com"
          },
          "locations": [
            {
              "physicalLocation": {
                "artifactLocation": {
                  "uri": "compose.yaml"
                },
                "region": {
                  "startLine": 6,
                  "startColumn": 12
                }
              },
              "logicalLocations": [
                {
                  "name": "REG/pos/unsigned:1",
                  "kind": "resource"
                }
              ]
            }
          ]
        }
      ]
    }
  ]
}

"#]]
    );
}

#[tokio::test]
async fn every_signature_is_explained() {
    let bed = Bed::new().await;
    let done = bed
        .run(&format!(
            "explain {} REG/pos/multi:1 REG/pos/both:1 REG/pos/att:1 REG/pos/unsigned:1",
            keyless()
        ))
        .await;
    assert_eq!((done.code, done.err.as_str()), (0, ""));
    assert_data_eq!(
        plain(&done.out),
        str![[r#"
REG/pos/multi:1
  is sha256:1386053f6db2e62f11834b30769e6c67663c5689d06781d5e90abfa5468eef45
  rule 1 wants identity https://github.com/chainguard-images/images/.github/workflows/release.yaml@refs/heads/main of https://token.actions.githubusercontent.com
  referrer sha256:c486bfdca750 (bundle)
    says that dev@example.test of https://accounts.example.test signed it
    certificate from TIME to TIME
    log entry dsse 0.0.1 #1000030 at TIME
    does not count: signed by dev@example.test, wanted https://github.com/chainguard-images/images/.github/workflows/release.yaml@refs/heads/main
  referrer sha256:0b61a8cffe30 (bundle)
    says that https://github.com/chainguard-images/images/.github/workflows/release.yaml@refs/heads/main of https://token.actions.githubusercontent.com signed it
    certificate from TIME to TIME
    log entry hashedrekord 0.0.2 #7
    timestamps: 1
    counts: signed by https://github.com/chainguard-images/images/.github/workflows/release.yaml@refs/heads/main of https://token.actions.githubusercontent.com at TIME
REG/pos/both:1
  is sha256:1386053f6db2e62f11834b30769e6c67663c5689d06781d5e90abfa5468eef45
  rule 1 wants identity https://github.com/chainguard-images/images/.github/workflows/release.yaml@refs/heads/main of https://token.actions.githubusercontent.com
  sha256-1386053f6db2e62f11834b30769e6c67663c5689d06781d5e90abfa5468eef45.sig (simple signing)
    log entry hashedrekord 0.0.1 #1000028 at TIME
    does not count: it was made by a key, wanted with a certificate
  referrer sha256:7df17e082b72 (bundle)
    says that https://github.com/chainguard-images/images/.github/workflows/release.yaml@refs/heads/main of https://token.actions.githubusercontent.com signed it
    certificate from TIME to TIME
    log entry dsse 0.0.1 #1000029 at TIME
    counts: signed by https://github.com/chainguard-images/images/.github/workflows/release.yaml@refs/heads/main of https://token.actions.githubusercontent.com at TIME
REG/pos/att:1
  is sha256:1386053f6db2e62f11834b30769e6c67663c5689d06781d5e90abfa5468eef45
  rule 1 wants identity https://github.com/chainguard-images/images/.github/workflows/release.yaml@refs/heads/main of https://token.actions.githubusercontent.com
  referrer sha256:778a43e17c2b (bundle)
    says https://slsa.dev/provenance/v0.2
    says that https://github.com/chainguard-images/images/.github/workflows/release.yaml@refs/heads/main of https://token.actions.githubusercontent.com signed it
    certificate from TIME to TIME
    log entry dsse 0.0.1 #1000031 at TIME
    does not count: it is not a signature but says something about the image (https://slsa.dev/provenance/v0.2)
REG/pos/unsigned:1
  is sha256:1386053f6db2e62f11834b30769e6c67663c5689d06781d5e90abfa5468eef45
  rule 1 wants identity https://github.com/chainguard-images/images/.github/workflows/release.yaml@refs/heads/main of https://token.actions.githubusercontent.com
  has no signature

"#]]
    );
}

#[tokio::test]
async fn what_cannot_be_verified_is_no_refusal() {
    let bed = Bed::new().await;
    let done = bed.run(&format!("{} REG/pos/kl-v1:1 REG/fault/429:1", keyless())).await;
    assert_eq!(done.code, 3);
    assert!(done.out.contains("unverified REG/fault/429:1"), "{}", done.out);
    assert!(done.out.contains("it asks to wait 3600 s"), "{}", done.out);
    // With a refusal beside it, it is one.
    let done = bed.run(&format!("{} REG/pos/unsigned:1 REG/fault/429:1", keyless())).await;
    assert_eq!(done.code, 1);
}
