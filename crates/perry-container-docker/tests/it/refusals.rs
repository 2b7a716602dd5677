//! What a tool has no word for is refused, never left out.

use crate::common::{docker, first, podman4, podman5, talk};
use perry_container_docker::DockerProtocol;
use perry_container_protocol::{CliProtocol as _, ToolError};
use perry_container_spec::{
    Attachment, BuildSpec, ContainerSpec, Device, DeviceRequest, ErrorKind, ExecSpec, HealthTest,
    Healthcheck, IpamPool, Link, Mount, MountKind, Network, NetworkSpec, ResourceUpdate,
    RestartPolicy,
};
use snapbox::{IntoData as _, assert_data_eq, str};

/// How one property is asked for.
type Ask = fn(&mut ContainerSpec);

fn attached(spec: &mut ContainerSpec, change: impl Fn(&mut Attachment)) {
    let mut one = Attachment::new("n");
    change(&mut one);
    spec.network = Network::Attached(vec![one]);
}

fn volume(spec: &mut ContainerSpec, kind: MountKind, change: impl Fn(&mut Mount)) {
    let mut mount = Mount::new(kind, Some("/s".to_owned()), "/t");
    change(&mut mount);
    spec.mounts.push(mount);
}

const ASKS: &[(&str, Ask)] = &[
    ("domain name", |s| s.domainname = Some("d".to_owned())),
    ("link", |s| s.links.push(Link { container: "c".to_owned(), alias: "a".to_owned() })),
    ("start interval", |s| {
        s.healthcheck = Some(Healthcheck {
            test: HealthTest::Inherit,
            interval: None,
            timeout: None,
            start_period: None,
            start_interval: Some(std::time::Duration::from_secs(1)),
            retries: None,
        });
    }),
    ("endpoint options", |s| {
        attached(s, |one| drop(one.driver_opts.insert("a".to_owned(), "b".to_owned())));
    }),
    ("gateway priority", |s| {
        attached(s, |one| one.gw_priority = Some(1));
    }),
    ("link-local address", |s| {
        attached(s, |one| one.link_local_ips.push("169.254.1.1".to_owned()));
    }),
    ("alias with a comma", |s| {
        attached(s, |one| one.aliases.push("a,ip=1.2.3.4".to_owned()));
    }),
    ("network with a colon", |s| {
        attached(s, |one| one.network = "n:alias=x".to_owned());
    }),
    ("recursive bind", |s| {
        volume(s, MountKind::Bind, |m| m.recursive = Some("disabled".to_owned()));
    }),
    ("volume labels", |s| {
        volume(s, MountKind::Volume, |m| drop(m.labels.insert("a".to_owned(), "b".to_owned())));
    }),
    ("part of a volume", |s| {
        volume(s, MountKind::Volume, |m| m.subpath = Some("p".to_owned()));
    }),
    ("options of a bind", |s| {
        volume(s, MountKind::Bind, |m| m.options.push("noexec".to_owned()));
    }),
    ("tmpfs option with a comma", |s| {
        volume(s, MountKind::Tmpfs, |m| m.options.push("a,b".to_owned()));
    }),
    ("relabelled path with a colon", |s| {
        volume(s, MountKind::Bind, |m| {
            m.source = Some("/a:/b".to_owned());
            m.selinux = Some(perry_container_spec::Selinux::Private);
        });
    }),
    ("device with a colon", |s| {
        let (source, target) = ("/dev/a:b".to_owned(), "/dev/x".to_owned());
        s.devices.push(Device { source, target, permissions: "r".to_owned() });
    }),
    ("devices that are no GPU", |s| {
        let capabilities = vec!["tpu".to_owned()];
        s.device_requests.push(DeviceRequest { capabilities, ..DeviceRequest::default() });
    }),
    ("GPU of another driver", |s| {
        let (driver, capabilities) = (Some("amd".to_owned()), vec!["gpu".to_owned()]);
        s.device_requests.push(DeviceRequest { driver, capabilities, ..DeviceRequest::default() });
    }),
    ("Windows isolation", |s| s.isolation = Some("hyperv".to_owned())),
    ("Windows credentials", |s| s.credential_spec = Some("file://x".to_owned())),
    ("Windows CPUs", |s| s.resources.cpu_count = Some(1)),
    ("steering variable with a newline", |s| {
        drop(s.env.insert("PATH".to_owned(), "s3cret\nx".to_owned().into()));
    }),
    ("variable without a name", |s| drop(s.env.insert(String::new(), "s3cret".to_owned().into()))),
    ("variable with a zero byte", |s| {
        drop(s.env.insert("A".to_owned(), "s3cret\0".to_owned().into()));
    }),
];

#[test]
fn of_containers() {
    let mut text = String::new();
    for (what, ask) in ASKS {
        let mut spec = ContainerSpec::new("i".to_owned());
        ask(&mut spec);
        let answer = |tool: DockerProtocol| match first(tool.create(&spec)) {
            Ok(_) => "yes".to_owned(),
            Err(error) => format!("{}: {error}", error.kind()),
        };
        let answers = [docker(), podman4(), podman5()].map(answer);
        assert!(!answers.iter().any(|answer| answer.contains("s3cret")));
        text.extend([format!("{what}\n  docker  {}\n  podman4 {}\n", answers[0], answers[1])]);
        if answers[1] != answers[2] {
            text.extend([format!("  podman5 {}\n", answers[2])]);
        }
    }
    assert_data_eq!(text, str![[r#"
domain name
  docker  yes
  podman4 not supported: podman has no domain name of a container
link
  docker  yes
  podman4 not supported: podman has no links
start interval
  docker  yes
  podman4 not supported: podman has no start interval of health checks
endpoint options
  docker  yes
  podman4 not supported: podman has no options of endpoints
gateway priority
  docker  yes
  podman4 not supported: podman has no gateway priority
link-local address
  docker  yes
  podman4 not supported: podman gives no link-local addresses
alias with a comma
  docker  yes
  podman4 invalid: alias `a,ip=1.2.3.4` holds a comma, which podman takes for the next option
network with a colon
  docker  yes
  podman4 invalid: network `n:alias=x` has a name that podman takes apart
recursive bind
  docker  yes
  podman4 not supported: podman binds are always recursive
volume labels
  docker  yes
  podman4 not supported: podman gives no labels to anonymous volumes
part of a volume
  docker  yes
  podman4 not supported: podman mounts parts of volumes since version 5 only
  podman5 yes
options of a bind
  docker  invalid: mount `/t` is no tmpfs, and only a tmpfs has free options
  podman4 invalid: mount `/t` is no tmpfs, and only a tmpfs has free options
tmpfs option with a comma
  docker  invalid: tmpfs option `a,b` holds a comma, which separates options
  podman4 invalid: tmpfs option `a,b` holds a comma, which separates options
relabelled path with a colon
  docker  invalid: path `/a:/b` holds a colon, so it can be neither relabelled nor made
  podman4 invalid: path `/a:/b` holds a colon, so it can be neither relabelled nor made
device with a colon
  docker  invalid: device `/dev/a:b` holds a colon, which no device's argument can hold
  podman4 invalid: device `/dev/a:b` holds a colon, which no device's argument can hold
devices that are no GPU
  docker  not supported: docker can ask for devices with the capability gpu only, not tpu
  podman4 not supported: podman can ask for devices with the capability gpu only, not tpu
GPU of another driver
  docker  yes
  podman4 not supported: podman knows CDI devices only; name one below devices
Windows isolation
  docker  yes
  podman4 not supported: podman has no Windows containers
Windows credentials
  docker  yes
  podman4 not supported: podman has no Windows containers
Windows CPUs
  docker  yes
  podman4 not supported: podman has no Windows containers
steering variable with a newline
  docker  invalid: variable `PATH` would steer the client and so goes by a file, which can hold no newline
  podman4 invalid: variable `PATH` would steer the client and so goes by a file, which can hold no newline
variable without a name
  docker  invalid: variable `` has no name that a process can have
  podman4 invalid: variable `` has no name that a process can have
variable with a zero byte
  docker  invalid: variable `A` holds a zero byte
  podman4 invalid: variable `A` holds a zero byte

"#]].raw());
}

#[test]
fn of_networks() {
    let mut text = String::new();
    let pool = |gateway: Option<&str>| IpamPool {
        gateway: gateway.map(str::to_owned),
        ..IpamPool::default()
    };
    let asks: [(&str, NetworkSpec); 4] = [
        ("attachable", NetworkSpec { attachable: true, ..NetworkSpec::default() }),
        ("without IPv4", NetworkSpec { ipv4: Some(false), ..NetworkSpec::default() }),
        (
            "reserved address",
            NetworkSpec {
                pools: vec![IpamPool {
                    aux_addresses: [("a".to_owned(), "b".to_owned())].into(),
                    ..IpamPool::default()
                }],
                ..NetworkSpec::default()
            },
        ),
        (
            "second gateway only",
            NetworkSpec {
                pools: vec![pool(None), pool(Some("10.0.0.1"))],
                ..NetworkSpec::default()
            },
        ),
    ];
    for (what, spec) in asks {
        let answer = |tool: DockerProtocol| match first(tool.create_network(&spec)) {
            Ok(_) => "yes".to_owned(),
            Err(error) => format!("{}: {error}", error.kind()),
        };
        text.extend([format!(
            "{what}\n  docker  {}\n  podman4 {}\n",
            answer(docker()),
            answer(podman4())
        )]);
    }
    assert_data_eq!(
        text,
        str![[r#"
attachable
  docker  yes
  podman4 not supported: podman networks can always be attached to; leave out `attachable`
without IPv4
  docker  yes
  podman4 not supported: podman networks always have IPv4
reserved address
  docker  yes
  podman4 not supported: podman reserves no addresses of a network
second gateway only
  docker  yes
  podman4 not supported: podman wants the pools with a gateway or a range before those without

"#]]
        .raw()
    );
}

#[test]
fn of_updates() {
    let restart =
        ResourceUpdate { restart: Some(RestartPolicy::Always), ..ResourceUpdate::default() };
    assert!(
        first(docker().update("a", &restart)).is_ok()
            && first(podman5().update("a", &restart)).is_ok()
    );
    let refused = first(podman4().update("a", &restart)).map_err(|error| error.kind());
    assert_eq!(refused.map(|_| ()), Err(ErrorKind::Unsupported));
    let (calls, reply) = talk(docker().update("a", &ResourceUpdate::default()), &[]);
    assert_eq!((calls.as_str(), reply), ("", Ok(())), "nothing to change takes no call");
    let mut fixed = ResourceUpdate::default();
    fixed.resources.oom_score_adj = Some(1);
    assert!(matches!(first(docker().update("a", &fixed)), Err(ToolError::Unsupported(_))));
}

#[test]
fn of_builds() {
    let spec = BuildSpec { provenance: Some("mode=max".to_owned()), ..BuildSpec::default() };
    assert!(docker().build(&spec).is_ok());
    assert!(matches!(podman4().build(&spec).map(|_| ()), Err(ToolError::Unsupported(_))));
}

#[test]
fn of_commands() {
    let mut exec = ExecSpec::new(["true"]);
    exec.env.insert("DOCKER_HOST".to_owned(), "a\nb".to_owned().into());
    let error = docker().exec("a", &exec).expect_err("it cannot be handed over");
    assert_eq!(
        error.to_string(),
        "variable `DOCKER_HOST` would steer the client and so goes by a file, which can hold no newline"
    );
}
