//! nerdctl's verbs, call by call.

use crate::common::{nerdctl, talk};
use perry_container_protocol::{CliProtocol as _, Output};
use perry_container_spec::{
    Attachment, ContainerSpec, ErrorKind, EventOptions, HealthTest, LogOptions, Network,
    NetworkSpec, Parts, Selector, State, VolumeSpec,
};
use snapbox::{assert_data_eq, str};

const GONE: &str =
    "time=\"2026-11-25T02:57:16Z\" level=fatal msg=\"1 errors:\\nno such container: b\"\n";

/// A running container as nerdctl 2.1.6 shows it, without what nobody reads.
fn shown(id: &str, name: &str, ports: &str, notes: &str) -> String {
    format!(
        r#"[{{"Id": "{id}", "Created": "2026-11-25T02:56:35.389Z", "Path": "sleep", "Args": ["1000"],
        "State": {{"Status": "running", "Running": true, "Pid": 7, "ExitCode": 0, "StartedAt": "2026-11-25T02:56:35.778Z",
            "FinishedAt": "", "Health": {{"Status": "starting", "FailingStreak": 2, "Log": [
                {{"ExitCode": 1, "Output": "newest\n"}}, {{"ExitCode": 0, "Output": "oldest\n"}}]}}}},
        "Image": "docker.io/lab/base:1", "HostsPath": "/var/hosts", "ResolvConfPath": "/var/resolv", "HostnamePath": "/var/name",
        "Name": "{name}", "RestartCount": 0, "HostConfig": {{"PortBindings": {ports}}},
        "Mounts": [{{"Type": "bind", "Source": "/var/hosts", "Destination": "/etc/hosts", "RW": true}},
            {{"Type": "tmpfs", "Source": "tmpfs", "Destination": "/memory", "RW": true}},
            {{"Type": "volume", "Name": "v", "Source": "/var/v", "Destination": "/data", "RW": true}}],
        "Config": {{"Image": "docker.io/lab/base:1", "Healthcheck": {{"Test": ["CMD-SHELL", "true"]}}, "Labels": {{
            "mine": "x", "dev.perry.nerdctl": {notes}, "nerdctl/namespace": "default",
            "nerdctl/networks": "[\"back\",\"front\"]", "containerd.io/restart.policy": "on-failure:3",
            "containerd.io/restart.count": "2"}}}},
        "NetworkSettings": {{"Ports": {ports}, "Networks": {{
            "unknown-eth0": {{"IPAddress": "10.4.1.2", "MacAddress": "22:e6:3f:28:3b:45"}},
            "unknown-eth1": {{"IPAddress": "10.4.2.2", "MacAddress": "22:e6:3f:28:3b:46"}}}}}}}}]"#
    )
}

const NOTES: &str = r#""{\"image\":\"lab/base:1\",\"id\":\"sha256:77\",\"aliases\":{\"back\":[\"db\"]},\"exposed\":[\"53/udp\"],\"empty\":[\"none\"]}""#;

fn id(digit: &str) -> String {
    digit.repeat(64)
}

#[test]
fn what_a_container_does_not_show_is_in_its_notes() {
    let text = shown(&id("a"), "one", "{}", NOTES);
    let (_, each) = talk(nerdctl().inspect_each(&["one".to_owned()]), &[&[(0, &text, "")]]);
    let info = each.unwrap().remove(0).1.unwrap();
    let mut value = serde_json::to_value(&info).unwrap();
    value["id"] = "<id>".into();
    assert_data_eq!(
        format!("{value:#}\n"),
        str![[r#"
{
  "id": "<id>",
  "name": "one",
  "image": "lab/base:1",
  "imageId": "sha256:77",
  "status": "running",
  "health": "starting",
  "healthOutput": "newest",
  "healthcheck": {
    "test": {
      "shell": "true"
    }
  },
  "restart": {
    "on-failure": 3
  },
  "ports": [
    "53/udp"
  ],
  "created": "2026-11-25T02:56:35.389Z",
  "started": "2026-11-25T02:56:35.778Z",
  "restartCount": 2,
  "labels": {
    "mine": "x",
    "none": ""
  },
  "networks": {
    "back": {
      "networkId": "",
      "ipv4": "10.4.1.2",
      "ipv6": "",
      "mac": "22:e6:3f:28:3b:45",
      "aliases": [
        "db"
      ]
    },
    "front": {
      "networkId": "",
      "ipv4": "10.4.2.2",
      "ipv6": "",
      "mac": "22:e6:3f:28:3b:46",
      "aliases": []
    }
  },
  "mounts": [
    {
      "type": "volume",
      "name": "v",
      "source": "/var/v",
      "target": "/data",
      "writable": true
    }
  ],
  "command": [
    "sleep",
    "1000"
  ]
}

"#]]
    );
}

/// An image that was made of a container has its labels.
#[test]
fn notes_of_another_image_are_nobodys() {
    let text = shown(&id("a"), "one", "{}", &NOTES.replace("lab/base", "lab/other"));
    let (_, each) = talk(nerdctl().inspect_each(&["one".to_owned()]), &[&[(0, &text, "")]]);
    let info = each.unwrap().remove(0).1.unwrap();
    assert_eq!((info.image.as_str(), info.image_id.as_str()), ("docker.io/lab/base:1", ""));
    assert!(info.networks.values().all(|endpoint| endpoint.aliases.is_empty()));
}

#[test]
fn one_that_is_missing_does_not_hide_the_others() {
    let text = shown(&id("a"), "a", "{}", NOTES);
    let ids = ["a", "b"].map(str::to_owned);
    let (calls, each) = talk(nerdctl().inspect_each(&ids), &[&[(1, "", GONE)], &[(0, &text, "")]]);
    assert_data_eq!(
        calls,
        str![[r#"
container inspect -- a b
container inspect -- a

"#]]
    );
    let found: Vec<_> = each
        .unwrap()
        .into_iter()
        .map(|(id, info)| (id, info.map(|info| info.state).map_err(|error| error.kind())))
        .collect();
    assert_eq!(
        found,
        [("a".to_owned(), Ok(State::Running)), ("b".to_owned(), Err(ErrorKind::NotFound))]
    );
}

#[test]
fn what_vanishes_while_it_is_looked_at_makes_a_fresh_look() {
    let text = shown(&id("a"), "a", "{}", NOTES);
    let listed = format!("{}\nb\n", id("a"));
    let only = format!("{}\n", id("a"));
    let image = r#"[{"Id": "sha256:88", "RepoTags": ["lab/base:1"]}]"#;
    let missing = "time=\"x\" level=fatal msg=\"1 errors:\\nno such image: lab/none:1\"";
    let of = Selector {
        images: vec!["lab/base:1".to_owned(), "lab/none:1".to_owned()],
        ..Selector::label("mine", "x")
    };
    let (calls, seen) = talk(
        nerdctl().observe(&of, Parts::CONTAINERS | Parts::IMAGES),
        &[
            &[(0, &listed, ""), (0, image, ""), (1, "", missing)],
            &[(1, "", GONE)],
            &[(0, &only, ""), (0, image, ""), (1, "", missing)],
            &[(0, &text, "")],
        ],
    );
    assert_data_eq!(
        calls,
        str![[r#"
ps -aq --no-trunc --filter=label=mine=x & image inspect -- lab/base:1 & image inspect -- lab/none:1
container inspect -- aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa b
ps -aq --no-trunc --filter=label=mine=x & image inspect -- lab/base:1 & image inspect -- lab/none:1
container inspect -- aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa

"#]]
    );
    let seen = seen.unwrap();
    assert_eq!((seen.containers.len(), seen.images.len()), (1, 1));
}

#[test]
fn a_container_is_made_with_its_notes_and_its_names() {
    let mut spec = ContainerSpec::new("lab/base:1".to_owned());
    spec.name = Some("p-db-1".to_owned());
    spec.labels.insert("none".to_owned(), String::new());
    spec.network = Network::Attached(
        ["back", "front"]
            .map(|network| Attachment {
                aliases: vec!["db".to_owned(), format!("{network}-db")],
                ..Attachment::new(network)
            })
            .to_vec(),
    );
    let image = r#"[{"Id": "sha256:77", "RepoTags": ["lab/base:1"], "Config": {"ExposedPorts": {"5432/tcp": {}}}}]"#;
    let made = format!("{}\n", id("a"));
    let (calls, made) = talk(nerdctl().create(&spec), &[&[(0, image, "")], &[(0, &made, "")]]);
    assert_data_eq!(
        calls,
        str![[r#"
image inspect -- lab/base:1
create --pull=never --name=p-db-1 --label=none= '--label=dev.perry.nerdctl={"image":"lab/base:1","id":"sha256:77","aliases":{"back":["db","back-db"],"front":["db","front-db"]},"exposed":["5432/tcp"],"empty":["none"]}' --network=back --network=front --hostname=p-db-1 '--annotation=nerdctl/hostname=db back-db front-db' -- lab/base:1

"#]]
    );
    assert_eq!(made.unwrap().id, id("a"));

    let missing = "time=\"x\" level=fatal msg=\"1 errors:\\nno such image: lab/base:1\"";
    let (_, missing) = talk(nerdctl().create(&spec), &[&[(1, "", missing)]]);
    assert_eq!(missing.unwrap_err().kind(), ErrorKind::ImageMissing);
}

#[test]
fn a_port_that_another_has_is_found_before_the_start() {
    let ports = r#"{"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}]}"#;
    let same = r#"{"81/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}]}"#;
    let udp = r#"{"81/udp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}]}"#;
    let own = shown(&id("a"), "own", ports, NOTES);
    let listed = format!("{}\n{}\n", id("a"), id("b"));
    let other = |ports| shown(&id("b"), "other", ports, NOTES);
    let (calls, started) = talk(
        nerdctl().start("own"),
        &[&[(0, &own, "")], &[(0, &listed, "")], &[(0, &other(same), "")]],
    );
    assert_data_eq!(
        calls.replace(&id("b"), "<other>"),
        str![[r#"
container inspect -- own
ps -q --no-trunc
container inspect -- <other>

"#]]
    );
    let error = started.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PortInUse);
    assert_data_eq!(
        error.to_string(),
        str!["Bind for 0.0.0.0:8080 failed: port is already allocated, to other"]
    );

    let (calls, started) = talk(
        nerdctl().start("own"),
        &[&[(0, &own, "")], &[(0, &listed, "")], &[(0, &other(udp), "")], &[(0, "own\n", "")]],
    );
    assert!(started.is_ok() && calls.ends_with("start -- own\n"), "{calls}");

    // nothing to compare, nothing to look at
    let none = shown(&id("a"), "own", "{}", NOTES);
    let (calls, _) = talk(nerdctl().start("own"), &[&[(0, &none, "")], &[(0, "own\n", "")]]);
    assert_data_eq!(
        calls,
        str![[r#"
container inspect -- own
start -- own

"#]]
    );
}

#[test]
fn a_probe_is_read_from_the_state() {
    let text = shown(&id("a"), "one", "{}", NOTES);
    let test = HealthTest::Shell("true".to_owned());
    let (calls, probe) =
        talk(nerdctl().probe_health("one", &test), &[&[(0, "", "")], &[(0, &text, "")]]);
    assert_data_eq!(
        calls,
        str![[r#"
container healthcheck -- one
container inspect -- one

"#]]
    );
    let probe = probe.unwrap();
    assert_eq!((probe.healthy, probe.output.as_str()), (false, "newest"));
}

#[test]
fn folders_that_are_there_stay_as_they_are() {
    let missing =
        "time=\"x\" level=fatal msg=\"unable to copy: destination parent does not exist\"";
    let what = ["run/secrets/key", "etc/app.conf"].map(str::to_owned);
    let (calls, done) = talk(
        nerdctl().copy_from("one", "/", "/folder", &what),
        &[&[(1, "", missing)], &[(0, "", "")], &[(0, "", "")]],
    );
    assert_data_eq!(
        calls,
        str![[r#"
cp -- /folder/run/secrets/key one:/run/secrets/
cp -- /folder/run/secrets one:/run/
cp -- /folder/etc/app.conf one:/etc/

"#]]
    );
    assert!(done.is_ok());
}

#[test]
fn what_is_wrong_stands_before_the_summary() {
    let said = |stderr: &str| {
        let out = Output { code: 1, stdout: b"", stderr: stderr.as_bytes() };
        let error = nerdctl().accepted(&out).unwrap_err();
        format!("{}: {error}\n", error.kind())
    };
    let texts = [
        "time=\"x\" level=warning msg=\"volume \\\"v\\\" is in use (failed precondition)\"\ntime=\"x\" level=fatal msg=\"some volumes could not be removed\"",
        "time=\"x\" level=error msg=\"no network found matching: n\"\ntime=\"x\" level=fatal msg=\"no network could be removed\"",
        "time=\"x\" level=fatal msg=\"1 errors:\\nfailed to create shim task: error running hook #0: error running hook: exit status 1, stdout: , stderr: time=\\\"x\\\" level=fatal msg=\\\"no such network: \\\\\\\"n\\\\\\\"\\\"\"",
        "time=\"x\" level=warning msg=\"noise\"\ntime=\"x\" level=fatal msg=\"name-store error\\nname \\\"a\\\" is already used by ID \\\"b\\\"\"",
    ];
    assert_data_eq!(
        texts.map(said).concat(),
        str![[r#"
in use: volume "v" is in use (failed precondition)
not found: no network found matching: n
not found: no such network: "n"
name taken: name-store error; name "a" is already used by ID "b"

"#]]
    );
}

#[test]
fn the_code_of_a_command_is_in_the_last_line() {
    let end = |stderr: &str| {
        nerdctl().exec_exit(&Output { code: 1, stdout: b"", stderr: stderr.as_bytes() })
    };
    let log = |text: &str| format!("time=\"2026-11-25T02:57:56Z\" level=fatal msg=\"{text}\"\n");
    assert_eq!(end(&format!("err\n{}", log("exec failed with exit code 7"))).unwrap(), 7);
    assert_eq!(end("killed\n").unwrap(), 1);
    let gone = end(&log("no such container x")).unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::NotFound);
    let tty = b"out\r\n\x1b[31mFATA\x1b[0m[0000] exec failed with exit code 3             \r\n";
    assert_eq!(nerdctl().exec_exit(&Output { code: 1, stdout: tty, stderr: b"" }).unwrap(), 3);

    // those lines are kept from whoever reads what a command says
    for (line, own) in [
        (log("exec failed with exit code 7"), true),
        ("time=\"2026".to_owned(), true),
        ("tim".to_owned(), true),
        ("time to go\n".to_owned(), false),
        ("time=\"10:00\" note=x\n".to_owned(), false),
        ("err\n".to_owned(), false),
    ] {
        assert_eq!(nerdctl().is_own_line(line.as_bytes()), own, "{line}");
    }
}

#[test]
fn what_nerdctl_cannot_do_is_said() {
    let tool = nerdctl();
    let alias = |alias: &str| {
        let mut spec = ContainerSpec::new("i".to_owned());
        let aliases = vec![alias.to_owned()];
        spec.network = Network::Attached(vec![Attachment { aliases, ..Attachment::new("n") }]);
        talk(tool.create(&spec), &[]).1.unwrap_err()
    };
    let spec = |change: fn(&mut ContainerSpec)| {
        let mut spec = ContainerSpec::new("i".to_owned());
        change(&mut spec);
        talk(tool.create(&spec), &[]).1.unwrap_err()
    };
    let volume = VolumeSpec { driver: Some("nfs".to_owned()), ..VolumeSpec::default() };
    let since = EventOptions { since: Some("2026-01-01T00:00:00Z".into()), ..Default::default() };
    let events = tool.events(&Selector::default(), &since).map(drop);
    let errors = [
        talk(tool.connect_network("n", "c", &[], true), &[]).1.unwrap_err(),
        talk(tool.create_volume(&volume), &[]).1.unwrap_err(),
        events.unwrap_err(),
        alias("two words"),
        alias("a\n10.0.0.1 evil"),
        spec(|spec| spec.cap_add = vec!["CAP_FLY".to_owned()]),
        spec(|spec| spec.security_opt = vec!["label=disable".to_owned()]),
        spec(|spec| drop(spec.labels.insert("nerdctl/name".to_owned(), "x".to_owned()))),
        spec(|spec| drop(spec.annotations.insert("nerdctl/hostname".to_owned(), "x".to_owned()))),
    ];
    let text: String = errors.iter().map(|error| format!("{}: {error}\n", error.kind())).collect();
    assert_data_eq!(
        text,
        str![[r#"
not supported: nerdctl attaches a container to its networks when it is created, and never after
not supported: nerdctl has local volumes without options only
not supported: nerdctl tells what happens from now on, and nothing of before
invalid: alias `two words` is no name that a hosts file can hold
invalid: alias `a/n10.0.0.1 evil` is no name that a hosts file can hold
invalid: capability `CAP_FLY` is not known
not supported: nerdctl does not know the security option `label=disable`
invalid: key `nerdctl/name` is one of those in which nerdctl keeps what it knows
invalid: key `nerdctl/hostname` is one of those in which nerdctl keeps what it knows

"#]]
    );
}

#[test]
fn small_differences() {
    let tool = nerdctl();
    let mut spec = ContainerSpec::new("i".to_owned());
    spec.security_opt = vec!["no-new-privileges:true".to_owned(), "seccomp=unconfined".to_owned()];
    let create = crate::common::creation(tool, &spec).unwrap();
    let network = NetworkSpec { name: "n".to_owned(), internal: true, ..NetworkSpec::default() };
    let none = LogOptions { tail: Some(0), follow: true, ..LogOptions::default() };
    let calls = [
        create,
        crate::common::first(tool.create_network(&network)).unwrap(),
        tool.logs("c", &none).call,
        tool.attach("c"),
        tool.copy_to("c", "/etc/passwd", "/folder"),
    ];
    let text: String = calls.iter().map(|call| format!("{call}\n")).collect();
    assert_data_eq!(
        text,
        str![[r#"
create --pull=never '--label=dev.perry.nerdctl={"image":"i","id":"sha256:1111111111111111111111111111111111111111111111111111111111111111","aliases":{},"exposed":[],"empty":[]}' --security-opt=no-new-privileges --security-opt=seccomp=unconfined -- i
network create --internal '--label=dev.perry.nerdctl={"driver":"bridge","internal":true}' -- n
logs --follow --since=1ns -- c
attach -- c
cp -- c:/etc/passwd /folder

"#]]
    );
}

#[test]
fn events_of_containerd() {
    use perry_container_protocol::Reader as _;
    let stream = nerdctl().events(&Selector::default(), &EventOptions::default()).unwrap();
    let mut reader = stream.reader;
    let line = |topic: &str, event: &str| {
        let event = serde_json::Value::from(event);
        format!(
            "{{\"Timestamp\":\"2026-11-25T02:58:18.48Z\",\"ID\":\"\",\"Namespace\":\"default\",\"Topic\":\"{topic}\",\"Status\":\"unknown\",\"Event\":{event}}}\n\n"
        )
    };
    let text = [
        line("/snapshot/prepare", r#"{"key":"c"}"#),
        line("/containers/create", r#"{"id":"c","image":"i"}"#),
        line("/tasks/start", r#"{"container_id":"c","pid":1}"#),
        line("/tasks/exit", r#"{"container_id":"c","id":"exec-1","pid":2,"exit_status":1}"#),
        line("/tasks/paused", r#"{"container_id":"c"}"#),
        line("/tasks/resumed", r#"{"container_id":"c"}"#),
        line("/tasks/oom", r#"{"container_id":"c"}"#),
        line("/tasks/exit", r#"{"container_id":"c","id":"c","pid":1,"exit_status":6}"#),
        line("/tasks/exit", r#"{"container_id":"d","id":"d","pid":1}"#),
        line("/containers/delete", r#"{"id":"c"}"#),
    ];
    let mut items = Vec::new();
    reader.begin(&mut items);
    for line in text {
        let source = perry_container_spec::LogSource::Stdout;
        reader.read(source, &line.into(), &mut items).unwrap();
    }
    let told: String =
        items.iter().map(|event| format!("{} {:?}\n", event.id, event.kind)).collect();
    assert_data_eq!(
        told,
        str![[r#"
 Subscribed
c Create
c Start
c Pause
c Unpause
c Oom
c Die(Some(6))
d Die(Some(0))
c Destroy

"#]]
    );
}
