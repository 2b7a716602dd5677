use crate::{fixture, text_fixture, unescaped};
use perry_container_model::ComposeSpec;
use serde_json::Value;
use std::io::Read as _;

/// 683 canonical projects: each is read, and printed again as it was.
#[test]
fn every_answer_of_docker_compose_is_printed_again() {
    let mut cases = String::new();
    flate2::read::GzDecoder::new(&*fixture("cases.jsonl.gz"))
        .read_to_string(&mut cases)
        .expect("gzip");
    // The places of a case are no variables.
    let cases =
        cases.replace("${CASE}", "/case").replace("${HOME}", "/home").replace("${TMP}", "/tmp");
    let mut seen = 0;
    for line in cases.lines() {
        let case: Value = serde_json::from_str(line).expect("JSON");
        let answer = &case["expect"]["json"];
        if answer["rc"] != 0 {
            continue;
        }
        let spec: ComposeSpec = serde_json::from_value(unescaped(answer["value"].clone()))
            .unwrap_or_else(|error| panic!("{}: {error}", case["id"]));
        assert_eq!(spec.config_json(), answer["value"], "{}", case["id"]);
        let again: ComposeSpec =
            serde_json::from_value(serde_json::to_value(&spec).expect("JSON")).expect("its own");
        assert_eq!(again, spec, "{}", case["id"]);
        seen += 1;
    }
    assert_eq!(seen, 683);
}

fn full() -> ComposeSpec {
    let value: Value = serde_yaml::from_str(&text_fixture("full/config.yaml")).expect("YAML");
    serde_json::from_value(unescaped(value)).expect("a project")
}

#[test]
fn json_is_that_of_docker_compose_in_order_too() {
    let expected: Value = serde_json::from_str(&text_fixture("full/config.json")).expect("JSON");
    let text = |value: &Value| serde_json::to_string_pretty(value).expect("JSON");
    snapbox::assert_data_eq!(text(&full().config_json()), text(&expected));
}

#[test]
fn yaml_is_that_of_docker_compose() {
    let printed = perry_container_yaml::value_to_yaml(&full().config_yaml());
    assert_eq!(printed, text_fixture("full/config.yaml"));
}
