//! What is refused, and what the refusal says.

use perry_container_model::ComposeSpec;
use snapbox::{assert_data_eq, str};

/// Where and why, as loading reports it.
fn refusal(service: &str) -> String {
    let text = format!("{{\"services\": {{\"web\": {service}}}}}");
    let mut json = serde_json::Deserializer::from_str(&text);
    let error =
        serde_path_to_error::deserialize::<_, ComposeSpec>(&mut json).expect_err("a refusal");
    let why = error.inner().to_string();
    format!("{}: {}", error.path(), why.split(" at line").next().unwrap_or_default())
}

#[test]
fn refusals_name_the_place_and_what_would_be_right() {
    assert_data_eq!(
        refusal(r#"{"enviroment": {}}"#),
        str![
            "services.web.enviroment: unknown property `enviroment`; the nearest known one is `environment`"
        ]
    );
    assert_data_eq!(refusal(r#"{"zzz": 1}"#), str!["services.web.zzz: unknown property `zzz`"]);
    assert_data_eq!(
        refusal(r#"{"healthcheck": {"interval": "10"}}"#),
        str!["services.web.healthcheck.interval: missing unit in duration `10`"]
    );
    assert_data_eq!(
        refusal(r#"{"healthcheck": {"interval": 10}}"#),
        str![
            "services.web.healthcheck.interval: invalid type: integer `10`, expected a duration such as `1m30s`"
        ]
    );
    assert_data_eq!(
        refusal(r#"{"mem_limit": "lots"}"#),
        str!["services.web.mem_limit: invalid size: `lots`"]
    );
    assert_data_eq!(
        refusal(r#"{"mem_limit": 1.5}"#),
        str![
            "services.web.mem_limit: invalid type: floating point `1.5`, expected a size such as `64m` or a whole number of bytes"
        ]
    );
    assert_data_eq!(
        refusal(r#"{"ports": [{"target": 80}, {"target": 70000}]}"#),
        str![
            "services.web.ports[1].target: invalid value: integer `70000`, expected a port number from 1 to 65535"
        ]
    );
    assert_data_eq!(
        refusal(r#"{"depends_on": {"db": {"condition": "healthy"}}}"#),
        str![
            "services.web.depends_on.db.condition: invalid depends_on condition `healthy`, expected `service_started`, `service_healthy` or `service_completed_successfully`"
        ]
    );
    assert_data_eq!(
        refusal(r#"{"volumes": [{"type": "bnid", "target": "/a"}]}"#),
        str![
            "services.web.volumes[0].type: invalid volume type `bnid`, expected `bind`, `volume`, `tmpfs`, `cluster`, `npipe` or `image`"
        ]
    );
    assert_data_eq!(
        refusal(r#"{"volumes": [{"target": "/a"}]}"#),
        str!["services.web.volumes[0]: missing field `type`"]
    );
    assert_data_eq!(
        refusal(r#"{"labels": 1}"#),
        str![
            "services.web.labels: invalid type: integer `1`, expected a mapping, or a list of `KEY=VALUE`"
        ]
    );
    assert_data_eq!(
        refusal(r#"{"command": [1]}"#),
        str!["services.web.command[0]: invalid type: integer `1`, expected a string"]
    );
    assert_data_eq!(
        refusal(r#"{"healthcheck": []}"#),
        str![
            "services.web.healthcheck: invalid type: sequence, expected a health check: a mapping"
        ]
    );
    assert_data_eq!(
        refusal(r#"{"secrets": [{"mode": "9"}]}"#),
        str![
            "services.web.secrets[0].mode: invalid file mode `9`, expected an octal number such as `0440`"
        ]
    );
    assert_data_eq!(
        refusal(r#"{"pull_policy": "now"}"#),
        str![
            "services.web.pull_policy: invalid pull policy `now`, expected `always`, `never`, `build`, `missing`, `refresh`, `daily`, `weekly` or `every_` with a duration"
        ]
    );
    assert_data_eq!(
        refusal(r#"{"scale": -1}"#),
        str![
            "services.web.scale: invalid value: integer `-1`, expected a whole number from 0 to 4294967295"
        ]
    );
}

#[test]
fn debug_shows_no_value_of_a_variable() {
    let text = r#"{"services": {"web": {"environment": {"P": "hunter2"}, "build": {"args": {"Q": "hunter2"}},
        "post_start": [{"command": ["a"], "environment": ["R=hunter2"]}]}}, "configs": {"c": {"content": "hunter2"}}}"#;
    let spec: ComposeSpec = serde_json::from_str(text).expect("a project");
    assert!(!format!("{spec:?}").contains("hunter2"));
    assert_eq!(serde_json::to_string(&spec).expect("JSON").matches("hunter2").count(), 4);
}
