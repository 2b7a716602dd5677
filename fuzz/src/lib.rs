//! What must hold of any bytes. Each target panics when it does not; that a target returns at all is half of it.

use perry_container_compose::{
    interpolate::{
        Env, MAX_TEXT, escape, interpolate as expand, parse_raw, read_dotenv, variables,
    },
    load::{Input, Memory, Options, load},
    model::{ByteSize, Duration, FileMode},
    yaml::{Kind, Node, parse, parse_bytes, parse_json, to_yaml},
};
use serde_json::{Value, json};

/// A target.
pub type Target = fn(&[u8]);

/// All of them, by name.
pub const TARGETS: [(&str, Target); 6] = [
    ("yaml", yaml),
    ("interpolate", interpolate),
    ("dotenv", dotenv),
    ("ports", ports),
    ("durations", durations),
    ("volumes", volumes),
];

/// Bytes become documents or an error with a place; documents are printed and read again as what they were.
pub fn yaml(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        drop(parse_json(text, None));
    }
    match parse_bytes(data, None) {
        Ok(documents) => {
            for node in documents.iter().filter(|node| plain(node)) {
                let text = to_yaml(node);
                let again = parse(&text, None).unwrap_or_else(|error| panic!("{error}: {text}"));
                let same = again.first().is_some_and(|again| again.same(node));
                assert!(
                    same && again.len() == 1,
                    "{node:?}\nis printed as\n{text}\nwhich is {again:?}"
                );
            }
        }
        Err(error) => assert!(!error.to_string().is_empty(), "no words for it"),
    }
}

/// Of the kinds that have a text of their own. A fraction may print as a whole number, and a date as text.
fn plain(node: &Node) -> bool {
    match &node.kind {
        Kind::Float(_) | Kind::Timestamp(_) => false,
        Kind::Seq(items) => items.iter().all(plain),
        Kind::Map(map) => map.values().all(|entry| plain(&entry.value)),
        _ => true,
    }
}

/// A template has a value of bounded length or none; escaped it is itself.
pub fn interpolate(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let lookup = |name: &str| match name {
        "A" => Some("${B} and more than that".to_owned()),
        "E" => Some(String::new()),
        _ => None,
    };
    if let Ok(done) = expand(&text, &lookup) {
        assert!(done.text.len() <= MAX_TEXT.max(text.len()), "{} bytes", done.text.len());
    }
    drop(variables(&text));
    let same = expand(&escape(&text), &lookup).map(|done| done.text);
    assert_eq!(same.as_deref(), Ok(&*text), "escaped, it is itself");
}

/// An environment file has variables with lines that it has, or an error.
pub fn dotenv(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let lookup = |name: &str| (name == "H").then(|| "home".to_owned());
    let lines = text.matches('\n').count() + 1;
    for read in [read_dotenv(&text, &lookup, Env::new()), parse_raw(&text, &lookup)] {
        let Ok(file) = read else { continue };
        assert_eq!(file.lines.len(), file.env.len(), "every variable has a line");
        for line in file.lines.values().chain(file.unset.iter().map(|(_, line)| line)) {
            assert!((1..=lines).contains(line), "line {line} of {lines}");
        }
    }
}

/// A text as a port, in both places that take one.
pub fn ports(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    service("ports", &json!([escape(&text)]));
    service("expose", &json!([escape(&text)]));
}

/// A text as a duration, a size, a mode: what is read is printed as what reads the same.
pub fn durations(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Ok(duration) = text.parse::<Duration>() {
        // The smallest number has no positive twin, so its text is out of range.
        if duration.as_nanos() != i64::MIN {
            assert_eq!(duration.to_string().parse::<Duration>(), Ok(duration), "{text:?}");
        }
    }
    if let Ok(size) = text.parse::<ByteSize>() {
        assert_eq!(
            size.0.to_string().parse::<ByteSize>().map(|size| size.0),
            Ok(size.0),
            "{text:?}"
        );
    }
    drop(text.parse::<FileMode>());
    let text = escape(&text);
    service("healthcheck", &json!({"test": ["NONE"], "interval": text}));
    service("mem_limit", &json!(text));
    service("cpus", &json!(text));
}

/// A text as a volume of a service, and as a mount of memory.
pub fn volumes(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    service("volumes", &json!([escape(&text)]));
    service("tmpfs", &json!([escape(&text)]));
    service("devices", &json!([escape(&text)]));
}

/// A service with a property is refused, or its canonical form, if it is accepted, is read as itself.
fn service(property: &str, value: &Value) {
    let document = json!({"services": {"a": {"image": "x", property: value}}});
    let mut options = Options::new("/p");
    options.steps.consistency = false;
    let read = |document: &Value| {
        let input = Input::json("/p/compose.yaml", document.to_string());
        load(&[input], &options, &Memory::default()).map(|loaded| loaded.spec.config_json())
    };
    let Ok(printed) = read(&document) else { return };
    // As docker compose: an empty text, say, is accepted as a device and printed as what is none.
    if let Ok(again) = read(&printed) {
        assert_eq!(again, printed, "{document}");
    }
}
