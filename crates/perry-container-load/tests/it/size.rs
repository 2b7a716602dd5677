//! Large projects and hostile ones.

use std::fmt::Write as _;

use perry_container_load::{Input, Memory, Options, load};

/// 300 services, each with ten dependencies, in 30 layers.
fn large() -> String {
    let mut text = "services:\n".to_owned();
    for number in 0..300 {
        let layer = number / 10;
        let _ = write!(
            text,
            "  s{number}:\n    image: x:${{TAG:-1}}\n    ports: [\"{}:80\"]\n    environment: {{A: \"1\", B: $HOME, C: 3}}\n    volumes: ['./data:/data', 'v{number}:/v']\n    healthcheck: {{test: [CMD, 'true'], interval: 5s}}\n    labels: [a=b, c=d]\n",
            10_000 + number
        );
        if layer > 0 {
            let names: Vec<String> =
                (0..10).map(|n| format!("s{}", (layer - 1) * 10 + n)).collect();
            let _ = writeln!(text, "    depends_on: [{}]", names.join(", "));
        }
    }
    text += "volumes:\n";
    for number in 0..300 {
        let _ = writeln!(text, "  v{number}: {{}}");
    }
    text
}

#[test]
fn three_hundred_services_load_at_once() {
    let input = Input::yaml("/p/compose.yaml", large());
    let loaded = load(&[input], &Options::new("/p"), &Memory::default()).unwrap();
    assert_eq!(loaded.spec.services.len(), 300);
    assert_eq!(loaded.spec.services["s299"].depends_on.len(), 10);
}

#[test]
fn hostile_files_are_refused_not_suffered() {
    let ranges: Vec<String> = (1..100).map(|first| format!("'{first}-65535'")).collect();
    let ranges = format!("services: {{a: {{image: x, ports: [{}]}}}}", ranges.join(", "));
    let mut chain = "services:\n  s0: {image: x}\n".to_owned();
    for number in 1..5000 {
        let _ = writeln!(chain, "  s{number}: {{extends: s{}}}", number - 1);
    }
    // The longest chain first, or each step would find its base done.
    let mut lines: Vec<&str> = chain.lines().skip(1).collect();
    lines.reverse();
    let chain = format!("services:\n{}\n", lines.join("\n"));
    let wide = format!(
        "services:\n  b: {{image: x, labels: [{}]}}\n{}",
        (0..2000).map(|n| format!("l{n}=1")).collect::<Vec<_>>().join(", "),
        (0..2000).map(|n| format!("  s{n}: {{extends: b}}\n")).collect::<String>()
    );
    let documents = "x-a: 1\n---\n".repeat(5000);
    let long = "y".repeat(50_000);
    let aliases = format!(
        "x-s: &s {long}\nservices: {{a: {{image: x, labels: {{{}}}}}}}\n",
        (0..20_000).map(|n| format!("k{n}: *s, ")).collect::<String>()
    );
    let bases = format!(
        "services:\n  b: {{image: x, labels: {{l: {long}}}}}\n{}",
        (0..2000).map(|n| format!("  s{n}: {{extends: b}}\n")).collect::<String>()
    );
    let nested = format!("x-a: {}1{}\n", "[".repeat(500), "]".repeat(500));
    let template =
        format!("services: {{a: {{image: \"{}{}\"}}}}", "${A:-".repeat(300), "}".repeat(300));
    for (text, word) in [
        (ranges, "too many ports"),
        (chain, "circular reference"),
        (wide, "extend each other into more"),
        (documents, "more than 200 documents"),
        (aliases, "excessive aliasing"),
        (bases, "extend each other into more"),
        (nested, "nested deeper"),
        (template, "nested deeper"),
    ] {
        let input = Input::yaml("/p/compose.yaml", text);
        let error =
            load(&[input], &Options::new("/p"), &Memory::default()).unwrap_err().to_string();
        assert!(error.contains(word), "{word}: {}", error.chars().take(300).collect::<String>());
    }
}

#[test]
fn includes_that_double_at_every_level_end() {
    let mut files = Memory::default();
    for level in 0..40 {
        let next = level + 1;
        files.insert(format!("/p/{level}.yaml"), format!("include: [{next}.yaml, {next}.yaml]\n"));
    }
    files.insert("/p/40.yaml", "services: {a: {image: x}}\n");
    let input = Input::yaml("/p/compose.yaml", "include: [0.yaml]\n");
    let error = load(&[input], &Options::new("/p"), &files).unwrap_err().to_string();
    assert!(error.contains("more than 1000 files"), "{error}");
}

#[test]
fn values_that_double_at_every_line_end() {
    let mut text = "A0=ha\n".to_owned();
    for line in 1..40 {
        let _ = writeln!(text, "A{line}=$A{0}$A{0}", line - 1);
    }
    let files: Memory = [("/p/e.env", text)].into_iter().collect();
    let input = Input::yaml("/p/compose.yaml", "services: {a: {image: x, env_file: e.env}}\n");
    let error = load(&[input], &Options::new("/p"), &files).unwrap_err().to_string();
    assert!(error.contains("variables make a text longer than 4 MiB"), "{error}");

    let mut options = Options::new("/p");
    options.env.set("LONG", "y".repeat(100_000));
    let labels: String = (0..5000).map(|n| format!("k{n}: $LONG, ")).collect();
    let text = format!("services: {{a: {{image: x, labels: {{{labels}}}}}}}\n");
    let input = Input::yaml("/p/compose.yaml", text);
    let error = load(&[input], &options, &Memory::default()).unwrap_err();
    assert_eq!(error.problems().len(), 1);
    assert!(error.to_string().contains("texts of the project too long"), "{error}");
}
