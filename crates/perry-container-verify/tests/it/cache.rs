//! What is kept: successes by digest and requirement, and nothing else.

use crate::bed::{self, Bed};
use perry_container_registry::Reference;
use perry_container_verify::{TrustPolicy, VerifyError};
use proptest::prelude::*;
use std::{
    io::Write,
    sync::{Arc, Mutex},
};

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

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn reference_digest_and_verdict_are_logged() {
    let (bed, cases, kept) = (Bed::new().await, bed::cases(), Kept::default());
    let writer = kept.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::DEBUG)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    // With a single one tracing asks the thread that comes by first, and that of another test has none: for good.
    let _second = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::default());
    let verifier = bed.verifier(true);
    for name in ["pos/kl-v1:1", "pos/unsigned:1"] {
        let image: Reference = format!("{}/{name}", bed.server.host()).parse().unwrap();
        drop(verifier.verify(&image, &cases.policy("keyless")).await);
    }
    drop(guard);
    let text = bed.plain(&String::from_utf8_lossy(&kept.0.lock().unwrap()));
    let line = |image: &str, verdict: &str| {
        text.lines().any(|line| {
            line.contains("perry_container::verify: verified")
                && line.contains(&format!("image=REG/{image} digest=sha256:1386053f"))
                && line.contains(verdict)
        })
    };
    assert!(line("pos/kl-v1:1", "signed by https://github.com/chainguard-images"), "{text}");
    assert!(line("pos/unsigned:1", "is not signed"), "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    // Feature: perry-container, Property 10: verification gives one verdict
    /// Whatever was verified before, in whatever order and how often, an image gets its verdict and no other.
    #[test]
    fn property_10_verification_gives_one_verdict(picks in proptest::collection::vec((any::<prop::sample::Index>(), 1..3_usize), 1..4)) {
        thread_local! {
            static BED: (tokio::runtime::Runtime, Bed, bed::Cases) = {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                let bed = runtime.block_on(Bed::new());
                (runtime, bed, bed::cases())
            };
        }
        BED.with(|(runtime, bed, cases)| {
            let plain: Vec<&bed::Case> = cases
                .cases
                .iter()
                .filter(|case| !case.name.starts_with("f-") && case.registry.is_none() && case.credentials && case.name != "n-huge")
                .collect();
            runtime.block_on(async {
                let verifier = bed.verifier(true);
                for (pick, times) in &picks {
                    let case = pick.get(&plain);
                    let digest = &cases.digests[&case.digest];
                    let image: Reference = format!("{}/{}@{digest}", bed.server.host(), case.repo).parse().unwrap();
                    for _ in 0..*times {
                        let verdict = verifier.verify(&image, &cases.policy(&case.policy)).await;
                        prop_assert_eq!(verdict.is_ok(), case.want == "accept", "{}", case.name);
                    }
                }
                Ok(())
            })
        })?;
    }
}
