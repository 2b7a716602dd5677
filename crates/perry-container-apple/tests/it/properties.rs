//! What holds for every container.

use crate::common::{TOOL, created};
use perry_container_protocol::{CliProtocol as _, Invocation, Step, ToolError};
use perry_container_spec::{
    Attachment, ContainerSpec, ExecSpec, HealthTest, Mount, MountKind, Network, PortBinding,
    Removal, Resources, Ulimit,
};
use proptest::{collection::vec, option, prelude::*, sample::select};
use std::collections::BTreeMap;

/// Text that tries to be something else.
fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => select(vec![
            "--privileged", "-v", "-v=/:/host", "--", "-", "a=b", "=", "a,b", ",", "a\"b", "a\nb", "", " x", "--name=x",
            "--env=OTHER", "$(id)", "`id`", "é", "'", "a b", "[\"x\"]", "#x", "*", "%:x", "a%3Db",
        ])
        .prop_map(str::to_owned),
        3 => "[a-z]{1,8}",
        1 => "[ -~\\n]{0,12}",
    ]
}

fn without(separators: &'static str) -> impl Strategy<Value = String> {
    hostile().prop_map(move |text| {
        let text = text.replace(|c| separators.contains(c), "");
        if text.is_empty() { "x".to_owned() } else { text }
    })
}

fn environment() -> impl Strategy<Value = Vec<(String, String)>> {
    let value = without("\n\r").prop_map(|text| format!("s3cret:{text}"));
    let steering =
        select(vec!["PATH", "HOME", "http_proxy", "DYLD_INSERT_LIBRARIES", "CONTAINER_X"]);
    let name =
        prop_oneof![Just("VAR".to_owned()), "V[A-Z]{1,3}X", steering.prop_map(str::to_owned)];
    vec((name, value), 0..4)
}

fn mount() -> impl Strategy<Value = Mount> {
    let path = || without(":").prop_map(|text| format!("/{text}"));
    let bind = (path(), path(), any::<bool>()).prop_map(|(source, target, read_only)| Mount {
        read_only,
        ..Mount::new(MountKind::Bind, Some(source), target)
    });
    let volume = (option::of("[a-z]{1,5}"), path(), any::<bool>()).prop_map(
        |(source, target, read_only)| Mount {
            read_only,
            ..Mount::new(MountKind::Volume, source, target)
        },
    );
    let tmpfs = path().prop_map(|target| Mount::new(MountKind::Tmpfs, None, target));
    prop_oneof![bind, volume, tmpfs]
}

fn network() -> impl Strategy<Value = Network> {
    let attachment = (without(","), option::of(without(",")))
        .prop_map(|(network, mac)| Attachment { mac, ..Attachment::new(network) });
    prop_oneof![
        Just(Network::Default),
        Just(Network::None),
        without(",").prop_map(Network::Named),
        vec(attachment, 1..3).prop_map(Network::Attached),
    ]
}

fn port() -> impl Strategy<Value = PortBinding> {
    let ip = option::of(select(vec!["127.0.0.1", "::1"]));
    (ip, 1_u16..9999, 1_u16..9999).prop_map(|(ip, host, container)| PortBinding {
        ip: ip.map(|ip| ip.parse().expect("an address")),
        host: Some((host, host)),
        container,
        protocol: perry_container_spec::Protocol::Tcp,
    })
}

/// Containers with every property that the tool has a word for.
fn spec() -> impl Strategy<Value = ContainerSpec> {
    let text = || option::of(hostile());
    let texts = || vec(hostile(), 0..3);
    let first = (
        without("-@"),
        text(),
        text(),
        option::of(texts()),
        option::of(texts()),
        text(),
        text(),
        text(),
    );
    let second = (
        environment(),
        vec((without("="), hostile()), 0..3),
        network(),
        vec(port(), 0..3),
        texts(),
        texts(),
        texts(),
        vec(mount(), 0..3),
    );
    let third = (
        texts(),
        texts(),
        option::of(1_i64..9_000_000_000),
        option::of(1_i64..9_000_000_000),
        vec((without("="), -1_i64..99), 0..2),
        option::of(0_u64..9999),
        vec(any::<bool>(), 5),
    );
    (first, second, third).prop_map(|(a, b, c)| {
        let mut spec = ContainerSpec::new(a.0);
        (spec.name, spec.platform, spec.command, spec.entrypoint) = (a.1, a.2, a.3, a.4);
        (spec.workdir, spec.user, spec.runtime) = (a.5, a.6, a.7);
        spec.env = b.0.into_iter().map(|(name, value)| (name, value.into())).collect();
        spec.labels = b.1.into_iter().collect();
        (spec.network, spec.ports) = (b.2, b.3);
        (spec.dns, spec.dns_search, spec.dns_opt, spec.mounts) = (b.4, b.5, b.6, b.7);
        (spec.cap_add, spec.cap_drop) = (c.0, c.1);
        spec.resources = Resources { nano_cpus: c.2, memory: c.3, ..Resources::default() };
        spec.ulimits =
            c.4.into_iter().map(|(name, soft)| (name, Ulimit { soft, hard: soft })).collect();
        spec.shm_size = c.5;
        (spec.tty, spec.stdin_open, spec.read_only, spec.auto_remove) =
            (c.6[0], c.6[1], c.6[2], c.6[3]);
        spec.init = Some(c.6[4]);
        spec
    })
}

/// Flags and how often each has to be there, read off the container property by property. No property is left out: a
/// new one does not compile here. What is refused is made in `refused`.
fn counts(spec: &ContainerSpec) -> BTreeMap<String, usize> {
    let ContainerSpec {
        image: _,
        name,
        platform,
        command,
        entrypoint,
        env,
        labels,
        annotations: _,
        workdir,
        user,
        group_add: _,
        hostname: _,
        domainname: _,
        tty,
        stdin_open,
        init,
        network,
        ports,
        expose: _,
        dns,
        dns_search,
        dns_opt,
        extra_hosts: _,
        links: _,
        mounts,
        volumes_from: _,
        files: _,
        read_only,
        privileged: _,
        cap_add,
        cap_drop,
        seccomp: _,
        no_new_privileges: _,
        security_opt: _,
        userns: _,
        pid: _,
        ipc: _,
        uts: _,
        cgroupns: _,
        cgroup_parent: _,
        devices: _,
        device_cgroup_rules: _,
        device_requests: _,
        resources,
        ulimits,
        sysctls: _,
        storage_opt: _,
        shm_size,
        restart: _, // these four stand in the notes
        stop_signal: _,
        stop_timeout: _,
        healthcheck: _,
        auto_remove,
        logging: _,
        runtime,
        isolation: _,
        credential_spec: _,
    } = spec;
    let one = |is: bool| usize::from(is);
    let tmpfs = mounts.iter().filter(|mount| mount.kind == MountKind::Tmpfs).count();
    let program = match entrypoint.as_deref() {
        Some([]) => command.as_ref().is_some_and(|words| !words.is_empty()),
        other => other.is_some(),
    };
    let plain = env.keys().filter(|name| name.starts_with('V')).count();
    let mut all: BTreeMap<String, usize> = [
        ("--name", one(name.is_some())),
        ("--platform", one(platform.is_some())),
        ("--entrypoint", one(program)),
        ("--env", plain),
        ("--env-file", one(plain < env.len())),
        ("--label", labels.len() + 1),
        ("--workdir", one(workdir.is_some())),
        ("--user", one(user.is_some())),
        ("--tty", one(*tty)),
        ("--interactive", one(*stdin_open)),
        ("--init", one(*init == Some(true))),
        (
            "--network",
            match network {
                Network::Default => 0,
                Network::Attached(all) => all.len(),
                _ => 1,
            },
        ),
        ("--publish", ports.len()),
        ("--dns", dns.len()),
        ("--dns-search", dns_search.len()),
        ("--dns-option", dns_opt.len()),
        ("--volume", mounts.len() - tmpfs),
        ("--tmpfs", tmpfs),
        ("--read-only", one(*read_only)),
        ("--cap-add", cap_add.len()),
        ("--cap-drop", cap_drop.len()),
        ("--cpus", one(resources.nano_cpus.is_some())),
        ("--memory", one(resources.memory.is_some())),
        ("--ulimit", ulimits.len()),
        ("--shm-size", one(shm_size.is_some())),
        ("--rm", one(*auto_remove)),
        ("--runtime", one(runtime.is_some())),
    ]
    .map(|(flag, count)| (flag.to_owned(), count))
    .into();
    all.retain(|_, count| *count > 0);
    all
}

/// The flags before the image, each with its value, and what stands from the image on.
fn parsed(call: &Invocation) -> (Vec<(String, String)>, Vec<String>) {
    let texts = call.texts();
    let image = texts[1..].iter().position(|text| !text.starts_with('-')).expect("an image") + 1;
    let flag = |text: &String| {
        let (flag, value) = text.split_once('=').unwrap_or((text, ""));
        (flag.to_owned(), value.to_owned())
    };
    (texts[1..image].iter().map(flag).collect(), texts[image..].to_vec())
}

fn check(spec: &ContainerSpec) -> Result<(), TestCaseError> {
    let call = created(spec).map_err(|error| TestCaseError::fail(error.to_string()))?;
    let (flags, rest) = parsed(&call);
    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    for (flag, _) in &flags {
        *found.entry(flag.clone()).or_default() += 1;
    }
    prop_assert_eq!(found, counts(spec));
    let has = |flag: &str, value: &str| flags.iter().any(|(f, v)| f == flag && v == value);
    for (flag, value) in [
        ("--name", &spec.name),
        ("--platform", &spec.platform),
        ("--workdir", &spec.workdir),
        ("--user", &spec.user),
        ("--runtime", &spec.runtime),
    ] {
        prop_assert!(value.as_ref().is_none_or(|value| has(flag, value)), "{} {:?}", flag, value);
    }
    for (flag, all) in [
        ("--dns", &spec.dns),
        ("--dns-search", &spec.dns_search),
        ("--dns-option", &spec.dns_opt),
        ("--cap-add", &spec.cap_add),
        ("--cap-drop", &spec.cap_drop),
    ] {
        prop_assert!(all.iter().all(|value| has(flag, value)), "{} {:?}", flag, all);
    }
    // no value of a label holds a further `=`
    for (_, value) in flags.iter().filter(|(flag, _)| flag == "--label") {
        prop_assert_eq!(value.matches('=').count(), 1, "{}", value);
    }
    prop_assert_eq!(&rest[0], &spec.image);
    let words = spec.command.clone().unwrap_or_default();
    let tail = match spec.entrypoint.as_deref() {
        Some([]) if !words.is_empty() => words[1..].to_vec(),
        Some([_, more @ ..]) => [more, &words].concat(),
        _ => words,
    };
    prop_assert_eq!(&rest[1..], &tail[..]);
    let shown = [call.texts().join("\n"), format!("{call:?}"), call.to_string()];
    for value in spec.env.values() {
        prop_assert!(!shown.iter().any(|text| text.contains(value.expose().as_str())));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    // Feature: perry-container, Property 3: For any valid ContainerSpec, the CLI arguments SHALL contain entries for every
    // non-None field in the spec (image, name, ports, volumes, env vars, cmd, network, rm flag), and no field SHALL be
    // silently dropped.
    #[test]
    fn property_03_every_field_becomes_arguments_of_apple(spec in spec()) {
        check(&spec)?;
    }

    /// A name that looks like a flag is none: it is refused, or no object can have it.
    #[test]
    fn no_name_becomes_a_flag(id in hostile(), other in hostile(), words in vec(hostile(), 1..4), env in environment()) {
        let mut exec = ExecSpec::new(words.clone());
        exec.env = env.into_iter().map(|(name, value)| (name, value.into())).collect();
        (exec.user, exec.workdir) = (Some(other.clone()), Some(id.clone()));
        let ids = [id.clone(), other.clone()];
        let calls: Vec<Result<Invocation, ToolError>> = vec![
            first(TOOL.start(&id)),
            first(TOOL.kill(&id, &other)),
            first(TOOL.remove_each(&ids, &Removal::default())),
            first(TOOL.tag_image(&id, &other)),
            first(TOOL.remove_image(&id, true)),
            first(TOOL.remove_network(&id)),
            first(TOOL.remove_volume(&id)),
            first(TOOL.probe_health(&id, &HealthTest::Command(words.clone()))),
            TOOL.exec(&id, &exec),
            Ok(TOOL.logs(&id, &perry_container_spec::LogOptions::default()).call),
            Ok(TOOL.copy_in(&id, &format!("/{other}"))),
            Ok(TOOL.copy_out(&id, &format!("/{other}"))),
            Ok(TOOL.attach(&id)),
            Ok(TOOL.push(&id).call),
            Ok(TOOL.stats(&ids, false).call),
            Ok(TOOL.pull(&perry_container_spec::ImagePull { reference: id.clone(), platform: Some(other.clone()) }).call),
        ];
        let known = ["--force", "--detach", "--interactive", "--format=json", "--no-stream", "--follow", "-n"];
        for call in calls {
            let Ok(call) = call else {
                let odd = |text: &String| text.is_empty() || text.starts_with('-');
                prop_assert!(ids.iter().any(odd), "it is refused without a reason");
                continue;
            };
            let exec = call.texts()[0] == "exec";
            for text in call.texts().iter().filter(|text| text.starts_with('-')) {
                let ours = ["--signal=", "--user=", "--workdir=", "--env", "--platform="].iter().any(|own| text.starts_with(own));
                let passed = exec && (words.contains(text) || ["-x", "-c", "-f", "-", "-C"].contains(&text.as_str()) || *text == other);
                prop_assert!(ours || passed || known.contains(&text.as_str()), "`{}` of `{}`", text, call);
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
        let of = Selector { images: vec!["i".to_owned()], ..Selector::label("a", "b") };
        drop(talk(TOOL.observe(&of, Parts::ALL), &answers));
        drop(talk(TOOL.inspect_each(&["a".to_owned()]), &answers));
        drop(talk(TOOL.remove_each(&["a".to_owned(), "b".to_owned()], &Removal { force: true, volumes: true }), &answers));
        drop(talk(TOOL.list_images(), &answers));
        drop(talk(TOOL.stop("a", None), &answers));
        drop(talk(TOOL.remove_network("a"), &answers));
        drop(talk(TOOL.create(&ContainerSpec::new("i".to_owned())), &answers));
        drop(talk(TOOL.check(), &answers));
    }
}

fn first<D: perry_container_protocol::Dialogue>(mut dialogue: D) -> Result<Invocation, ToolError> {
    match dialogue.next(&[]) {
        Step::Run(mut calls) => Ok(calls.remove(0)),
        Step::Done(Err(error)) => Err(error),
        Step::Done(Ok(_)) => unreachable!("nothing was run"),
    }
}

/// What its table leaves out is enough for the protocol: nothing that `fit` lets through is refused.
#[test]
fn what_is_fitted_is_accepted() {
    use perry_container_spec::{
        ContainerSpec, Device, Late, Link, Logging, Namespace, RestartPolicy, VolumesFrom,
    };
    use perry_container_support::{Capabilities, Mode, fit};
    let mut spec = ContainerSpec::<Late>::new(Late::known("i"));
    spec.name = Some("web".to_owned());
    (spec.privileged, spec.no_new_privileges, spec.init) = (true, true, Some(true));
    spec.seccomp = Some("strict".to_owned());
    spec.security_opt = vec!["label=disable".to_owned()];
    spec.group_add = vec!["1".to_owned()];
    spec.ipc = Some(Namespace::Mode("host".to_owned()));
    spec.pid = Some(Namespace::Mode("host".to_owned()));
    (spec.uts, spec.cgroupns) = (Some("host".to_owned()), Some("host".to_owned()));
    (spec.cgroup_parent, spec.userns) = (Some("x".to_owned()), Some("private".to_owned()));
    spec.network = Network::Attached(vec![Attachment {
        aliases: vec!["db".to_owned()],
        ipv4: Some("10.0.0.2".to_owned()),
        ipv6: Some("fd00::2".to_owned()),
        link_local_ips: vec!["169.254.1.1".to_owned()],
        interface_name: Some("eth9".to_owned()),
        gw_priority: Some(1),
        driver_opts: [("a".to_owned(), "b".to_owned())].into(),
        ..Attachment::new("net")
    }]);
    (spec.hostname, spec.domainname) = (Some("h".to_owned()), Some("d".to_owned()));
    spec.extra_hosts =
        vec![("h".to_owned(), "host-gateway".to_owned()), ("g".to_owned(), "10.0.0.1".to_owned())];
    spec.links = vec![Link { container: Late::known("a"), alias: "a".to_owned() }];
    spec.expose = vec!["80/tcp".to_owned()];
    spec.volumes_from = vec![VolumesFrom { container: Late::known("a"), read_only: false }];
    spec.mounts = vec![
        Mount {
            propagation: Some(perry_container_spec::Propagation::Shared),
            recursive: Some("disabled".to_owned()),
            selinux: Some(perry_container_spec::Selinux::Shared),
            ..Mount::new(MountKind::Bind, Some("/a".to_owned()), "/a")
        },
        Mount {
            no_copy: true,
            labels: [("a".to_owned(), "b".to_owned())].into(),
            ..Mount::new(MountKind::Volume, None, "/b")
        },
        Mount {
            size: Some(1),
            mode: Some(1),
            options: vec!["uid=1".to_owned()],
            ..Mount::new(MountKind::Tmpfs, None, "/c")
        },
        Mount::new(MountKind::Image, Some("i".to_owned()), "/d"),
    ];
    spec.resources = Resources {
        pids: Some(1),
        cpu_shares: Some(1),
        memory_swap: Some(1),
        blkio: perry_container_spec::Blkio { weight: Some(10), ..Default::default() },
        ..Resources::default()
    };
    spec.sysctls.insert("a".to_owned(), "b".to_owned());
    spec.devices = vec![Device {
        source: "/dev/a".to_owned(),
        target: "/dev/a".to_owned(),
        permissions: "r".to_owned(),
    }];
    spec.device_cgroup_rules = vec!["c 1:3 mr".to_owned()];
    spec.device_requests = vec![perry_container_spec::DeviceRequest::default()];
    spec.storage_opt.insert("size".to_owned(), "1G".to_owned());
    spec.annotations.insert("a".to_owned(), "b".to_owned());
    spec.logging = Some(Logging { driver: Some("none".to_owned()), ..Logging::default() });
    (spec.isolation, spec.credential_spec) =
        (Some("hyperv".to_owned()), Some("file://x".to_owned()));
    (spec.restart, spec.stop_signal) = (Some(RestartPolicy::Always), Some("INT".to_owned()));
    let (fitted, notes) = fit(spec, &Capabilities::apple("1.2.2"), Mode::Lenient).unwrap();
    let spec = fitted.try_map(&mut |late: &Late| Ok::<_, ()>(format!("{late}"))).unwrap();
    assert!(created(&spec).is_ok(), "{:?}", created(&spec));
    assert!(notes.len() > 25, "{notes:?}");
}
