use super::Folder;
use snapbox::{assert_data_eq, str};

fn said(text: &str) -> String {
    Folder::new(&[("compose.yaml", text)]).text("config", &[])
}

#[test]
fn unknown_property() {
    assert_data_eq!(
        said("services:\n  web:\n    imgae: httpd\n"),
        str![[r#"
status 1
---
error: services.web: additional property `imgae` is not allowed
 --> compose.yaml:3:5
  |
3 |     imgae: httpd
  |     ^^^^^
  |
  = help: did you mean `image`?

"#]]
    );
}

#[test]
fn several_at_once() {
    assert_data_eq!(
        said("services:\n  web:\n    image: [x]\n    ports: [\"80:99999\"]\n    restart: {}\n"),
        str![[r#"
status 1
---
error: services.web.image: must be a string, found a list
 --> compose.yaml:3:12
  |
3 |     image: [x]
  |            ^^^

error: services.web.restart: must be a string, found a mapping
 --> compose.yaml:5:14
  |
5 |     restart: {}
  |              ^^

"#]]
    );
}

#[test]
fn broken_yaml() {
    assert_data_eq!(
        said("services:\n  web:\n    image: [unclosed\n"),
        str![[r#"
status 1
---
error: while parsing a flow sequence, expected ',' or ']'
 --> compose.yaml:4:1
  |
4 |
  | ^

"#]]
    );
}

#[test]
fn cycle() {
    assert_data_eq!(
        said("services:\n  a: {image: x, depends_on: [b]}\n  b: {image: x, depends_on: [a]}\n"),
        str![[r#"
status 1
---
error: services.a.depends_on.b: dependency cycle: a -> b -> a
 --> compose.yaml:2:30
  |
2 |   a: {image: x, depends_on: [b]}
  |                              ^

"#]]
    );
}

#[test]
fn undefined_network() {
    assert_data_eq!(
        said("services:\n  web:\n    image: x\n    networks: [nowhere]\n"),
        str![[r#"
status 1
---
error: services.web.networks.nowhere: refers to undefined network `nowhere`
 --> compose.yaml:4:16
  |
4 |     networks: [nowhere]
  |                ^^^^^^^
  |
  = help: define it at the top level: `networks: {nowhere: {}}`

"#]]
    );
}

#[test]
fn hostile_text_is_made_harmless() {
    let text = said("services:\n  \"a\\e[31mb\":\n    image: x\n    \u{9b}evil: y\n");
    assert!(!text.contains('\u{1b}') && !text.contains('\u{9b}'), "{text:?}");
}

#[test]
fn no_file() {
    let here = Folder::new(&[]);
    assert_data_eq!(
        here.text("-f nowhere.yaml config", &[]),
        str![[r#"
status 1
---
error: open [DIR]/nowhere.yaml: no such file or directory

"#]]
    );
    assert_data_eq!(
        here.text("-p Bad! ps", &[]),
        str![[r#"
status 1
---
error: invalid project name `Bad!`: must consist only of lowercase alphanumeric characters, hyphens, and underscores as well as start with a letter or number

"#]]
    );
}

/// Root may read everything, so the program runs as nobody then, from a place that nobody may enter.
#[test]
fn a_file_that_may_not_be_read() {
    use std::os::unix::{fs::PermissionsExt as _, process::CommandExt as _};
    let here = Folder::new(&[("compose.yaml", "services: {a: {image: x}}\n")]);
    let mode = |path: &str, mode| {
        let mode = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(here.path().join(path), mode).unwrap();
    };
    mode("", 0o755);
    mode("compose.yaml", 0o000);
    let program = here.path().join("perry-compose");
    std::fs::copy(env!("CARGO_BIN_EXE_perry-compose"), &program).unwrap();
    let mut command = std::process::Command::new(&program);
    command.arg("config").current_dir(here.path()).env_clear();
    if rustix::process::geteuid().is_root() {
        command.uid(65_534).gid(65_534);
    }
    let done = command.output().unwrap();
    let folder = here.path().canonicalize().unwrap();
    let err = String::from_utf8_lossy(&done.stderr).replace(&*folder.to_string_lossy(), "[DIR]");
    assert_eq!(
        (done.status.code(), &*err),
        (Some(1), "error: open [DIR]/compose.yaml: permission denied\n")
    );
}

#[test]
fn errors_as_json() {
    let here = Folder::new(&[]);
    assert_data_eq!(
        here.text("--progress json -f nowhere.yaml up", &[]),
        str![[r#"
status 1
---
{"error":true,"message":"open [DIR]/nowhere.yaml: no such file or directory"}

"#]]
    );
}

#[test]
fn no_runtime() {
    let here = Folder::new(&[("compose.yaml", "services: {web: {image: x}}\n")]);
    let env = [
        ("PERRY_CONTAINER_BACKEND", "docker"),
        ("DOCKER_HOST", "unix:///nonexistent.sock"),
        ("PATH", "/nonexistent"),
    ];
    let text = here.text("ps", &env);
    assert!(
        text.starts_with("status 1\n---\nerror: the container backend `docker` cannot be used: "),
        "{text}"
    );
    let text = here.text("--backend nosuch ps", &[]);
    assert!(text.contains("`nosuch`"), "{text}");
}
