use super::{Colours, Printer, Sink, point, tail};
use jiff::{Timestamp, tz::TimeZone};
use perry_container_compose::spec::LogSource::{Stderr, Stdout};
use snapbox::{assert_data_eq, str};

fn shown(
    mut talk: impl FnMut(&mut Printer, &mut Sink<Vec<u8>, Vec<u8>>),
    printer: Printer,
) -> String {
    let mut printer = printer;
    let mut sink = Sink { out: Vec::new(), err: Vec::new() };
    talk(&mut printer, &mut sink);
    format!(
        "--- out\n{}--- err\n{}",
        String::from_utf8_lossy(&sink.out),
        String::from_utf8_lossy(&sink.err)
    )
}

#[test]
fn lines_are_whole_and_prefixes_are_padded() {
    let text = shown(
        |printer, sink| {
            let (web, db) = (printer.add("web-1"), printer.add("database-1"));
            assert_eq!(printer.add("web-1"), web);
            printer.chunk(sink, web, Stdout, None, b"one\ntw").unwrap();
            printer.chunk(sink, db, Stderr, None, b"oops\n").unwrap();
            printer.chunk(sink, db, Stdout, None, b"\n").unwrap();
            printer.chunk(sink, web, Stdout, None, b"o\nthree").unwrap();
            printer.chunk(sink, web, Stderr, None, b"four").unwrap();
            printer.status(sink, web, "exited with code 3").unwrap();
        },
        Printer::new(Colours::new(false), true),
    );
    assert_data_eq!(
        text,
        str![[r#"
--- out
web-1       | one
database-1  | 
web-1       | two
web-1       | three
web-1 exited with code 3
--- err
database-1  | oops
web-1       | four

"#]]
    );
}

#[test]
fn without_prefix_and_with_times() {
    let text = shown(
        |printer, sink| {
            let web = printer.add("web-1");
            printer.chunk(sink, web, Stdout, Some("T1"), b"a\nb").unwrap();
            printer.chunk(sink, web, Stdout, Some("T2"), b"c\n").unwrap();
        },
        Printer::new(Colours::new(false), false),
    );
    assert_data_eq!(
        text,
        str![[r#"
--- out
T1 a
T1 bc
--- err

"#]]
    );
}

#[test]
fn colours_go_round() {
    let text = shown(
        |printer, sink| {
            for n in 1..=11 {
                let lane = printer.add(&format!("a-{n}"));
                printer.chunk(sink, lane, Stdout, None, b"x\n").unwrap();
            }
        },
        Printer::new(Colours::new(true), true),
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
