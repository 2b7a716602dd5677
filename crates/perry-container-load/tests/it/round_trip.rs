use perry_container_load::{Input, Memory, Options, load};
use perry_container_model::{ComposeSpec, strategies::compose_spec};
use perry_container_yaml::value_to_yaml;
use proptest::prelude::*;

/// The project that a text is, or why it is none.
fn read(text: &str) -> Result<ComposeSpec, TestCaseError> {
    let input = Input::yaml("/p/compose.yaml", text);
    match load(&[input], &Options::new("/p"), &Memory::default()) {
        Ok(loaded) => Ok(loaded.spec),
        Err(error) => Err(TestCaseError::fail(format!("{error}\n{text}"))),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    // Feature: perry-container, Property 6: For any valid ComposeSpec, calling to_yaml() then
    // ComposeSpec::parse_str() on the result SHALL produce a ComposeSpec equivalent to the original
    // (all service definitions, network configs, volume configs, and top-level fields preserved).
    #[test]
    fn property_06_yaml_round_trip(spec in compose_spec()) {
        let text = value_to_yaml(&spec.config_yaml());
        let again = read(&text)?;
        prop_assert_eq!(&again, &spec, "{}", text);
        prop_assert_eq!(value_to_yaml(&again.config_yaml()), text);
    }
}
