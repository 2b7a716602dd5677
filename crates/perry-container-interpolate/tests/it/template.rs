use std::fmt::Write as _;

use perry_container_interpolate::{interpolate, variables};
use snapbox::{assert_data_eq, str};

/// V is `v`, E is empty, everything else unset.
fn lookup(name: &str) -> Option<String> {
    match name {
        "V" => Some("v".to_owned()),
        "E" => Some(String::new()),
        _ => None,
    }
}

fn table(templates: &[&str]) -> String {
    let mut out = String::new();
    for template in templates {
        let line = match interpolate(template, &lookup) {
            Ok(done) if done.unset.is_empty() => format!("{:?}", done.text),
            Ok(done) => format!("{:?} unset {}", done.text, done.unset.join(" ")),
            Err(error) => error.to_string(),
        };
        out += template;
        out += " => ";
        out += &line;
        out.push('\n');
    }
    out
}

#[test]
fn operators() {
    assert_data_eq!(
        table(&[
            "$V ${V} $U ${U} $U",
            "${U-w} ${E-w} ${V-w}",
            "${U:-w} ${E:-w} ${V:-w}",
            "${U+w} ${E+w} ${V+w}",
            "${U:+w} ${E:+w} ${V:+w}",
            "${V?w} ${E?w}",
            "${U?w}",
            "${U:?}",
            "${E:?a $V b}",
            "$$V $${V} $1 $- $( a$ $é",
            "${U:-${E:-${V}}}",
            "${V:-${U:?no}}",
            "${U:+${W:?no}}",
        ]),
        str![[r#"
$V ${V} $U ${U} $U => "v v   " unset U
${U-w} ${E-w} ${V-w} => "w  v"
${U:-w} ${E:-w} ${V:-w} => "w w v"
${U+w} ${E+w} ${V+w} => " w w"
${U:+w} ${E:+w} ${V:+w} => "  w"
${V?w} ${E?w} => "v "
${U?w} => required variable U is missing a value: w
${U:?} => required variable U is missing a value
${E:?a $V b} => required variable E is missing a value: a v b
$$V $${V} $1 $- $( a$ $é => "$V ${V} $1 $- $( a$ $é"
${U:-${E:-${V}}} => "v"
${V:-${U:?no}} => required variable U is missing a value: no
${U:+${W:?no}} => required variable W is missing a value: no

"#]]
    );
}

#[test]
fn braces_are_counted_as_the_reference_counts_them() {
    assert_data_eq!(
        table(&[
            "${U:-a}b}",
            "${U:-{\"a\":1}}",
            "${U:-{}}x}",
            "${U:-{a}}x}",
            "${V:-{a}b}c}",
            "${U:-${V}}x}",
            "${V-{}b}",
            "${U-{}}$V}",
            "${U:-{}",
            "${U:-{a}",
            "${U:-a} and ${V}",
            "${U-$} ${U-$$}",
            "a${U-\\}b",
        ]),
        str![[r#"
${U:-a}b} => "ab}"
${U:-{"a":1}} => "{/"a/":1}"
${U:-{}}x} => "{}}x"
${U:-{a}}x} => "{a}x}"
${V:-{a}b}c} => "vc}"
${U:-${V}}x} => "vx}"
${V-{}b} => "v"
${U-{}}$V} => "{}}v"
${U:-{} => "{"
${U:-{a} => "{a"
${U:-a} and ${V} => "a and v"
${U-$} ${U-$$} => "$ $"
a${U-/}b => "a//b"

"#]]
    );
}

#[test]
fn what_is_no_expression_is_refused() {
    assert_data_eq!(
        table(&[
            "${}",
            "${ V}",
            "${V }",
            "${1}",
            "${V",
            "${V:-a",
            "${V=a}",
            "${V:}",
            "${é}",
            "${V::-a}",
            "${V/a}",
            "${U:-a\nb}",
            "x ${V:-${}b}",
        ]),
        str![[r#"
${} => invalid template: "${}"
${ V} => invalid template: "${ V}"
${V } => invalid template: "${V }"
${1} => invalid template: "${1}"
${V => invalid template: "${V"
${V:-a => invalid template: "${V:-a"
${V=a} => invalid template: "${V=a}"
${V:} => invalid template: "${V:}"
${é} => invalid template: "${é}"
${V::-a} => invalid template: "${V::-a}"
${V/a} => invalid template: "${V/a}"
${U:-a
b} => invalid template: "${U:-a/nb}"
x ${V:-${}b} => invalid template: "${}b"

"#]]
    );
    let deep = "${A:-".repeat(100) + &"}".repeat(100);
    assert_eq!(
        interpolate(&deep, &lookup).unwrap_err().to_string(),
        "variables nested deeper than 64 levels"
    );
}

#[test]
fn variables_are_listed() {
    let mut out = String::new();
    for variable in variables("$A ${B:-x${C?}} ${D+y} $$E ${F:?no} ${ bad ${G}") {
        let _ = writeln!(out, "{variable:?}");
    }
    assert_data_eq!(
        out,
        str![[r#"
Variable { name: "A", default: "", presence: "", required: false }
Variable { name: "B", default: "x${C?}", presence: "", required: false }
Variable { name: "C", default: "", presence: "", required: true }
Variable { name: "D", default: "", presence: "y", required: false }
Variable { name: "F", default: "", presence: "", required: true }
Variable { name: "G", default: "", presence: "", required: false }

"#]]
    );
}
