//! Registries that want something first.

use crate::{Bed, patience};
use async_trait::async_trait;
use perry_container_registry::{CredentialFiles, Helpers, Options, Registry};
use perry_container_spec::Sensitive;
use perry_container_testkit::registry::Store;
use std::sync::Arc;

fn store() -> Store {
    let mut store = Store::default();
    for repo in ["auth/a", "private/a", "basic/a"] {
        store.put_image(repo, "x", "1");
    }
    store
}

/// A registry, and a file of credentials in which `REG` stands for it.
async fn with(text: &str) -> (Bed, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.json");
    let bed = Bed::with(store(), CredentialFiles(vec![path.clone()])).await;
    std::fs::write(path, text.replace("REG", &bed.server.host())).unwrap();
    (bed, dir)
}

const PASSWORD: &str = r#"{"auths": {"REG": {"auth": "c2lnOmJlZA=="}}}"#;

#[tokio::test]
async fn a_token_is_asked_for_once() {
    let bed = Bed::new(store()).await;
    let digest = bed.resolved("auth/a:1").await;
    assert!(digest.starts_with("sha256:"), "{digest}");
    bed.resolved("auth/a:1").await;
    let log = bed.server.log();
    assert_eq!(
        log,
        [
            "GET /v2/auth/a/manifests/1",
            "GET /token?service=bed&scope=repository%3Aauth%2Fa%3Apull",
            "GET /v2/auth/a/manifests/1",
            "GET /v2/auth/a/manifests/1",
        ]
    );
}

#[tokio::test]
async fn requests_that_want_a_token_at_once_share_it() {
    let bed = Bed::new(store()).await;
    let image = bed.image("auth/a:1");
    let all = (0..8).map(|_| {
        let (registry, image) = (bed.registry.clone(), image.clone());
        tokio::spawn(async move { registry.resolve(&image).await })
    });
    for one in all.collect::<Vec<_>>() {
        one.await.unwrap().unwrap();
    }
    let tokens = bed.server.log().iter().filter(|line| line.contains("/token")).count();
    assert_eq!(tokens, 1);
}

#[tokio::test]
async fn passwords_and_identity_tokens_open() {
    let identity = r#"{"auths": {"REG": {"identitytoken": "sig-bed"}}}"#;
    let registry = r#"{"auths": {"REG": {"registrytoken": "private"}}}"#;
    for text in [PASSWORD, identity, registry] {
        let (bed, _dir) = with(text).await;
        assert!(bed.resolved("private/a:1").await.starts_with("sha256:"), "{text}");
    }
    let (bed, _dir) = with(PASSWORD).await;
    assert!(bed.resolved("basic/a:1").await.starts_with("sha256:"));
}

#[tokio::test]
async fn a_refusal_says_what_was_tried() {
    let bed = Bed::new(store()).await;
    assert_eq!(
        bed.resolved("private/a:1").await,
        "403: may not read token for REG/private/a: the registry says 401 Unauthorized: unauthorized"
    );
    assert_eq!(
        bed.resolved("basic/a:1").await,
        "403: may not read manifest REG/basic/a:1: the registry wants a login"
    );
    let (bed, dir) = with(r#"{"credsStore": "desktop"}"#).await;
    assert_eq!(
        bed.resolved("private/a:1").await,
        "403: may not read token for REG/private/a: the registry says 401 Unauthorized: unauthorized; \
         the credential helper \"desktop\": no program can be run here"
    );
    let (bed, dir2) = with("{\"auths\": {\"x\": {\"auth\": \"geheim\"").await;
    let told = bed.resolved("private/a:1").await;
    assert!(told.ends_with("config.json is not a file of credentials"), "{told}");
    assert!(!told.contains("geheim"));
    drop((dir, dir2));
}

#[tokio::test]
async fn no_secret_is_in_an_error_or_a_request_line() {
    let (bed, _dir) = with(r#"{"auths": {"REG": {"auth": "c2lnOndyb25n"}}}"#).await;
    let told = format!("{} {:?}", bed.resolved("private/a:1").await, bed.server.log());
    for secret in ["wrong", "c2lnOndyb25n"] {
        assert!(!told.contains(secret), "{told}");
    }
}

struct Script;

#[async_trait]
impl Helpers for Script {
    async fn get(&self, name: &str, server: &str) -> Result<Sensitive<Vec<u8>>, String> {
        match name {
            "good" if server.starts_with("127.0.0.1:") => {
                let text = r#"{"ServerURL": "x", "Username": "sig", "Secret": "bed"}"#;
                Ok(Sensitive::new(text.into()))
            }
            "token" => {
                let text = r#"{"ServerURL": "x", "Username": "<token>", "Secret": "sig-bed"}"#;
                Ok(Sensitive::new(text.into()))
            }
            "silent" => Ok(Sensitive::new(b"".to_vec())),
            _ => Err("it has no credentials".to_owned()),
        }
    }
}

#[tokio::test]
async fn helpers_are_asked_for_the_registry() {
    for (name, opens) in
        [("good", true), ("token", true), ("silent", false), ("bad", false), ("../good", false)]
    {
        let (bed, dir) = with(&format!(r#"{{"credHelpers": {{"REG": "{name}"}}}}"#)).await;
        let files = CredentialFiles(vec![dir.path().join("config.json")]);
        let options = Options { limits: patience(), insecure: vec![] };
        let registry = Registry::new(options, files, Some(Arc::new(Script)));
        let told = bed
            .told(registry.resolve(&bed.image("private/a:1")).await.map(|m| m.digest.to_string()));
        assert_eq!(told.starts_with("sha256:"), opens, "{name}: {told}");
        assert_eq!(told.contains("the credential helper"), !opens, "{name}: {told}");
    }
}
