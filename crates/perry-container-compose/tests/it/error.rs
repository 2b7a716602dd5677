use perry_container_compose::{ComposeError, compose_error_to_json, graph::GraphError};
use proptest::prelude::*;
use snapbox::{assert_data_eq, str};

fn one_of_each() -> Vec<ComposeError> {
    let text = str::to_owned;
    vec![
        ComposeError::NotFound(text("container `x`")),
        ComposeError::BackendError { code: 125, message: text("no space left on device") },
        ComposeError::VerificationFailed { image: text("redis:7"), reason: text("no signature") },
        ComposeError::DependencyCycle { cycle: vec![text("a"), text("b"), text("a")] },
        ComposeError::ServiceStartupFailed { service: text("db"), error: text("exited with 3") },
        ComposeError::InvalidConfig(text("services.web: no image")),
        ComposeError::NoBackendFound {
            probed: vec![(text("docker"), text("no such file")), (text("podman"), text("refused"))],
        },
        ComposeError::BackendNotAvailable { name: text("lima"), reason: text("not installed") },
        ComposeError::PolicyViolation {
            node: text("n"),
            required: text("micro-vm"),
            available: text("container"),
        },
        ComposeError::WorkloadRefResolutionFailed {
            node: text("db"),
            projection: text("endpoint(5432)"),
            reason: text("it does not run"),
        },
        ComposeError::InvalidConfiguration {
            key: text("PERRY_CONTAINER_MODE"),
            reason: text("`sideways` is no mode"),
        },
    ]
}

#[test]
fn compose_error_to_json_each_variant() {
    let all: Vec<String> =
        one_of_each().iter().map(|error| compose_error_to_json(error).to_string()).collect();
    assert_data_eq!(
        all.join("\n"),
        str![[r#"
{"message":"container `x`","code":404}
{"message":"no space left on device","code":125}
{"message":"could not verify image `redis:7`: no signature","code":403}
{"message":"dependency cycle: a -> b -> a","code":422}
{"message":"service `db` did not start: exited with 3","code":500}
{"message":"services.web: no image","code":400}
{"message":"no container runtime was found; docker: no such file; podman: refused","code":503}
{"message":"the container runtime `lima` cannot be used: not installed","code":503}
{"message":"`n` needs micro-vm, and the backend gives container","code":403}
{"message":"could not resolve endpoint(5432) of `db`: it does not run","code":500}
{"message":"invalid value for PERRY_CONTAINER_MODE: `sideways` is no mode","code":400}
"#]]
    );
}

#[test]
fn a_cycle_keeps_its_path() {
    let ring = ["a", "b", "a"].map(str::to_owned).to_vec();
    let error = ComposeError::from(GraphError::Cycle(ring.clone()));
    assert_eq!(error, ComposeError::DependencyCycle { cycle: ring });
}

#[cfg(feature = "engine")]
#[test]
fn a_backend_keeps_its_words_and_number() {
    use perry_container_compose::{backend::BackendError, spec::ErrorKind};
    let refused = BackendError::new("create", "web", ErrorKind::Other, "no space").with_status(125);
    let error = ComposeError::from(refused);
    assert_eq!(error.code(), 125);
    assert!(error.to_string().contains("no space"), "{error}");
    let missing = BackendError::new("inspect", "x", ErrorKind::NotFound, "no such container");
    assert_eq!(ComposeError::from(missing).code(), 404);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    // Feature: perry-container, Property 14: for any BackendError the JSON form has its code and its message.
    #[test]
    fn property_14_code_and_message_survive(code in any::<i32>(), message in any::<String>()) {
        let error = ComposeError::BackendError { code, message: message.clone() };
        let json = compose_error_to_json(&error);
        let read: serde_json::Value = serde_json::from_str(&json.to_string()).unwrap();
        prop_assert_eq!(read["code"].as_i64(), Some(i64::from(code)));
        prop_assert_eq!(read["message"].as_str(), Some(message.as_str()));
    }
}
