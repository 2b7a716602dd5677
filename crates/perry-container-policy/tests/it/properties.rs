//! Tightening only tightens.

use perry_container_policy::{
    ContainerFlags, PolicySpec, PolicyTier, STRICT, policy_to_container_flags,
};
use perry_container_spec::{ContainerSpec, Mount, MountKind, Namespace, Network, Resources};
use proptest::{option, prelude::*, sample::select};

fn flags() -> impl Strategy<Value = ContainerFlags> {
    let limit = || option::of(1..10_000_i64);
    (any::<[bool; 8]>(), limit(), limit(), limit()).prop_map(|(set, pids, memory, nano_cpus)| {
        let [
            no_network,
            read_only,
            strict_seccomp,
            no_capabilities,
            no_new_privileges,
            non_root,
            read_only_binds,
            own_kernel,
        ] = set;
        ContainerFlags {
            no_network,
            read_only,
            strict_seccomp,
            no_capabilities,
            no_new_privileges,
            non_root,
            read_only_binds,
            pids,
            memory,
            nano_cpus,
            own_kernel,
        }
    })
}

fn policy() -> impl Strategy<Value = PolicySpec> {
    let tier = select(vec![
        PolicyTier::Default,
        PolicyTier::Isolated,
        PolicyTier::Hardened,
        PolicyTier::Untrusted,
    ]);
    (tier, any::<[Option<bool>; 3]>()).prop_map(|(tier, [no_network, read_only_root, seccomp])| {
        PolicySpec { tier, no_network, read_only_root, seccomp }
    })
}

fn spec() -> impl Strategy<Value = ContainerSpec> {
    let words = |all: &[&str]| {
        let all: Vec<String> = all.iter().map(|word| (*word).to_owned()).collect();
        proptest::collection::vec(select(all), 0..3)
    };
    let mode = option::of(select(vec!["host", "private"]).prop_map(str::to_owned));
    let network = select(vec![
        Network::Default,
        Network::None,
        Network::Host,
        Network::Container("8f3c".to_owned()),
        Network::Attached(vec![perry_container_spec::Attachment::new("n")]),
    ]);
    let limit = || option::of(-1..20_000_i64);
    (
        (network, any::<[bool; 3]>(), mode.clone(), mode),
        (words(&["CHOWN", "ALL", "cap_sys_admin"]), words(&["KILL", "ALL"])),
        option::of(select(vec!["root", "0", "app", "7", "7:7"]).prop_map(str::to_owned)),
        option::of(
            select(vec!["unconfined", "default", "strict", "/p.json"]).prop_map(str::to_owned),
        ),
        words(&["seccomp=unconfined", "apparmor=unconfined", "label=type:x"]),
        words(&["/srv:/srv", "/srv:/x:ro", "data:/tmp", "data:/data"]),
        (limit(), limit(), limit()),
    )
        .prop_map(
            |(
                (network, [privileged, read_only, nnp], pid, userns),
                (cap_add, cap_drop),
                user,
                seccomp,
                security_opt,
                mounts,
                (pids, memory, nano_cpus),
            )| {
                ContainerSpec {
                    network,
                    privileged,
                    read_only,
                    no_new_privileges: nnp,
                    pid: pid.map(Namespace::Mode),
                    userns,
                    cap_add,
                    cap_drop,
                    user,
                    seccomp,
                    security_opt,
                    mounts: mounts.iter().map(|text| text.parse::<Mount>().unwrap()).collect(),
                    resources: Resources { pids, memory, nano_cpus, ..Resources::default() },
                    ..ContainerSpec::new("i".to_owned())
                }
            },
        )
}

/// What a container has been given: the reverse of tightening.
fn held(spec: &ContainerSpec) -> ContainerFlags {
    let number = |user: &str| user.split(':').all(|part| part.parse::<u32>().is_ok_and(|n| n > 0));
    let limit = |limit: Option<i64>| limit.filter(|limit| *limit > 0);
    ContainerFlags {
        no_network: spec.network == Network::None,
        read_only: spec.read_only,
        strict_seccomp: spec.seccomp.as_deref() == Some(STRICT)
            && !spec.security_opt.iter().any(|option| option.starts_with("seccomp")),
        no_capabilities: !spec.privileged
            && spec.cap_add.is_empty()
            && spec.cap_drop.iter().any(|name| name == "ALL"),
        no_new_privileges: spec.no_new_privileges,
        non_root: spec.user.as_deref().is_some_and(number),
        read_only_binds: spec.mounts.iter().all(|m| m.kind != MountKind::Bind || m.read_only),
        pids: limit(spec.resources.pids),
        memory: limit(spec.resources.memory),
        nano_cpus: limit(spec.resources.nano_cpus),
        own_kernel: false, // the backend's to give
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    // Feature: perry-container, Property 20: a policy's settings hold whatever else a node asks for
    #[test]
    fn property_20_what_is_demanded_holds(flags in flags(), mut spec in spec()) {
        flags.tighten(&mut spec);
        let demanded = ContainerFlags { own_kernel: false, ..flags };
        prop_assert!(held(&spec).at_least(demanded), "{:?} of {:?}", held(&spec), demanded);
        if !flags.is_none() {
            prop_assert!(!spec.privileged && spec.pid.as_ref() != Some(&Namespace::Mode("host".to_owned())));
            prop_assert!(spec.seccomp.as_deref() != Some("unconfined"));
        }
    }

    #[test]
    fn tightening_never_loosens(flags in flags(), before in spec()) {
        let mut after = before.clone();
        flags.tighten(&mut after);
        let own = ContainerFlags { own_kernel: false, ..held(&before) };
        prop_assert!(held(&after).at_least(own), "{:?} of {own:?}", held(&after));
    }

    #[test]
    fn more_demanded_is_more_held(one in flags(), other in flags(), spec in spec()) {
        let (mut less, mut more) = (spec.clone(), spec);
        one.tighten(&mut less);
        one.and(other).tighten(&mut more);
        prop_assert!(held(&more).at_least(held(&less)));
    }

    #[test]
    fn tightening_twice_changes_nothing_and_says_nothing(flags in flags(), mut spec in spec()) {
        flags.tighten(&mut spec);
        let once = spec.clone();
        prop_assert_eq!(flags.tighten(&mut spec), []);
        prop_assert_eq!(once, spec);
    }

    #[test]
    fn demands_join(a in flags(), b in flags(), c in flags()) {
        prop_assert_eq!(a.and(b), b.and(a));
        prop_assert_eq!(a.and(b).and(c), a.and(b.and(c)));
        prop_assert!(a.and(b).at_least(a) && a.at_least(a));
    }

    #[test]
    fn flags_of_a_policy_only_add(policy in policy()) {
        let of = policy_to_container_flags(&policy);
        prop_assert!(of.at_least(ContainerFlags::of_tier(policy.tier)));
        prop_assert!(policy.no_network != Some(true) || of.no_network);
        prop_assert!(policy.read_only_root != Some(true) || of.read_only);
        prop_assert!(policy.seccomp != Some(true) || of.strict_seccomp);
    }

    #[test]
    fn a_policy_reads_what_it_wrote(policy in policy()) {
        let text = serde_json::to_string(&policy).unwrap();
        prop_assert_eq!(serde_json::from_str::<PolicySpec>(&text).unwrap(), policy);
    }
}
