use perry_container_model::strategies::{compose_spec, condition, depends_on, volume_type};
use perry_container_model::{
    ComposeDependsOn, ComposeService, ComposeServiceVolume, ComposeSpec, Decimal,
    DependsOnCondition, Duration, VolumeType, hash_text,
};
use proptest::prelude::*;
use serde_json::{Value, json};

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    // Feature: perry-container, Property 5: For any valid ComposeSpec object, serializing to JSON and deserializing
    // back SHALL produce an equivalent ComposeSpec with all fields preserved, including nested ComposeService,
    // ComposeNetwork, ComposeVolume, ComposeSecret, and ComposeConfig entries.
    #[test]
    fn property_05_compose_spec_json_round_trip(spec in compose_spec()) {
        let text = serde_json::to_string(&spec).expect("JSON");
        let again: ComposeSpec = serde_json::from_str(&text).expect("its own JSON");
        prop_assert_eq!(&again, &spec);
        prop_assert_eq!(again.services.keys().collect::<Vec<_>>(), spec.services.keys().collect::<Vec<_>>());
    }

    // Feature: perry-container, Property 12: For any string value that is not one of "service_started",
    // "service_healthy", or "service_completed_successfully", attempting to deserialize it as a DependsOnCondition
    // SHALL return a parse error identifying the invalid value.
    #[test]
    fn property_12_depends_on_condition_validation(word in near_miss(DependsOnCondition::WORDS)) {
        let error = serde_json::from_value::<DependsOnCondition>(json!(word)).expect_err("no condition").to_string();
        prop_assert!(error.contains(&format!("`{word}`")), "{}", error);
        let error = serde_json::from_value::<ComposeDependsOn>(json!({"condition": word})).expect_err("no condition").to_string();
        prop_assert!(error.contains(&format!("`{word}`")), "{}", error);
    }

    #[test]
    fn property_12_every_condition_is_accepted(condition in condition(), entry in depends_on()) {
        let value = serde_json::to_value(condition).expect("JSON");
        prop_assert_eq!(&value, &json!(condition.as_str()));
        prop_assert_eq!(serde_json::from_value::<DependsOnCondition>(value).expect("a condition"), condition);
        let value = serde_json::to_value(&entry).expect("JSON");
        prop_assert_eq!(serde_json::from_value::<ComposeDependsOn>(value).expect("an entry"), entry);
    }

    // Feature: perry-container, Property 13: For any string value that is not one of "bind", "volume", "tmpfs",
    // "cluster", "npipe", or "image", attempting to deserialize it as a VolumeType SHALL return a parse error
    // identifying the invalid value.
    #[test]
    fn property_13_volume_type_validation(word in near_miss(VolumeType::WORDS)) {
        let error = serde_json::from_value::<VolumeType>(json!(word)).expect_err("no type").to_string();
        prop_assert!(error.contains(&format!("`{word}`")), "{}", error);
        let mount = json!({"type": word, "target": "/a"});
        let error = serde_json::from_value::<ComposeServiceVolume>(mount).expect_err("no type").to_string();
        prop_assert!(error.contains(&format!("`{word}`")), "{}", error);
    }

    #[test]
    fn property_13_every_volume_type_is_accepted(kind in volume_type()) {
        let value = serde_json::to_value(kind).expect("JSON");
        prop_assert_eq!(&value, &json!(kind.as_str()));
        prop_assert_eq!(serde_json::from_value::<VolumeType>(value).expect("a type"), kind);
    }

    /// The hash is of what a container is made from: order of keys and what calls for no new container are not in it.
    #[test]
    fn a_hash_forgets_order_and_scale(spec in compose_spec(), scale in 0..9_u32) {
        for service in spec.services.values() {
            let mut other: ComposeService = service.clone();
            other.networks.reverse();
            other.scale = Some(scale);
            other.depends_on.clear();
            other.extensions.clear();
            prop_assert_eq!(hash_text(&other), hash_text(service));
            other.image = Some("another".to_owned());
            prop_assert_ne!(hash_text(&other), hash_text(service));
        }
    }

    /// What is printed for people says the same as the model.
    #[test]
    fn printing_loses_nothing(spec in compose_spec()) {
        let again: ComposeSpec = serde_json::from_value(crate::unescaped(spec.config_yaml())).expect("its own");
        prop_assert_eq!(&again, &spec);
        let yaml = perry_container_yaml::value_to_yaml(&spec.config_yaml());
        let value: Value = serde_yaml::from_str(&yaml).expect("YAML");
        let again: ComposeSpec = serde_json::from_value(crate::unescaped(value)).expect("its own");
        prop_assert_eq!(&again, &spec);
    }

    #[test]
    fn durations_and_decimals_print_what_they_read(nanos in any::<i64>(), bits in any::<f32>().prop_filter("finite", |f| f.is_finite())) {
        prop_assume!(nanos != i64::MIN);
        let duration = Duration::from_nanos(nanos);
        prop_assert_eq!(duration.to_string().parse::<Duration>(), Ok(duration));
        let text = serde_json::to_string(&Decimal(bits)).expect("JSON");
        prop_assert_eq!(serde_json::from_str::<Decimal>(&text).expect("a number"), Decimal(bits));
    }

    /// Nothing that arrives makes the model panic.
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,40}") {
        for value in [json!(text), json!([text]), json!({&text: text})] {
            for key in ["environment", "ports", "volumes", "mem_limit", "cpus", "ulimits", "extra_hosts", "build", "env_file",
                "healthcheck", "stop_grace_period", "depends_on", "network_mode", "restart", "pull_policy", "gpus", "secrets", text.as_str()] {
                let _read = serde_json::from_value::<ComposeService>(json!({key: value}));
            }
        }
    }
}

/// Texts that are none of the words, often by very little.
fn near_miss(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    let word = proptest::sample::select(words);
    let near = (word, any::<prop::sample::Index>(), "[a-zA-Z_ ]?").prop_map(|(word, at, put)| {
        let at = at.index(word.len() + 1);
        let rest = &word[at..];
        format!("{}{put}{}", &word[..at], rest.get(1..).unwrap_or_default())
    });
    let upper = proptest::sample::select(words).prop_map(str::to_uppercase);
    prop_oneof![near, upper, "[ -~]{0,20}"]
        .prop_filter("not one of the words", move |text| !words.contains(&text.as_str()))
}
