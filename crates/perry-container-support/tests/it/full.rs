//! Containers, networks and volumes that use everything.

use perry_container_spec::{
    Attachment, Blkio, ContainerSpec, Device, DeviceRequest, HealthTest, Healthcheck, InjectedFile,
    IpamPool, Late, Link, Logging, Mount, MountKind, Namespace, Network, NetworkSpec, Propagation,
    Resources, RestartPolicy, Selinux, Sensitive, Ulimit, VolumeSpec, VolumesFrom,
};
use std::time::Duration;

fn one(key: &str, value: &str) -> indexmap::IndexMap<String, String> {
    [(key.to_owned(), value.to_owned())].into_iter().collect()
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn resources() -> Resources {
    Resources {
        nano_cpus: Some(1_500_000_000),
        cpu_shares: Some(512),
        cpu_count: Some(2),
        memory: Some(64 << 20),
        memory_swap: Some(-1),
        pids: Some(100),
        blkio: Blkio { weight: Some(300), ..Blkio::default() },
        ..Resources::default()
    }
}

fn mounts() -> Vec<Mount> {
    vec![
        Mount {
            no_copy: true,
            subpath: Some("below".to_owned()),
            ..Mount::new(MountKind::Volume, Some("data".to_owned()), "/data")
        },
        Mount { labels: one("a", "b"), ..Mount::new(MountKind::Volume, None, "/anonymous") },
        Mount {
            propagation: Some(Propagation::Rshared),
            selinux: Some(Selinux::Private),
            recursive: Some("disabled".to_owned()),
            ..Mount::new(MountKind::Bind, Some("/srv/files".to_owned()), "/files")
        },
        Mount {
            size: Some(1 << 20),
            options: words(&["uid=5", "noexec"]),
            ..Mount::new(MountKind::Tmpfs, None, "/t")
        },
        Mount::new(MountKind::Image, Some("lab/base:1".to_owned()), "/image"),
    ]
}

/// Two networks; what only another kind of network needs is not in it.
pub(crate) fn everything() -> ContainerSpec<Late> {
    let attachment = Attachment {
        aliases: words(&["db"]),
        ipv4: Some("10.5.0.9".to_owned()),
        link_local_ips: words(&["169.254.8.8"]),
        mac: Some("02:42:ac:11:00:03".to_owned()),
        interface_name: Some("eth7".to_owned()),
        gw_priority: Some(1),
        driver_opts: one("a", "b"),
        ..Attachment::new("p_default")
    };
    ContainerSpec {
        platform: Some("linux/arm64".to_owned()),
        annotations: one("a", "b"),
        user: Some("nobody".to_owned()),
        group_add: words(&["audio"]),
        hostname: Some("h".to_owned()),
        domainname: Some("example".to_owned()),
        init: Some(true),
        network: Network::Attached(vec![attachment, Attachment::new("p_back")]),
        ports: vec!["8080:80".parse().unwrap(), "81".parse().unwrap()],
        expose: words(&["9000/tcp"]),
        dns: words(&["10.0.0.1"]),
        extra_hosts: vec![
            ("host".to_owned(), "host-gateway".to_owned()),
            ("a".to_owned(), "10.0.0.1".to_owned()),
        ],
        links: vec![Link { container: Late::known("a"), alias: "a".to_owned() }],
        mounts: mounts(),
        volumes_from: vec![VolumesFrom { container: Late::known("a"), read_only: false }],
        files: vec![InjectedFile {
            target: "/run/secrets/a".to_owned(),
            content: Sensitive::new(b"hush".to_vec()),
            uid: 0,
            gid: 0,
            mode: 0o444,
        }],
        read_only: true,
        privileged: true,
        cap_add: words(&["NET_ADMIN"]),
        seccomp: Some("unconfined".to_owned()),
        no_new_privileges: true,
        security_opt: words(&["label=disable", "systempaths=unconfined"]),
        userns: Some("keep-id".to_owned()),
        pid: Some(Namespace::Mode("host".to_owned())),
        ipc: Some(Namespace::Container(Late::known("a"))),
        uts: Some("host".to_owned()),
        cgroupns: Some("private".to_owned()),
        cgroup_parent: Some("/p".to_owned()),
        devices: vec![Device {
            source: "/dev/fuse".to_owned(),
            target: "/dev/fuse".to_owned(),
            permissions: "rwm".to_owned(),
        }],
        device_cgroup_rules: words(&["c 1:3 mr"]),
        device_requests: vec![DeviceRequest { count: Some(-1), ..DeviceRequest::default() }],
        resources: resources(),
        ulimits: [("nofile".to_owned(), Ulimit { soft: 10, hard: 20 })].into_iter().collect(),
        sysctls: one("net.core.somaxconn", "1024"),
        storage_opt: one("size", "1G"),
        shm_size: Some(64 << 20),
        restart: Some(RestartPolicy::Always),
        auto_remove: true,
        stop_signal: Some("SIGQUIT".to_owned()),
        stop_timeout: Some(Duration::from_secs(3)),
        healthcheck: Some(Healthcheck {
            test: HealthTest::Shell("true".to_owned()),
            interval: None,
            timeout: None,
            start_period: None,
            start_interval: Some(Duration::from_secs(1)),
            retries: None,
        }),
        logging: Some(Logging { driver: Some("local".to_owned()), ..Logging::default() }),
        runtime: Some("kata".to_owned()),
        isolation: Some("hyperv".to_owned()),
        ..ContainerSpec::new(Late::known("lab/base:1"))
    }
}

pub(crate) fn everything_of_a_network() -> NetworkSpec {
    NetworkSpec {
        name: "p_back".to_owned(),
        driver: Some("macvlan".to_owned()),
        driver_opts: one("parent", "eth0"),
        internal: true,
        attachable: true,
        ipv4: Some(false),
        ipv6: Some(true),
        ipam_driver: Some("dhcp".to_owned()),
        pools: vec![
            IpamPool { subnet: Some("10.5.0.0/16".to_owned()), ..IpamPool::default() },
            IpamPool { aux_addresses: one("a", "10.5.0.7"), ..IpamPool::default() },
        ],
        ..NetworkSpec::default()
    }
}

pub(crate) fn everything_of_a_volume() -> VolumeSpec {
    VolumeSpec {
        name: "p_data".to_owned(),
        driver: Some("nfs".to_owned()),
        driver_opts: one("type", "nfs"),
        ..VolumeSpec::default()
    }
}
