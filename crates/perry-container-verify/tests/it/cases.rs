//! The table: what each case is, what is wanted, and where cosign decides otherwise.

use crate::bed::{self, Bed, Case, Cases};
use futures_util::{StreamExt as _, stream};
use perry_container_registry::Reference;
use perry_container_verify::{Verdict, VerifyError};
use snapbox::{assert_data_eq, str};

fn image(bed: &Bed, cases: &Cases, case: &Case) -> Reference {
    let digest = &cases.digests[&case.digest];
    let host = case.registry.clone().unwrap_or_else(|| bed.server.host());
    format!("{host}/{}@{digest}", case.repo).parse().unwrap()
}

async fn verdict(bed: &Bed, cases: &Cases, case: &Case) -> Result<Verdict, VerifyError> {
    let verifier = bed.verifier(case.credentials);
    verifier.verify(&image(bed, cases, case), &cases.policy(&case.policy)).await
}

/// Every case gets the verdict in its `want` field; what a rejection says is compared with the list beside.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_case_gets_its_verdict() {
    let (bed, cases) = (&Bed::new().await, &bed::cases());
    let told: Vec<(String, bool)> = stream::iter(&cases.cases)
        .map(|case| async move {
            let verdict = verdict(bed, cases, case).await;
            let got = if verdict.is_ok() { "accept" } else { "reject" };
            let text = match verdict {
                Ok(Verdict::Verified(verified)) => format!("signed by {}", verified.signer),
                Ok(Verdict::Skipped(_)) => "skipped".to_owned(),
                // Which of several failures comes first is a matter of time.
                Err(_) if case.name.starts_with("f-") => "a failure of the registry".to_owned(),
                Err(error) => reason(&error),
            };
            (format!("{} {got}: {text}\n", case.name), got == case.want)
        })
        .buffered(8)
        .collect()
        .await;
    let text: String = told.iter().map(|(line, _)| line.as_str()).collect();
    let wrong: Vec<&str> = told.iter().filter(|t| !t.1).map(|t| t.0.as_str()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(told.len(), 194);
    assert_data_eq!(text, snapbox::file!["verdicts.txt"]);
}

/// The kind of a failure; of a rejection, that of the last signature: the words hold times and proofs of the snapshot.
fn reason(error: &VerifyError) -> String {
    let kind = |debug: String| {
        debug.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_owned()
    };
    match error {
        VerifyError::Rejected { why, .. } => {
            let last = why.last().map(|one| kind(format!("{:?}", one.why)));
            format!("Rejected {}", last.unwrap_or_default())
        }
        VerifyError::Registry { source, .. } => format!("Registry {}", kind(format!("{source:?}"))),
        other => kind(format!("{other:?}")),
    }
}

#[test]
fn where_cosign_decides_otherwise() {
    let cases = bed::cases();
    let differ = cases.cases.iter().filter(|case| case.want != case.cosign);
    let text: String = differ
        .map(|case| {
            format!("{} {} (cosign: {}): {}\n", case.name, case.want, case.cosign, case.why)
        })
        .collect();
    assert_data_eq!(
        text,
        str![[r#"
both-key accept (cosign: reject): only the legacy signature satisfies the policy, a bundle of another signer exists
att-only reject (cosign: accept): an attestation by the same identity is not a signature
att-only-key reject (cosign: accept): an attestation by the same key is not a signature
kl-v1-re-loose reject (cosign: accept): a pattern must match the whole value; cosign is content with a part
kl-old-re-loose reject (cosign: accept): a pattern must match the whole value; cosign is content with a part
n-notlog-long reject (cosign: accept): certificate valid for years, no time evidence, log not required
n-huge reject (cosign: accept): 40 MB of spaces, then a valid bundle
n-attestation reject (cosign: accept): SLSA attestation by the same identity labelled as a signature
o-type reject (cosign: accept): simple signing of another type
d-badnew accept (cosign: reject): bundle of another image, good legacy signature: any one good signature is enough

"#]]
    );
}

/// A failure that says nothing of the signature is never told as one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_registry_that_fails_is_no_missing_signature() {
    let (bed, cases) = (&Bed::new().await, &bed::cases());
    let faults =
        cases.cases.iter().filter(|case| case.name.starts_with("f-") || case.name == "down");
    let told: Vec<(String, Option<VerifyError>)> = stream::iter(faults)
        .map(|case| async move { (case.name.clone(), verdict(bed, cases, case).await.err()) })
        .buffered(8)
        .collect()
        .await;
    assert_eq!(told.len(), 17);
    for (name, error) in told {
        let missing = matches!(error, Some(VerifyError::NoSignature { .. }));
        // It says "not found" with a page for people, to the question for the image, too.
        assert!(!missing || name == "f-404html", "{name}: {error:?}");
        let slow = matches!(error, Some(VerifyError::TooSlow { .. }));
        let told = matches!(error, Some(VerifyError::Registry { .. }));
        assert!(missing || slow || told, "{name}: {error:?}");
    }
}
