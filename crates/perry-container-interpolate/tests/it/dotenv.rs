use std::fmt::Write as _;

use perry_container_interpolate::{Env, EnvFileError, parse_dotenv, parse_raw, read_dotenv};
use snapbox::{assert_data_eq, str};

type Parse = fn(&str, &dyn Fn(&str) -> Option<String>) -> Result<Env, EnvFileError>;

/// H is `/root` outside, everything else unset.
fn table(parse: Parse, texts: &[&str]) -> String {
    let mut out = String::new();
    for text in texts {
        let _ = write!(out, "{text:?} => ");
        match parse(text, &|name| (name == "H").then(|| "/root".to_owned())) {
            Ok(env) => {
                let pairs: Vec<_> = env.iter().map(|(k, v)| format!("{k}={v:?}")).collect();
                out += &pairs.join(" ");
            }
            Err(error) => out += &error.to_string(),
        }
        out.push('\n');
    }
    out
}

#[test]
fn compose_grammar() {
    assert_data_eq!(
        table(
            parse_dotenv,
            &[
                "A=1\nB=2",
                "A = 1\nB : 2\nC=a#b #c",
                "A=1\nB",
                "A=1\nH",
                "A=1\nexport H\nB=2",
                "export  A=1",
                "exportA=1",
                "export\nA=1",
                "A=\nB=\"\" \nC=  ' x'",
                "A=\"x\" # c\nB=2",
                "A=\"x\"b\nH=c",
                "A=\"\\z\\n\\x41\\101\\0101\\c\\e\\\"\\\\\"",
                "A='x\\'y\\z'",
                "A='x\ny'\nB=\"x\ny\"",
                "A=1\r\nB=\"x\r\ny\"\r\n",
                "A=$H ${B:-x} $$ \\$C\nB=1\nC=$A$B",
                "H=other\nA=$H",
                "A=\"$H \\$H $$H\"",
                "A='$H'",
                "A: b: c",
                "\u{feff}A=1",
                " # c\n\n  A=1\n# x",
                "A=`x` | y; z",
                "=x",
                "é=1\n1A=2\na.b-c[0]=3",
                "A=1\nA=2",
                "A B=1",
                "A*=1",
                "A#b=1",
                "A=\"x\nB=1",
                "A='a''b'",
                "A=${B",
                "A=1\n\nB=${C:?no}",
            ]
        ),
        str![[r#"
"A=1/nB=2" => A="1" B="2"
"A = 1/nB : 2/nC=a#b #c" => A="1" B="2" C="a#b"
"A=1/nB" => A="1"
"A=1/nH" => A="1" H="/root"
"A=1/nexport H/nB=2" => A="1" H="/root" B="2"
"export  A=1" => A="1"
"exportA=1" => exportA="1"
"export/nA=1" => A="1"
"A=/nB=/"/" /nC=  ' x'" => A="" B="" C=" x"
"A=/"x/" # c/nB=2" => A="x" B="2"
"A=/"x/"b/nH=c" => A="x" H="c"
"A=/"//z//n//x41//101//0101//c//e///"/////"" => A="//z/n//x41//101A//c//e/"//"
"A='x//'y//z'" => A="x'y//z"
"A='x/ny'/nB=/"x/ny/"" => A="x/ny" B="x/ny"
"A=1/r/nB=/"x/r/ny/"/r/n" => A="1" B="x/r/ny"
"A=$H ${B:-x} $$ //$C/nB=1/nC=$A$B" => A="/root x $ //" B="1" C="/root x $ //1"
"H=other/nA=$H" => H="other" A="/root"
"A=/"$H //$H $$H/"" => A="/root $H $H"
"A='$H'" => A="$H"
"A: b: c" => A="b: c"
"/u{feff}A=1" => A="1"
" # c/n/n  A=1/n# x" => A="1"
"A=`x` | y; z" => A="`x` | y; z"
"=x" => ="x"
"é=1/n1A=2/na.b-c[0]=3" => é="1" 1A="2" a.b-c[0]="3"
"A=1/nA=2" => A="2"
"A B=1" => line 1: key cannot contain a space
"A*=1" => line 1: unexpected character '*' in variable name "A*"
"A#b=1" => line 1: unexpected character '#' in variable name "A#b"
"A=/"x/nB=1" => line 1: unterminated quoted value "
"A='a''b'" => line 1: unexpected character '/'' in variable name "'b'"
"A=${B" => line 1: invalid template: "${B"
"A=1/n/nB=${C:?no}" => line 3: required variable C is missing a value: no

"#]]
    );
}

#[test]
fn raw_format() {
    assert_data_eq!(
        table(
            |text, lookup| parse_raw(text, lookup).map(|file| file.env),
            &[
                "A=1\n  B= x \n#c\nH\nQ=\"x\" # y\nNOPE\nE=",
                "\u{feff}A=1\r\nB=2\r\n",
                "A=$H",
                " A B=1",
                "=1",
                "A=b=c",
            ]
        ),
        str![[r#"
"A=1/n  B= x /n#c/nH/nQ=/"x/" # y/nNOPE/nE=" => A="1" B=" x " H="/root" Q="/"x/" # y" E=""
"/u{feff}A=1/r/nB=2/r/n" => A="1" B="2"
"A=$H" => A="$H"
" A B=1" => line 1: variable 'A B' contains whitespaces
"=1" => line 1: no variable name before the `=`
"A=b=c" => A="b=c"

"#]]
    );
}

#[test]
fn lines_and_unset_variables_are_told() {
    let text = "# c\nA=$NOPE\n\nB=\"x\n$NOPE$NEITHER\"\nexport H\nC=${D:-d}$A\n";
    let before: Env = [("Z", "0")].into_iter().collect();
    let file =
        read_dotenv(text, &|name| (name == "H").then(|| "/root".to_owned()), before).unwrap();
    let lines: Vec<_> = file.lines.iter().map(|(name, line)| format!("{name}:{line}")).collect();
    assert_eq!(lines, ["A:2", "B:4", "H:6", "C:7"]);
    let unset: Vec<_> = file.unset.iter().map(|(name, line)| format!("{name}:{line}")).collect();
    assert_eq!(unset, ["NOPE:2", "NEITHER:5"]);
    assert_eq!((file.env.get("Z"), file.env.get("C")), (Some("0"), Some("d")));
}

#[test]
fn a_secret_is_not_in_the_message() {
    let error = parse_dotenv("PASSWORD=\"hunter2\n", &|_| None).unwrap_err();
    assert!(!error.to_string().contains("hunter2"), "{error}");
    let error = parse_dotenv("PASS WORD;=hunter2\n", &|_| None).unwrap_err();
    assert!(!error.to_string().contains("hunter2"), "{error}");
    let env: Env = [("A", "hunter2")].into_iter().collect();
    assert_eq!(format!("{env:?}"), "{\"A\"}");
}
