use crate::{at, env, files, found};
use perry_container_project::ProjectOptions;
use snapbox::{assert_data_eq, str};

const C: &str = "services: {a: {image: x}}";

#[test]
fn the_process_then_the_directory_then_the_file_s_directory() {
    let source = files(&[
        ("/p/compose.yaml", C),
        ("/p/.env", "A=parent\nB=parent\nC=parent\nD=$B-$A"),
        ("/p/sub/.env", "A=sub\nB=sub"),
    ]);
    let options = ProjectOptions { env: env(&[("A", "process")]), ..at("/p/sub") };
    assert_data_eq!(
        found(&options, &source),
        str![[r#"
in /p
file /p/compose.yaml
A=process
B=sub
C=parent
D=sub-process

"#]]
    );
}

/// docker compose warns of each, with neither file nor line.
#[test]
fn variables_that_a_file_uses_and_nobody_sets_are_told() {
    let source =
        files(&[("/p/compose.yaml", C), ("/p/.env", "A=1\nB=$A$NOPE\nC=${NOPE}${OTHER:-x}")]);
    assert_data_eq!(
        found(&at("/p"), &source),
        str![[r#"
in /p
file /p/compose.yaml
A=1
B=1
C=x
note: /p/.env:2: The "NOPE" variable is not set. Defaulting to a blank string.

"#]]
    );
}

#[test]
fn dot_env_may_say_where_the_files_are() {
    let source = files(&[
        ("/p/.env", "COMPOSE_FILE=x/c.yaml\nA=1"),
        ("/p/x/c.yaml", C),
        ("/p/x/.env", "A=2\nB=2"),
    ]);
    assert_data_eq!(
        found(&at("/p"), &source),
        str![[r#"
in /p/x
file /p/x/c.yaml
COMPOSE_FILE=x/c.yaml
A=1
B=2

"#]]
    );
}

#[test]
fn files_that_are_asked_for_replace_dot_env() {
    let source = files(&[
        ("/p/compose.yaml", C),
        ("/p/.env", "A=dot"),
        ("/p/1.env", "A=1\nB=1"),
        ("/p/2.env", "B=2\nC=$A$B"),
    ]);
    let flags = ProjectOptions { env_files: vec!["1.env".into(), "2.env".into()], ..at("/p") };
    let expected = str![[r#"
in /p
file /p/compose.yaml
env-file /p/1.env
env-file /p/2.env
A=1
B=2
C=12

"#]];
    assert_data_eq!(found(&flags, &source), expected);
    let listed = ProjectOptions { env: env(&[("COMPOSE_ENV_FILES", "2.env,1.env")]), ..at("/p") };
    let text = found(&listed, &source);
    // `A` comes too late for the file that uses it.
    assert!(
        text.contains("B=1\nC=2\nA=1\nnote: /p/2.env:2: The \"A\" variable is not set."),
        "{text}"
    );
    let both = ProjectOptions { env: env(&[("COMPOSE_ENV_FILES", "none")]), ..flags };
    assert!(found(&both, &source).contains("C=12"));
    let none = ProjectOptions { env_files: vec!["no.env".into()], ..at("/p") };
    assert_data_eq!(
        found(&none, &source),
        str![[r#"
! couldn't find env file: /p/no.env

"#]]
    );
    let directory = ProjectOptions { env_files: vec![".".into()], ..at("/p") };
    assert_data_eq!(
        found(&directory, &source),
        str![[r#"
! failed to read /p: is a directory

"#]]
    );
}

#[test]
fn dot_env_can_be_switched_off() {
    let source = files(&[("/p/compose.yaml", C), ("/p/.env", "A=dot")]);
    let switched = |value: &str| ProjectOptions {
        env: env(&[("COMPOSE_DISABLE_ENV_FILE", value)]),
        ..at("/p")
    };
    assert!(!found(&switched("true"), &source).contains("A=dot"));
    assert!(found(&switched("0"), &source).contains("A=dot"));
    assert_data_eq!(
        found(&switched("maybe"), &source),
        str![[r#"
! COMPOSE_DISABLE_ENV_FILE is neither true nor false: `maybe`

"#]]
    );
    // A directory of that name is not read, as docker compose does not.
    assert!(
        found(&at("/p"), &files(&[("/p/compose.yaml", C), ("/p/.env/x", "")])).starts_with("in /p")
    );
}

#[test]
fn errors_name_the_file_and_the_line_and_no_value() {
    let source = files(&[("/p/compose.yaml", C), ("/p/.env", "A=1\nB=\"hunter2")]);
    let text = found(&at("/p"), &source);
    assert!(
        text.starts_with("! failed to read /p/.env: line 2: unterminated quoted value"),
        "{text}"
    );
    assert!(!text.contains("hunter2"));
}
