//! How references are read.

use perry_container_registry::{Digest, Reference};
use proptest::prelude::*;

fn told(text: &str) -> String {
    match Reference::parse(text) {
        Ok(reference) => reference.to_string(),
        Err(error) => error.to_string(),
    }
}

const D: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

#[test]
fn in_full() {
    for (text, full) in [
        ("redis", "docker.io/library/redis:latest"),
        ("redis:7", "docker.io/library/redis:7"),
        ("lab/base", "docker.io/lab/base:latest"),
        ("docker.io/redis", "docker.io/library/redis:latest"),
        ("index.docker.io/lab/a:1", "docker.io/lab/a:1"),
        ("localhost/x", "localhost/x:latest"),
        ("localhost:5000/x", "localhost:5000/x:latest"),
        ("[::1]:5000/x:1", "[::1]:5000/x:1"),
        ("cgr.dev/chainguard/static", "cgr.dev/chainguard/static:latest"),
        ("a.example/b__c/d-e.f--g", "a.example/b__c/d-e.f--g:latest"),
        ("Host/x", "Host/x:latest"),
    ] {
        assert_eq!(told(text), full);
    }
    assert_eq!(told(&format!("redis@{D}")), format!("docker.io/library/redis@{D}"));
    assert_eq!(told(&format!("redis:7@{D}")), format!("docker.io/library/redis:7@{D}"));
}

#[test]
fn what_is_none_says_why() {
    for (text, why) in [
        ("", "1 to 255"),
        ("Redis", "\"Redis\" is not part of a name"),
        ("a//b", "\"\" is not part"),
        ("a/../b", "\"..\" is not part"),
        ("a_.b", "\"a_.b\" is not part"),
        ("redis:", "\"\" is not a tag"),
        ("redis:-x", "\"-x\" is not a tag"),
        ("redis@sha256:ab", "64 hexadecimal digits"),
        ("redis@sha512:ab", "not of SHA-256"),
        ("a..b/x", "not the host"),
        ("host:99999/x", "not the host"),
        ("[zz:1]/x", "not the host"),
        ("me@host.example/x", "not of SHA-256"),
        ("a.example/x\ny", "is not part of a name"),
    ] {
        assert!(told(text).contains(why), "{text}: {}", told(text));
    }
    let long = "a".repeat(256);
    assert!(told(&long).contains("1 to 255"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// What was read and written is read as the same again.
    #[test]
    fn written_and_read(text in "([a-z0-9.:]{1,8}/)?[a-z0-9._/-]{1,12}(:[a-zA-Z0-9._-]{1,5})?") {
        if let Ok(reference) = Reference::parse(&text) {
            prop_assert_eq!(Reference::parse(&reference.to_string()), Ok(reference));
        }
    }

    /// No text is too odd to be refused.
    #[test]
    fn anything(text in ".{0,80}") {
        drop(Reference::parse(&text));
    }

    #[test]
    fn bytes_of_a_digest(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
        let digest = Digest::of(&bytes);
        let hex: String = digest.bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        prop_assert_eq!(digest.hex(), hex);
        prop_assert_eq!(digest.as_str().parse::<Digest>(), Ok(digest.clone()));
    }
}
