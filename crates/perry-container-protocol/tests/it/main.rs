//! Text of invocations, shapes of JSON, lines.
#![cfg(test)]

use bytes::Bytes;
use perry_container_protocol::{
    Arg, Invocation, LineReader, Output, Reader as _, ToolError, values,
};
use perry_container_spec::{LogSource, Sensitive};
use proptest::prelude::*;

#[test]
fn an_invocation_shows_no_secret() {
    let mut call = Invocation::new(["create"]);
    call.flag("--name", "web")
        .maybe("--user", None::<&str>)
        .switch("--rm", true)
        .each("--env", ["A", "B"]);
    call.args.push(Arg::File {
        prefix: "--env-file=".to_owned(),
        content: Sensitive::new(b"hunter2".to_vec()),
    });
    call.env.push(("A".to_owned(), Sensitive::new("hunter2".to_owned())));
    call.args(["--", "lab/base:1", "echo it's"]);
    assert_eq!(
        call.to_string(),
        r"create --name=web --rm --env=A --env=B --env-file=<file> -- lab/base:1 'echo it'\''s'"
    );
    assert!(!format!("{call:?}").contains("hunter2"));
}

#[test]
fn json_is_an_array_or_one_value_after_the_other() {
    assert_eq!(values(b"[]").unwrap().len(), 0);
    assert_eq!(values(b"{\"a\":\"x\\ny\"}\r\n{\"b\":1}").unwrap().len(), 2);
    assert!(values(b"{\"a\":").is_err());
    assert!(matches!(ToolError::from(values(b"json").unwrap_err()), ToolError::Malformed { .. }));
}

/// Lines of both streams with their source, however the text is cut.
fn lines(pieces: &[(LogSource, Vec<u8>)]) -> Vec<(LogSource, String)> {
    let line = |source, line: &[u8]| Ok(Some((source, String::from_utf8_lossy(line).into_owned())));
    let mut reader = LineReader::new(line, |_: &Output<'_>, _: &mut Vec<_>| Ok(()));
    let mut items = Vec::new();
    for (source, piece) in pieces {
        reader.read(*source, &Bytes::from(piece.clone()), &mut items).unwrap();
    }
    reader.end(&Output { code: 0, stdout: b"", stderr: b"" }, &mut items).unwrap();
    items
}

#[test]
fn a_last_line_without_an_end_counts() {
    let got =
        lines(&[(LogSource::Stdout, b"a\r\nb".to_vec()), (LogSource::Stderr, b"\nx\n".to_vec())]);
    let text: Vec<_> = got.iter().map(|(source, line)| format!("{source:?} {line}")).collect();
    assert_eq!(text, ["Stdout a", "Stderr ", "Stderr x", "Stdout b"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn lines_do_not_depend_on_how_output_is_cut(text in "[a-c\n]{0,60}", cuts in prop::collection::vec(0..60_usize, 0..8)) {
        let mut cuts: Vec<usize> = cuts.into_iter().filter(|cut| *cut <= text.len()).chain([0, text.len()]).collect();
        cuts.sort_unstable();
        let pieces: Vec<_> =
            cuts.windows(2).map(|pair| (LogSource::Stdout, text.as_bytes()[pair[0]..pair[1]].to_vec())).collect();
        let expected: Vec<_> = text.lines().map(|line| (LogSource::Stdout, line.to_owned())).collect();
        prop_assert_eq!(lines(&pieces), expected);
    }
}
