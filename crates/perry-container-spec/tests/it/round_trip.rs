//! Property 4.

use indexmap::IndexMap;
use perry_container_spec::{
    Attachment, ContainerInfo, ContainerLogs, ContainerSpec, Device, Endpoint, Health, HealthTest,
    Healthcheck, ImageInfo, Mount, MountKind, Namespace, Network, PortBinding, Protocol,
    PublishedPort, RestartPolicy, Sensitive, State, Ulimit,
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
    (of(word()), word(), any::<bool>(), of(any::<u64>())).prop_map(
        |(source, target, read_only, size)| {
            let kind = if source.is_some() { MountKind::Bind } else { MountKind::Tmpfs };
            Mount { read_only, size, ..Mount::new(kind, source, target) }
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
        vec((word(), vec(word(), 0..2)), 1..3).prop_map(|all| {
            let one = |(network, aliases)| Attachment { network, aliases, ..Attachment::default() };
            Network::Attached(all.into_iter().map(one).collect())
        }),
    ]
}

fn healthcheck() -> impl Strategy<Value = Healthcheck> {
    let test = prop_oneof![
        Just(HealthTest::Disabled),
        word().prop_map(HealthTest::Shell),
        vec(word(), 1..3).prop_map(HealthTest::Command)
    ];
    (test, of(any::<u32>())).prop_map(|(test, n)| Healthcheck {
        test,
        interval: n.map(|n| Duration::from_millis(n.into())),
        timeout: None,
        start_period: n.map(|n| Duration::from_nanos(n.into())),
        start_interval: None,
        retries: n,
    })
}

fn spec() -> impl Strategy<Value = ContainerSpec> {
    let first = (
        word(),
        of(word()),
        of(vec(word(), 0..3)),
        map(),
        map(),
        vec(port(), 0..3),
        vec(mount(), 0..3),
    );
    let second = (
        network(),
        of(healthcheck()),
        any::<bool>(),
        of(word()),
        vec(word(), 0..2),
        any::<Option<u32>>(),
    );
    (first, second).prop_map(
        |(
            (image, name, command, env, labels, ports, mounts),
            (network, healthcheck, flag, text, list, number),
        )| {
            ContainerSpec {
                name,
                entrypoint: command.clone(),
                command,
                env: env.into_iter().map(|(k, v)| (k, Sensitive::new(v))).collect(),
                sysctls: labels.clone(),
                labels,
                ports,
                mounts,
                network,
                healthcheck,
                read_only: flag,
                auto_remove: flag,
                init: Some(flag),
                user: text.clone(),
                workdir: text.clone(),
                pid: text.clone().map(Namespace::Mode),
                ipc: text.map(Namespace::Container),
                cap_drop: list.clone(),
                extra_hosts: list
                    .iter()
                    .map(|host| (host.clone(), "10.0.0.1".to_owned()))
                    .collect(),
                devices: list
                    .iter()
                    .map(|at| Device {
                        source: at.clone(),
                        target: at.clone(),
                        permissions: "rwm".to_owned(),
                    })
                    .collect(),
                ulimits: list.iter().map(|n| (n.clone(), Ulimit { soft: -1, hard: 5 })).collect(),
                restart: number.map(|n| RestartPolicy::OnFailure(Some(n))),
                stop_timeout: number.map(|n| Duration::from_secs(n.into())),
                shm_size: number.map(Into::into),
                ..ContainerSpec::new(image)
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
    (word(), word(), word(), state, health, any::<Option<i32>>(), vec(published, 0..3), map())
        .prop_map(|(id, name, image, state, health, exit_code, ports, labels)| {
            let endpoint = Endpoint {
                ipv4: "10.0.0.2".to_owned(),
                aliases: vec![name.clone()],
                ..Endpoint::default()
            };
            ContainerInfo {
                state,
                health,
                exit_code,
                ports,
                networks: labels.keys().map(|name| (name.clone(), endpoint.clone())).collect(),
                labels,
                created: "2026-11-22T13:14:34Z".to_owned(),
                ..ContainerInfo::new(id, name, image)
            }
        })
}

fn image() -> impl Strategy<Value = ImageInfo> {
    (word(), word(), word(), any::<u64>(), map(), any::<Option<bool>>()).prop_map(
        |(id, repository, tag, size, labels, has_healthcheck)| ImageInfo {
            id,
            repository,
            tag,
            size,
            labels,
            has_healthcheck,
            ..ImageInfo::default()
        },
    )
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
