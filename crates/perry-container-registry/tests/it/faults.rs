//! Registries that do not behave: refused within bounds, and never taken for one that has nothing.

use crate::Bed;
use perry_container_registry::{Descriptor, Digest, RegistryError};
use perry_container_testkit::registry::{FAULTS, RegistryServer, Store};
use std::time::{Duration, Instant};

fn store() -> Store {
    let mut store = Store::default();
    for kind in FAULTS {
        for top in ["fault", "bad"] {
            store.put_image(&format!("{top}/{kind}"), "x", "1");
        }
    }
    store
}

#[expect(clippy::disallowed_methods, reason = "the bound is one of the clock on the wall")]
async fn in_time<T>(what: impl Future<Output = T>) -> T {
    let began = Instant::now();
    let out = what.await;
    assert!(began.elapsed() < Duration::from_secs(9), "{:?}", began.elapsed());
    out
}

#[tokio::test]
async fn a_tag_that_cannot_be_read() {
    let bed = Bed::new(store()).await;
    for (kind, told) in [
        (
            "500",
            "503: could not read manifest REG/bad/500:1: the registry says 500 Internal Server Error: unknown",
        ),
        ("404html", "404: there is no manifest REG/bad/404html:1"),
        (
            "429",
            "503: could not read manifest REG/bad/429:1: the registry says 429 Too Many Requests: TOOMANYREQUESTS; it asks to wait 3600 s",
        ),
        (
            "slow",
            "503: could not read manifest REG/bad/slow:1: it does not answer in time (operation timed out)",
        ),
        (
            "hang",
            "503: could not read manifest REG/bad/hang:1: it does not answer in time (operation timed out)",
        ),
        (
            "huge",
            "403: the registry's answer for manifest REG/bad/huge:1 is longer than 4194304 bytes",
        ),
        (
            "loop",
            "403: manifest REG/bad/loop:1 is redirected to http://REG/v2/bad/loop/manifests/1, after too many redirects",
        ),
    ] {
        assert_eq!(in_time(bed.resolved(&format!("bad/{kind}:1"))).await, told);
    }
    for kind in ["cut", "drip", "endless"] {
        let told = in_time(bed.resolved(&format!("bad/{kind}:1"))).await;
        let bounded = told.starts_with("503: could not read") || told.contains("is longer than");
        assert!(bounded, "{kind}: {told}");
    }
}

#[tokio::test]
async fn something_else_than_what_was_asked_for() {
    let bed = Bed::new(store()).await;
    let digest = bed.server.edit(|store| store.tag("bad/wrongdigest", "1").unwrap().to_owned());
    let told = bed.resolved(&format!("bad/wrongdigest@{digest}")).await;
    assert!(told.starts_with("403: the registry sent sha256:"), "{told}");
    assert!(told.ends_with(&format!("instead of manifest REG/bad/wrongdigest@{digest}")), "{told}");
    let blob: Digest =
        bed.server.edit(|store| store.put_blob("fault/wrongdigest", "hello")).parse().unwrap();
    let found = bed.registry.blob(&bed.image("fault/wrongdigest").repository, &blob).await;
    assert!(matches!(found, Err(RegistryError::WrongDigest { .. })), "{found:?}");
    // A digest by which a text was asked for is checked, too, whatever the header says.
    let text = "[]";
    let told = bed.resolved(&format!("bad/array@{}", Digest::of(text.as_bytes()))).await;
    assert!(told.starts_with("sha256:"), "{told}");
}

#[tokio::test]
async fn referrers_that_cannot_be_read_are_never_none() {
    let bed = Bed::new(store()).await;
    for kind in FAULTS.into_iter().filter(|kind| !matches!(*kind, "404html" | "wrongdigest")) {
        let image = bed.image(&format!("fault/{kind}:1"));
        let digest = bed.registry.resolve(&image).await.unwrap().digest;
        let found = in_time(bed.registry.referrers(&image.repository, &digest)).await;
        match kind {
            "many" => {
                let found = found.unwrap();
                assert_eq!((found.entries.len(), found.more), (200, true));
            }
            _ => assert!(found.is_err(), "{kind}: {found:?}"),
        }
    }
}

#[tokio::test]
async fn a_registry_that_is_not_there() {
    let bed = Bed::new(Store::default()).await;
    let host = RegistryServer::start(Store::default()).await.host();
    tokio::time::sleep(Duration::from_millis(20)).await;
    let image = format!("{host}/a:1").parse().unwrap();
    let told = in_time(bed.registry.resolve(&image)).await.unwrap_err();
    assert_eq!(told.code(), 503, "{told}");
}

#[tokio::test]
async fn redirects_to_elsewhere() {
    let bed = Bed::new(Store::default()).await;
    bed.server.edit(|store| store.put_image("elsewhere/a", "x", "1"));
    let other = RegistryServer::start(Store::default()).await;
    let theirs = other.edit(|store| store.put_image("elsewhere/a", "y", "1"));
    for to in ["file:///etc", "ftp://a.example", "http://me:pw@127.0.0.1:1"] {
        bed.server.redirect(to);
        let told = bed.resolved("elsewhere/a:1").await;
        assert!(told.starts_with("403: manifest REG/elsewhere/a:1 is redirected to"), "{told}");
    }
    // Another registry may answer: what it says is what counts. By digest, it must be the right thing.
    bed.server.redirect(&format!("http://{}", other.host()));
    assert_eq!(bed.resolved("elsewhere/a:1").await, theirs);
    let ours = bed.server.edit(|store| store.tag("elsewhere/a", "1").unwrap().to_owned());
    assert!(bed.resolved(&format!("elsewhere/a@{ours}")).await.starts_with("404"));
}

#[test]
fn a_descriptor_without_a_digest_is_none() {
    assert!(serde_json::from_str::<Descriptor>(r#"{"digest": "sha256:zz"}"#).is_err());
    assert!(serde_json::from_str::<Descriptor>(r#"{"mediaType": "x"}"#).is_err());
}
