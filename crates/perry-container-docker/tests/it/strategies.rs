//! Containers that try to break out of their command line.

use perry_container_spec::{
    Attachment, Blkio, BlkioDevice, ContainerSpec, Device, DeviceRequest, HealthTest, Healthcheck,
    Link, Logging, Mount, MountKind, Namespace, Network, PortBinding, Propagation, Protocol,
    Resources, RestartPolicy, Selinux, Ulimit, VolumesFrom,
};
use proptest::{collection::vec, option, prelude::*, sample::select};
use std::time::Duration;

/// Text that tries to be something else.
pub(crate) fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => select(vec![
            "--privileged", "-v", "-v=/:/host", "--", "-", "a=b", "=", "a,b", ",", "a\"b", "\"", "a\nb", "a\r\nb", "", " x",
            "--name=x", "--env=OTHER", "$(id)", "`id`", "é", "'", "a b", "{{json .}}", "[\"x\"]", "#x", "*",
        ])
        .prop_map(str::to_owned),
        3 => "[a-z]{1,8}",
        1 => "[ -~\\n]{0,12}",
    ]
}

/// The same without what separates things where it is put.
fn without(separators: &'static str) -> impl Strategy<Value = String> {
    hostile().prop_map(move |text| {
        let text = text.replace(|c| separators.contains(c), "");
        if text.is_empty() { "x".to_owned() } else { text }
    })
}

fn texts() -> impl Strategy<Value = Vec<String>> {
    vec(hostile(), 0..3)
}

fn map() -> impl Strategy<Value = Vec<(String, String)>> {
    vec((without("="), hostile()), 0..3)
}

fn duration() -> impl Strategy<Value = Option<Duration>> {
    option::of((0_u64..100_000_000_000).prop_map(Duration::from_nanos))
}

pub(crate) fn environment() -> impl Strategy<Value = Vec<(String, String)>> {
    let plain = ("V[A-Z0-9_]{0,3}X", hostile().prop_map(|text| format!("s3cret:{text}")));
    let steering = (
        select(vec![
            "PATH",
            "HOME",
            "DOCKER_HOST",
            "CONTAINER_HOST",
            "http_proxy",
            "NO_PROXY",
            "LD_PRELOAD",
            "TMPDIR",
            "XDG_RUNTIME_DIR",
        ])
        .prop_map(str::to_owned),
        without("\n\r").prop_map(|text| format!("s3cret:{text}")),
    );
    vec(prop_oneof![plain, steering], 0..4)
}

fn network(podman: bool) -> impl Strategy<Value = Network> {
    let text = move || if podman { without(",:").boxed() } else { hostile().boxed() };
    let attachment = (
        text(),
        vec(text(), 0..3),
        option::of(text()),
        option::of(text()),
        option::of(text()),
        option::of(text()),
        option::of(0_i64..9),
        map(),
    )
        .prop_map(
            move |(network, aliases, ipv4, ipv6, mac, interface_name, gw_priority, opts)| {
                Attachment {
                    network,
                    aliases,
                    ipv4,
                    ipv6,
                    mac,
                    interface_name,
                    gw_priority: gw_priority.filter(|_| !podman),
                    driver_opts: if podman {
                        Default::default()
                    } else {
                        opts.into_iter().collect()
                    },
                    link_local_ips: if podman {
                        Vec::new()
                    } else {
                        vec!["169.254.1.1".to_owned()]
                    },
                }
            },
        );
    prop_oneof![
        Just(Network::Default),
        Just(Network::None),
        Just(Network::Host),
        hostile().prop_map(Network::Container),
        hostile().prop_map(Network::Named),
        vec(attachment, 1..4).prop_map(Network::Attached),
    ]
}

fn mount(podman: bool) -> impl Strategy<Value = Mount> {
    let long = (
        select(vec![MountKind::Bind, MountKind::Volume, MountKind::Image]),
        option::of(hostile()),
        hostile(),
        any::<bool>(),
        option::of(hostile()),
    )
        .prop_map(|(kind, source, target, read_only, consistency)| Mount {
            read_only: read_only && kind != MountKind::Image,
            propagation: (kind == MountKind::Bind).then_some(Propagation::Rslave),
            consistency,
            ..Mount::new(kind, source, target)
        });
    let short =
        (without(":"), without(":"), any::<bool>()).prop_map(|(source, target, read_only)| Mount {
            read_only,
            create_host_path: true,
            selinux: Some(Selinux::Shared),
            ..Mount::new(MountKind::Bind, Some(format!("/{source}")), target)
        });
    let tmpfs =
        (without(":"), option::of(0_u64..9999), option::of(0_u32..0o7777), vec(without(","), 1..3))
            .prop_map(|(target, size, mode, options)| Mount {
                size,
                mode,
                options,
                ..Mount::new(MountKind::Tmpfs, None, target)
            });
    let memory = (hostile(), option::of(0_u64..9999), option::of(0_u32..0o7777)).prop_map(
        |(target, size, mode)| Mount { size, mode, ..Mount::new(MountKind::Tmpfs, None, target) },
    );
    let labelled =
        (hostile(), map(), option::of(hostile())).prop_map(move |(target, labels, subpath)| {
            let mut mount = Mount::new(MountKind::Volume, None, target);
            if !podman {
                (mount.labels, mount.subpath, mount.no_copy) =
                    (labels.into_iter().collect(), subpath, true);
            }
            mount
        });
    prop_oneof![long, short, tmpfs, memory, labelled]
}

fn health(podman: bool) -> impl Strategy<Value = Option<Healthcheck>> {
    let test = prop_oneof![
        Just(HealthTest::Inherit),
        Just(HealthTest::Disabled),
        hostile().prop_map(HealthTest::Shell),
        vec(hostile(), 1..3).prop_map(HealthTest::Command),
    ];
    option::of(
        (test, duration(), duration(), duration(), duration(), option::of(0_u32..9)).prop_map(
            move |(test, interval, timeout, start_period, start_interval, retries)| Healthcheck {
                start_interval: start_interval.filter(|_| !podman),
                test,
                interval,
                timeout,
                start_period,
                retries,
            },
        ),
    )
}

fn port() -> impl Strategy<Value = PortBinding> {
    (
        option::of(select(vec!["127.0.0.1", "::1"])),
        option::of(1_u16..9999),
        1_u16..9999,
        any::<bool>(),
    )
        .prop_map(|(ip, host, container, udp)| PortBinding {
            ip: ip.map(|ip| ip.parse().expect("an address")),
            host: host.map(|port| (port, port)),
            container,
            protocol: if udp { Protocol::Udp } else { Protocol::Tcp },
        })
}

fn resources() -> impl Strategy<Value = Resources> {
    let number = || option::of(1_i64..5_000_000_000);
    let devices =
        || vec((without(""), 0_u64..99).prop_map(|(path, rate)| BlkioDevice { path, rate }), 0..2);
    let first = (
        number(),
        number(),
        number(),
        number(),
        number(),
        number(),
        option::of(hostile()),
        number(),
        number(),
        number(),
    );
    let rest = (
        number(),
        option::of(any::<bool>()),
        number(),
        number(),
        option::of(10_u16..1000),
        devices(),
        devices(),
        devices(),
        devices(),
        devices(),
    );
    (first, rest).prop_map(|(a, b)| Resources {
        nano_cpus: a.0,
        cpu_shares: a.1,
        cpu_period: a.2,
        cpu_quota: a.3,
        cpu_rt_period: a.4,
        cpu_rt_runtime: a.5,
        cpuset_cpus: a.6,
        memory: a.7,
        memory_reservation: a.8,
        memory_swap: a.9,
        memory_swappiness: b.0,
        oom_kill_disable: b.1,
        oom_score_adj: b.2,
        pids: b.3,
        blkio: Blkio {
            weight: b.4,
            weight_device: b.5,
            device_read_bps: b.6,
            device_write_bps: b.7,
            device_read_iops: b.8,
            device_write_iops: b.9,
        },
        cpu_count: None,
        cpu_percent: None,
    })
}

/// Containers with every property that this tool has a word for.
pub(crate) fn spec(podman: bool) -> impl Strategy<Value = ContainerSpec> {
    let text = || option::of(hostile());
    let namespace = || {
        option::of(prop_oneof![
            hostile().prop_map(Namespace::Mode),
            hostile().prop_map(Namespace::Container)
        ])
    };
    let restart = option::of(prop_oneof![
        Just(RestartPolicy::No),
        Just(RestartPolicy::Always),
        Just(RestartPolicy::UnlessStopped),
        option::of(0_u32..9).prop_map(RestartPolicy::OnFailure),
    ]);
    let device = (without(":="), without(":"), select(vec!["r", "rwm", ""])).prop_map(
        |(source, target, permissions)| Device {
            source,
            target,
            permissions: permissions.to_owned(),
        },
    );
    let gpus =
        (option::of(0_i64..4), vec("[0-9]", 0..3)).prop_map(|(count, device_ids)| DeviceRequest {
            driver: Some("nvidia".to_owned()),
            count,
            device_ids,
            capabilities: vec!["gpu".to_owned()],
            ..DeviceRequest::default()
        });
    let a = (
        hostile(),
        text(),
        text(),
        option::of(texts()),
        option::of(texts()),
        environment(),
        map(),
        map(),
        text(),
        text(),
        texts(),
        text(),
    );
    let b = (
        text(),
        any::<[bool; 7]>(),
        option::of(any::<bool>()),
        network(podman),
        vec(port(), 0..3),
        texts(),
        texts(),
        texts(),
        texts(),
    );
    let c = (
        vec((hostile(), hostile()), 0..3),
        vec((hostile(), hostile()), 0..2),
        vec(mount(podman), 0..4),
        vec((hostile(), any::<bool>()), 0..2),
        texts(),
        texts(),
        text(),
        texts(),
    );
    let d = (
        text(),
        namespace(),
        namespace(),
        text(),
        text(),
        text(),
        vec(device, 0..3),
        texts(),
        vec(gpus, 0..2),
        resources(),
    );
    let e = (
        vec((hostile(), -1_i64..99, -1_i64..99), 0..2),
        map(),
        map(),
        option::of(0_u64..99),
        restart,
        text(),
        duration(),
        health(podman),
        option::of((text(), map())),
        text(),
    );
    (a, b, c, d, e).prop_map(move |(a, b, c, d, e)| {
        let [tty, stdin_open, read_only, privileged, no_new_privileges, auto_remove, _] = b.1;
        let pairs =
            |all: Vec<(String, String)>| all.into_iter().collect::<indexmap::IndexMap<_, _>>();
        ContainerSpec {
            image: a.0,
            name: a.1,
            platform: a.2,
            command: a.3,
            entrypoint: a.4,
            env: a.5.into_iter().map(|(name, value)| (name, value.into())).collect(),
            labels: pairs(a.6),
            annotations: pairs(a.7),
            workdir: a.8,
            user: a.9,
            group_add: a.10,
            hostname: a.11,
            domainname: b.0.filter(|_| !podman),
            tty,
            stdin_open,
            init: b.2,
            network: b.3,
            ports: b.4,
            expose: b.5,
            dns: b.6,
            dns_search: b.7,
            dns_opt: b.8,
            extra_hosts: c.0,
            links: if podman {
                Vec::new()
            } else {
                c.1.into_iter().map(|(container, alias)| Link { container, alias }).collect()
            },
            mounts: c.2,
            volumes_from: c
                .3
                .into_iter()
                .map(|(container, read_only)| VolumesFrom { container, read_only })
                .collect(),
            files: Vec::new(),
            read_only,
            privileged,
            cap_add: c.4,
            cap_drop: c.5,
            seccomp: c.6,
            no_new_privileges,
            security_opt: c.7,
            userns: d.0,
            pid: d.1,
            ipc: d.2,
            uts: d.3,
            cgroupns: d.4,
            cgroup_parent: d.5,
            devices: d.6,
            device_cgroup_rules: d.7,
            device_requests: d.8,
            resources: d.9,
            ulimits: e
                .0
                .into_iter()
                .map(|(name, soft, hard)| (name, Ulimit { soft, hard }))
                .collect(),
            sysctls: pairs(e.1),
            storage_opt: pairs(e.2),
            shm_size: e.3,
            restart: e.4,
            auto_remove,
            stop_signal: e.5,
            stop_timeout: e.6,
            healthcheck: e.7,
            logging: e.8.map(|(driver, options)| Logging { driver, options: pairs(options) }),
            runtime: e.9,
            isolation: None,
            credential_spec: None,
        }
    })
}

/// Containers with every property that nerdctl has a word for.
pub(crate) fn nerdctls() -> impl Strategy<Value = ContainerSpec> {
    let known = select(vec!["ALL", "NET_ADMIN", "CAP_SYS_PTRACE", "net_raw"]);
    let options = select(vec!["apparmor=x y", "seccomp=--privileged", "systempaths=unconfined"]);
    let names = || vec(known.clone().prop_map(str::to_owned), 0..3);
    // boxed: a value of it is large, and lies on the stack several times
    (spec(false).boxed(), names(), names(), vec(options.prop_map(str::to_owned), 0..2)).prop_map(
        |(mut spec, cap_add, cap_drop, security_opt)| {
            (spec.cap_add, spec.cap_drop, spec.security_opt) = (cap_add, cap_drop, security_opt);
            spec.links.clear();
            spec.device_cgroup_rules.clear();
            spec.storage_opt.clear();
            if let Some(check) = &mut spec.healthcheck {
                check.start_interval = None;
            }
            spec.mounts.retain(|mount| mount.kind != MountKind::Image);
            for mount in &mut spec.mounts {
                (mount.no_copy, mount.subpath) = (false, None);
                mount.labels.clear();
            }
            let name = |text: &str| {
                let kept = |c: &char| !c.is_whitespace() && !c.is_control() && *c != '#';
                let text: String = text.chars().filter(kept).collect();
                if text.is_empty() { "x".to_owned() } else { text }
            };
            spec.hostname = spec.hostname.as_deref().map(name);
            if let Network::Attached(all) = &mut spec.network {
                let several = all.len() > 1;
                for one in all {
                    (one.gw_priority, one.interface_name) = (None, None);
                    one.driver_opts.clear();
                    one.link_local_ips.clear();
                    one.aliases = one.aliases.iter().map(|alias| name(alias)).collect();
                    if several {
                        (one.ipv4, one.ipv6, one.mac) = (None, None, None);
                    }
                }
            }
            spec
        },
    )
}
