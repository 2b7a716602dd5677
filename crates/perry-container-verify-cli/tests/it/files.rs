//! Policies, compose files and graphs as input.

use crate::bed::{Bed, IDENTITY, ISSUER, trust};
use perry_container_compose::process::Environment;
use perry_container_verify_cli::{Outside, run};
use snapbox::{assert_data_eq, str};

fn policy(bed: &Bed) {
    bed.write(
        "trust/policy.yaml",
        &format!(
            "roots: {{bed: good.json}}\nrules:\n  - images: [REG/pos/kl-v1, REG/pos/key-v1]\n    any-of:\n      - {{root: bed, keyless: {{identity: '{IDENTITY}', issuer: '{ISSUER}'}}}}\n      - {{root: bed, key: {{file: k1.pub}}}}\n  - images: REG/pos/unsigned\n    skip: true\n"
        ),
    );
    for name in ["good.json", "k1.pub"] {
        std::fs::copy(trust(name), bed.dir.path().join("trust").join(name)).unwrap();
    }
}

#[tokio::test]
async fn a_policy_says_what_holds_for_which_image() {
    let bed = Bed::new().await;
    policy(&bed);
    let images = "REG/pos/kl-v1:1 REG/pos/key-v1:1 REG/pos/unsigned:1 REG/pos/kl-v2:1";
    let done = bed.run(&format!("--offline --policy trust/policy.yaml {images}")).await;
    assert_eq!((done.code, done.err.as_str()), (1, ""));
    assert_data_eq!(
        done.out,
        str![[r#"
verified   REG/pos/kl-v1:1
           sha256:1386053f6db2e62f11834b30769e6c67663c5689d06781d5e90abfa5468eef45, signed by https://github.com/chainguard-images/images/.github/workflows/release.yaml@refs/heads/main of https://token.actions.githubusercontent.com
verified   REG/pos/key-v1:1
           sha256:1386053f6db2e62f11834b30769e6c67663c5689d06781d5e90abfa5468eef45, signed by key da4634e27f179aaa
skipped    REG/pos/unsigned:1
           sha256:1386053f6db2e62f11834b30769e6c67663c5689d06781d5e90abfa5468eef45, which the policy lets pass
refused    REG/pos/kl-v2:1
           no rule of the policy is for REG/pos/kl-v2:1, and what no rule is for is refused

"#]]
    );
    // The same, named by the environment.
    let mut outside = bed.outside(true);
    outside.environment =
        Environment::from_iter([("PERRY_CONTAINER_VERIFY_POLICY", "trust/policy.yaml")]);
    let image = format!("{}/pos/key-v1:1", bed.server.host());
    assert_eq!(run(["--offline", &image], &outside).await.code, 0);
}

#[tokio::test]
async fn a_compose_file_and_what_its_services_demand() {
    let bed = Bed::new().await;
    let demand = format!("{{keyless: {{identity: '{IDENTITY}', issuer: '{ISSUER}'}}}}");
    bed.write(
        "compose.yaml",
        &format!(
            "name: p\nservices:\n  web:\n    image: REG/pos/kl-v1:${{TAG:-1}}\n    x-perry-verify: {demand}\n  db:\n    image: REG/pos/key-v1:1\n    x-perry-verify: {{key: {{file: k1.pub}}}}\n  bad:\n    image: REG/pos/key-v2:1\n    x-perry-verify: {demand}\n  cache:\n    image: REG/pos/unsigned:1\n    x-perry-verify: {{skip: true}}\n  app:\n    build: .\n"
        ),
    );
    std::fs::copy(trust("k1.pub"), bed.dir.path().join("k1.pub")).unwrap();
    let done = bed.run("--trusted-root TRUST/good.json --offline --file compose.yaml").await;
    assert_eq!((done.code, done.err.as_str()), (1, ""));
    assert_data_eq!(
        done.out,
        str![[r#"
verified   web: REG/pos/kl-v1:1
           sha256:1386053f6db2e62f11834b30769e6c67663c5689d06781d5e90abfa5468eef45, signed by https://github.com/chainguard-images/images/.github/workflows/release.yaml@refs/heads/main of https://token.actions.githubusercontent.com
verified   db: REG/pos/key-v1:1
           sha256:1386053f6db2e62f11834b30769e6c67663c5689d06781d5e90abfa5468eef45, signed by key da4634e27f179aaa
refused    bad: REG/pos/key-v2:1
           no signature of REG/pos/key-v2:1 (sha256:1386053f6db2e62f11834b30769e6c67663c5689d06781d5e90abfa5468eef45) is what rule 1 wants
           referrer sha256:3f3a32c6b554: it was made by a key, wanted with a certificate
skipped    cache: REG/pos/unsigned:1
           sha256:1386053f6db2e62f11834b30769e6c67663c5689d06781d5e90abfa5468eef45, which the policy lets pass
built      app: p-app
           is built here: nobody has signed it

"#]]
    );
}

#[tokio::test]
async fn a_workload_graph() {
    let bed = Bed::new().await;
    bed.write(
        "graph.json",
        r#"{"name": "g", "nodes": {"api": {"image": "REG/pos/key-v1:1"}, "db": {"image": "REG/pos/key-old:1"}, "none": {}}, "edges": []}"#,
    );
    let done = bed.run("--trusted-root TRUST/good.json --key TRUST/k1.pub -f graph.json").await;
    assert_eq!((done.code, done.err.as_str()), (0, ""));
    assert_data_eq!(
        done.out,
        str![[r#"
verified   api: REG/pos/key-v1:1
           sha256:1386053f6db2e62f11834b30769e6c67663c5689d06781d5e90abfa5468eef45, signed by key da4634e27f179aaa
verified   db: REG/pos/key-old:1
           sha256:1386053f6db2e62f11834b30769e6c67663c5689d06781d5e90abfa5468eef45, signed by key da4634e27f179aaa

"#]]
    );
}

#[tokio::test]
async fn a_chain_of_ones_own() {
    let bed = Bed::new().await;
    // The bed's authority as PEM, out of its root.
    let root: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(trust("good.json")).unwrap()).unwrap();
    let pem: String = root["certificateAuthorities"][0]["certChain"]["certificates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            format!(
                "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
                one["rawBytes"].as_str().unwrap()
            )
        })
        .collect();
    bed.write("chain.pem", &pem);
    let whom = format!("--certificate-identity {IDENTITY} --certificate-oidc-issuer {ISSUER}");
    // Another root's logs do not know the signature, its authorities are replaced.
    for (root, chain, code) in [
        ("good", "--certificate-chain chain.pem", 0),
        ("good", "--ca-roots chain.pem", 0),
        ("noct", "--certificate-chain chain.pem --insecure-ignore-sct", 0),
        ("noct", "--certificate-chain chain.pem", 1),
        ("evil", "--certificate-chain chain.pem", 1),
    ] {
        let words = format!("--trusted-root TRUST/{root}.json {chain} {whom} REG/pos/kl-v1:1");
        let done = bed.run(&words).await;
        assert_eq!(done.code, code, "{words}: {}{}", done.out, done.err);
    }
}

#[tokio::test]
async fn nothing_but_the_registry_is_asked_offline() {
    let bed = Bed::new().await;
    // The public root is believed, and would be refreshed; offline, the built-in one has to do.
    let mut outside = Outside::nowhere(bed.dir.path());
    outside.environment = Environment::from_iter([("HOME", bed.dir.path())]);
    let image = format!("{}/pos/kl-v1:1", bed.server.host());
    let done = run(
        [
            "--offline",
            "--certificate-identity",
            IDENTITY,
            "--certificate-oidc-issuer",
            ISSUER,
            &image,
        ],
        &outside,
    )
    .await;
    assert_eq!((done.code, done.err.as_str()), (1, ""));
    assert!(done.out.contains("that the public trust root does not know"), "{}", done.out);
    assert!(!bed.dir.path().join(".cache").exists());
}
