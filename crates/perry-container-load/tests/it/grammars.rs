//! Short syntaxes under random text: a value or an error, and what is a value stays one.

use perry_container_load::{Input, Memory, Options, load};
use proptest::prelude::*;
use serde_json::{Value, json};

/// A project whose one service has a property, as JSON so that the text is only what it says.
fn project(property: &str, value: &Value) -> Value {
    json!({
        "services": {"a": {"image": "x", property: value}},
        "volumes": {"v": {}},
    })
}

/// Loads it; what is accepted is printed and loaded again, and has to stay the same.
fn stays(document: &Value) -> Result<(), TestCaseError> {
    let mut options = Options::new("/p");
    options.project_name = Some("p".to_owned());
    options.steps.consistency = false;
    options.steps.interpolate = false;
    let open =
        |text: String| load(&[Input::json("/p/compose.json", text)], &options, &Memory::default());
    match open(document.to_string()) {
        Ok(first) => {
            let printed = serde_json::to_value(&first.spec).unwrap();
            let second = open(printed.to_string());
            let second =
                second.map_err(|error| TestCaseError::fail(format!("{printed}: {error}")))?;
            prop_assert_eq!(serde_json::to_value(&second.spec).unwrap(), printed);
        }
        Err(error) => {
            let text = error.to_string();
            prop_assert!(!text.is_empty() && text.len() < 4000, "{}", text);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn ports(text in "[0-9]{0,3}[:-]?[0-9]{1,3}(/(tcp|udp|x))?|[0-9:./\\[\\]a-f]{0,24}|\\PC{0,12}") {
        stays(&project("ports", &json!([text])))?;
    }

    #[test]
    fn long_ports(target in any::<i64>(), published in "[0-9-]{0,12}|\\PC{0,6}", ip in "[0-9.:a-f]{0,12}") {
        stays(&project("ports", &json!([{"target": target, "published": published, "host_ip": ip}])))?;
    }

    #[test]
    fn volumes(text in "[v./~:a-cC\\\\]{0,16}(:[rowzZ,nocpy]{0,8})?|\\PC{0,16}") {
        stays(&project("volumes", &json!([text])))?;
    }

    #[test]
    fn durations(text in "-?([0-9]{1,20}(\\.[0-9]{0,4})?(ns|us|µs|ms|s|m|h|d|w)){0,4}|\\PC{0,12}") {
        stays(&project("stop_grace_period", &json!(text)))?;
    }

    #[test]
    fn sizes(text in "-?[0-9]{1,22}(\\.[0-9]{0,4})? ?[bkmgtpei]{0,3}|\\PC{0,12}") {
        stays(&project("mem_limit", &json!(text)))?;
    }

    #[test]
    fn commands(text in "[a-c \"'\\\\;|&<>$`(){}#\n\t]{0,24}|\\PC{0,16}") {
        stays(&project("command", &json!(text)))?;
    }

    #[test]
    fn hosts_and_devices(text in "[a-c:=.0-9\\[\\]]{0,20}|\\PC{0,12}", device in "[/a-c=.][/a-c:rwm=.]{0,19}|[^:]\\PC{0,11}") {
        stays(&project("extra_hosts", &json!([text])))?;
        stays(&project("devices", &json!([device])))?;
    }

    #[test]
    // Without -1, which docker compose prints as a text that it does not read, and within what a float holds, for texts are
    // read as floats.
    fn numbers_as_anything(number in any::<f64>(), whole in 0..(1_i64 << 53), property in prop::sample::select(vec![
        "ports", "volumes", "stop_grace_period", "mem_limit", "cpus", "scale", "pids_limit", "command", "oom_score_adj", "shm_size",
    ])) {
        stays(&project(property, &json!(number)))?;
        stays(&project(property, &json!(whole)))?;
        stays(&project(property, &json!([number, whole])))?;
    }
}
