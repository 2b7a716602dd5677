use crate::{at, env, files, found};
use perry_container_project::{FILE_NAMES, ProjectOptions};
use snapbox::{assert_data_eq, str};

const C: &str = "services: {a: {image: x}}";

#[test]
fn the_four_names_in_their_order() {
    for (number, name) in FILE_NAMES.iter().enumerate() {
        let present: Vec<(String, &str)> =
            FILE_NAMES[number..].iter().map(|name| (format!("/p/{name}"), C)).collect();
        let source = present.into_iter().collect();
        let text = found(&at("/p"), &source);
        assert_eq!(text.lines().nth(1), Some(format!("file /p/{name}").as_str()), "{text}");
    }
}

#[test]
fn several_files_are_said() {
    let source = files(&[
        ("/p/docker-compose.yml", C),
        ("/p/compose.yml", C),
        ("/p/compose.override.yaml", C),
        ("/p/docker-compose.override.yml", C),
    ]);
    assert_data_eq!(
        found(&at("/p"), &source),
        str![[r#"
in /p
file /p/compose.yml
file /p/compose.override.yaml
note: found multiple config files with supported names: /p/compose.yml, /p/docker-compose.yml; using /p/compose.yml
note: found multiple override files with supported names: /p/compose.override.yaml, /p/docker-compose.override.yml; using /p/compose.override.yaml

"#]]
    );
}

#[test]
fn the_search_goes_up_and_overrides_lie_beside_the_file() {
    let source = files(&[
        ("/p/compose.yaml", C),
        ("/p/compose.override.yml", C),
        ("/p/a/compose.override.yml", C),
        ("/p/a/b/x", ""),
    ]);
    assert_data_eq!(
        found(&at("/p/a/b"), &source),
        str![[r#"
in /p
file /p/compose.yaml
file /p/compose.override.yml

"#]]
    );
    // A directory of that name is no compose file.
    let source = files(&[("/p/compose.yaml", C), ("/p/a/compose.yaml/x", "")]);
    assert_data_eq!(
        found(&at("/p/a"), &source),
        str![[r#"
in /p
file /p/compose.yaml

"#]]
    );
}

#[test]
fn named_files_are_taken_in_order_and_without_overrides() {
    let source = files(&[("/p/compose.yaml", C), ("/p/compose.override.yml", C), ("/q/b.yaml", C)]);
    let options = ProjectOptions {
        files: vec!["-".into(), "../q/b.yaml".into(), "compose.yaml".into()],
        ..at("/p")
    };
    assert_data_eq!(
        found(&options, &source),
        str![[r#"
in /q
file -
file /q/b.yaml
file /p/compose.yaml

"#]]
    );
    let stdin = ProjectOptions { files: vec!["-".into()], ..at("/p") };
    assert_data_eq!(
        found(&stdin, &source),
        str![[r#"
in /p
file -

"#]]
    );
    let remote = ProjectOptions { files: vec!["oci://there/shop".into()], ..at("/p") };
    assert_data_eq!(
        found(&remote, &source),
        str![[r#"
! oci://there/shop: compose files are read from the file system only; fetch it first

"#]]
    );
}

#[test]
fn the_project_directory_is_the_base_and_where_the_search_begins() {
    let source = files(&[("/p/compose.yaml", C), ("/q/c/compose.yaml", C), ("/q/c/.env", "A=1")]);
    let options = ProjectOptions { project_directory: Some("../q/c".into()), ..at("/p") };
    assert_data_eq!(
        found(&options, &source),
        str![[r#"
in /q/c
file /q/c/compose.yaml
A=1

"#]]
    );
    let options = ProjectOptions { files: vec!["compose.yaml".into()], ..options };
    assert_data_eq!(
        found(&options, &source),
        str![[r#"
in /q/c
file /p/compose.yaml
A=1

"#]]
    );
    let options = ProjectOptions { project_directory: Some("compose.yaml".into()), ..at("/p") };
    assert_data_eq!(
        found(&options, &source),
        str![[r#"
! stat /p/compose.yaml: not a directory (given as the project directory)

"#]]
    );
}

#[test]
fn compose_file_counts_when_no_file_is_named() {
    let source = files(&[("/p/compose.yaml", C), ("/p/x/a.yaml", C), ("/p/x/b.yaml", C)]);
    let listed = |list: &str, separator: &str| ProjectOptions {
        env: env(&[("COMPOSE_FILE", list), ("COMPOSE_PATH_SEPARATOR", separator)]),
        ..at("/p")
    };
    assert_data_eq!(
        found(&listed("x/a.yaml,x/b.yaml", ","), &source),
        str![[r#"
in /p/x
file /p/x/a.yaml
file /p/x/b.yaml
COMPOSE_FILE=x/a.yaml,x/b.yaml
COMPOSE_PATH_SEPARATOR=,

"#]]
    );
    assert_data_eq!(
        found(&listed("x/a.yaml;x/z.yaml", ";"), &source),
        str![[r#"
! stat /p/x/z.yaml: no such file or directory (named by COMPOSE_FILE)

"#]]
    );
    let named = ProjectOptions { files: vec!["x/b.yaml".into()], ..listed("x/a.yaml", "") };
    assert!(found(&named, &source).contains("file /p/x/b.yaml\nCOMPOSE_FILE"));
    // Empty counts as not set.
    assert!(found(&listed("", ""), &source).contains("file /p/compose.yaml"));
}

#[test]
fn finding_none_is_no_error_of_the_search() {
    assert_data_eq!(
        found(&at("/p/a"), &files(&[("/q/compose.yaml", C)])),
        str![[r#"
in /p/a

"#]]
    );
}
