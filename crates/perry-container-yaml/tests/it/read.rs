use std::fmt::Write as _;

use perry_container_yaml::{
    FileId, Kind, Node, Span, YamlError, float_text, parse, parse_bytes, parse_json,
};
use snapbox::{assert_data_eq, str};

/// One line per value: place, path, kind.
fn outline(text: &str) -> String {
    let documents = match parse(text, None) {
        Ok(documents) => documents,
        Err(error) => return format!("{}\n", refused(&error)),
    };
    let mut out = String::new();
    for (number, document) in documents.iter().enumerate() {
        walk(document, &format!("{number}"), &mut out);
    }
    out
}

fn refused(error: &YamlError) -> String {
    let span = error.span();
    format!("{}:{}: {error}", span.line, span.column)
}

fn walk(node: &Node, path: &str, out: &mut String) {
    let text = match &node.kind {
        Kind::Null => "null".to_owned(),
        Kind::Bool(value) => format!("bool {value}"),
        Kind::Int(value) => format!("int {value}"),
        Kind::Float(value) => format!("float {}", float_text(*value)),
        Kind::Str(text) => format!("str {text:?}"),
        Kind::Timestamp(text) => format!("time {text}"),
        Kind::Seq(items) => format!("seq {}", items.len()),
        Kind::Map(map) => format!("map {}", map.len()),
    };
    let tag = node.tag.as_ref().map(|tag| format!("{tag} ")).unwrap_or_default();
    let Span { line, column, end_line, end_column, .. } = node.span;
    let _ = writeln!(out, "{line}:{column}-{end_line}:{end_column} {path} {tag}{text}");
    match &node.kind {
        Kind::Seq(items) => {
            for (number, item) in items.iter().enumerate() {
                walk(item, &format!("{path}/{number}"), out);
            }
        }
        Kind::Map(map) => {
            for (key, entry) in map {
                walk(&entry.value, &format!("{path}/{key}"), out);
            }
        }
        _ => {}
    }
}

#[test]
fn every_value_knows_its_place() {
    assert_data_eq!(
        outline(
            "services:\n  web:\n    image: nginx\n    ports: [80, \"443\"]\n    init:\n  db:\n  - x\n"
        ),
        str![[r#"
1:1-7:6 0 map 1
2:3-7:6 0/services map 2
3:5-5:9 0/services/web map 3
3:12-3:17 0/services/web/image str "nginx"
4:12-4:23 0/services/web/ports seq 2
4:13-4:15 0/services/web/ports/0 int 80
4:17-4:22 0/services/web/ports/1 str "443"
5:9-5:9 0/services/web/init null
7:5-7:6 0/services/db seq 1
7:5-7:6 0/services/db/0 str "x"

"#]]
    );
}

#[test]
fn documents_bom_crlf_and_nothing() {
    assert_data_eq!(
        outline("\u{feff}a: 1\r\n---\r\nb: x\r\n---\n"),
        str![[r#"
1:1-1:5 0 map 1
1:4-1:5 0/a int 1
3:1-3:5 1 map 1
3:4-3:5 1/b str "x"
5:1-5:1 2 null

"#]]
    );
    assert_eq!(outline(""), "");
    assert_eq!(outline("# only a comment\n"), "");
}

#[test]
fn tags_of_others_are_kept_and_yaml_s_own_are_applied() {
    assert_data_eq!(
        outline(
            "a: !reset null\nb: !override [1]\nc: !foo 12\nd: !!str 12\ne: !!int \"7\"\nf: !!binary aGk=\ng: !!float 1\nh: !reset\ni: ! 1\n"
        ),
        str![[r#"
1:1-9:7 0 map 9
1:4-1:15 0/a !reset str "null"
2:4-2:17 0/b !override seq 1
2:15-2:16 0/b/0 int 1
3:4-3:11 0/c !foo str "12"
4:4-4:12 0/d str "12"
5:4-5:13 0/e int 7
6:4-6:17 0/f str "hi"
7:4-7:13 0/g float 1
8:4-8:10 0/h !reset str ""
9:4-9:7 0/i str "1"

"#]]
    );
    assert_eq!(outline("a: !!int x\n"), "1:4: cannot decode `x` as a !!int\n");
}

#[test]
fn anchors_aliases_and_merge_keys() {
    assert_data_eq!(
        outline(
            "x: &x {a: 1, b: 2}\ny: &y {b: 3, c: 4}\nz:\n  <<: [*x, *y]\n  a: 9\nw: {<<: *y, q: *x}\nv: {\"<<\": 1}\n"
        ),
        str![[r#"
1:1-7:13 0 map 5
1:4-1:19 0/x map 2
1:11-1:12 0/x/a int 1
1:17-1:18 0/x/b int 2
2:4-2:19 0/y map 2
2:11-2:12 0/y/b int 3
2:17-2:18 0/y/c int 4
4:3-5:7 0/z map 3
5:6-5:7 0/z/a int 9
1:17-1:18 0/z/b int 2
2:17-2:18 0/z/c int 4
6:4-6:19 0/w map 3
1:4-1:19 0/w/q map 2
1:11-1:12 0/w/q/a int 1
1:17-1:18 0/w/q/b int 2
2:11-2:12 0/w/b int 3
2:17-2:18 0/w/c int 4
7:4-7:13 0/v map 1
7:11-7:12 0/v/<< int 1

"#]]
    );
}

#[test]
fn refusals_say_where_and_what() {
    let cases = [
        "a: 1\nb: 2\n\"a\": 3\n",
        "s:\n  a: {<<: {}, <<: {}}\n",
        "s: *nobody\n",
        "a: &x 1\n---\nb: *x\n",
        "s: &a\n  t: [1, *a]\n",
        "a: {<<: 5}\n",
        "a: {<<: [{}, 5]}\n",
        "s:\n  5: a\n",
        "5: a\n",
        "s: {? [a] : b}\n",
        "s: {null: b}\n",
        "a:\n\tb: 1\n",
        "a: @x\n",
        "a: %x\n",
        "a: `x\n",
        "a: [1, 2\n",
        "a: \"open\n",
        "a: b: c\n",
        "a: x\u{1}\n",
        "a: x\u{0}y\n",
    ];
    let mut out = String::new();
    for case in cases {
        out += &outline(case);
    }
    assert_data_eq!(
        out,
        str![[r#"
3:1: mapping key "a" already defined at line 1
2:15: mapping key "<<" already defined at line 2
1:4: unknown anchor 'nobody' referenced
3:4: unknown anchor 'x' referenced
2:10: cycle detected: the alias at s.t[1] stands inside its own anchor at s
1:9: map merge requires map or sequence of maps as the value
1:9: map merge requires map or sequence of maps as the value
2:3: non-string key in s: 5
1:1: non-string key at top level: 5
1:7: non-string key in s: a list
1:5: non-string key in s: null
2:2: tabs disallowed within this context (block indentation)
1:4: found character that cannot start any token; quote the text
1:4: found character that cannot start any token; quote the text
1:4: found character that cannot start any token; quote the text
2:1: while parsing a flow sequence, expected ',' or ']'
1:4: while scanning a quoted scalar, found unexpected end of stream
1:5: mapping values are not allowed in this context
1:5: control characters are not allowed (U+0001)
1:5: control characters are not allowed (U+0000)

"#]]
    );
}

#[test]
fn a_second_place_is_named_for_a_duplicate() {
    let error = parse("a: 1\nb: 2\na: 3\n", Some(FileId(7))).unwrap_err();
    assert_eq!(error.span().file, Some(FileId(7)));
    assert_eq!(error.other_span().map(|span| (span.line, span.column)), Some((1, 1)));
}

#[test]
fn bombs_are_refused_quickly() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for n in 1..30 {
        let item = format!("*a{}", n - 1);
        let _ = writeln!(bomb, "a{n}: &a{n} [{}]", [item.as_str(); 9].join(", "));
    }
    let error = parse(&bomb, None).unwrap_err();
    assert!(matches!(error, YamlError::ExcessiveAliasing { .. }), "{error}");
    let merges = format!(
        "a: &a {{{}}}\n{}",
        (0..1000).map(|n| format!("k{n}: 1, ")).collect::<String>(),
        (0..1000).map(|n| format!("m{n}: {{<<: *a}}\n")).collect::<String>()
    );
    assert!(matches!(parse(&merges, None), Err(YamlError::ExcessiveAliasing { .. })));
    for open in ["[", "{a: ", "- ", "? "] {
        let error = parse(&open.repeat(100_000), None).unwrap_err();
        assert!(matches!(error, YamlError::TooDeep { .. }), "{open}: {error}");
    }
    let error = parse_json(&"[".repeat(100_000), None).unwrap_err();
    assert!(matches!(error, YamlError::TooDeep { .. }), "{error}");
}

#[test]
fn bytes_may_be_utf_16_and_must_be_text() {
    let wide: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain("a: é\n".encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    assert_eq!(parse_bytes(&wide, None).unwrap()[0].get("a").unwrap().as_str(), Some("é"));
    let error = parse_bytes(b"a: b\nc: \xff\xfe\n", None).unwrap_err();
    assert_eq!(refused(&error), "2:4: the file is not UTF-8 text");
    assert!(parse_bytes(&[0xff, 0xfe, 0x00], None).is_err());
}

#[test]
fn json_text_has_places_too() {
    let node =
        parse_json("{\n  \"a\": [1, -2.5e1, \"x\\u00e9\\ud83d\\ude00\\n\", true, null]\n}", None)
            .unwrap();
    let mut out = String::new();
    walk(&node, "0", &mut out);
    assert_data_eq!(
        out,
        str![[r#"
1:1-3:2 0 map 1
2:8-2:56 0/a seq 5
2:9-2:10 0/a/0 int 1
2:12-2:18 0/a/1 float -25
2:20-2:43 0/a/2 str "xé😀/n"
2:45-2:49 0/a/3 bool true
2:51-2:55 0/a/4 null

"#]]
    );
    let mut out = String::new();
    for text in [
        "",
        "{",
        "{a: 1}",
        "{\"a\" 1}",
        "[1,]",
        "01",
        "\"x",
        "{\"a\":1,\"a\":2}",
        "nul",
        "1 2",
        "\"\\x\"",
        "-",
    ] {
        let _ = writeln!(out, "{}", refused(&parse_json(text, None).unwrap_err()));
    }
    assert_data_eq!(
        out,
        str![[r#"
1:1: expected a JSON value, found the end
1:2: expected a key in double quotes, found the end
1:2: expected a key in double quotes, found 'a'
1:6: expected `:`, found '1'
1:4: expected a JSON value, found ']'
1:2: expected the end of the text, found '1'
1:3: expected the closing `"`, found the end
1:8: mapping key "a" already defined at line 1
1:1: expected a JSON value, found 'n'
1:3: expected the end of the text, found '2'
1:3: expected an escape sequence, found 'x'
1:2: expected a digit, found the end

"#]]
    );
}

#[test]
fn a_tab_may_stand_behind_a_colon_but_not_before_a_key() {
    let nodes = parse("a:\tb\nc: \t d\n\"e:\tf\":\t{g:\th}\n", None).unwrap();
    let text = |key: &str| nodes[0].get(key).and_then(|node| node.as_str()).map(str::to_owned);
    assert_eq!((text("a"), text("c")), (Some("b".to_owned()), Some("d".to_owned())));
    assert_eq!(nodes[0].get("e:\tf").unwrap().get("g").unwrap().span.column, 13);
    assert!(parse("a:\n\tb: c\n", None).is_err());
}
