//! What is kept: successes by digest and requirement, and nothing else.

use crate::bed::{self, Bed};
use perry_container_registry::Reference;
use perry_container_verify::{TrustPolicy, VerifyError};

const REQUESTS: [&str; 4] = ["/referrers/", ".sig", "/manifests/sha256:", "/blobs/"];

fn kinds(log: &[String]) -> Vec<usize> {
    REQUESTS.iter().map(|kind| log.iter().filter(|line| line.contains(kind)).count()).collect()
}

#[tokio::test]
async fn a_success_is_kept_and_a_tag_is_always_asked_for() {
    let (bed, cases) = (Bed::new().await, bed::cases());
    let (verifier, policy) = (bed.verifier(true), cases.policy("keyless"));
    let tag: Reference = format!("{}/pos/kl-v1:latest", bed.server.host()).parse().unwrap();
    let digest = bed.server.edit(|store| store.tag("pos/kl-v1", "1").unwrap().to_owned());
    let by_digest: Reference = format!("{}/pos/kl-v1@{digest}", bed.server.host()).parse().unwrap();
    let by_tag: Reference = format!("{}/pos/kl-v1:1", bed.server.host()).parse().unwrap();
    verifier.verify(&by_tag, &policy).await.unwrap();
    assert_eq!(kinds(&bed.server.log()), [1, 1, 1, 1]);
    verifier.verify(&by_digest, &policy).await.unwrap();
    assert!(bed.server.log().is_empty(), "a digest that was verified needs no network");
    verifier.verify(&by_tag, &policy).await.unwrap();
    assert_eq!(bed.server.log(), ["GET /v2/pos/kl-v1/manifests/1"]);
    // The tag moves to an image that nobody signed.
    bed.server.edit(|store| store.put_image("pos/kl-v1", "another", "1"));
    let error = verifier.verify(&by_tag, &policy).await.unwrap_err();
    assert!(matches!(error, VerifyError::NoSignature { .. }), "{error}");
    assert!(verifier.verify(&tag, &policy).await.is_err());
}

#[tokio::test]
async fn a_success_counts_for_its_own_requirement_only() {
    let (bed, cases) = (Bed::new().await, bed::cases());
    let verifier = bed.verifier(true);
    let image: Reference = format!("{}/pos/kl-v1:1", bed.server.host()).parse().unwrap();
    verifier.verify(&image, &cases.policy("keyless")).await.unwrap();
    for other in ["key", "kl-v1-evilroot", "kl-v1-wrong-id", "kl-v1-gh-repo-bad"] {
        assert!(verifier.verify(&image, &cases.policy(other)).await.is_err(), "{other}");
    }
}

#[tokio::test]
async fn a_failure_is_never_kept() {
    let (bed, cases) = (Bed::new().await, bed::cases());
    let (verifier, policy) = (bed.verifier(true), cases.policy("keyless"));
    let image: Reference = format!("{}/pos/unsigned:1", bed.server.host()).parse().unwrap();
    assert!(verifier.verify(&image, &policy).await.is_err());
    // It is signed meanwhile.
    bed.server.edit(|store| store.copy("pos/kl-v1", "pos/unsigned"));
    verifier.verify(&image, &policy).await.unwrap();
}

#[tokio::test]
async fn whoever_wants_the_same_at_once_shares_the_work() {
    let (bed, cases) = (Bed::new().await, bed::cases());
    let (verifier, policy) = (bed.verifier(true), cases.policy("keyless"));
    let digest = bed.server.edit(|store| store.tag("pos/kl-v1", "1").unwrap().to_owned());
    let image: Reference = format!("{}/pos/kl-v1@{digest}", bed.server.host()).parse().unwrap();
    let all: Vec<_> = (0..10)
        .map(|_| {
            let (verifier, policy, image) = (verifier.clone(), policy.clone(), image.clone());
            tokio::spawn(async move { verifier.verify(&image, &policy).await })
        })
        .collect();
    for one in all {
        one.await.unwrap().unwrap();
    }
    assert_eq!(kinds(&bed.server.log()), [1, 1, 1, 1]);
}

#[tokio::test]
async fn what_no_rule_is_for_is_refused() {
    let (bed, root) = (Bed::new().await, bed::root("good"));
    let image: Reference = format!("{}/pos/kl-v1:1", bed.server.host()).parse().unwrap();
    let error = bed.verifier(true).verify(&image, &TrustPolicy::chainguard(&root)).await;
    let text = bed.plain(&error.unwrap_err().to_string());
    assert_eq!(
        text,
        "no rule of the policy is for REG/pos/kl-v1:1, and what no rule is for is refused"
    );
    assert!(bed.server.log().is_empty());
}
