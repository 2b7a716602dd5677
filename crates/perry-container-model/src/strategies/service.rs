//! A strategy for services, by theme.

use super::{
    duration, environment, extensions, healthcheck, labels, share, size, span, text, word, words,
};
use crate::{
    BlkioConfig, ComposeDeployment, ComposeLogging, ComposeService, ComposeServiceBuild,
    ComposeServiceNetworkConfig, ComposeServicePort, ComposeServiceVolume, ComposeUlimit,
    DeviceMapping, DeviceRequest, Extensions, ExtraHost, ExtraHosts, FileMode, MountBind,
    MountTmpfs, MountVolume, NamespaceMode, Placement, PullPolicy, Resource, Resources,
    RestartMode, RestartPolicy, ServiceFile, ServiceHook, ServiceModel, ThrottleDevice,
    UpdateConfig, VolumeType, WatchAction, WatchTrigger, WeightDevice,
};
use indexmap::IndexMap;
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;

fn process() -> impl Strategy<Value = ComposeService> {
    let words = || option::of(vec(text(), 0..3));
    let flags =
        (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), option::of(any::<bool>()));
    let hooks = || {
        vec((vec(text(), 1..3), environment(), option::of(word()), any::<bool>()), 0..2).prop_map(
            |hooks| {
                let hook = |(command, environment, user, privileged)| ServiceHook {
                    command: Some(command),
                    environment,
                    user,
                    privileged,
                    ..ServiceHook::default()
                };
                hooks.into_iter().map(hook).collect()
            },
        )
    };
    let restart = option::of(prop_oneof![
        Just(RestartMode::No),
        Just(RestartMode::Always),
        Just(RestartMode::UnlessStopped),
        option::of(0..9_u32).prop_map(RestartMode::OnFailure),
    ]);
    let texts =
        (option::of(word()), option::of(word()), option::of("/[a-z]{1,5}"), option::of(duration()));
    (words(), words(), environment(), labels(), flags, (hooks(), hooks()), restart, texts).prop_map(
        |(command, entrypoint, environment, labels, flags, hooks, restart, texts)| ComposeService {
            command,
            entrypoint,
            environment,
            labels,
            privileged: flags.0,
            read_only: flags.1,
            stdin_open: flags.2,
            tty: flags.3,
            init: flags.4,
            post_start: hooks.0,
            pre_stop: hooks.1,
            restart,
            user: texts.0,
            hostname: texts.1,
            working_dir: texts.2,
            stop_grace_period: texts.3,
            ..ComposeService::default()
        },
    )
}

fn ports() -> impl Strategy<Value = Vec<ComposeServicePort>> {
    let options = (
        option::of(1..=u16::MAX),
        any::<bool>(),
        option::of(Just("127.0.0.1")),
        option::of(word()),
    );
    btree_map(1..=u16::MAX, options, 0..3).prop_map(|ports| {
        let port = |(target, (published, udp, host_ip, name)): (
            u16,
            (Option<u16>, bool, Option<&str>, _),
        )| {
            ComposeServicePort {
                name,
                mode: Some("ingress".to_owned()),
                host_ip: host_ip.map(str::to_owned),
                target: Some(target),
                published: published.map(|port| port.to_string()),
                protocol: Some(if udp { "udp" } else { "tcp" }.to_owned()),
                ..ComposeServicePort::default()
            }
        };
        ports.into_iter().map(port).collect()
    })
}

fn mount() -> impl Strategy<Value = ComposeServiceVolume> {
    let mount = |kind| ComposeServiceVolume::new(kind, "");
    let bind = ("/[a-z]{1,5}", any::<bool>()).prop_map(move |(source, create_host_path)| {
        ComposeServiceVolume {
            source: Some(source),
            bind: Some(MountBind { create_host_path, ..MountBind::default() }),
            ..mount(VolumeType::Bind)
        }
    });
    let volume = (option::of("v[0-3]"), any::<bool>(), option::of(word())).prop_map(
        move |(source, nocopy, subpath)| {
            let options = MountVolume { nocopy, subpath, ..MountVolume::default() };
            ComposeServiceVolume { source, volume: Some(options), ..mount(VolumeType::Volume) }
        },
    );
    let tmpfs = (option::of(size()), option::of(1..0o7777_u32)).prop_map(move |(size, mode)| {
        ComposeServiceVolume {
            tmpfs: Some(MountTmpfs { size, mode, extensions: Extensions::new() }),
            ..mount(VolumeType::Tmpfs)
        }
    });
    (prop_oneof![bind, volume, tmpfs], any::<bool>())
        .prop_map(|(mount, read_only)| ComposeServiceVolume { read_only, ..mount })
}

fn files(source: &'static str, target: &'static str) -> impl Strategy<Value = Vec<ServiceFile>> {
    let options = (option::of("[0-9]{1,3}"), option::of((0..0o777_u32).prop_map(FileMode)));
    btree_map(source, options, 0..2).prop_map(move |files| {
        let file =
            |(source, (uid, mode)): (String, (Option<String>, Option<FileMode>))| ServiceFile {
                target: Some(format!("{target}/{source}")),
                source: Some(source),
                uid,
                mode,
                ..ServiceFile::default()
            };
        files.into_iter().map(file).collect()
    })
}

fn surroundings() -> impl Strategy<Value = ComposeService> {
    let membership = option::of((words(), option::of(1..9_i64)).prop_map(|(aliases, priority)| {
        ComposeServiceNetworkConfig { aliases, priority, ..ComposeServiceNetworkConfig::default() }
    }));
    let networks = btree_map("n[0-3]", membership, 1..3).prop_map(IndexMap::from_iter);
    let network = prop_oneof![
        5 => networks.prop_map(|networks| (None, networks)),
        1 => Just((Some(NamespaceMode::from("none")), IndexMap::new())),
    ];
    let mounts = vec(mount(), 0..3).prop_map(|mut mounts| {
        for (number, mount) in mounts.iter_mut().enumerate() {
            mount.target = Some(format!("/m{number}"));
        }
        mounts
    });
    let hosts = btree_set((word(), "1\\.2\\.3\\.[1-9]"), 0..3).prop_map(|hosts| {
        ExtraHosts(hosts.into_iter().map(|(host, address)| ExtraHost { host, address }).collect())
    });
    let logging = option::of(labels().prop_map(|options| ComposeLogging {
        driver: Some("json-file".to_owned()),
        options,
        ..ComposeLogging::default()
    }));
    let models = btree_map("ai[0-1]", option::of(word()), 0..2).prop_map(|models| {
        let model = |var: Option<String>| {
            var.map(|var| ServiceModel { model_var: Some(var), ..ServiceModel::default() })
        };
        models.into_iter().map(|(key, var)| (key, model(var))).collect()
    });
    let files = (files("s[0-2]", "/run/secrets"), files("c[0-2]", "/etc"));
    (network, ports(), mounts, files, hosts, logging, models, words()).prop_map(
        |(
            (network_mode, networks),
            ports,
            volumes,
            (secrets, configs),
            extra_hosts,
            logging,
            models,
            dns_search,
        )| {
            ComposeService {
                network_mode,
                networks,
                ports,
                volumes,
                secrets,
                configs,
                extra_hosts,
                logging,
                models,
                dns_search,
                ..ComposeService::default()
            }
        },
    )
}

fn deployment() -> impl Strategy<Value = ComposeDeployment> {
    let update = (option::of(0..9_u64), option::of(span()), option::of(share())).prop_map(
        |(parallelism, delay, max_failure_ratio)| UpdateConfig {
            parallelism,
            delay,
            max_failure_ratio,
            order: Some("start-first".to_owned()),
            ..UpdateConfig::default()
        },
    );
    let restart =
        (option::of(0..9_u64), option::of(duration())).prop_map(|(max_attempts, window)| {
            RestartPolicy {
                condition: Some("on-failure".to_owned()),
                max_attempts,
                window,
                ..RestartPolicy::default()
            }
        });
    let devices = vec((word(), option::of(1..4_i64)), 0..2).prop_map(|devices| {
        let device = |(capability, count): (String, Option<i64>)| DeviceRequest {
            capabilities: vec![capability],
            count: count.or(Some(-1)),
            ..DeviceRequest::default()
        };
        devices.into_iter().map(device).collect()
    });
    let limits = (option::of(share()), option::of(size()), option::of(1..999_i64))
        .prop_map(|(cpus, memory, pids)| Resource { cpus, memory, pids, ..Resource::default() });
    let reservations = (option::of(size()), devices).prop_map(|(memory, devices)| Resource {
        memory,
        devices,
        ..Resource::default()
    });
    let resources =
        (option::of(limits), option::of(reservations)).prop_map(|(limits, reservations)| {
            Resources { limits, reservations, ..Resources::default() }
        });
    let parts = (
        option::of(0..3_u32),
        labels(),
        option::of(update),
        option::of(restart),
        resources,
        words(),
    );
    parts.prop_map(|(replicas, labels, update_config, restart_policy, resources, constraints)| {
        ComposeDeployment {
            mode: Some("replicated".to_owned()),
            replicas,
            labels,
            update_config,
            resources,
            restart_policy,
            placement: Placement { constraints, ..Placement::default() },
            ..ComposeDeployment::default()
        }
    })
}

fn limits() -> impl Strategy<Value = ComposeService> {
    let ulimit = prop_oneof![
        (1..99_999_i64).prop_map(ComposeUlimit::Single),
        (1..99_i64, 99..999_i64).prop_map(|(soft, hard)| ComposeUlimit::SoftHard {
            soft,
            hard,
            extensions: Extensions::new()
        }),
    ];
    let rate = size().prop_map(|rate| ThrottleDevice {
        path: "/dev/sda".to_owned(),
        rate,
        extensions: Extensions::new(),
    });
    let blkio =
        (vec(rate, 0..2), vec(10..1000_u16, 0..2)).prop_map(|(device_read_bps, weights)| {
            let device = |weight| WeightDevice {
                path: "/dev/sda".to_owned(),
                weight,
                extensions: Extensions::new(),
            };
            BlkioConfig {
                device_read_bps,
                weight_device: weights.into_iter().map(device).collect(),
                ..BlkioConfig::default()
            }
        });
    let without_deploy =
        (option::of(share()), option::of(size()), option::of(1..999_i64), option::of(0..3_u32))
            .prop_map(|(cpus, mem_limit, pids_limit, scale)| ComposeService {
                cpus,
                mem_limit,
                pids_limit,
                scale,
                ..ComposeService::default()
            });
    let with_deploy = deployment()
        .prop_map(|deploy| ComposeService { deploy: Some(deploy), ..ComposeService::default() });
    let ulimits = btree_map(word(), ulimit, 0..2).prop_map(IndexMap::from_iter);
    (
        prop_oneof![without_deploy, with_deploy],
        ulimits,
        option::of(blkio),
        option::of(size()),
        option::of(-1000..1000_i64),
    )
        .prop_map(|(base, ulimits, blkio_config, shm_size, oom)| ComposeService {
            ulimits,
            blkio_config,
            shm_size,
            oom_score_adj: oom.filter(|adjustment| *adjustment != 0),
            ..base
        })
}

fn origin() -> impl Strategy<Value = ComposeService> {
    let build = ("/[a-z]{1,5}", environment(), labels(), any::<bool>(), option::of(word()))
        .prop_map(|(context, args, labels, no_cache, target)| ComposeServiceBuild {
            context: Some(context),
            dockerfile: Some("Dockerfile".to_owned()),
            // A build argument without a value is dropped when the environment has none.
            args: args.into_iter().filter(|(_, value)| value.is_some()).collect(),
            labels,
            no_cache,
            target,
            ..ComposeServiceBuild::default()
        });
    let watch = (word(), words()).prop_map(|(target, ignore)| crate::ComposeDevelop {
        watch: vec![WatchTrigger {
            path: "/".to_owned(),
            action: WatchAction::Sync,
            target: Some(format!("/{target}")),
            exec: ServiceHook::default(),
            include: Vec::new(),
            ignore,
            initial_sync: true,
            extensions: Extensions::new(),
        }],
        extensions: Extensions::new(),
    });
    let pull = option::of(prop_oneof![
        Just(PullPolicy::Always),
        Just(PullPolicy::Missing),
        Just(PullPolicy::Every("12h".to_owned())),
    ]);
    let image = "[a-z]{1,8}(:[a-z0-9]{1,4})?";
    let devices = vec(word(), 0..2).prop_map(|names| {
        let device = |(number, name): (usize, String)| DeviceMapping {
            source: Some(format!("/dev/{name}")),
            target: Some(format!("/dev/d{number}")),
            permissions: Some("rwm".to_owned()),
            ..DeviceMapping::default()
        };
        names.into_iter().enumerate().map(device).collect()
    });
    (option::of(build), option::of(watch), pull, image, devices, (words(), words())).prop_map(
        |(build, develop, pull_policy, image, devices, (cap_add, cap_drop))| ComposeService {
            build,
            develop,
            pull_policy,
            image: Some(image),
            devices,
            cap_add,
            cap_drop,
            ..ComposeService::default()
        },
    )
}

/// A service without dependencies. Its networks are `n0` to `n3`, its volumes `v0` to `v3`, its secrets `s0` to `s2`,
/// its configs `c0` to `c2`, its language models `ai0` and `ai1`.
pub fn service() -> impl Strategy<Value = ComposeService> {
    let parts =
        (process(), surroundings(), limits(), origin(), option::of(healthcheck()), extensions());
    parts.prop_map(|(process, around, limits, origin, healthcheck, extensions)| ComposeService {
        network_mode: around.network_mode,
        networks: around.networks,
        ports: around.ports,
        volumes: around.volumes,
        secrets: around.secrets,
        configs: around.configs,
        extra_hosts: around.extra_hosts,
        logging: around.logging,
        models: around.models,
        dns_search: around.dns_search,
        cpus: limits.cpus,
        mem_limit: limits.mem_limit,
        pids_limit: limits.pids_limit,
        scale: limits.scale,
        deploy: limits.deploy,
        ulimits: limits.ulimits,
        blkio_config: limits.blkio_config,
        shm_size: limits.shm_size,
        oom_score_adj: limits.oom_score_adj,
        build: origin.build,
        develop: origin.develop,
        pull_policy: origin.pull_policy,
        image: origin.image,
        devices: origin.devices,
        cap_add: origin.cap_add,
        cap_drop: origin.cap_drop,
        healthcheck,
        extensions,
        ..process
    })
}
