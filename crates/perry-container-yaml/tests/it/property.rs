use perry_container_yaml::{Entry, Kind, Node, parse, parse_bytes, parse_json, to_yaml};
use proptest::prelude::*;

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,12}",
        "[a-z0-9:#\\-?,\\[\\]{} \n\t'\"|>&*!%@`~.=<_+]{0,10}",
        "\\PC{0,8}",
        any::<String>(),
    ]
}

fn node() -> impl Strategy<Value = Node> {
    let leaf = prop_oneof![
        Just(Kind::Null),
        any::<bool>().prop_map(Kind::Bool),
        any::<i64>().prop_map(|int| Kind::Int(i128::from(int))),
        any::<u64>().prop_map(|int| Kind::Int(i128::from(int))),
        text().prop_map(Kind::Str),
    ]
    .prop_map(|kind| Node { kind, ..Node::default() });
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Kind::Seq),
            prop::collection::vec((text(), inner), 0..5).prop_map(|entries| Kind::Map(
                entries.into_iter().map(|(key, value)| (key, Entry::new(value))).collect()
            )),
        ]
        .prop_map(|kind| Node { kind, ..Node::default() })
    })
}

const SAMPLE: &str = "# a stack\nx-c: &c {a: 1, b: [x, 'y', \"z\\n\"]}\nservices:\n  web: &w\n    image: nginx:1\n    ports:\n    - \"80:80\"\n    - {target: 1, published: '2'}\n    <<: *c\n    command: |\n      a\n       b\n    env: >-\n      x\n      y\n  db: {<<: [*c, *w], !foo k: !reset }\n---\n? a\n: b\n...\n";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_bytes_give_nodes_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        drop(parse_bytes(&bytes, None).map_err(|error| (error.to_string(), error.span())));
    }

    #[test]
    fn any_text_of_yaml_s_characters_gives_nodes_or_an_error(text in "[a-c0-2:#\\-?,\\[\\]{} \n\r\t'\"|>&*!%@`~.=<\\\\]{0,60}") {
        drop(parse(&text, None).map_err(|error| error.to_string()));
        drop(parse_json(&text, None).map_err(|error| error.to_string()));
    }

    #[test]
    fn mutated_yaml_gives_nodes_or_an_error(edits in prop::collection::vec((0..SAMPLE.len(), any::<u8>(), 0..3u8), 1..6)) {
        let mut bytes = SAMPLE.as_bytes().to_vec();
        for (at, byte, how) in edits {
            let at = at.min(bytes.len().saturating_sub(1));
            match how {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, SAMPLE.as_bytes()[usize::from(byte) % SAMPLE.len()]),
                _ => { bytes.remove(at); }
            }
        }
        drop(parse_bytes(&bytes, None).map_err(|error| error.to_string()));
    }

    #[test]
    fn what_is_printed_reads_as_the_same(node in node()) {
        let text = to_yaml(&node);
        let back = parse(&text, None).map_err(|error| TestCaseError::fail(format!("{error} at {:?}\n{text}", error.span())))?;
        prop_assert_eq!(back.len(), 1, "{}", text);
        prop_assert!(back[0].same(&node), "{}\n{:?}\n{:?}", text, back[0], node);
    }

    #[test]
    fn json_reads_the_same_both_ways(text in "[ -~é😀]{0,20}", int in any::<i64>()) {
        let json = serde_json::json!({"k": [text, int, {"x": null}]});
        let node = parse_json(&json.to_string(), None).unwrap();
        prop_assert!(node.same(&Node::from(&json)));
        let pretty = serde_json::to_string_pretty(&json).unwrap();
        prop_assert!(parse(&pretty, None).unwrap()[0].same(&node), "{}", pretty);
    }
}
