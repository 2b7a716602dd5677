use super::Folder;
use snapbox::{assert_data_eq, str};

#[test]
fn version() {
    let here = Folder::new(&[]);
    assert_eq!(
        here.text("version --short", &[]),
        concat!("status 0\n", env!("CARGO_PKG_VERSION"), "\n---\n")
    );
    for line in ["--version", "-v", "version -f json"] {
        let text = here.text(line, &[]);
        assert!(
            text.starts_with("status 0\n") && text.contains(env!("CARGO_PKG_VERSION")),
            "{text}"
        );
    }
}

#[test]
fn help_is_on_standard_output() {
    let here = Folder::new(&[]);
    for line in ["--help", "up --help", ""] {
        let done = here.run(line, &[]);
        assert!(done.status.success(), "{line}");
        assert!(String::from_utf8_lossy(&done.stdout).contains("Usage: perry-compose"), "{line}");
        assert!(done.stderr.is_empty(), "{line}");
    }
}

#[test]
fn what_makes_no_sense_is_on_standard_error() {
    let here = Folder::new(&[]);
    assert_data_eq!(
        here.text("up --nope", &[]),
        str![[r#"
status 1
---
unknown flag: --nope
hint: did you mean `--no-deps`?

"#]]
    );
    assert_data_eq!(
        here.text("build", &[]),
        str![[r#"
status 1
---
`perry-compose build` is not there yet

"#]]
    );
    assert_data_eq!(
        here.text("up -d --attach web", &[]),
        str![[r#"
status 1
---
--detach cannot be combined with --abort-on-container-exit, --abort-on-container-failure, --exit-code-from, --attach, --attach-dependencies or --watch

"#]]
    );
    assert_data_eq!(
        here.text("--log-level =x= version", &[]),
        str![[r#"
status 1
---
invalid argument "=x=" for "--log-level" flag: invalid filter directive

"#]]
    );
}
