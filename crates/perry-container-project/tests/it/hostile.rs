//! Files that are none, files that never end, and files that lead round in a ring: one clear error each.
#![cfg(unix)]

use crate::refusal;
use perry_container_project::{ComposeProject, Env, ProjectOptions};
use proptest::prelude::*;
use snapbox::{assert_data_eq, str};
use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::Path;
use tempfile::TempDir;

const GOOD: &str = "\
services:
  web:
    image: httpd:${TAG:-2}
    env_file: [web.env]
    ports: [\"8080:80\"]
    extends: {file: base.yaml, service: base}
include: [more.yaml]
";

/// A directory with files.
fn directory(files: &[(&str, &str)]) -> TempDir {
    let directory = TempDir::with_prefix("perry-project-").expect("a directory");
    for (path, text) in files {
        let path = directory.path().join(path);
        fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
        fs::write(path, text).expect("a file");
    }
    directory
}

/// Why the project in a directory is refused, its path left out.
fn refused(directory: &TempDir, files: &[&str]) -> String {
    let mut options = ProjectOptions::new(directory.path(), Env::new());
    options.files = files.iter().map(Into::into).collect();
    let text = refusal(ComposeProject::open(&options));
    text.replace(&directory.path().display().to_string(), "[DIR]")
}

/// A project whose one service reads one file in a way.
fn with(member: &str) -> TempDir {
    directory(&[("compose.yaml", &format!("services: {{a: {{image: x, {member}}}}}\n"))])
}

#[test]
fn a_directory_where_a_file_is_wanted() {
    let project = directory(&[
        ("dir/x", ""),
        ("compose.yaml", "services: {a: {image: x, env_file: dir}}\n"),
        ("include.yaml", "include: [dir]\nservices: {a: {image: x}}\n"),
        ("extends.yaml", "services: {a: {image: x, extends: {file: dir, service: b}}}\n"),
        ("label.yaml", "services: {a: {image: x, label_file: dir}}\n"),
    ]);
    let all: Vec<String> = ["dir", "compose.yaml", "include.yaml", "extends.yaml", "label.yaml"]
        .map(|file| refused(&project, &[file]) + "\n")
        .into();
    assert_data_eq!(
        all.concat(),
        str![[r#"
open [DIR]/dir: is a directory
[DIR]/compose.yaml:1:36: services.a.env_file.0: failed to read [DIR]/dir: is a directory
[DIR]/include.yaml:1:11: include.0: cannot read [DIR]/dir: is a directory
[DIR]/extends.yaml:1:42: services.a.extends.file: cannot read [DIR]/dir: is a directory
[DIR]/label.yaml:1:38: services.a.label_file.0: label file [DIR]/dir is a directory

"#]]
    );
}

#[test]
fn a_path_through_a_file() {
    let project = with("env_file: compose.yaml/x.env");
    assert_data_eq!(
        format!(
            "{}\n{}\n",
            refused(&project, &["compose.yaml"]),
            refused(&project, &["compose.yaml/c.yaml"])
        ),
        str![[r#"
[DIR]/compose.yaml:1:36: services.a.env_file.0: failed to read [DIR]/compose.yaml/x.env: a part of its path is a file, no directory
open [DIR]/compose.yaml/c.yaml: a part of its path is a file, no directory

"#]]
    );
}

#[test]
fn a_named_pipe_is_refused_before_it_is_waited_for() {
    let project = with("env_file: pipe");
    let pipe = project.path().join("pipe");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &pipe,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
        0,
    )
    .expect("a pipe");
    assert_data_eq!(
        format!("{}\n{}\n", refused(&project, &["pipe"]), refused(&project, &["compose.yaml"])),
        str![[r#"
open [DIR]/pipe: is a named pipe, which may never be written to (give `-` and pipe into standard input)
[DIR]/compose.yaml:1:36: services.a.env_file.0: failed to read [DIR]/pipe: is a named pipe, which may never be written to (give `-` and pipe into standard input)

"#]]
    );
}

#[test]
fn a_gigabyte_is_refused_before_it_is_read() {
    let project = with("env_file: large");
    let large = File::create(project.path().join("large")).expect("a file");
    large.set_len(1 << 30).expect("a sparse file");
    assert_data_eq!(
        format!("{}\n{}\n", refused(&project, &["large"]), refused(&project, &["compose.yaml"])),
        str![[r#"
open [DIR]/large: is larger than 64 MiB
[DIR]/compose.yaml:1:36: services.a.env_file.0: failed to read [DIR]/large: is larger than 64 MiB

"#]]
    );
}

#[test]
fn deep_nesting_is_an_error_and_no_overflow() {
    for (name, text) in [
        ("lists.yaml", "[".repeat(200_000)),
        ("maps.yaml", "{a: ".repeat(100_000)),
        ("blocks.yaml", "- ".repeat(100_000)),
        ("keys.yaml", "? ".repeat(100_000)),
        ("lists.json", "[".repeat(200_000) + &"]".repeat(200_000)),
        (
            "inside.yaml",
            format!("services: {{a: {{x-a: {}{}}}}}", "[".repeat(300), "]".repeat(300)),
        ),
    ] {
        let project = directory(&[(name, &text)]);
        let error = refused(&project, &[name]);
        assert!(error.ends_with("nested deeper than 128 levels"), "{name}: {error}");
        let place = format!("[DIR]/{name}:1:");
        assert!(error.starts_with(&place), "{name}: {error}");
    }
}

/// Whoever is root may read every file; reading the memory of a process at 0 fails for everybody.
#[cfg(target_os = "linux")]
#[test]
fn a_file_that_fails_while_it_is_read() {
    let project = with("env_file: /proc/self/mem");
    assert_data_eq!(
        format!(
            "{}\n{}\n",
            refused(&project, &["/proc/self/mem"]),
            refused(&project, &["compose.yaml"])
        ),
        str![[r#"
open /proc/self/mem: input/output error
[DIR]/compose.yaml:1:36: services.a.env_file.0: failed to read /proc/self/mem: input/output error

"#]]
    );
}

#[test]
fn a_device_that_never_ends() {
    assert_data_eq!(
        refused(&directory(&[]), &["/dev/zero"]),
        str!["open /dev/zero: is larger than 64 MiB"]
    );
}

#[test]
fn links_that_lead_round_in_a_ring() {
    let project = with("env_file: one");
    symlink("two", project.path().join("one")).expect("a link");
    symlink("one", project.path().join("two")).expect("a link");
    symlink("gone", project.path().join("dangling")).expect("a link");
    assert_data_eq!(
        format!(
            "{}\n{}\n{}\n",
            refused(&project, &["one"]),
            refused(&project, &["compose.yaml"]),
            refused(&project, &["dangling"])
        ),
        str![[r#"
open [DIR]/one: too many levels of symbolic links
[DIR]/compose.yaml:1:36: services.a.env_file.0: failed to read [DIR]/one: too many levels of symbolic links
open [DIR]/dangling: no such file or directory

"#]]
    );
}

#[test]
fn includes_in_a_ring() {
    let project = directory(&[
        ("compose.yaml", "include: [b/two.yaml]\nservices: {a: {image: x}}\n"),
        ("b/two.yaml", "include: [../c.yaml]\n"),
        ("c.yaml", "include: [compose.yaml]\n"),
        // Through a link every round has another name.
        ("link.yaml", "include: [d/link.yaml]\nservices: {a: {image: x}}\n"),
    ]);
    symlink(".", project.path().join("d")).expect("a link");
    assert_data_eq!(
        refused(&project, &["compose.yaml"]),
        str![
            "[DIR]/c.yaml:1:11: include.0: include cycle: [DIR]/compose.yaml includes [DIR]/b/two.yaml includes [DIR]/c.yaml includes [DIR]/compose.yaml"
        ]
    );
    let text = refused(&project, &["link.yaml"]);
    // The operating system counts links before we count files.
    assert!(text.contains("include.0: ") && text.contains("symbolic links"), "{text}");
}

#[test]
fn extends_in_a_ring() {
    let project = directory(&[
        ("compose.yaml", "services: {a: {extends: {file: b.yaml, service: b}}}\n"),
        ("b.yaml", "services: {b: {extends: {file: compose.yaml, service: a}}}\n"),
        ("link.yaml", "services: {a: {image: x, extends: {file: d/link.yaml, service: a}}}\n"),
    ]);
    symlink(".", project.path().join("d")).expect("a link");
    assert_data_eq!(
        refused(&project, &["compose.yaml"]),
        str![
            "[DIR]/compose.yaml:1:25: services.a.extends: circular reference: a in [DIR]/compose.yaml extends b in [DIR]/b.yaml extends a in [DIR]/compose.yaml"
        ]
    );
    let text = refused(&project, &["link.yaml"]);
    assert!(
        text.contains("services.a.extends.file: ") && text.contains("symbolic links"),
        "{text}"
    );
}

fn project_of(bytes: &[u8], name: &str) -> TempDir {
    let project = directory(&[
        ("compose.yaml", GOOD),
        ("web.env", "A=1\nB=\"two $A\"\n"),
        ("base.yaml", "services: {base: {user: u}}\n"),
        ("more.yaml", "services: {more: {image: y}}\n"),
        (".env", "TAG=3\n"),
    ]);
    fs::write(project.path().join(name), bytes).expect("a file");
    project
}

fn opened(directory: &Path) -> Result<(), String> {
    match ComposeProject::open(&ProjectOptions::new(directory, Env::new())) {
        Ok(_) => Ok(()),
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn a_file_cut_anywhere_is_a_project_or_an_error_with_words() {
    for name in ["compose.yaml", "web.env", "base.yaml", "more.yaml", ".env"] {
        let whole = fs::read(project_of(b"", "unused").path().join(name)).expect("a file");
        for end in 0..whole.len() {
            let project = project_of(&whole[..end], name);
            if let Err(error) = opened(project.path()) {
                assert!(error.len() > 10 && error.len() < 2000, "{name} {end}: {error}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_bytes_in_any_file_give_a_project_or_an_error(
        bytes in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..120),
            "[a-c:\\[\\]{}$ \n\t\"'#&*!|>-]{0,80}".prop_map(String::into_bytes),
        ],
        name in prop::sample::select(vec!["compose.yaml", "web.env", "base.yaml", "more.yaml", ".env"]),
    ) {
        let project = project_of(&bytes, name);
        if let Err(error) = opened(project.path()) {
            prop_assert!(error.len() < 4000, "{}", error);
        }
    }
}
