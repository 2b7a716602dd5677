//! Archives in and out of a container, where nerdctl copies files and folders only.

use crate::{hand::shells, lima, machine, printed};
use perry_container_protocol::{CliProtocol as _, Dialogue as _, Input, Invocation, Output, Step};
use perry_container_spec::{ContainerSpec, InjectedFile};
use snapbox::{assert_data_eq, str};
use std::{collections::BTreeMap, fs, os::unix::fs::PermissionsExt as _, path::Path};

/// A container with an empty `/tmp` and a `/run` that only its owner can look into.
fn container(name: &str) -> std::path::PathBuf {
    let root = machine().join("containers").join(name);
    drop(fs::remove_dir_all(&root));
    fs::create_dir_all(root.join("tmp")).unwrap();
    fs::create_dir_all(root.join("run")).unwrap();
    fs::set_permissions(root.join("run"), fs::Permissions::from_mode(0o700)).unwrap();
    root
}

fn file(target: &str, mode: u32, content: &str) -> InjectedFile {
    let content = content.as_bytes().to_vec().into();
    InjectedFile { target: target.to_owned(), content, uid: 0, gid: 0, mode }
}

/// Everything below a directory: mode and content.
fn tree(root: &Path) -> String {
    let mut all = BTreeMap::new();
    let mut left = vec![root.to_owned()];
    while let Some(dir) = left.pop() {
        for one in fs::read_dir(dir).unwrap().flatten() {
            let path = one.path();
            let data = fs::symlink_metadata(&path).unwrap();
            let name = path.strip_prefix(root).unwrap().display().to_string();
            let text =
                if data.is_file() { fs::read_to_string(&path).unwrap() } else { String::new() };
            all.insert(name, format!("{:o} {text}", data.permissions().mode() & 0o7777));
            if data.is_dir() {
                left.push(path);
            }
        }
    }
    all.into_iter().map(|(name, text)| format!("{name} {}\n", text.trim_end())).collect()
}

/// The call that copies the files of a new container.
fn injection(files: Vec<InjectedFile>) -> Invocation {
    let spec = ContainerSpec { files, ..ContainerSpec::new("lab/base:1".to_owned()) };
    let (id, mut create) = ("a".repeat(64), lima().create(&spec));
    let mut last: Vec<String> = Vec::new();
    loop {
        let outputs: Vec<_> = last
            .iter()
            .map(|text| Output { code: 0, stdout: text.as_bytes(), stderr: b"" })
            .collect();
        let Step::Run(calls) = create.next(&outputs) else { panic!("it copies files") };
        if let Some(call) =
            calls.iter().find(|call| call.texts().iter().any(|t| t.contains("nerdctl cp")))
        {
            return call.clone();
        }
        let answer = |call: &Invocation| {
            let says = |word: &str| call.texts().iter().any(|text| text == word);
            match (says("create"), says("inspect")) {
                (true, _) => format!("{id}\n"),
                (_, true) => r#"[{"Id":"sha256:1","Name":"docker.io/lab/base:1","RepoTags":["lab/base:1"],"RepoDigests":["lab/base@sha256:1"],"Config":{},"Architecture":"amd64","Os":"linux","Size":1}]"#.to_owned(),
                _ => String::new(),
            }
        };
        last = calls.iter().map(answer).collect();
    }
}

#[test]
fn the_files_of_a_new_container_are_there_and_folders_that_were_there_are_as_they_were() {
    for shell in shells() {
        let root = container(&"a".repeat(64));
        let call = injection(vec![
            file("/run/secrets/key", 0o440, "hidden"),
            file("/tmp/a b'c", 0o644, "quoted"),
            file("/etc/app/conf.d/one", 0o600, "deep"),
        ]);
        assert!(!call.texts().iter().any(|text| text.contains("hidden")));
        printed(shell, &call, b"");
        assert_data_eq!(
            tree(&root),
            str![[r#"
etc 755
etc/app 755
etc/app/conf.d 755
etc/app/conf.d/one 600 deep
run 700
run/secrets 755
run/secrets/key 440 hidden
tmp 755
tmp/a b'c 644 quoted

"#]]
        );
    }
}

#[test]
fn archives_go_in_and_come_out_whole() {
    for shell in shells() {
        let root = container("box");
        let into = lima().copy_in("box", "/tmp");
        assert!(matches!(into.input, Input::Stream));
        let archive = perry_container_docker::archive(&[
            file("put/in", 0o640, "bytes"),
            file("put/deep/er", 0o600, "more"),
            file("-x", 0o644, "a name like a flag"),
        ]);
        printed(shell, &into, &archive);
        let out = printed(shell, &lima().copy_out("box", "/tmp/put"), b"");
        let back = container("back");
        printed(shell, &lima().copy_in("back", "/tmp"), &out);
        assert_eq!(tree(&root.join("tmp/put")), tree(&back.join("tmp/put")));
        assert_data_eq!(
            tree(&root),
            str![[r#"
run 700
tmp 755
tmp/-x 644 a name like a flag
tmp/put 755
tmp/put/deep 755
tmp/put/deep/er 600 more
tmp/put/in 640 bytes

"#]]
        );
    }
}
