//! What is read of registries that behave.

use crate::Bed;
use perry_container_registry::Digest;
use perry_container_testkit::registry::Store;
use serde_json::json;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

#[tokio::test]
async fn a_tag_and_a_digest_name_the_same() {
    let mut store = Store::default();
    let digest = store.put_image("a", "x", "1");
    let bed = Bed::new(store).await;
    assert_eq!(bed.resolved("a:1").await, digest);
    assert_eq!(bed.resolved(&format!("a@{digest}")).await, digest);
    assert_eq!(bed.resolved(&format!("a:gone@{digest}")).await, digest);
    assert_eq!(bed.resolved("a:2").await, "404: there is no manifest REG/a:2");
    let none = Digest::of(b"");
    assert_eq!(
        bed.resolved(&format!("a@{none}")).await,
        format!("404: there is no manifest REG/a@{none}")
    );
    assert_eq!(bed.resolved("b").await, "404: there is no manifest REG/b:latest");
    let image = bed.image("a:1");
    assert_eq!(bed.registry.tag(&image.repository, "none").await, Ok(None));
    assert_eq!(bed.registry.resolve(&image).await.unwrap().media_type, MANIFEST);
}

#[tokio::test]
async fn a_blob_comes_straight_or_by_a_redirect() {
    let mut store = Store::default();
    let plain: Digest = store.put_blob("a", "hello").parse().unwrap();
    let moved: Digest = store.put_blob("redir/a", "hello").parse().unwrap();
    let bed = Bed::new(store).await;
    for repo in ["a", "redir/a"] {
        let of = bed.image(repo).repository;
        assert_eq!(bed.registry.blob(&of, &plain).await.unwrap(), "hello");
    }
    assert_eq!(
        bed.server.log(),
        [
            format!("GET /v2/a/blobs/{plain}"),
            format!("GET /v2/redir/a/blobs/{moved}"),
            format!("GET /v2/redir/a/blobs/{moved}?at=store"),
        ]
    );
}

/// An image and what refers to it, which lists `n` referrers.
fn signed(repo: &str, n: usize) -> (Store, Digest) {
    let mut store = Store::default();
    let image = store.put_image(repo, "x", "1");
    let mut entries = vec![];
    for n in 0..n {
        let manifest = json!({"schemaVersion": 2, "mediaType": MANIFEST, "artifactType": format!("kind/{n}"),
            "subject": {"digest": image}, "annotations": if n == 0 { json!(null) } else { json!({"n": n.to_string()}) }});
        let digest = store.put_manifest(repo, manifest.to_string(), MANIFEST, None);
        entries.push(json!({"mediaType": MANIFEST, "digest": digest, "size": 1}));
    }
    if repo.starts_with("noref") {
        let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries});
        let tag = image.replace(':', "-");
        store.put_manifest(repo, index.to_string(), INDEX, Some(&tag));
    }
    (store, image.parse().unwrap())
}

#[tokio::test]
async fn referrers_come_from_the_api_or_the_fallback_tag() {
    for repo in ["a", "noref/a"] {
        let (store, image) = signed(repo, 3);
        let bed = Bed::new(store).await;
        let found = bed.registry.referrers(&bed.image(repo).repository, &image).await.unwrap();
        assert_eq!((found.entries.len(), found.more), (3, false), "{repo}");
    }
    let (store, image) = signed("noref/a", 0);
    let bed = Bed::new(store).await;
    let none = bed.registry.referrers(&bed.image("noref/b").repository, &image).await.unwrap();
    assert!(none.entries.is_empty());
}

#[tokio::test]
async fn of_too_many_referrers_the_first_are_taken() {
    let (store, image) = signed("a", 203);
    let bed = Bed::new(store).await;
    let found = bed.registry.referrers(&bed.image("a").repository, &image).await.unwrap();
    assert_eq!((found.entries.len(), found.more), (200, true));
    assert_eq!(found.entries[199].artifact_type.as_deref(), Some("kind/199"));
    let (store, image) = signed("a", 200);
    let bed = Bed::new(store).await;
    let found = bed.registry.referrers(&bed.image("a").repository, &image).await.unwrap();
    assert_eq!((found.entries.len(), found.more), (200, false));
}
