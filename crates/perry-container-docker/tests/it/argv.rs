//! Command lines as text.

use crate::common::{docker, first, podman4, podman5};
use perry_container_docker::DockerProtocol;
use perry_container_protocol::CliProtocol as _;
use perry_container_spec::{
    Attachment, BlkioDevice, BuildSecret, BuildSpec, ContainerSpec, Device, DeviceRequest,
    EventOptions, ExecSpec, HealthTest, Healthcheck, IpamPool, LogOptions, Mount, MountKind,
    Network, NetworkSpec, Removal, RestartPolicy, Selector, Ulimit, VolumeSpec,
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
        let window = EventOptions {
            since: Some("2026-11-24T20:00:00Z".to_owned()),
            until: Some("2026-11-24T21:00:00Z".to_owned()),
            over: true,
        };
        [
            first(tool.start("a")),
            first(tool.stop("a", Some(3))),
            first(tool.stop("a", None)),
            first(tool.kill("a", "SIGHUP")),
            first(tool.remove_each(&ids, &Removal { force: true, volumes: true })),
            first(tool.remove_each(&ids[..1], &Removal { force: true, volumes: false })),
            Ok(tool.logs("a", &how).call),
            tool.exec("a", &exec),
            tool.events(&of, &window).map(|stream| stream.call),
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
events --format=json --filter=type=container --since=2026-11-24T20:00:00Z --until=2026-11-24T21:00:00Z --filter=label=p=1,2
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
events --format=json --filter=type=container --since=2026-11-24T20:00:00Z --stream=false --filter=label=p=1,2
network connect --alias=a --alias=b -- n a
"#]].raw());
}

#[test]
fn mounts() {
    let mut spec = ContainerSpec::new("i".to_owned());
    spec.mounts = ["data:/data:ro", "/srv/my app:/app", "/a/b:/c:z,rslave", "/anonymous"]
        .map(|text| text.parse::<Mount>().expect("a mount"))
        .to_vec();
    spec.mounts.push(Mount {
        size: Some(1024),
        mode: Some(0o1777),
        ..Mount::new(MountKind::Tmpfs, None, "/t")
    });
    let options = vec!["noexec".to_owned()];
    spec.mounts.push(Mount {
        options,
        read_only: true,
        ..Mount::new(MountKind::Tmpfs, None, "/u")
    });
    let bind = Mount::new(MountKind::Bind, Some("/with,comma".to_owned()), "/d:e");
    spec.mounts.push(Mount { create_host_path: true, read_only: true, ..bind });
    spec.mounts.push(Mount::new(MountKind::Bind, Some("not/absolute".to_owned()), "/f"));
    assert_data_eq!(create(&spec), str![[r#"
docker  create --pull=never --mount=type=volume,source=data,target=/data,ro=true '--volume=/srv/my app:/app' --volume=/a/b:/c:z,rslave --mount=type=volume,target=/anonymous --tmpfs=/t:size=1024,mode=1777 --tmpfs=/u:ro,noexec '--mount=type=bind,"source=/with,comma",target=/d:e,ro=true' --mount=type=bind,source=not/absolute,target=/f -- i
podman4 create --pull=never --mount=type=volume,source=data,target=/data,ro=true '--volume=/srv/my app:/app' --volume=/a/b:/c:z,rslave --mount=type=volume,target=/anonymous --tmpfs=/t:size=1024,mode=1777,notmpcopyup --tmpfs=/u:ro,noexec,notmpcopyup '--mount=type=bind,"source=/with,comma",target=/d:e,ro=true' --mount=type=bind,source=not/absolute,target=/f -- i
podman5 create --pull=never --mount=type=volume,source=data,target=/data,ro=true '--volume=/srv/my app:/app' --volume=/a/b:/c:z,rslave --mount=type=volume,target=/anonymous --tmpfs=/t:size=1024,mode=1777,notmpcopyup --tmpfs=/u:ro,noexec,notmpcopyup '--mount=type=bind,"source=/with,comma",target=/d:e,ro=true' --mount=type=bind,source=not/absolute,target=/f -- i

"#]].raw());
    // podman makes no sources of binds, so that they are made before
    let made = |tool: DockerProtocol| first(tool.create(&spec)).expect("a call").make_dirs;
    assert_eq!(made(docker()), [""; 0]);
    assert_eq!(made(podman4()), ["/srv/my app", "/a/b", "/with,comma"]);
}

#[test]
fn gpus_and_devices() {
    let mut spec = ContainerSpec::new("i".to_owned());
    let gpu = |count, ids: &[&str]| DeviceRequest {
        count,
        device_ids: ids.iter().map(|id| (*id).to_owned()).collect(),
        capabilities: vec!["gpu".to_owned(), "compute".to_owned()],
        ..DeviceRequest::default()
    };
    spec.device_requests = vec![gpu(Some(-1), &[]), gpu(Some(2), &[]), gpu(None, &["0", "3"])];
    let target = "/dev/x".to_owned();
    spec.devices = vec![
        Device { source: "/dev/fuse".to_owned(), target, permissions: "rw".to_owned() },
        Device {
            source: "vendor.com/class=name".to_owned(),
            target: String::new(),
            permissions: String::new(),
        },
    ];
    assert_data_eq!(create(&spec), str![[r#"
docker  create --pull=never --device=/dev/fuse:/dev/x:rw --device=vendor.com/class=name --gpus=count=all,capabilities=compute --gpus=count=2,capabilities=compute '--gpus="device=0,3",capabilities=compute' -- i
podman4 create --pull=never --device=/dev/fuse:/dev/x:rw --device=vendor.com/class=name --device=nvidia.com/gpu=all --device=nvidia.com/gpu=0 --device=nvidia.com/gpu=1 --device=nvidia.com/gpu=0 --device=nvidia.com/gpu=3 -- i
podman5 create --pull=never --device=/dev/fuse:/dev/x:rw --device=vendor.com/class=name --device=nvidia.com/gpu=all --device=nvidia.com/gpu=0 --device=nvidia.com/gpu=1 --device=nvidia.com/gpu=0 --device=nvidia.com/gpu=3 -- i

"#]].raw());
}

#[test]
fn networks_and_volumes() {
    let mut network = NetworkSpec {
        name: "a_back".to_owned(),
        internal: true,
        ipv6: Some(true),
        ..NetworkSpec::default()
    };
    network.driver_opts.insert("com.docker.network.driver.mtu".to_owned(), "1400".to_owned());
    network.labels.insert("com.docker.compose.project".to_owned(), "a".to_owned());
    network.pools.push(IpamPool {
        subnet: Some("10.5.0.0/16".to_owned()),
        ip_range: Some("10.5.1.0/24".to_owned()),
        gateway: Some("10.5.0.1".to_owned()),
        ..IpamPool::default()
    });
    let mut volume = VolumeSpec {
        name: "a_data".to_owned(),
        driver: Some("local".to_owned()),
        ..VolumeSpec::default()
    };
    volume.driver_opts.insert("o".to_owned(), "addr=10.0.0.1,rw".to_owned());
    volume.labels.insert("l".to_owned(), "a,b".to_owned());
    let both = |tool: DockerProtocol| {
        let calls = [first(tool.create_network(&network)), first(tool.create_volume(&volume))];
        calls.map(|call| call.expect("a call").to_string()).join("\n")
    };
    assert_data_eq!(both(docker()), str![[r#"
network create --opt=com.docker.network.driver.mtu=1400 --internal --ipv6=true --subnet=10.5.0.0/16 --ip-range=10.5.1.0/24 --gateway=10.5.0.1 --label=com.docker.compose.project=a -- a_back
volume create --driver=local --opt=o=addr=10.0.0.1,rw --label=l=a,b -- a_data
"#]].raw());
    assert_data_eq!(both(podman4()), str![[r#"
network create --opt=mtu=1400 --internal --ipv6=true --subnet=10.5.0.0/16 --ip-range=10.5.1.0/24 --gateway=10.5.0.1 --label=com.docker.compose.project=a -- a_back
volume create --driver=local --opt=o=addr=10.0.0.1,rw '--label="l=a,b"' -- a_data
"#]].raw());
    assert_data_eq!(both(podman5()), str![[r#"
network create --opt=mtu=1400 --internal --ipv6=true --subnet=10.5.0.0/16 --ip-range=10.5.1.0/24 --gateway=10.5.0.1 --label=com.docker.compose.project=a -- a_back
volume create --driver=local --opt=o=addr=10.0.0.1,rw --label=l=a,b -- a_data
"#]].raw());
}

#[test]
fn builds() {
    let mut spec = BuildSpec {
        context: "/src/app".to_owned(),
        dockerfile: Some("docker/Dockerfile".to_owned()),
        target: Some("prod".to_owned()),
        tags: vec!["a-web".to_owned()],
        no_cache: true,
        pull: true,
        privileged: true,
        ..BuildSpec::default()
    };
    spec.args.insert("VERSION".to_owned(), "s3cret".to_owned().into());
    spec.args.insert("HTTP_PROXY".to_owned(), "http://p".to_owned().into());
    spec.secrets.insert("file".to_owned(), BuildSecret::File("/run/my,secret".to_owned()));
    spec.extra_hosts.push(("h".to_owned(), "::1".to_owned()));
    let docker = docker().build(&spec).expect("it builds").call;
    assert_data_eq!(docker.to_string(), str![[r#"build --progress=plain --load --file=/src/app/docker/Dockerfile --target=prod --tag=a-web --no-cache --pull --add-host=h:::1 --allow=security.insecure --build-arg=VERSION --build-arg=HTTP_PROXY=http://p '--secret=id=file,"src=/run/my,secret"' -- /src/app"#]].raw());
    assert_eq!(docker.env, [("VERSION".to_owned(), "s3cret".to_owned().into())]);
    spec.secrets = [("value".to_owned(), BuildSecret::Value("s3cret".to_owned().into()))].into();
    (spec.dockerfile, spec.dockerfile_inline) = (None, Some("FROM x".to_owned()));
    let podman = podman4().build(&spec).expect("it builds").call;
    assert_data_eq!(podman.to_string(), str!["build --format=docker --file=<file> --target=prod --tag=a-web --no-cache --pull=always --add-host=h:::1 --cap-add=all --build-arg=VERSION --build-arg=HTTP_PROXY=http://p --secret=id=value,src=<file> -- /src/app"].raw());
    assert!(!format!("{podman:?}").contains("s3cret"));
}

#[test]
fn limits() {
    let mut spec = ContainerSpec::new("i".to_owned());
    spec.resources.nano_cpus = Some(500_000_000);
    spec.resources.memory = Some(64 << 20);
    spec.resources.memory_swap = Some(-1);
    spec.resources.pids = Some(-1);
    spec.resources.blkio.weight_device.push(BlkioDevice { path: "/dev/sda".to_owned(), rate: 200 });
    spec.ulimits.insert("nofile".to_owned(), Ulimit { soft: 1024, hard: -1 });
    spec.stop_timeout = Some(std::time::Duration::from_millis(1500));
    (spec.read_only, spec.no_new_privileges, spec.init) = (true, true, Some(false));
    spec.restart = Some(RestartPolicy::OnFailure(Some(3)));
    assert_data_eq!(create(&spec), str![[r#"
docker  create --pull=never --init=false --read-only --security-opt=no-new-privileges --cpus=0.5 --memory=67108864b --memory-swap=-1 --pids-limit=-1 --blkio-weight-device=/dev/sda:200 --ulimit=nofile=1024:-1 --restart=on-failure:3 --stop-timeout=2 -- i
podman4 create --pull=never --init=false --read-only --read-only-tmpfs=false --security-opt=no-new-privileges --cpus=0.5 --memory=67108864b --memory-swap=-1 --pids-limit=-1 --blkio-weight-device=/dev/sda:200 --ulimit=nofile=1024:-1 --restart=on-failure:3 --stop-timeout=2 -- i
podman5 create --pull=never --init=false --read-only --read-only-tmpfs=false --security-opt=no-new-privileges --cpus=0.5 --memory=67108864b --memory-swap=-1 --pids-limit=-1 --blkio-weight-device=/dev/sda:200 --ulimit=nofile=1024:-1 --restart=on-failure:3 --stop-timeout=2 -- i

"#]].raw());
}

#[test]
fn the_strict_profile_is_a_file_that_only_the_client_reads() {
    let mut spec = ContainerSpec::new("i".to_owned());
    spec.seccomp = Some("strict".to_owned());
    assert_data_eq!(
        create(&spec),
        str![[r#"
docker  create --pull=never --security-opt=seccomp=<file> -- i
podman4 create --pull=never --security-opt=seccomp=<file> -- i
podman5 create --pull=never --security-opt=seccomp=<file> -- i

"#]]
        .raw()
    );
}
