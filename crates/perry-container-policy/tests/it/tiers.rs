//! Tiers as settings.

use perry_container_policy::{ContainerFlags, PolicySpec, PolicyTier, policy_to_container_flags};
use perry_container_spec::{ContainerSpec, Mount, Namespace, Network};
use snapbox::{assert_data_eq, str};

/// Asks for everything that a policy could be in the way of.
fn greedy() -> ContainerSpec {
    ContainerSpec {
        network: Network::Host,
        ports: vec!["8080:80".parse().unwrap()],
        mounts: vec!["/srv:/srv".parse().unwrap(), "data:/tmp".parse().unwrap()],
        privileged: true,
        cap_add: vec!["CHOWN".to_owned(), "cap_sys_admin".to_owned()],
        seccomp: Some("unconfined".to_owned()),
        security_opt: vec!["apparmor=unconfined".to_owned(), "label=type:x".to_owned()],
        pid: Some(Namespace::Mode("host".to_owned())),
        ipc: Some(Namespace::Container("8f3c".to_owned())),
        userns: Some("host".to_owned()),
        user: Some("root".to_owned()),
        group_add: vec!["docker".to_owned(), "44".to_owned()],
        ..ContainerSpec::new("lab/base:1".to_owned())
    }
}

fn under(tier: PolicyTier, mut spec: ContainerSpec) -> String {
    let told = policy_to_container_flags(&PolicySpec::of(tier)).tighten(&mut spec);
    let told: String = told.iter().map(|one| format!("{one}\n")).collect();
    format!("{}\n{told}", serde_json::to_string_pretty(&spec).unwrap())
}

#[test]
fn policy_to_container_flags_for_each_tier() {
    let flags = |tier| policy_to_container_flags(&PolicySpec::of(tier));
    let (none, isolated) = (flags(PolicyTier::Default), flags(PolicyTier::Isolated));
    let (hardened, untrusted) = (flags(PolicyTier::Hardened), flags(PolicyTier::Untrusted));
    assert!(none.is_none());
    assert_eq!(isolated, ContainerFlags { no_network: true, ..ContainerFlags::NONE });
    assert!(hardened.read_only && hardened.strict_seccomp && !hardened.no_network);
    assert!(hardened.no_capabilities && hardened.no_new_privileges && hardened.non_root);
    assert!(untrusted.at_least(hardened) && untrusted.at_least(isolated));
    assert!(untrusted.no_network && untrusted.own_kernel && untrusted.memory.is_some());
}

#[test]
fn the_default_tier_changes_nothing() {
    let mut spec = greedy();
    assert!(policy_to_container_flags(&PolicySpec::default()).tighten(&mut spec).is_empty());
    assert_eq!(spec, greedy());
}

#[test]
fn isolated_has_no_network_and_no_way_round_that() {
    assert_data_eq!(
        under(PolicyTier::Isolated, greedy()),
        str![[r#"
{
  "image": "lab/base:1",
  "user": "root",
  "group_add": [
    "docker",
    "44"
  ],
  "network": "none",
  "volumes": [
    {
      "type": "bind",
      "source": "/srv",
      "target": "/srv",
      "create_host_path": true
    },
    {
      "type": "volume",
      "source": "data",
      "target": "/tmp"
    }
  ],
  "cap_add": [
    "CHOWN"
  ],
  "security_opt": [
    "label=type:x"
  ]
}
privileged: ignored: it would undo the policy
pid: ignored: the namespace is its own
ipc: ignored: the namespace is its own
userns: ignored: the namespace is its own
capAdd: capabilities that would undo the policy are not added
securityOpt: options that would undo the policy are left out
seccomp: `unconfined` is ignored: it would undo the policy
networkMode: ignored: it has no network
ports: are not published: it has no network

"#]]
    );
}

#[test]
fn hardened_is_read_only_and_powerless() {
    assert_data_eq!(
        under(PolicyTier::Hardened, greedy()),
        str![[r#"
{
  "image": "lab/base:1",
  "user": "65534:65534",
  "group_add": [
    "44"
  ],
  "network": "host",
  "ports": [
    "8080:80"
  ],
  "volumes": [
    {
      "type": "bind",
      "source": "/srv",
      "target": "/srv",
      "create_host_path": true
    },
    {
      "type": "volume",
      "source": "data",
      "target": "/tmp"
    },
    {
      "type": "tmpfs",
      "target": "/run",
      "size": 67108864,
      "mode": 1023,
      "options": [
        "nosuid",
        "nodev",
        "noexec"
      ]
    }
  ],
  "read_only": true,
  "cap_drop": [
    "ALL"
  ],
  "seccomp": "strict",
  "no_new_privileges": true,
  "security_opt": [
    "label=type:x"
  ],
  "resources": {
    "pids": 512
  }
}
privileged: ignored: it would undo the policy
pid: ignored: the namespace is its own
ipc: ignored: the namespace is its own
userns: ignored: the namespace is its own
securityOpt: options that would undo the policy are left out
seccomp: `unconfined` is ignored: it would undo the policy
capAdd: are not added: it has no capability
user: `root` is not taken: only a number other than 0 is surely not root; it runs as 65534:65534
groupAdd: only numbers other than 0 are taken

"#]]
    );
}

#[test]
fn untrusted_is_all_of_it() {
    assert_data_eq!(
        under(PolicyTier::Untrusted, greedy()),
        str![[r#"
{
  "image": "lab/base:1",
  "user": "65534:65534",
  "group_add": [
    "44"
  ],
  "network": "none",
  "volumes": [
    {
      "type": "bind",
      "source": "/srv",
      "target": "/srv",
      "read_only": true,
      "create_host_path": true
    },
    {
      "type": "volume",
      "source": "data",
      "target": "/tmp"
    },
    {
      "type": "tmpfs",
      "target": "/run",
      "size": 67108864,
      "mode": 1023,
      "options": [
        "nosuid",
        "nodev",
        "noexec"
      ]
    }
  ],
  "read_only": true,
  "cap_drop": [
    "ALL"
  ],
  "seccomp": "strict",
  "no_new_privileges": true,
  "security_opt": [
    "label=type:x"
  ],
  "resources": {
    "nano_cpus": 1000000000,
    "memory": 536870912,
    "memory_swap": 536870912,
    "pids": 128
  }
}
privileged: ignored: it would undo the policy
pid: ignored: the namespace is its own
ipc: ignored: the namespace is its own
userns: ignored: the namespace is its own
securityOpt: options that would undo the policy are left out
seccomp: `unconfined` is ignored: it would undo the policy
networkMode: ignored: it has no network
ports: are not published: it has no network
volumes: /srv is mounted read-only
capAdd: are not added: it has no capability
user: `root` is not taken: only a number other than 0 is surely not root; it runs as 65534:65534
groupAdd: only numbers other than 0 are taken

"#]]
    );
}

#[test]
fn what_is_stricter_already_stays() {
    let mut spec = ContainerSpec {
        user: Some("1000:1000".to_owned()),
        mounts: vec!["cache:/run".parse::<Mount>().unwrap()],
        ..ContainerSpec::new("lab/base:1".to_owned())
    };
    spec.resources.pids = Some(16);
    spec.resources.memory = Some(64 * 1024 * 1024);
    let flags = ContainerFlags::of_tier(PolicyTier::Untrusted);
    assert_eq!(flags.tighten(&mut spec), []);
    assert_eq!(spec.user.as_deref(), Some("1000:1000"));
    assert_eq!((spec.resources.pids, spec.resources.memory), (Some(16), Some(64 * 1024 * 1024)));
    assert_eq!(spec.resources.memory_swap, spec.resources.memory);
    let targets: Vec<&str> = spec.mounts.iter().map(|mount| mount.target.as_str()).collect();
    assert_eq!(targets, ["/run", "/tmp"]);
}

#[test]
fn no_limit_is_more_than_any_limit() {
    let mut spec = ContainerSpec::new("lab/base:1".to_owned());
    (spec.resources.pids, spec.resources.memory) = (Some(-1), Some(0));
    let told = ContainerFlags::of_tier(PolicyTier::Untrusted).tighten(&mut spec);
    assert_eq!(told.len(), 2);
    assert_eq!((spec.resources.pids, spec.resources.memory), (Some(128), Some(512 * 1024 * 1024)));
}

#[test]
fn a_user_counts_by_number_only() {
    let user = |name: &str| {
        let mut spec = ContainerSpec::new("lab/base:1".to_owned());
        spec.user = Some(name.to_owned());
        ContainerFlags::of_tier(PolicyTier::Hardened).tighten(&mut spec);
        spec.user.unwrap()
    };
    for root in
        ["root", "0", "0:0", "00", "1000:0", "app", "1000:root", "", "-1", ":5", "4294967296"]
    {
        assert_eq!(user(root), "65534:65534", "{root}");
    }
    for other in ["1", "1000:1000", "65534"] {
        assert_eq!(user(other), other);
    }
}

#[test]
fn a_flag_that_loosens_is_told() {
    let policy = PolicySpec {
        no_network: Some(false),
        read_only_root: Some(false),
        seccomp: Some(true),
        ..PolicySpec::of(PolicyTier::Untrusted)
    };
    let told: Vec<String> = policy.overridden().iter().map(ToString::to_string).collect();
    assert_data_eq!(
        told.join("\n"),
        str![[r#"
policy.noNetwork: false is ignored: the tier untrusted demands it
policy.readOnlyRoot: false is ignored: the tier untrusted demands it
"#]]
    );
}

#[test]
fn a_policy_that_is_none_says_what_would_be() {
    let error = |text| serde_json::from_str::<PolicySpec>(text).unwrap_err().to_string();
    assert_data_eq!(
        [error("3"), error(r#""safe""#), error(r#"{"tier": "hardened", "noNetwrok": true}"#)]
            .join("\n"),
        str![[r#"
invalid type: integer `3`, expected a tier (default, isolated, hardened, untrusted), or a map with tier, noNetwork, readOnlyRoot and seccomp at line 1 column 1
unknown variant `safe`, expected one of `default`, `isolated`, `hardened`, `untrusted` at line 1 column 6
unknown field `noNetwrok`, expected one of `tier`, `noNetwork`, `no_network`, `readOnlyRoot`, `read_only_root`, `seccomp` at line 1 column 32
"#]]
    );
}
