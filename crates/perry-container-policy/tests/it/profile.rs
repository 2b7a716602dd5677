//! The strict seccomp profile.

use perry_container_policy::STRICT_SECCOMP;
use serde_json::Value;
use std::collections::BTreeSet;

fn profile() -> Value {
    serde_json::from_str(STRICT_SECCOMP).unwrap()
}

fn names(action: &str) -> Vec<String> {
    let profile = profile();
    let rules = profile["syscalls"].as_array().unwrap().iter();
    let of = rules.filter(|rule| rule["action"] == action);
    of.flat_map(|rule| rule["names"].as_array().unwrap())
        .map(|name| name.as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn it_is_an_allow_list() {
    let profile = profile();
    assert_eq!(profile["defaultAction"], "SCMP_ACT_ERRNO");
    for rule in profile["syscalls"].as_array().unwrap() {
        let action = rule["action"].as_str().unwrap();
        assert!(["SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO"].contains(&action), "{action}");
        assert!(rule["comment"].is_string());
    }
    // No word of architectures: the machine's own and no other.
    assert!(profile.get("archMap").is_none() && profile.get("architectures").is_none());
}

#[test]
fn each_call_is_named_in_one_rule() {
    let mut all = names("SCMP_ACT_ALLOW");
    all.extend(names("SCMP_ACT_ERRNO"));
    all.retain(|name| name != "socket"); // one rule a family
    let once: BTreeSet<&String> = all.iter().collect();
    assert_eq!(once.len(), all.len());
}

#[test]
fn what_breaks_out_is_not_allowed() {
    let allowed = names("SCMP_ACT_ALLOW");
    for name in [
        "mount",
        "umount2",
        "pivot_root",
        "chroot",
        "setns",
        "unshare",
        "ptrace",
        "bpf",
        "keyctl",
        "add_key",
        "perf_event_open",
        "userfaultfd",
        "io_uring_setup",
        "personality",
        "mknod",
        "mknodat",
        "init_module",
        "finit_module",
        "kexec_load",
        "process_vm_readv",
        "pidfd_getfd",
        "open_by_handle_at",
        "reboot",
        "swapon",
        "clock_settime",
        "syslog",
        "clone3",
    ] {
        assert!(!allowed.iter().any(|one| one == name), "{name}");
    }
}

#[test]
fn new_namespaces_and_odd_sockets_are_not_opened() {
    let profile = profile();
    let rules = profile["syscalls"].as_array().unwrap();
    let of = |name: &str| -> Vec<&Value> {
        rules
            .iter()
            .filter(|rule| rule["names"].as_array().unwrap().iter().any(|n| n == name))
            .collect()
    };
    let clone = of("clone");
    assert_eq!(clone.len(), 1);
    // CLONE_NEWTIME is not one of clone's flags: its bit is part of the signal.
    let (newns, newcgroup, newuts, newipc, newuser, newpid, newnet) =
        (0x2_0000, 0x200_0000, 0x400_0000, 0x800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000);
    let mask = newns | newcgroup | newuts | newipc | newuser | newpid | newnet;
    assert_eq!(clone[0]["args"][0]["value"], mask);
    assert_eq!(clone[0]["args"][0]["op"], "SCMP_CMP_MASKED_EQ");
    let families: Vec<u64> =
        of("socket").iter().map(|rule| rule["args"][0]["value"].as_u64().unwrap()).collect();
    assert_eq!(families, [1, 2, 10, 16]);
}
