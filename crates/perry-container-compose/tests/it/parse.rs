use perry_container_compose::{ComposeError, ComposeSpecExt as _, model::ComposeSpec};
use snapbox::{assert_data_eq, str};

#[test]
fn yaml_in_and_out() {
    let spec = ComposeSpec::parse_str("name: p\nservices:\n  web:\n    image: httpd\n").unwrap();
    assert_data_eq!(
        spec.to_yaml(),
        str![[r#"
name: p
services:
  web:
    image: httpd
    networks:
      default: null
networks:
  default:
    name: p_default

"#]]
    );
    assert_eq!(ComposeSpec::parse_str(&spec.to_yaml()).unwrap(), spec);
}

#[test]
fn refusals() {
    let refused = |text: &str| ComposeSpec::parse_str(text).unwrap_err();
    assert_eq!(refused("services: [").code(), 400);
    assert_eq!(
        refused("services: {a: {image: x, depends_on: {a: {condition: service_started}}}}").code(),
        422
    );
    let missing = ComposeSpec::parse_file("/no/such/file.yaml".as_ref()).unwrap_err();
    assert!(matches!(missing, ComposeError::InvalidConfig(_)));
    assert_data_eq!(
        missing.to_string(),
        str!["could not read /no/such/file.yaml: no such file or directory"]
    );
}
