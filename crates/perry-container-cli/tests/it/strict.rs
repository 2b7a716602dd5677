use super::Folder;
use snapbox::{assert_data_eq, str};

const ODD: (&str, &str) = (
    "compose.yaml",
    "name: odd\nservices:\n  a: {image: x, restart: bogus, mem_limit: 1e9, volumes: ['v:/b:ro']}\n  b: {image: y$UNSET}\n",
);

/// What docker compose accepts in silence is accepted, with warnings that have a place; `--strict` makes errors of them.
#[test]
fn warnings_are_errors_when_that_is_asked_for() {
    let here = Folder::new(&[ODD]);
    assert_data_eq!(
        here.text("config --services", &[]),
        str![[r#"
status 0
a
b
---
level=warning msg="compose.yaml:4:14: The /"UNSET/" variable is not set. Defaulting to a blank string."
level=warning msg="compose.yaml:3:59: services.a.volumes.0: /"v:/b/" in /"v:/b:ro/" is read as a path on a Windows drive; a volume's name needs two letters here"
level=warning msg="compose.yaml:3:26: services.a.restart: /"bogus/" is nothing that is known here (no, always, on-failure, unless-stopped)"
level=warning msg="compose.yaml:3:44: services.a.mem_limit: 1000000000 is read as 0; write a whole number, or a text such as /"1g/""

"#]]
    );
    assert_data_eq!(
        here.text("config --strict -q", &[]),
        str![[r#"
status 1
---
level=warning msg="compose.yaml:4:14: The /"UNSET/" variable is not set. Defaulting to a blank string."
level=warning msg="compose.yaml:3:59: services.a.volumes.0: /"v:/b/" in /"v:/b:ro/" is read as a path on a Windows drive; a volume's name needs two letters here"
level=warning msg="compose.yaml:3:26: services.a.restart: /"bogus/" is nothing that is known here (no, always, on-failure, unless-stopped)"
level=warning msg="compose.yaml:3:44: services.a.mem_limit: 1000000000 is read as 0; write a whole number, or a text such as /"1g/""
error: 4 warnings, and `--strict` allows none

"#]]
    );
    let text = here.text("config --strict", &[]);
    assert!(text.starts_with("status 1\n---\n"), "nothing is printed: {text}");
}

#[test]
fn nothing_odd_is_nothing_to_be_strict_about() {
    let here = Folder::new(&[("compose.yaml", "services: {a: {image: x, restart: always}}\n")]);
    assert_eq!(here.text("config --strict --services", &[]), "status 0\na\n---\n");
}

/// What is odd about where the project was found, and about its files with variables, counts as well.
#[test]
fn every_source_of_warnings_counts() {
    for (file, text) in [
        ("compose.yml", "services: {a: {image: y}}\n"),
        (".env", "A=$NOPE\n"),
        ("web.env", "A=$NOPE\n"),
    ] {
        let here = Folder::new(&[
            (
                "compose.yaml",
                "services: {a: {image: x, env_file: [{path: web.env, required: false}]}}\n",
            ),
            (file, text),
        ]);
        assert!(here.text("config", &[]).starts_with("status 0\n"), "{file}");
        let text = here.text("config --strict", &[]);
        assert!(text.ends_with("error: 1 warning, and `--strict` allows none\n"), "{file}: {text}");
    }
}

/// A file that is to be written is not, when there is a warning.
#[test]
fn nothing_is_written() {
    let here = Folder::new(&[ODD]);
    assert!(here.text("config --strict -o out.yaml", &[]).starts_with("status 1\n"));
    assert!(!here.path().join("out.yaml").exists());
}
