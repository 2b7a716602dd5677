//! Verbs that take several calls.

use crate::common::{docker, podman4, podman5, talk};
use perry_container_protocol::{
    CliProtocol as _, Dialogue as _, Each, Input, Output, Step, ToolError,
};
use perry_container_spec::{
    ContainerSpec, ErrorKind, InjectedFile, NetworkSpec, Parts, Removal, Selector,
};
use snapbox::{IntoData as _, assert_data_eq, str};
use std::io::Read as _;

const ID: &str = "7bb589b0785fa38de6747815dba5ef4e48e41d3f69233696d6a2523721595e92";

const FORCE: Removal = Removal { force: true, volumes: false };

fn container(id: &str, name: &str) -> String {
    format!(
        r#"{{"Id":"{id}","Name":"{name}","State":{{"Status":"running"}},"Config":{{"Image":"i","Labels":{{"p":"x"}}}}}}"#
    )
}

fn each(all: Result<Each<()>, ToolError>) -> String {
    let one = |(id, result): &(String, Result<(), ToolError>)| match result {
        Ok(()) => format!("{id}: removed\n"),
        Err(error) => format!("{id}: {} ({error})\n", error.kind()),
    };
    all.expect("the call as a whole succeeds").iter().map(one).collect()
}

#[test]
fn a_look_takes_two_rounds_of_calls_however_much_there_is() {
    let mut of = Selector::label("p", "x");
    (of.networks, of.volumes) = (vec!["ext".to_owned()], Vec::new());
    of.images = vec!["redis".to_owned(), "nope:1".to_owned()];
    let containers = format!("[{},{}]", container("aaaa", "a"), container("bbbb", "b"));
    let image = r#"[{"Id":"sha256:1","RepoTags":["redis:latest"]}]"#;
    let (calls, seen) = talk(
        docker().observe(&of, Parts::ALL),
        &[
            &[
                (0, "aaaa\nbbbb\n", ""),
                (0, "", ""),
                (0, "", ""),
                (1, image, "Error response from daemon: No such image: nope:1\n"),
            ],
            &[
                (0, &containers, ""),
                (1, "[]\n", "Error response from daemon: network ext not found\n"),
            ],
        ],
    );
    assert_data_eq!(calls, str![[r#"
ps -aq --no-trunc --filter=label=p=x & network ls -q --no-trunc --filter=label=p=x & volume ls -q --filter=label=p=x & image inspect -- redis nope:1
container inspect -- aaaa bbbb & network inspect -- ext

"#]].raw());
    let seen = seen.expect("it succeeds");
    assert_eq!(seen.containers.keys().collect::<Vec<_>>(), ["aaaa", "bbbb"]);
    assert_eq!(seen.images["redis"].repository, "docker.io/library/redis");
    assert!(seen.networks.is_empty() && !seen.images.contains_key("nope:1"));
}

#[test]
fn parts_that_are_not_wanted_cost_nothing() {
    let (calls, seen) =
        talk(podman4().observe(&Selector::label("p", "a,b"), Parts::VOLUMES), &[&[(0, "", "")]]);
    assert_data_eq!(
        calls,
        str![[r#"
volume ls -q '--filter="label=p=a,b"'

"#]]
        .raw()
    );
    assert!(seen.is_ok());
    let (calls, seen) = talk(docker().observe(&Selector::default(), Parts::IMAGES), &[]);
    assert_eq!(calls, "");
    assert!(seen.is_ok());
}

#[test]
fn what_vanishes_while_it_is_looked_at_makes_a_fresh_look() {
    let gone = "Error: inspecting object: no such container bbbb\n";
    let one = format!("[{}]", container("aaaa", "a"));
    let (calls, seen) = talk(
        podman4().observe(&Selector::label("p", "x"), Parts::CONTAINERS),
        &[&[(0, "aaaa\nbbbb\n", "")], &[(125, &one, gone)], &[(0, "aaaa\n", "")], &[(0, &one, "")]],
    );
    assert_data_eq!(
        calls,
        str![[r#"
ps -aq --no-trunc --filter=label=p=x
container inspect -- aaaa bbbb
ps -aq --no-trunc --filter=label=p=x
container inspect -- aaaa

"#]]
        .raw()
    );
    assert_eq!(seen.expect("it succeeds").containers.len(), 1);

    let round: [&[(i32, &str, &str)]; 2] = [&[(0, "aaaa\nbbbb\n", "")], &[(125, &one, gone)]];
    let rounds = [round, round, round].concat();
    let (_, seen) = talk(podman4().observe(&Selector::label("p", "x"), Parts::CONTAINERS), &rounds);
    assert_eq!(seen, Err(ToolError::Unstable));
}

#[test]
fn podman_4_is_asked_to_remove_what_is_there_only() {
    let ids = ["a".to_owned(), "gone".to_owned(), "b".to_owned()];
    let both = format!("[{},{}]", container("aaaa", "a"), container("bbbb", "b"));
    let (calls, all) = talk(
        podman4().remove_each(&ids, &FORCE),
        &[
            &[(125, &both, "Error: inspecting object: no such container gone\n")],
            &[(0, "a\nb\n", "")],
        ],
    );
    assert_data_eq!(
        calls,
        str![[r#"
container inspect -- a gone b
rm -f -t 0 -- a b

"#]]
        .raw()
    );
    assert_data_eq!(
        each(all),
        str![[r#"
a: removed
gone: not found (no such container: gone)
b: removed

"#]]
        .raw()
    );
}

#[test]
fn podman_4_that_says_nothing_has_removed_nothing() {
    let (calls, all) = talk(
        podman4().remove_each(&["a".to_owned()], &FORCE),
        &[&[(0, "", "")], &[(125, "[]", "Error: inspecting object: no such container a\n")]],
    );
    assert_data_eq!(
        calls,
        str![[r#"
rm -f -t 0 -- a
container inspect -- a

"#]]
        .raw()
    );
    assert_data_eq!(
        each(all),
        str![[r#"
a: not found (no such container: a)

"#]]
        .raw()
    );
}

#[test]
fn each_container_that_stays_has_its_own_reason() {
    let ids = ["gone".to_owned(), "web".to_owned(), "done".to_owned()];
    let said = "Error response from daemon: No such container: gone\n\
                Error response from daemon: cannot remove container \"/web\": container is running: stop the container before removing or force remove\n";
    let there = format!("[{}]", container(ID, "web"));
    for tool in [docker(), podman5()] {
        let (calls, all) = talk(
            tool.remove_each(&ids, &Removal::default()),
            &[&[(1, "done\n", said)], &[(1, &there, "Error: No such object: gone\n")]],
        );
        if tool == docker() {
            assert_data_eq!(
                calls,
                str![[r#"
rm -- gone web done
container inspect -- gone web

"#]]
                .raw()
            );
            assert_data_eq!(each(all), str![[r#"
gone: not found (no such container: gone)
web: in use (cannot remove container "/web": container is running: stop the container before removing or force remove)
done: removed

"#]].raw());
        }
    }
}

#[test]
fn files_are_copied_before_the_start_and_a_failed_copy_leaves_nothing() {
    let mut spec = ContainerSpec::new("i".to_owned());
    let content = b"hunter2".to_vec().into();
    spec.files.push(InjectedFile {
        target: "/run/s".to_owned(),
        content,
        uid: 5,
        gid: 6,
        mode: 0o400,
    });
    let id = format!("{ID}\n");
    for (tool, expected) in [
        (
            docker(),
            str![[r#"
create --pull=never -- i
cp -- - 7bb589b0785fa38de6747815dba5ef4e48e41d3f69233696d6a2523721595e92:/

"#]],
        ),
        (
            podman4(),
            str![[r#"
create --pull=never -- i
cp --archive=false -- - 7bb589b0785fa38de6747815dba5ef4e48e41d3f69233696d6a2523721595e92:/

"#]],
        ),
    ] {
        let (calls, made) = talk(tool.create(&spec), &[&[(0, &id, "")], &[(0, "", "")]]);
        assert_eq!(made.map(|made| made.id).as_deref(), Ok(ID));
        assert_data_eq!(calls, expected.raw());
    }
    let said = "Error response from daemon: container rootfs is marked read-only\n";
    let (calls, made) =
        talk(docker().create(&spec), &[&[(0, &id, "")], &[(1, "", said)], &[(0, &id, "")]]);
    assert_data_eq!(
        calls,
        str![[r#"
create --pull=never -- i
cp -- - 7bb589b0785fa38de6747815dba5ef4e48e41d3f69233696d6a2523721595e92:/
rm -f -v -- 7bb589b0785fa38de6747815dba5ef4e48e41d3f69233696d6a2523721595e92

"#]]
        .raw()
    );
    assert_eq!(made.expect_err("it fails").to_string(), "container rootfs is marked read-only");
}

#[test]
fn the_archive_holds_the_files_as_they_are() {
    let mut spec = ContainerSpec::new("i".to_owned());
    let deep = format!("/{}/é", ["directory"; 14].join("/"));
    for (target, uid, mode) in
        [("/run/secrets/s", 5, 0o400), (deep.as_str(), 4_000_000, 0o644), ("/empty", 0, 0o7777)]
    {
        let content = if target == "/empty" { Vec::new() } else { vec![7; 700] };
        spec.files.push(InjectedFile {
            target: target.to_owned(),
            content: content.into(),
            uid,
            gid: uid + 1,
            mode,
        });
    }
    let mut create = docker().create(&spec);
    assert!(matches!(create.next(&[]), Step::Run(_)));
    let out = Output { code: 0, stdout: ID.as_bytes(), stderr: b"" };
    let Step::Run(calls) = create.next(&[out]) else { panic!("a copy") };
    let Input::Bytes(bytes) = &calls[0].input else { panic!("an archive") };
    let mut archive = tar::Archive::new(&bytes.expose()[..]);
    let found: Vec<_> = archive
        .entries()
        .expect("entries")
        .map(|entry| {
            let mut entry = entry.expect("an entry");
            let mut content = Vec::new();
            entry.read_to_end(&mut content).expect("content");
            let header = entry.header();
            let path = entry.path().expect("a path").display().to_string();
            let owner = (header.uid().expect("a number"), header.gid().expect("a number"));
            (format!("/{path}"), owner, header.mode().expect("a mode"), content.len())
        })
        .collect();
    let wanted = [
        ("/run/secrets/s".to_owned(), (5, 6), 0o400, 700),
        (deep, (4_000_000, 4_000_001), 0o644, 700),
        ("/empty".to_owned(), (0, 1), 0o7777, 0),
    ];
    assert_eq!(found, wanted);
}

#[test]
fn podman_stops_what_is_paused_after_letting_it_go_on() {
    let said = format!(
        "Error: container {ID} is running or paused, refusing to clean up: container state improper\n"
    );
    let (calls, reply) = talk(
        podman4().stop("a", Some(1)),
        &[&[(125, "", &said)], &[(0, "", "")], &[(0, "a\n", "")]],
    );
    assert_data_eq!(
        calls,
        str![[r#"
stop -t 1 -- a
unpause -- a
stop -t 1 -- a

"#]]
        .raw()
    );
    assert_eq!(reply, Ok(()));
}

#[test]
fn an_engine_that_is_down_says_so() {
    let said = "Cannot connect to the Docker daemon at unix:///run/nope.sock. Is the docker daemon running?\n";
    let (_, reply) =
        talk(docker().check(), &[&[(1, r#"{"Client":{"Version":"28"},"Server":null}"#, said)]]);
    assert_eq!(reply.map_err(|error| error.kind()), Err(ErrorKind::EngineDown));
    let version = r#"{"Client":{"Version":"4.3.1"}}"#;
    let (calls, reply) = talk(podman4().check(), &[&[(0, version, ""), (0, "", "")]]);
    assert_data_eq!(
        calls,
        str![[r#"
version --format=json & ps -q

"#]]
        .raw()
    );
    assert_eq!(reply, Ok(Some("4.3.1".to_owned())));
}

/// podman 4.3.1, while containers of others end.
#[test]
fn a_network_is_asked_for_again_when_an_interface_of_the_host_vanished_meanwhile() {
    let spec = NetworkSpec { name: "n".to_owned(), ..NetworkSpec::default() };
    let lost = "Error: route ip+net: no such network interface\n";
    let (calls, made) =
        talk(podman4().create_network(&spec), &[&[(125, "", lost)], &[(0, "n\n", "")]]);
    assert_data_eq!(
        calls,
        str![[r#"
network create -- n
network create -- n

"#]]
    );
    assert!(made.is_ok());
    let refused: &[(i32, &str, &str)] = &[(125, "", lost)];
    let (calls, made) = talk(podman4().create_network(&spec), &[refused; 4]);
    assert_eq!(calls.lines().count(), 4);
    assert_data_eq!(made.unwrap_err().to_string(), str!["route ip+net: no such network interface"]);
}

/// buildx 0.29.1 of Debian 12 on a registry of its own.
#[test]
fn a_digest_is_the_registry_s() {
    let mut dialogue = docker().registry_digest("127.0.0.1:5000/lab/graceful:1");
    let Step::Run(calls) = dialogue.next(&[]) else { panic!("one call") };
    assert_eq!(
        calls[0].texts(),
        [
            "buildx",
            "imagetools",
            "inspect",
            "--format={{json .Manifest}}",
            "--",
            "127.0.0.1:5000/lab/graceful:1"
        ]
    );
    let stdout = br#"{
  "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
  "digest": "sha256:6e35b762cdba6349c3518e9da3ac07914b28026c197eb7d7da9ae4e2747cee7d",
  "size": 736
}"#;
    let Step::Done(digest) = dialogue.next(&[Output { code: 0, stdout, stderr: b"" }]) else {
        panic!("its answer")
    };
    assert_eq!(
        digest.expect("a digest"),
        "sha256:6e35b762cdba6349c3518e9da3ac07914b28026c197eb7d7da9ae4e2747cee7d"
    );
    let Step::Done(refused) = podman4().registry_digest("x").next(&[]) else { panic!("no call") };
    assert_eq!(refused.expect_err("no such command").kind(), ErrorKind::Unsupported);
}
