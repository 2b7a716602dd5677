//! Command lines as text.

use crate::common::{docker, first, podman4, podman5};
use perry_container_docker::DockerProtocol;
use perry_container_protocol::CliProtocol as _;
use perry_container_spec::{
    Attachment, ContainerSpec, ExecSpec, HealthTest, Healthcheck, LogOptions, Network, Removal,
    Selector,
};
use snapbox::{IntoData as _, assert_data_eq, str};

/// What `create` is told by docker and by both podmans.
fn create(spec: &ContainerSpec) -> String {
    let text = |tool: DockerProtocol| match first(tool.create(spec)) {
        Ok(call) => call.to_string(),
        Err(error) => format!("! {error}"),
    };
    format!(
        "docker  {}\npodman4 {}\npodman5 {}\n",
        text(docker()),
        text(podman4()),
        text(podman5())
    )
}

#[test]
fn nothing_special() {
    assert_data_eq!(
        create(&ContainerSpec::new("lab/base:1".to_owned())),
        str![[r#"
docker  create --pull=never -- lab/base:1
podman4 create --pull=never -- lab/base:1
podman5 create --pull=never -- lab/base:1

"#]]
        .raw()
    );
}

#[test]
fn networks_with_everything() {
    let mut spec = ContainerSpec::new("i".to_owned());
    let one = Attachment {
        network: "a_front".to_owned(),
        aliases: vec!["web".to_owned(), "w.x".to_owned()],
        ipv4: Some("10.5.0.7".to_owned()),
        ipv6: Some("fd00::7".to_owned()),
        mac: Some("92:d0:c6:0a:29:33".to_owned()),
        interface_name: Some("eth7".to_owned()),
        ..Attachment::default()
    };
    spec.network = Network::Attached(vec![one, Attachment::new("a_back")]);
    assert_data_eq!(create(&spec), str![[r#"
docker  create --pull=never --network=name=a_front,alias=web,alias=w.x,ip=10.5.0.7,ip6=fd00::7,mac-address=92:d0:c6:0a:29:33,driver-opt=com.docker.network.endpoint.ifname=eth7 --network=name=a_back -- i
podman4 create --pull=never --network=a_front:alias=web,alias=w.x,ip=10.5.0.7,ip6=fd00::7,mac=92:d0:c6:0a:29:33,interface_name=eth7 --network=a_back -- i
podman5 create --pull=never --network=a_front:alias=web,alias=w.x,ip=10.5.0.7,ip6=fd00::7,mac=92:d0:c6:0a:29:33,interface_name=eth7 --network=a_back -- i

"#]].raw());
}

#[test]
fn programs() {
    let mut spec = ContainerSpec::new("i".to_owned());
    spec.entrypoint = Some(vec!["sh".to_owned(), "-c".to_owned()]);
    spec.command = Some(vec!["echo a b".to_owned()]);
    assert_data_eq!(
        create(&spec),
        str![[r#"
docker  create --pull=never --entrypoint=sh -- i -c 'echo a b'
podman4 create --pull=never '--entrypoint=["sh","-c"]' -- i 'echo a b'
podman5 create --pull=never '--entrypoint=["sh","-c"]' -- i 'echo a b'

"#]]
        .raw()
    );
    spec.entrypoint = Some(Vec::new());
    assert_data_eq!(
        create(&spec),
        str![[r#"
docker  create --pull=never --entrypoint= -- i 'echo a b'
podman4 create --pull=never --entrypoint= -- i 'echo a b'
podman5 create --pull=never --entrypoint= -- i 'echo a b'

"#]]
        .raw()
    );
}

#[test]
fn health_checks() {
    let mut spec = ContainerSpec::new("i".to_owned());
    let mut check = |test: HealthTest| {
        spec.healthcheck = Some(Healthcheck {
            test,
            interval: Some(std::time::Duration::from_millis(1500)),
            timeout: Some(std::time::Duration::from_secs(5)),
            start_period: None,
            start_interval: None,
            retries: Some(2),
        });
        create(&spec)
    };
    assert_data_eq!(check(HealthTest::Shell("curl -f localhost || exit 1".to_owned())), str![[r#"
docker  create --pull=never '--health-cmd=curl -f localhost || exit 1' --health-interval=1500ms --health-timeout=5s --health-retries=2 -- i
podman4 create --pull=never '--health-cmd=["CMD-SHELL","curl -f localhost || exit 1"]' --health-interval=1500ms --health-timeout=5s --health-retries=2 -- i
podman5 create --pull=never '--health-cmd=["CMD-SHELL","curl -f localhost || exit 1"]' --health-interval=1500ms --health-timeout=5s --health-retries=2 -- i

"#]].raw());
    assert_data_eq!(
        check(HealthTest::Command(vec![
            "pg_isready".to_owned(),
            "-U".to_owned(),
            "a b".to_owned()
        ])),
        str![[r#"
docker  create --pull=never '--health-cmd=pg_isready -U '\''a b'\''' --health-interval=1500ms --health-timeout=5s --health-retries=2 -- i
podman4 create --pull=never '--health-cmd=["pg_isready","-U","a b"]' --health-interval=1500ms --health-timeout=5s --health-retries=2 -- i
podman5 create --pull=never '--health-cmd=["pg_isready","-U","a b"]' --health-interval=1500ms --health-timeout=5s --health-retries=2 -- i

"#]].raw()
    );
    assert_data_eq!(check(HealthTest::Command(vec!["/probe".to_owned()])), str![[r#"
docker  create --pull=never --health-cmd=/probe --health-interval=1500ms --health-timeout=5s --health-retries=2 -- i
podman4 create --pull=never '--health-cmd=["CMD-SHELL","/probe"]' --health-interval=1500ms --health-timeout=5s --health-retries=2 -- i
podman5 create --pull=never '--health-cmd=["CMD-SHELL","/probe"]' --health-interval=1500ms --health-timeout=5s --health-retries=2 -- i

"#]].raw());
    assert_data_eq!(
        check(HealthTest::Inherit),
        str![[r#"
docker  create --pull=never --health-interval=1500ms --health-timeout=5s --health-retries=2 -- i
podman4 create --pull=never --health-interval=1500ms --health-timeout=5s --health-retries=2 -- i
podman5 create --pull=never --health-interval=1500ms --health-timeout=5s --health-retries=2 -- i

"#]]
        .raw()
    );
    assert_data_eq!(
        check(HealthTest::Disabled),
        str![[r#"
docker  create --pull=never --no-healthcheck -- i
podman4 create --pull=never --no-healthcheck -- i
podman5 create --pull=never --no-healthcheck -- i

"#]]
        .raw()
    );
}

#[test]
fn simple_verbs() {
    let ids = ["a".to_owned(), "b".to_owned()];
    let all = |tool: DockerProtocol| {
        let how = LogOptions { tail: Some(0), timestamps: true, ..LogOptions::default() };
        let mut exec = ExecSpec::new(["sh", "-c", "exit 3"]);
        exec.env.insert("A".to_owned(), "secret".to_owned().into());
        exec.env.insert("HOME".to_owned(), "/x".to_owned().into());
        (exec.tty, exec.stdin, exec.workdir) = (Some((80, 24)), true, Some("/w".to_owned()));
        let of = Selector::label("p", "1,2");
        [
            first(tool.start("a")),
            first(tool.stop("a", Some(3))),
            first(tool.stop("a", None)),
            first(tool.kill("a", "SIGHUP")),
            first(tool.remove_each(&ids, &Removal { force: true, volumes: true })),
            first(tool.remove_each(&ids[..1], &Removal { force: true, volumes: false })),
            Ok(tool.logs("a", &how).call),
            tool.exec("a", &exec),
            tool.events(&of).map(|stream| stream.call),
            first(tool.connect_network("n", "a", &ids, true)),
        ]
        .map(|call| call.map_or_else(|error| error.to_string(), |call| call.to_string()))
        .join("\n")
    };
    assert_data_eq!(
        all(docker()),
        str![[r#"
start -- a
stop -t 3 -- a
stop -- a
kill --signal=SIGHUP -- a
rm -f -v -- a b
rm -f -- a
logs --timestamps --tail=0 -- a
exec --interactive --tty --workdir=/w --env=A --env-file=<file> -- a sh -c 'exit 3'
events --format=json --filter=type=container --filter=label=p=1,2
network connect --alias=a --alias=b -- n a
"#]]
        .raw()
    );
    assert_data_eq!(all(podman4()), str![[r#"
start -- a
stop -t 3 -- a
stop -- a
kill --signal=SIGHUP -- a
container inspect -- a b
rm -f -t 0 -- a
--log-level=error logs --timestamps --tail=0 -- a
--log-level=error exec --interactive --tty --workdir=/w --env=A --env-file=<file> -- a sh -c 'exit 3'
events --format=json --filter=type=container --filter=label=p=1,2
network connect --alias=a --alias=b -- n a
"#]].raw());
}
