use perry_container_yaml::{parse, to_yaml, value_to_yaml};
use serde_json::json;
use snapbox::{IntoData as _, assert_data_eq, str};

/// The expected text is what `docker compose config` 2.40.3 prints for the same values.
#[test]
fn quotes_are_docker_compose_s() {
    let value = json!({"command": [
        "a b", "", " x", "y ", "1", "01", "1.5", "true", "yes", "null", "~", "-", "- a", "a: b", "a:", "a #b", "#x",
        "a#b", "*x", "&x", "!x", "%x", "@x", "`x", "{x", "[x", "x]", "x, y", "?", "? x", ":", "|x", ">", "a\nb", "a\nb\n",
        "\ttab", "a\tb", "\"q\"", "it's", "2024-01-02", "1:30", "é", "\u{1}", "0x1f", "1e3", ".5", ".inf", "=", "<<", "y",
        "n", "on", "Off", "--- x", "---", "...", "1_000", "😀", "\u{a0}", "a\\b", "  lead\nx", "x\n\n", "-x", "---x", "a:b",
        "12:30:45", "012", "08", "0o7", "+1", "123456789012345678901234567890", "x\r\ny"
    ]});
    assert_data_eq!(
        value_to_yaml(&value),
        str![[r#"
command:
  - a b
  - ""
  - ' x'
  - 'y '
  - "1"
  - "01"
  - "1.5"
  - "true"
  - "yes"
  - "null"
  - "~"
  - '-'
  - '- a'
  - 'a: b'
  - 'a:'
  - 'a #b'
  - '#x'
  - a#b
  - '*x'
  - '&x'
  - '!x'
  - '%x'
  - '@x'
  - '`x'
  - '{x'
  - '[x'
  - x]
  - x, y
  - '?'
  - '? x'
  - ':'
  - '|x'
  - '>'
  - |-
    a
    b
  - |
    a
    b
  - "\ttab"
  - "a\tb"
  - '"q"'
  - it's
  - "2024-01-02"
  - "1:30"
  - é
  - "\x01"
  - "0x1f"
  - "1e3"
  - ".5"
  - ".inf"
  - =
  - <<
  - "y"
  - "n"
  - "on"
  - "Off"
  - '--- x'
  - '---'
  - '...'
  - "1_000"
  - "\U0001F600"
  -  
  - a\b
  - |2-
      lead
    x
  - |+
    x

  - -x
  - '---x'
  - a:b
  - "12:30:45"
  - "012"
  - "08"
  - "0o7"
  - "+1"
  - "123456789012345678901234567890"
  - "x\r\ny"

"#]]
        .raw()
    );
}

#[test]
fn collections_nest_as_go_yaml_nests_them() {
    let value = json!({
        "x-l": [[1, 2], {"a": "b", "c": "d"}, [], {}, [{"a": [1]}]],
        "content": "\n a\nb\n\n",
        "n": null, "f": 1.0, "g": 1e30, "h": 0.00001, "t": true, "1": "2", "a: b": {"y": "a \nb"},
    });
    assert_data_eq!(
        value_to_yaml(&value),
        str![[r#"
x-l:
  - - 1
    - 2
  - a: b
    c: d
  - []
  - {}
  - - a:
        - 1
content: |2+

   a
  b

"n": null
f: 1
g: 1e+30
h: 1e-05
t: true
"1": "2"
'a: b':
  "y": "a \nb"

"#]]
        .raw()
    );
}

#[test]
fn tags_are_printed() {
    let text = "a: !reset null\nb: !override\n  - 1\n  - x: z\nc:\n  - !foo\n    a: b\n";
    let nodes = parse(text, None).unwrap();
    assert_eq!(
        to_yaml(&nodes[0]),
        "a: !reset \"null\"\nb: !override\n  - 1\n  - x: z\nc:\n  - !foo\n    a: b\n"
    );
}
