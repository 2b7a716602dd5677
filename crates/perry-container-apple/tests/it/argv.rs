//! What is called.

use crate::common::{TOOL, created, talk};
use perry_container_protocol::{CliProtocol as _, Invocation};
use perry_container_spec::{
    BuildSecret, BuildSpec, ContainerSpec, ExecSpec, HealthTest, Healthcheck, IpamPool, LogOptions,
    Mount, MountKind, Network, NetworkSpec, Removal, RestartPolicy, Ulimit, VolumeSpec,
};
use snapbox::{assert_data_eq, str};
use std::time::Duration;

#[test]
fn a_container_with_everything() {
    let mut spec = ContainerSpec::new("lab/httpd:1".to_owned());
    spec.name = Some("web".to_owned());
    spec.platform = Some("linux/arm64".to_owned());
    spec.command = Some(vec!["--verbose".to_owned(), "a b".to_owned()]);
    spec.entrypoint = Some(vec!["httpd".to_owned(), "-f".to_owned()]);
    spec.env.insert("PASSWORD".to_owned(), "hunter2\nmore".to_owned().into());
    spec.env.insert("HTTP_PROXY".to_owned(), "http://hunter3".to_owned().into());
    spec.labels.insert("com.example".to_owned(), "a=b".to_owned());
    spec.workdir = Some("/srv".to_owned());
    spec.user = Some("1000:1000".to_owned());
    (spec.tty, spec.stdin_open, spec.init) = (true, true, Some(true));
    (spec.read_only, spec.auto_remove) = (true, true);
    spec.network = Network::Attached(vec![
        perry_container_spec::Attachment {
            mac: Some("02:42:ac:11:00:02".to_owned()),
            ..perry_container_spec::Attachment::new("demo_back")
        },
        perry_container_spec::Attachment::new("demo_front"),
    ]);
    spec.ports =
        ["127.0.0.1:8080:80", "53:53/udp", "[::1]:1:2"].map(|p| p.parse().unwrap()).to_vec();
    spec.dns = vec!["9.9.9.9".to_owned()];
    spec.mounts = vec![
        Mount {
            read_only: true,
            create_host_path: true,
            ..Mount::new(MountKind::Bind, Some("/srv/files".to_owned()), "/files")
        },
        Mount::new(MountKind::Volume, Some("data".to_owned()), "/data"),
        Mount::new(MountKind::Volume, None, "/own"),
        Mount::new(MountKind::Tmpfs, None, "/tmp"),
    ];
    spec.cap_add = vec!["NET_ADMIN".to_owned()];
    spec.cap_drop = vec!["ALL".to_owned()];
    spec.resources.nano_cpus = Some(1_500_000_000);
    spec.resources.memory = Some((512 << 20) - 1);
    spec.shm_size = Some(64 << 20);
    spec.ulimits.insert("nofile".to_owned(), Ulimit { soft: 1024, hard: -1 });
    spec.restart = Some(RestartPolicy::OnFailure(Some(3)));
    spec.stop_signal = Some("INT".to_owned());
    spec.stop_timeout = Some(Duration::from_secs(3));
    spec.healthcheck = Some(Healthcheck {
        test: HealthTest::Shell("true".to_owned()),
        interval: Some(Duration::from_secs(1)),
        timeout: None,
        start_period: None,
        start_interval: None,
        retries: None,
    });
    let call = created(&spec).unwrap();
    assert_data_eq!(
        call.texts().join("\n"),
        str![[r#"
create
--name=web
--platform=linux/arm64
--workdir=/srv
--user=1000:1000
--tty
--interactive
--init
--read-only
--rm
--cap-add=NET_ADMIN
--cap-drop=ALL
--dns=9.9.9.9
--publish=127.0.0.1:8080:80/tcp
--publish=53:53/udp
--publish=[::1]:1:2/tcp
--cpus=2
--memory=512M
--shm-size=67108864
--ulimit=nofile=1024:unlimited
--network=demo_back,mac=02:42:ac:11:00:02
--network=demo_front
--volume=/srv/files:/files:ro
--volume=data:/data
--volume=/own
--tmpfs=/tmp
--label=com.example=%:a%3Db
--label=dev.perry.apple={"healthcheck":{"test":{"shell":"true"},"interval":1000000000},"restart":{"on-failure":3},"stop_signal":"INT","stop_timeout":3,"image":"lab/httpd:1"}
--env=PASSWORD
--env-file=<file>
--entrypoint=httpd
lab/httpd:1
-f
--verbose
a b
"#]]
    );
    assert_eq!(call.make_dirs, ["/srv/files"]);
    let shown = format!("{call:?} {call}");
    assert!(!shown.contains("hunter"), "{shown}");
    assert_eq!(call.env[0].1.expose(), "hunter2\nmore");
}

#[test]
fn what_there_is_no_word_for_is_refused_with_its_name() {
    let mut spec = ContainerSpec::new("i".to_owned());
    spec.privileged = true;
    spec.hostname = Some("other".to_owned());
    spec.ports = vec!["80".parse().unwrap()];
    assert_data_eq!(
        created(&spec).unwrap_err().to_string(),
        str![
            "apple/container has no privileged containers, no a host name other than the name, no ports that it picks"
        ]
    );
    let network = NetworkSpec { attachable: true, name: "n".to_owned(), ..NetworkSpec::default() };
    let refused = talk(TOOL.create_network(&network), &[]).1.unwrap().unwrap_err();
    assert_eq!(refused.to_string(), "apple/container's networks have no `attachable`");
    let build = BuildSpec { context: ".".to_owned(), ..BuildSpec::default() };
    assert!(TOOL.build(&build).is_err_and(|error| error.to_string().contains("needs a tag")));
}

fn line(call: &Invocation) -> String {
    call.to_string() + "\n"
}

#[test]
fn the_other_verbs() {
    let mut text = String::new();
    let mut add = |calls: Vec<String>| calls.iter().for_each(|call| text.extend([&call[..], "\n"]));
    let ids = ["a".to_owned(), "b".to_owned()];
    add(talk(TOOL.start("a"), &[]).0);
    add(talk(TOOL.kill("a", "TERM"), &[]).0);
    add(talk(TOOL.remove_each(&ids, &Removal { force: true, volumes: false }), &[]).0);
    add(talk(TOOL.inspect_each(&ids), &[]).0);
    add(talk(TOOL.inspect_images(&ids), &[]).0);
    add(talk(TOOL.tag_image("a", "b"), &[]).0);
    add(talk(TOOL.remove_image("a", true), &[]).0);
    add(talk(TOOL.remove_volume("a"), &[]).0);
    add(talk(TOOL.probe_health("a", &HealthTest::Shell("x -y".to_owned())), &[]).0);
    add(talk(TOOL.check(), &[&[(64, "", "Error: Unknown option '--format'")]]).0);
    let network = NetworkSpec {
        name: "n".to_owned(),
        internal: true,
        labels: [("a_b", "c=d"), ("com.docker.compose.project", "demo")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into(),
        pools: ["10.0.0.0/24", "fd00::/64"]
            .map(|s| IpamPool { subnet: Some(s.to_owned()), ..IpamPool::default() })
            .to_vec(),
        ..NetworkSpec::default()
    };
    add(talk(TOOL.create_network(&network), &[]).0);
    let volume = VolumeSpec { name: "v".to_owned(), ..VolumeSpec::default() };
    add(talk(TOOL.create_volume(&volume), &[]).0);
    let mut exec = ExecSpec::new(["sh", "-c", "exit 1"]);
    exec.env.insert("A".to_owned(), "b".to_owned().into());
    (exec.stdin, exec.workdir, exec.user) = (true, Some("/".to_owned()), Some("1".to_owned()));
    text.push_str(&line(&TOOL.exec("a", &exec).unwrap()));
    let how = LogOptions { follow: true, tail: Some(5), ..LogOptions::default() };
    text.push_str(&line(&TOOL.logs("a", &how).call));
    text.push_str(&line(&TOOL.copy_in("a", "/tmp")));
    text.push_str(&line(&TOOL.copy_out("a", "/tmp/x")));
    text.push_str(&line(&TOOL.copy_out("a", "/")));
    text.push_str(&line(&TOOL.stats(&ids, true).call));
    let pull = perry_container_spec::ImagePull {
        reference: "a".to_owned(),
        platform: Some("linux/amd64".to_owned()),
    };
    text.push_str(&line(&TOOL.pull(&pull).call));
    text.push_str(&line(&TOOL.push("a").call));
    let build = BuildSpec {
        context: "/src".to_owned(),
        dockerfile: Some("docker/File".to_owned()),
        tags: vec!["t:1".to_owned()],
        target: Some("final".to_owned()),
        secrets: [
            ("key".to_owned(), BuildSecret::File("/key".to_owned())),
            ("token".to_owned(), BuildSecret::Value("hunter2".to_owned().into())),
        ]
        .into(),
        ..BuildSpec::default()
    };
    text.push_str(&line(&TOOL.build(&build).unwrap().call));
    assert_data_eq!(
        text,
        str![[r#"
start a
kill --signal=TERM a
delete --force a b
list --all --format=json
image list --format=json
image tag a b
image delete a
volume delete a
exec a /bin/sh -c 'x -y'
system status --format=json
system status
network create --internal --label=dev.perry.key.615f62=%:c%3Dd --label=com.docker.compose.project=demo --subnet=10.0.0.0/24 --subnet-v6=fd00::/64 n
volume create v
exec --interactive --user=1 --workdir=/ --env=A a sh -c 'exit 1'
logs --follow -n 5 a
exec --interactive a tar -x -f - -C /tmp
exec a tar -c -f - -C /tmp ./x
exec a tar -c -f - -C / ./.
stats --format=json --no-stream a b
image pull --platform=linux/amd64 a
image push a
build --progress=plain --file=/src/docker/File --tag=t:1 --target=final --secret=id=key,src=/key --secret=id=token,env=PERRY_SECRET_1 /src

"#]]
    );
}
