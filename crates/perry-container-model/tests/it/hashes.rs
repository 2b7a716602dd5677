use crate::text_fixture;
use perry_container_model::{hash_text, network_hash_text, volume_hash_text};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("a string takes everything");
        hex
    })
}

#[test]
fn hashes_are_those_of_docker_compose() {
    let mut seen = 0;
    for line in text_fixture("hashes.jsonl").lines() {
        let case: Value = serde_json::from_str(line).expect("JSON");
        let value = case["value"].clone();
        let text = match case["kind"].as_str().expect("text") {
            "service" => hash_text(&serde_json::from_value(value).expect("a service")),
            "network" => network_hash_text(&serde_json::from_value(value).expect("a network")),
            "volume" => volume_hash_text(&serde_json::from_value(value).expect("a volume")),
            kind => panic!("what is a {kind}?"),
        };
        assert_eq!(sha256(&text), case["hash"], "{}: {text}", case["case"]);
        seen += 1;
    }
    assert_eq!(seen, 33);
}
