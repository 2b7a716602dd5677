use super::{Colours, Printer, Sink, point, short_name, tail};
use jiff::{Timestamp, tz::TimeZone};
use perry_container_compose::spec::LogSource::{Stderr, Stdout};
use snapbox::{assert_data_eq, str};

fn shown(
    mut talk: impl FnMut(&mut Printer, &mut Sink<Vec<u8>, Vec<u8>>),
    mut printer: Printer,
) -> String {
    let mut sink = Sink { out: Vec::new(), err: Vec::new(), split: true };
    talk(&mut printer, &mut sink);
    format!(
        "--- out\n{}--- err\n{}",
        String::from_utf8_lossy(&sink.out),
        String::from_utf8_lossy(&sink.err)
    )
}

#[test]
fn prefixes_are_padded_to_the_widest_name() {
    let text = shown(
        |printer, sink| {
            printer.add("web-1");
            printer.add("database-1");
            printer.line(sink, "web-1", Stdout, Some("T1"), "one").unwrap();
            printer.line(sink, "database-1", Stderr, None, "oops").unwrap();
            printer.line(sink, "database-1", Stdout, None, "").unwrap();
            sink.split = false;
            printer.line(sink, "database-1", Stderr, None, "merged").unwrap();
            printer.line(sink, "a-late-comer-1", Stdout, None, "hello").unwrap();
            printer.line(sink, "web-1", Stdout, None, "wider now").unwrap();
            printer.status(sink, "web-1", "exited with code 3").unwrap();
        },
        Printer::new(Colours::new(false), true, false),
    );
    assert_data_eq!(
        text,
        str![[r#"
--- out
web-1       | one
database-1  | 
database-1  | merged
a-late-comer-1  | hello
web-1           | wider now
web-1 exited with code 3
--- err
database-1  | oops

"#]]
    );
}

#[test]
fn without_prefix_and_with_times() {
    let text = shown(
        |printer, sink| {
            printer.line(sink, "web-1", Stdout, Some("T1"), "a").unwrap();
            printer.line(sink, "web-1", Stdout, None, "b").unwrap();
        },
        Printer::new(Colours::new(false), false, true),
    );
    assert_data_eq!(
        text,
        str![[r#"
--- out
T1 a
b
--- err

"#]]
    );
}

#[test]
fn colours_go_round() {
    let text = shown(
        |printer, sink| {
            for n in 1..=11 {
                printer.line(sink, &format!("a-{n}"), Stdout, None, "x").unwrap();
            }
        },
        Printer::new(Colours::new(true), true, false),
    );
    assert_data_eq!(
        text.replace('\u{1b}', "ESC"),
        str![[r#"
--- out
ESC[36ma-1  | ESC[0mx
ESC[33ma-2  | ESC[0mx
ESC[32ma-3  | ESC[0mx
ESC[35ma-4  | ESC[0mx
ESC[34ma-5  | ESC[0mx
ESC[36;1ma-6  | ESC[0mx
ESC[33;1ma-7  | ESC[0mx
ESC[32;1ma-8  | ESC[0mx
ESC[35;1ma-9  | ESC[0mx
ESC[34;1ma-10  | ESC[0mx
ESC[36ma-11  | ESC[0mx
--- err

"#]]
    );
}

#[test]
fn names_in_prefixes() {
    assert_eq!(short_name("p", "web", Some(2), "p-web-2"), "web-2");
    assert_eq!(short_name("p", "web", Some(2), "p_web_2"), "web_2");
    assert_eq!(short_name("p", "web", Some(1), "my-web"), "my-web");
    assert_eq!(short_name("p", "web", None, "p-web-run-0123"), "p-web-run-0123");
}

#[test]
fn tails() {
    assert_eq!(tail("all").unwrap(), None);
    assert_eq!(tail("-1").unwrap(), None);
    assert_eq!(tail("0").unwrap(), Some(0));
    assert_eq!(
        tail("x").unwrap_err().to_string(),
        "invalid argument \"x\" for \"--tail\" flag: a number of lines or `all`"
    );
}

#[test]
fn points_in_time() {
    let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
    let zone = TimeZone::fixed(jiff::tz::offset(2));
    let texts = [
        "2013-01-02T13:23:37Z",
        "2013-01-02T13:23:37+01:00",
        "2013-01-02T13:23:37",
        "2013-01-02",
        "42m",
        "1h30m",
        "1136073600",
        "1136073600.5",
        "soon",
        "",
    ];
    let shown: Vec<String> = texts
        .iter()
        .map(|text| match point("since", text, now, &zone) {
            Ok(time) => format!("{text} = {time}"),
            Err(failure) => failure.to_string(),
        })
        .collect();
    assert_data_eq!(
        shown.join("\n"),
        str![[r#"
2013-01-02T13:23:37Z = 2013-01-02T13:23:37Z
2013-01-02T13:23:37+01:00 = 2013-01-02T12:23:37Z
2013-01-02T13:23:37 = 2013-01-02T11:23:37Z
2013-01-02 = 2013-01-01T22:00:00Z
42m = 2026-11-24T11:18:00Z
1h30m = 2026-11-24T10:30:00Z
1136073600 = 2006-01-01T00:00:00Z
1136073600.5 = 2006-01-01T00:00:00.5Z
invalid argument "soon" for "--since" flag: a time like 2013-01-02T13:23:37Z, or how long ago, like 42m
invalid argument "" for "--since" flag: a time like 2013-01-02T13:23:37Z, or how long ago, like 42m
"#]]
    );
}
