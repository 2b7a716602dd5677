//! Every case of the table through the command, with the flags that cosign would get.

use crate::bed::{Bed, fixture, trust};
use futures_util::{StreamExt as _, stream};
use perry_container_verify_cli::run;
use serde_json::Value;

fn flags(policy: &Value) -> Vec<String> {
    let text = |name: &str| policy[name].as_str().map(str::to_owned);
    let root = trust(&format!("{}.json", text("trust").unwrap()));
    let mut flags = vec!["--trusted-root".to_owned(), root];
    if let Some(key) = text("key") {
        flags.extend(["--key".to_owned(), trust(&key)]);
    }
    for (name, flag) in [
        ("identity", "certificate-identity"),
        ("identity_regexp", "certificate-identity-regexp"),
        ("issuer", "certificate-oidc-issuer"),
        ("issuer_regexp", "certificate-oidc-issuer-regexp"),
        ("workflow_repository", "certificate-github-workflow-repository"),
        ("workflow_ref", "certificate-github-workflow-ref"),
        ("workflow_trigger", "certificate-github-workflow-trigger"),
    ] {
        flags.extend(text(name).map(|value| format!("--{flag}={value}")));
    }
    if policy["tlog"] == "ignore" {
        flags.push("--insecure-ignore-tlog".to_owned());
    }
    if policy["timestamps"] == true {
        flags.push("--use-signed-timestamps".to_owned());
    }
    for (name, value) in policy["annotations"].as_object().into_iter().flatten() {
        flags.extend(["-a".to_owned(), format!("{name}={}", value.as_str().unwrap())]);
    }
    flags.extend(["--timeout".to_owned(), "6".to_owned()]);
    flags
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_case_gets_its_verdict() {
    let bed = &Bed::new().await;
    let text = std::fs::read_to_string(fixture("cases.json")).unwrap();
    let table: &Value = &serde_json::from_str(&text).unwrap();
    let cases = table["cases"].as_array().unwrap();
    let wrong: Vec<String> = stream::iter(cases)
        .map(|case| async move {
            let field = |name: &str| case[name].as_str().unwrap();
            let mut words = flags(&table["policies"][field("policy")]);
            let host = case["registry"].as_str().map_or_else(|| bed.server.host(), str::to_owned);
            let digest = table["digests"][field("digest")].as_str().unwrap();
            words.push(format!("{host}/{}@{digest}", field("repo")));
            let done = run(words, &bed.outside(case["credentials"] != false)).await;
            let want = field("want") == "accept";
            let told = match done.code {
                0 => want,
                // Refused, or could not be verified: nothing that ran, whatever a script makes of it.
                1 | 3 => !want,
                _ => false,
            };
            (!told).then(|| format!("{} {}: {}{}", field("name"), done.code, done.out, done.err))
        })
        .buffered(8)
        .filter_map(async |wrong| wrong)
        .collect()
        .await;
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(cases.len(), 194);
}
