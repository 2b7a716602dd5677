//! What holds for every container.

use crate::{
    common::{creation, docker, first, nerdctl, podman4, podman5},
    lines::{csv, parse},
    strategies::{environment, hostile, nerdctls, spec},
};
use perry_container_docker::DockerProtocol;
use perry_container_protocol::{CliProtocol as _, Invocation};
use perry_container_spec::{
    ContainerSpec, ExecSpec, HealthTest, Healthcheck, Mount, MountKind, Network, Removal, Resources,
};
use proptest::{collection::vec, prelude::*};
use std::{collections::BTreeMap, time::Duration};

/// Flags and how often each has to be there, read off the container property by property. No property is left out: a new
/// one does not compile here.
fn counts(spec: &ContainerSpec, podman: bool) -> BTreeMap<String, usize> {
    let ContainerSpec {
        image: _,
        command: _,
        entrypoint,
        env,
        name,
        platform,
        labels,
        annotations,
        workdir,
        user,
        group_add,
        hostname,
        domainname,
        tty,
        stdin_open,
        init,
        network,
        ports,
        expose,
        dns,
        dns_search,
        dns_opt,
        extra_hosts,
        links,
        mounts,
        volumes_from,
        files: _,
        read_only,
        privileged,
        cap_add,
        cap_drop,
        seccomp,
        no_new_privileges,
        security_opt,
        userns,
        pid,
        ipc,
        uts,
        cgroupns,
        cgroup_parent,
        devices,
        device_cgroup_rules,
        device_requests,
        resources,
        ulimits,
        sysctls,
        storage_opt,
        shm_size,
        restart,
        auto_remove,
        stop_signal,
        stop_timeout,
        healthcheck,
        logging,
        runtime,
        isolation,
        credential_spec,
    } = spec;
    let Resources {
        nano_cpus,
        cpu_shares,
        cpu_period,
        cpu_quota,
        cpu_rt_period,
        cpu_rt_runtime,
        cpuset_cpus,
        cpu_count,
        cpu_percent,
        memory,
        memory_reservation,
        memory_swap,
        memory_swappiness,
        oom_kill_disable,
        oom_score_adj,
        pids,
        blkio,
    } = resources;
    let one = |is: bool| usize::from(is);
    let check = healthcheck.as_ref().filter(|check| check.test != HealthTest::Disabled);
    let time = |of: fn(&Healthcheck) -> Option<Duration>| one(check.and_then(of).is_some());
    let (tmpfs, rest): (Vec<&Mount>, Vec<&Mount>) = mounts
        .iter()
        .partition(|mount| mount.kind == MountKind::Tmpfs && !mount.target.contains(':'));
    let short = rest.iter().filter(|mount| mount.selinux.is_some()).count();
    let steering = |name: &String| !name.ends_with('X');
    let gpus: usize = device_requests
        .iter()
        .map(|request| match request.count {
            _ if !podman => 0,
            _ if !request.device_ids.is_empty() => request.device_ids.len(),
            Some(count) => usize::try_from(count).expect("few"),
            None => 1,
        })
        .sum();
    let profile = seccomp.as_deref().is_some_and(|profile| profile != "default");
    let mut all: BTreeMap<String, usize> = [
        ("--pull", 1),
        ("--entrypoint", one(entrypoint.is_some())),
        ("--env", env.keys().filter(|name| !steering(name)).count()),
        ("--name", one(name.is_some())),
        ("--platform", one(platform.is_some())),
        ("--label", labels.len()),
        ("--annotation", annotations.len()),
        ("--workdir", one(workdir.is_some())),
        ("--user", one(user.is_some())),
        ("--group-add", group_add.len()),
        ("--hostname", one(hostname.is_some())),
        ("--domainname", one(domainname.is_some())),
        ("--tty", one(*tty)),
        ("--interactive", one(*stdin_open)),
        ("--init", one(init.is_some())),
        (
            "--network",
            match network {
                Network::Default => 0,
                Network::Attached(all) => all.len(),
                _ => 1,
            },
        ),
        ("--publish", ports.len()),
        ("--expose", expose.len()),
        ("--dns", dns.len()),
        ("--dns-search", dns_search.len()),
        ("--dns-option", dns_opt.len()),
        ("--add-host", extra_hosts.len()),
        ("--link", links.len()),
        ("--mount", rest.len() - short),
        ("--volume", short),
        ("--tmpfs", tmpfs.len()),
        ("--volumes-from", volumes_from.len()),
        ("--read-only", one(*read_only)),
        ("--read-only-tmpfs", one(*read_only && podman)),
        ("--privileged", one(*privileged)),
        ("--cap-add", cap_add.len()),
        ("--cap-drop", cap_drop.len()),
        (
            "--security-opt",
            one(profile)
                + one(*no_new_privileges)
                + security_opt.len()
                + one(credential_spec.is_some()),
        ),
        ("--userns", one(userns.is_some())),
        ("--pid", one(pid.is_some())),
        ("--ipc", one(ipc.is_some())),
        ("--uts", one(uts.is_some())),
        ("--cgroupns", one(cgroupns.is_some())),
        ("--cgroup-parent", one(cgroup_parent.is_some())),
        ("--device", devices.len() + gpus),
        ("--gpus", if podman { 0 } else { device_requests.len() }),
        ("--device-cgroup-rule", device_cgroup_rules.len()),
        ("--cpus", one(nano_cpus.is_some())),
        ("--cpu-shares", one(cpu_shares.is_some())),
        ("--cpu-period", one(cpu_period.is_some())),
        ("--cpu-quota", one(cpu_quota.is_some())),
        ("--cpu-rt-period", one(cpu_rt_period.is_some())),
        ("--cpu-rt-runtime", one(cpu_rt_runtime.is_some())),
        ("--cpuset-cpus", one(cpuset_cpus.is_some())),
        ("--cpu-count", one(cpu_count.is_some())),
        ("--cpu-percent", one(cpu_percent.is_some())),
        ("--memory", one(memory.is_some())),
        ("--memory-reservation", one(memory_reservation.is_some())),
        ("--memory-swap", one(memory_swap.is_some())),
        ("--memory-swappiness", one(memory_swappiness.is_some())),
        ("--oom-kill-disable", one(oom_kill_disable.is_some())),
        ("--oom-score-adj", one(oom_score_adj.is_some())),
        ("--pids-limit", one(pids.is_some())),
        ("--blkio-weight", one(blkio.weight.is_some())),
        ("--blkio-weight-device", blkio.weight_device.len()),
        ("--device-read-bps", blkio.device_read_bps.len()),
        ("--device-write-bps", blkio.device_write_bps.len()),
        ("--device-read-iops", blkio.device_read_iops.len()),
        ("--device-write-iops", blkio.device_write_iops.len()),
        ("--ulimit", ulimits.len()),
        ("--sysctl", sysctls.len()),
        ("--storage-opt", storage_opt.len()),
        ("--shm-size", one(shm_size.is_some())),
        ("--restart", one(restart.is_some())),
        ("--rm", one(*auto_remove)),
        ("--stop-signal", one(stop_signal.is_some())),
        ("--stop-timeout", one(stop_timeout.is_some())),
        ("--no-healthcheck", one(healthcheck.is_some() && check.is_none())),
        ("--health-cmd", one(check.is_some_and(|check| check.test != HealthTest::Inherit))),
        ("--health-interval", time(|check| check.interval)),
        ("--health-timeout", time(|check| check.timeout)),
        ("--health-start-period", time(|check| check.start_period)),
        ("--health-start-interval", time(|check| check.start_interval)),
        ("--health-retries", one(check.is_some_and(|check| check.retries.is_some()))),
        ("--log-driver", one(logging.as_ref().is_some_and(|logging| logging.driver.is_some()))),
        ("--log-opt", logging.as_ref().map_or(0, |logging| logging.options.len())),
        ("--runtime", one(runtime.is_some())),
        ("--isolation", one(isolation.is_some())),
    ]
    .map(|(flag, count)| (flag.to_owned(), count))
    .into();
    all.retain(|_, count| *count > 0);
    all
}

/// The same of nerdctl: aliases are names in an annotation, addresses have flags of their own, and a label keeps what it
/// does not show.
fn counts_of_nerdctl(spec: &ContainerSpec) -> BTreeMap<String, usize> {
    let mut all = counts(spec, false);
    let attachments = spec.network.attachments();
    let named = attachments.iter().any(|one| !one.aliases.is_empty());
    let mut add = |flag: &str, count: usize| *all.entry(flag.to_owned()).or_default() += count;
    add("--label", 1);
    add("--annotation", usize::from(named));
    add("--hostname", usize::from(named && spec.hostname.is_none() && spec.name.is_some()));
    for one in attachments {
        add("--ip", usize::from(one.ipv4.is_some()));
        add("--ip6", usize::from(one.ipv6.is_some()));
        add("--mac-address", usize::from(one.mac.is_some()));
    }
    all.remove("--expose");
    all.retain(|_, count| *count > 0);
    all
}

/// Values that have to arrive as they are, by flag.
fn values(spec: &ContainerSpec) -> Vec<(&'static str, String)> {
    let mut all = Vec::new();
    let singles = [
        ("--name", &spec.name),
        ("--platform", &spec.platform),
        ("--workdir", &spec.workdir),
        ("--user", &spec.user),
        ("--hostname", &spec.hostname),
        ("--domainname", &spec.domainname),
        ("--userns", &spec.userns),
        ("--uts", &spec.uts),
        ("--cgroupns", &spec.cgroupns),
        ("--cgroup-parent", &spec.cgroup_parent),
        ("--stop-signal", &spec.stop_signal),
        ("--runtime", &spec.runtime),
        ("--cpuset-cpus", &spec.resources.cpuset_cpus),
    ];
    all.extend(singles.into_iter().filter_map(|(flag, value)| Some((flag, value.clone()?))));
    let lists = [
        ("--group-add", &spec.group_add),
        ("--expose", &spec.expose),
        ("--dns", &spec.dns),
        ("--dns-search", &spec.dns_search),
        ("--dns-option", &spec.dns_opt),
        ("--cap-add", &spec.cap_add),
        ("--cap-drop", &spec.cap_drop),
        ("--security-opt", &spec.security_opt),
        ("--device-cgroup-rule", &spec.device_cgroup_rules),
    ];
    all.extend(
        lists
            .into_iter()
            .flat_map(|(flag, list)| list.iter().map(move |value| (flag, value.clone()))),
    );
    let maps = [
        ("--label", &spec.labels),
        ("--annotation", &spec.annotations),
        ("--sysctl", &spec.sysctls),
        ("--storage-opt", &spec.storage_opt),
    ];
    all.extend(maps.into_iter().flat_map(|(flag, map)| {
        map.iter().map(move |(key, value)| (flag, format!("{key}={value}")))
    }));
    all.extend(spec.extra_hosts.iter().map(|(host, ip)| ("--add-host", format!("{host}:{ip}"))));
    all.extend(spec.ports.iter().map(|port| ("--publish", port.to_string())));
    all
}

/// Flags whose values this client cuts at commas.
fn sliced(tool: DockerProtocol, flag: &str) -> bool {
    if tool == nerdctl() {
        let own = [
            "--add-host",
            "--cap-add",
            "--cap-drop",
            "--device",
            "--dns",
            "--dns-option",
            "--dns-search",
            "--group-add",
            "--network",
            "--publish",
            "--ulimit",
        ];
        return own.contains(&flag);
    }
    let both = [
        "--add-host",
        "--cap-add",
        "--cap-drop",
        "--device-cgroup-rule",
        "--dns",
        "--dns-option",
        "--dns-search",
        "--expose",
        "--group-add",
        "--publish",
        "--sysctl",
        "--ulimit",
    ];
    let old = ["--annotation", "--device", "--log-opt"];
    tool != docker() && both.contains(&flag) || tool == podman4() && old.contains(&flag)
}

fn check(tool: DockerProtocol, spec: &ContainerSpec) -> Result<Invocation, TestCaseError> {
    let nerd = tool == nerdctl();
    let podman = tool != docker() && !nerd;
    let call = creation(tool, spec).map_err(|error| TestCaseError::fail(format!("{error}")))?;
    let parsed = parse(&["create"], &call);

    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    for (flag, _) in &parsed.flags {
        *found.entry(flag.clone()).or_default() += 1;
    }
    prop_assert_eq!(found, if nerd { counts_of_nerdctl(spec) } else { counts(spec, podman) });

    // what the client makes of the values is what was meant
    let mut arrived: Vec<(String, String)> = Vec::new();
    for (flag, value) in &parsed.flags {
        let value = if sliced(tool, flag) {
            let fields = csv(value);
            prop_assert_eq!(fields.len(), 1, "{} is cut: {}", flag, value);
            fields[0].clone()
        } else {
            value.clone()
        };
        arrived.push((flag.clone(), value));
    }
    for (flag, value) in values(spec) {
        if nerd && flag == "--expose" {
            continue; // in the notes
        }
        let is = |(is, found): &(String, String)| is == flag && *found == value;
        prop_assert!(arrived.iter().any(is), "{}={:?} is not among {:?}", flag, value, arrived);
    }
    for mount in
        spec.mounts.iter().filter(|mount| mount.selinux.is_none() && mount.kind != MountKind::Tmpfs)
    {
        let target = format!("target={}", mount.target);
        let has =
            |(flag, value): &(String, String)| flag == "--mount" && csv(value).contains(&target);
        prop_assert!(arrived.iter().any(has), "{:?} is not among {:?}", target, arrived);
    }
    for attachment in spec.network.attachments().iter().filter(|_| nerd) {
        let network = ("--network".to_owned(), attachment.network.clone());
        prop_assert!(arrived.contains(&network), "{:?} is not among {:?}", network, arrived);
        let names = arrived.iter().find_map(|(flag, value)| {
            (flag == "--annotation").then(|| value.strip_prefix("nerdctl/hostname="))?
        });
        let names: Vec<&str> = names.unwrap_or_default().split(' ').collect();
        prop_assert!(attachment.aliases.iter().all(|alias| names.contains(&alias.as_str())));
    }
    for attachment in spec.network.attachments().iter().filter(|_| !nerd) {
        let has = |(flag, value): &(String, String)| {
            if flag != "--network" {
                return false;
            }
            let fields = if podman {
                let (name, rest) = value.split_once(':').unwrap_or((value, ""));
                let fields = rest.split(',').map(str::to_owned).filter(|field| !field.is_empty());
                std::iter::once(format!("name={name}")).chain(fields).collect()
            } else {
                csv(value)
            };
            let aliases = attachment.aliases.iter().map(|alias| format!("alias={alias}"));
            fields.contains(&format!("name={}", attachment.network))
                && aliases.into_iter().all(|alias| fields.contains(&alias))
        };
        prop_assert!(arrived.iter().any(has), "{:?} is not among {:?}", attachment, arrived);
    }

    // image and command come behind `--`, word by word
    let command = spec.command.clone().unwrap_or_default();
    prop_assert_eq!(&parsed.operands[0], &spec.image);
    prop_assert!(parsed.operands[1..].ends_with(&command));
    let before = parsed.operands.len() - 1 - command.len();
    let words = spec.entrypoint.clone().unwrap_or_default();
    prop_assert_eq!(before, if podman { 0 } else { words.len().saturating_sub(1) });

    // each variable arrives once, by one of the two ways, and is not to be seen
    for (name, value) in &spec.env {
        let value = value.expose();
        let by_name = parsed.flags.contains(&("--env".to_owned(), name.clone()));
        let in_child =
            call.env.iter().filter(|(is, _)| is == name).map(|(_, value)| value.expose()).next();
        match parsed.file.get(name) {
            Some(line) => prop_assert!(line == value && !by_name && in_child.is_none()),
            None => prop_assert!(by_name && in_child == Some(value)),
        }
        let shown = [call.texts().join("\n"), format!("{call:?}"), call.to_string()];
        prop_assert!(!shown.iter().any(|text| text.contains(value.as_str())));
    }
    prop_assert_eq!(call.env.len() + parsed.file.len(), spec.env.len());
    Ok(call)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    // Feature: perry-container, Property 3: For any valid ContainerSpec, the CLI arguments SHALL contain entries for every
    // non-None field in the spec (image, name, ports, volumes, env vars, cmd, network, rm flag), and no field SHALL be
    // silently dropped.
    #[test]
    fn property_03_every_field_becomes_arguments_of_docker(spec in spec(false)) {
        check(docker(), &spec)?;
    }

    // Feature: perry-container, Property 3: For any valid ContainerSpec, the CLI arguments SHALL contain entries for every
    // non-None field in the spec (image, name, ports, volumes, env vars, cmd, network, rm flag), and no field SHALL be
    // silently dropped.
    #[test]
    fn property_03_every_field_becomes_arguments_of_podman(spec in spec(true)) {
        check(podman4(), &spec)?;
        check(podman5(), &spec)?;
    }

    // Feature: perry-container, Property 3: For any valid ContainerSpec, the CLI arguments SHALL contain entries for every
    // non-None field in the spec (image, name, ports, volumes, env vars, cmd, network, rm flag), and no field SHALL be
    // silently dropped.
    #[test]
    fn property_03_every_field_becomes_arguments_of_nerdctl(spec in nerdctls()) {
        check(nerdctl(), &spec)?;
    }

    /// A container, a network or a command that looks like a flag is none.
    #[test]
    fn operands_never_become_flags(id in hostile(), other in hostile(), words in vec(hostile(), 1..4), env in environment()) {
        for tool in [docker(), podman4(), podman5(), nerdctl()] {
            let mut exec = ExecSpec::new(words.clone());
            exec.env = env.iter().cloned().map(|(name, value)| (name, value.into())).collect();
            let connect = first(tool.connect_network(&id, &other, std::slice::from_ref(&other), true));
            prop_assert_eq!(connect.is_err(), tool == nerdctl());
            let calls = [
                Ok(connect.unwrap_or_else(|_| tool.copy_to(&id, &other, "/folder"))),
                first(tool.start(&id)),
                first(tool.wait(&id)),
                first(tool.rename(&id, &other)),
                first(tool.remove_each(std::slice::from_ref(&id), &Removal::default())),
                first(tool.inspect_each(std::slice::from_ref(&id))),
                first(tool.inspect_images(std::slice::from_ref(&id))),
                first(tool.tag_image(&id, &other)),
                first(tool.remove_network(&id)),
                first(tool.top(&id, &words)),
                tool.exec(&id, &exec),
                Ok(tool.pull(&perry_container_spec::ImagePull { reference: id.clone(), platform: Some(other.clone()) }).call),
                Ok(tool.copy_out(&id, &other)),
            ];
            for call in calls {
                let call = call.expect("a call");
                let texts = call.texts();
                let dashes = texts.iter().position(|text| text == "--").expect("a `--`");
                for text in &texts[..dashes] {
                    let ours = text.starts_with("--alias=") || text.starts_with("--platform=") || text.starts_with("--env");
                    let plain = text.bytes().all(|b| b.is_ascii_lowercase() || b"-=".contains(&b));
                    prop_assert!(ours || plain, "`{}` of `{}`", text, call);
                }
                let behind = &texts[dashes + 1..];
                prop_assert!(behind[0].starts_with(id.as_str()), "`{}`", call);
                prop_assert!(env.iter().all(|(_, value)| !call.to_string().contains(value.as_str())));
            }
        }
    }

    /// What a tool prints is hostile until it is understood.
    #[test]
    fn no_answer_makes_it_panic(out in "\\PC{0,60}", json in "[\\[\\]{}\",:a-zA-Z0-9 ]{0,60}", code in -1..256_i32) {
        use crate::common::talk;
        use perry_container_spec::{Parts, Selector};
        let said = (code, json.as_str(), out.as_str());
        let all = [said, said, said, said];
        let answers: Vec<&[_]> = vec![&all[..]; 9];
        for tool in [docker(), podman4(), nerdctl()] {
            let of = Selector { images: vec!["i".to_owned()], ..Selector::label("a", "b") };
            drop(talk(tool.observe(&of, Parts::ALL), &answers));
            drop(talk(tool.inspect_each(&["a".to_owned()]), &answers));
            drop(talk(tool.remove_each(&["a".to_owned(), "b".to_owned()], &Removal::default()), &answers));
            drop(talk(tool.list_images(), &answers));
            drop(talk(tool.create(&ContainerSpec::new("i".to_owned())), &answers));
            drop(talk(tool.probe_health("a", &HealthTest::Shell("x".to_owned())), &answers));
            drop(talk(tool.check(), &answers));
            drop(talk(tool.start("a"), &answers));
            drop(talk(tool.copy_from("a", "/", "/folder", &["b/c".to_owned()]), &answers));
            drop(tool.exec_exit(&perry_container_protocol::Output {
                code,
                stdout: json.as_bytes(),
                stderr: out.as_bytes(),
            }));
            let _ = tool.is_own_line(out.as_bytes());
        }
    }
}
