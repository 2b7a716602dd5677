use perry_container_interpolate::{escape, interpolate, parse_dotenv, parse_raw, variables};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn no_template_panics(template in "[$\\{\\}:?+\\-A-C \n]{0,40}|\\PC{0,20}") {
        drop(interpolate(&template, &|name| (name == "A").then(|| "$B}".to_owned())));
        drop(variables(&template));
    }

    #[test]
    fn a_template_without_a_dollar_is_itself(text in "[^$]{0,40}") {
        let done = interpolate(&text, &|_| None).unwrap();
        prop_assert_eq!(done.text, text);
        prop_assert!(done.unset.is_empty());
    }

    #[test]
    fn escaping_then_interpolating_gives_the_original(text in any::<String>()) {
        prop_assert_eq!(interpolate(&escape(&text), &|_| None).unwrap().text, text);
    }

    #[test]
    fn a_value_is_never_read_as_a_template(value in any::<String>()) {
        let lookup = |_: &str| Some(value.clone());
        let expected = format!("<{value}{value}{value}>");
        prop_assert_eq!(interpolate("<${A}${A-x}$A>", &lookup).unwrap().text, expected);
    }

    #[test]
    fn operators_follow_their_table(value in prop::option::of("[a-z]{0,3}"), word in "[a-z]{0,3}") {
        let lookup = |_: &str| value.clone();
        let of = |operator: &str| interpolate(&format!("${{A{operator}{word}}}"), &lookup).ok().map(|done| done.text);
        let full = value.clone().filter(|value| !value.is_empty());
        prop_assert_eq!(of("-"), Some(value.clone().unwrap_or_else(|| word.clone())));
        prop_assert_eq!(of(":-"), Some(full.clone().unwrap_or_else(|| word.clone())));
        prop_assert_eq!(of("+"), Some(if value.is_some() { word.clone() } else { String::new() }));
        prop_assert_eq!(of(":+"), Some(if full.is_some() { word.clone() } else { String::new() }));
        prop_assert_eq!(of("?"), value.clone());
        prop_assert_eq!(of(":?"), full);
    }

    #[test]
    fn no_env_file_panics(text in "[A-C=:$'\"\\\\#{} \n\r\t.0]{0,60}|\\PC{0,30}") {
        drop(parse_dotenv(&text, &|_| None));
        drop(parse_raw(&text, &|_| None));
    }

    #[test]
    fn quoted_values_come_back(value in any::<String>()) {
        let quoted: String = value.chars().flat_map(|c| match c {
            '\\' | '"' | '$' => vec!['\\', c],
            c => vec![c],
        }).collect();
        let env = parse_dotenv(&format!("A=\"{quoted}\"\nB=1\n"), &|_| None).unwrap();
        prop_assert_eq!(env.get("A"), Some(value.as_str()));
        prop_assert_eq!(env.get("B"), Some("1"));
    }
}
