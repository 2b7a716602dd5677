//! What is handed over: it arrives unchanged, and is seen by nobody.

use crate::{arrives, lima};
use perry_container_protocol::{Arg, Input, Invocation};
use perry_container_spec::Sensitive;
use proptest::prelude::*;
use snapbox::{assert_data_eq, str};

/// Shells that machines have.
pub(crate) fn shells() -> impl Iterator<Item = &'static str> {
    let there = |path: &&str| std::path::Path::new("/bin").join(path).exists();
    ["sh", "bash", "busybox"].into_iter().filter(there)
}

fn private(env: &[(&str, &str)], args: &[&str]) -> Invocation {
    let mut call = Invocation::new(args.iter().copied());
    for (name, value) in env {
        call.env.push(((*name).to_owned(), (*value).to_owned().into()));
    }
    call
}

#[test]
fn variables_arrive_by_a_file_or_where_they_have_line_breaks_by_the_shell() {
    let call = private(
        &[("ONE", "1 $HOME `x` \"' \\"), ("KEY", "a\nb\n"), ("dotted.name", "2"), ("ARG", "x\ny")],
        &[
            "create",
            "--env=ONE",
            "--env=KEY",
            "--env=dotted.name",
            "--build-arg=ARG",
            "--",
            "a b",
            "$(x)",
        ],
    );
    let over = lima().over(call).unwrap();
    for shell in shells() {
        assert_data_eq!(
            arrives(shell, &over, b""),
            str![[r#"
<create>
<--env-file=DIR/0>
600
ONE=1 $HOME `x` "' /
dotted.name=2

<--env=KEY>
KEY=a
b

<--build-arg=ARG>
<-->
<a b>
<$(x)>
input:

"#]]
        );
    }
}

#[test]
fn the_callers_input_comes_after_and_whole() {
    let mut call = private(&[("A", "1")], &["exec", "-i", "--env=A", "web", "cat"]);
    call.input = Input::Stream;
    let over = lima().over(call).unwrap();
    for shell in shells() {
        assert_data_eq!(
            arrives(shell, &over, b"first line\nlast line"),
            str![[r#"
<exec>
<-i>
<--env-file=DIR/0>
600
A=1

<web>
<cat>
input:
first line
last line
"#]]
        );
    }
    let plain =
        lima().over(Invocation::new(["exec", "-i", "web", "cat"]).input(Input::Stream)).unwrap();
    assert_data_eq!(
        arrives("sh", &plain, b"all of it"),
        str![[r#"
<exec>
<-i>
<web>
<cat>
input:
all of it
"#]]
    );
}

#[test]
fn files_arrive_with_any_bytes() {
    let mut call = private(&[], &["build"]);
    let content = Sensitive::new(b"FROM x\nRUN echo '$HOME'\n".to_vec());
    call.args.push(Arg::File { prefix: "--file=".to_owned(), content });
    call.arg("ctx");
    let over = lima().over(call).unwrap();
    for shell in shells() {
        assert_data_eq!(
            arrives(shell, &over, b""),
            str![[r#"
<build>
<--file=DIR/0>
600
FROM x
RUN echo '$HOME'

<ctx>
input:

"#]]
        );
    }
}

#[test]
fn what_cannot_be_carried_is_refused_without_its_value() {
    for name in ["a.b", "UID", "PPID", "perry_d", "1x"] {
        let flag = format!("--env={name}");
        let error =
            lima().over(private(&[(name, "secret\nvalue")], &["create", &flag])).unwrap_err();
        assert!(
            error.to_string().contains(name) && !error.to_string().contains("secret"),
            "{error}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_value_and_any_word_arrive_unchanged_and_no_value_is_in_an_argument(
        value in "[^\0]{0,40}",
        words in prop::collection::vec("[^\0]{0,12}", 0..14),
        input in "[^\0]{0,20}",
        shell in prop::sample::select(shells().collect::<Vec<_>>()),
    ) {
        let secret = format!("s3cr3t-{value}");
        let mut call = private(&[("SECRET", &secret)], &["create", "--env=SECRET", "--"]);
        call.args(words.iter().map(String::as_str)).input = Input::Stream;
        let over = lima().over(call).unwrap();
        prop_assert!(!over.texts().iter().any(|text| text.contains("s3cr3t")));
        let debug = format!("{over:?}");
        prop_assert!(!debug.contains("s3cr3t"));
        let told = arrives(shell, &over, input.as_bytes());
        let one_line = !secret.contains('\n') && !secret.ends_with('\r');
        let way = if one_line { format!("600\nSECRET={secret}\n\n") } else { format!("SECRET={secret}\n") };
        prop_assert!(told.contains(&way), "{told}");
        let words: String = words.iter().map(|word| format!("<{word}>\n")).collect();
        prop_assert!(told.ends_with(&format!("<-->\n{words}input:\n{input}")), "{told}");
    }
}
