//! Property 4. Every field is written out, so that one that comes later is not forgotten here.

use indexmap::IndexMap;
use perry_container_spec::{
    Attachment, Blkio, BlkioDevice, ContainerInfo, ContainerLogs, ContainerSpec, Device,
    DeviceRequest, Endpoint, Health, HealthTest, Healthcheck, ImageInfo, InjectedFile, Link,
    Logging, Mount, MountInfo, MountKind, Namespace, Network, PortBinding, Propagation, Protocol,
    PublishedPort, Resources, RestartPolicy, Selinux, Sensitive, State, Ulimit, VolumesFrom,
};
use proptest::{collection::vec, option::of, prelude::*};
use std::{fmt::Debug, net::IpAddr, time::Duration};

fn word() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9 =:/,._\\-\"'äß漢]{1,12}"
}

fn map() -> impl Strategy<Value = IndexMap<String, String>> {
    vec((word(), word()), 0..3).prop_map(|pairs| pairs.into_iter().collect())
}

fn protocol() -> impl Strategy<Value = Protocol> {
    prop_oneof![Just(Protocol::Tcp), Just(Protocol::Udp), Just(Protocol::Sctp)]
}

fn port() -> impl Strategy<Value = PortBinding> {
    (any::<Option<IpAddr>>(), of((1..30000_u16, 0..1000_u16)), 1..=u16::MAX, protocol()).prop_map(
        |(ip, host, container, protocol)| PortBinding {
            ip,
            host: host.map(|(first, more)| (first, first + more)),
            container,
            protocol,
        },
    )
}

fn mount() -> impl Strategy<Value = Mount> {
    let kind = prop_oneof![
        Just(MountKind::Bind),
        Just(MountKind::Volume),
        Just(MountKind::Tmpfs),
        Just(MountKind::Image),
    ];
    let texts = (of(word()), word(), of(word()), vec(word(), 0..2), map());
    (kind, texts, any::<[bool; 3]>(), any::<Option<(u64, u32)>>()).prop_map(
        |(kind, (source, target, text, options, labels), flags, numbers)| Mount {
            kind,
            source,
            target,
            read_only: flags[0],
            propagation: flags[1].then_some(Propagation::Rshared),
            selinux: flags[2].then_some(Selinux::Private),
            create_host_path: flags[1],
            recursive: text.clone(),
            no_copy: flags[2],
            subpath: text.clone(),
            labels,
            size: numbers.map(|numbers| numbers.0),
            mode: numbers.map(|numbers| numbers.1),
            options,
            consistency: text,
        },
    )
}

fn attachment() -> impl Strategy<Value = Attachment> {
    (word(), vec(word(), 0..2), of(word()), of(any::<i64>()), map()).prop_map(
        |(network, list, text, gw_priority, driver_opts)| Attachment {
            network,
            aliases: list.clone(),
            ipv4: text.clone(),
            ipv6: text.clone(),
            link_local_ips: list,
            mac: text.clone(),
            interface_name: text,
            gw_priority,
            driver_opts,
        },
    )
}

fn network() -> impl Strategy<Value = Network> {
    prop_oneof![
        Just(Network::Default),
        Just(Network::None),
        Just(Network::Host),
        word().prop_map(Network::Container),
        "[a-c]{4}".prop_map(Network::Named),
        vec(attachment(), 1..3).prop_map(Network::Attached),
    ]
}

fn healthcheck() -> impl Strategy<Value = Healthcheck> {
    let test = prop_oneof![
        Just(HealthTest::Inherit),
        Just(HealthTest::Disabled),
        word().prop_map(HealthTest::Shell),
        vec(word(), 1..3).prop_map(HealthTest::Command)
    ];
    (test, any::<[Option<u32>; 5]>()).prop_map(|(test, numbers)| {
        let time = |number: Option<u32>| number.map(|number| Duration::from_nanos(number.into()));
        Healthcheck {
            test,
            interval: numbers[0].map(|number| Duration::from_millis(number.into())),
            timeout: time(numbers[1]),
            start_period: time(numbers[2]),
            start_interval: time(numbers[3]),
            retries: numbers[4],
        }
    })
}

fn resources() -> impl Strategy<Value = Resources> {
    let device = || {
        let device = (word(), any::<u64>()).prop_map(|(path, rate)| BlkioDevice { path, rate });
        vec(device, 0..2)
    };
    let blkio = (any::<Option<u16>>(), device(), device(), device()).prop_map(
        |(weight, weight_device, read, write)| Blkio {
            weight,
            weight_device,
            device_read_bps: read.clone(),
            device_write_bps: write.clone(),
            device_read_iops: read,
            device_write_iops: write,
        },
    );
    (any::<[Option<i64>; 14]>(), of(word()), any::<Option<bool>>(), blkio).prop_map(
        |(numbers, text, flag, blkio)| Resources {
            nano_cpus: numbers[0],
            cpu_shares: numbers[1],
            cpu_period: numbers[2],
            cpu_quota: numbers[3],
            cpu_rt_period: numbers[4],
            cpu_rt_runtime: numbers[5],
            cpuset_cpus: text,
            cpu_count: numbers[6],
            cpu_percent: numbers[7],
            memory: numbers[8],
            memory_reservation: numbers[9],
            memory_swap: numbers[10],
            memory_swappiness: numbers[11],
            oom_kill_disable: flag,
            oom_score_adj: numbers[12],
            pids: numbers[13],
            blkio,
        },
    )
}

fn restart() -> impl Strategy<Value = RestartPolicy> {
    prop_oneof![
        Just(RestartPolicy::No),
        Just(RestartPolicy::Always),
        Just(RestartPolicy::UnlessStopped),
        any::<Option<u32>>().prop_map(RestartPolicy::OnFailure),
    ]
}

fn spec() -> impl Strategy<Value = ContainerSpec> {
    let texts = (word(), of(word()), of(word()), of(vec(word(), 0..3)), vec(word(), 0..2));
    let maps = (map(), map());
    let parts = (vec(port(), 0..3), vec(mount(), 0..3), network(), of(healthcheck()), resources());
    let rest = (any::<[bool; 6]>(), any::<Option<u32>>(), of(restart()));
    (texts, maps, parts, rest).prop_map(
        |(
            (image, text, other, words, list),
            (pairs, more),
            (ports, mounts, network, healthcheck, resources),
            (flags, number, restart),
        )| {
            let each = list.iter();
            ContainerSpec {
                image,
                name: text.clone(),
                platform: other.clone(),
                command: words.clone(),
                entrypoint: words,
                env: pairs.iter().map(|(k, v)| (k.clone(), Sensitive::new(v.clone()))).collect(),
                labels: pairs.clone(),
                annotations: more.clone(),
                workdir: text.clone(),
                user: other.clone(),
                group_add: list.clone(),
                hostname: text.clone(),
                domainname: other.clone(),
                tty: flags[0],
                stdin_open: flags[1],
                init: number.map(|_| flags[0]),
                network,
                ports,
                expose: list.clone(),
                dns: list.clone(),
                dns_search: list.clone(),
                dns_opt: list.clone(),
                extra_hosts: each.clone().map(|at| (at.clone(), "10.0.0.1".to_owned())).collect(),
                links: each
                    .clone()
                    .map(|at| Link { container: at.clone(), alias: "a".to_owned() })
                    .collect(),
                mounts,
                volumes_from: each
                    .clone()
                    .map(|at| VolumesFrom { container: at.clone(), read_only: flags[2] })
                    .collect(),
                files: each
                    .clone()
                    .map(|at| InjectedFile {
                        target: at.clone(),
                        content: Sensitive::new(at.clone().into_bytes()),
                        uid: 7,
                        gid: 8,
                        mode: 0o440,
                    })
                    .collect(),
                read_only: flags[2],
                privileged: flags[3],
                cap_add: list.clone(),
                cap_drop: list.clone(),
                seccomp: text.clone(),
                no_new_privileges: flags[4],
                security_opt: list.clone(),
                userns: other.clone(),
                pid: text.clone().map(Namespace::Mode),
                ipc: other.clone().map(Namespace::Container),
                uts: text.clone(),
                cgroupns: other.clone(),
                cgroup_parent: text.clone(),
                devices: each
                    .clone()
                    .map(|at| Device {
                        source: at.clone(),
                        target: at.clone(),
                        permissions: "rwm".to_owned(),
                    })
                    .collect(),
                device_cgroup_rules: list.clone(),
                device_requests: each
                    .clone()
                    .map(|at| DeviceRequest {
                        driver: other.clone(),
                        count: number.map(Into::into),
                        device_ids: list.clone(),
                        capabilities: vec![at.clone()],
                        options: more.clone(),
                    })
                    .collect(),
                resources,
                ulimits: each.map(|n| (n.clone(), Ulimit { soft: -1, hard: 5 })).collect(),
                sysctls: more.clone(),
                storage_opt: more.clone(),
                shm_size: number.map(Into::into),
                restart,
                auto_remove: flags[5],
                stop_signal: other.clone(),
                stop_timeout: number.map(|n| Duration::from_secs(n.into())),
                healthcheck,
                logging: text.clone().map(|driver| Logging { driver: Some(driver), options: more }),
                runtime: text.clone(),
                isolation: other,
                credential_spec: text,
            }
        },
    )
}

fn info() -> impl Strategy<Value = ContainerInfo> {
    let published = (1..=u16::MAX, protocol(), any::<Option<(IpAddr, u16)>>()).prop_map(
        |(container, protocol, at)| PublishedPort {
            container,
            protocol,
            ip: at.map(|at| at.0),
            host: at.map(|at| at.1),
        },
    );
    let state = prop_oneof![
        Just(State::Created),
        Just(State::Running),
        Just(State::Exited),
        Just(State::Dead)
    ];
    let health =
        of(prop_oneof![Just(Health::Starting), Just(Health::Healthy), Just(Health::Unhealthy)]);
    let texts = (word(), word(), word(), of(word()), vec(word(), 0..3), map());
    let looks = (state, health, of(healthcheck()), of(restart()), vec(published, 0..3));
    (texts, looks, any::<Option<i32>>(), any::<[bool; 3]>(), any::<u32>()).prop_map(
        |(
            (id, name, image, text, command, labels),
            (state, health, healthcheck, restart, ports),
            exit_code,
            flags,
            restart_count,
        )| {
            let endpoint = Endpoint {
                network_id: name.clone(),
                ipv4: "10.0.0.2".to_owned(),
                ipv6: "fd00::2".to_owned(),
                mac: "02:42:0a:00:00:02".to_owned(),
                aliases: vec![name.clone()],
            };
            let mount = |at: &String| MountInfo {
                kind: "volume".to_owned(),
                name: text.clone(),
                source: at.clone(),
                target: at.clone(),
                writable: flags[2],
            };
            ContainerInfo {
                id,
                image_id: image.clone(),
                name,
                image,
                state,
                health,
                health_output: text.clone(),
                healthcheck,
                restart,
                exit_code,
                oom_killed: flags[0],
                error: text.clone(),
                ports,
                created: "2026-11-22T13:14:34Z".to_owned(),
                started: "2026-11-22T13:14:35.5Z".to_owned(),
                finished: String::new(),
                restart_count,
                networks: labels.keys().map(|name| (name.clone(), endpoint.clone())).collect(),
                labels,
                mounts: command.iter().map(mount).collect(),
                command,
                tty: flags[1],
            }
        },
    )
}

fn image() -> impl Strategy<Value = ImageInfo> {
    (word(), word(), word(), any::<u64>(), map(), any::<Option<bool>>(), vec(word(), 0..2))
        .prop_map(|(id, repository, tag, size, labels, has_healthcheck, digests)| ImageInfo {
            id,
            repository,
            tag,
            size,
            created: "2026-11-22T13:14:34Z".to_owned(),
            digests,
            platform: "linux/amd64".to_owned(),
            has_healthcheck,
            tagged: "2026-11-22T13:14:34Z".to_owned(),
            entrypoint: has_healthcheck.map(|_| vec!["run".to_owned()]),
            labels,
        })
}

fn survives<T: serde::Serialize + serde::de::DeserializeOwned + PartialEq + Debug>(value: &T) {
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(&serde_json::from_str::<T>(&text).unwrap(), value, "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    // Feature: perry-container, Property 4: serialising a ContainerSpec, ContainerInfo, ContainerLogs or ImageInfo to
    // JSON and back gives an equal value.
    #[test]
    fn property_04_data_model_json_round_trip(
        spec in spec(), info in info(), image in image(), stdout in ".{0,40}", stderr in ".{0,40}",
    ) {
        survives(&spec);
        survives(&info);
        survives(&image);
        survives(&ContainerLogs { stdout, stderr });
    }
}
