//! Limits and devices.

use super::{Rule, Template, rule};
use crate::Feature;
use perry_container_spec::{Blkio, Resources};

const BILLION: i64 = 1_000_000_000;

/// `1.5`, as a Compose file writes it.
fn cpus(nano: i64) -> String {
    let text = format!("{}.{:09}", nano / BILLION, nano % BILLION);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The next whole number of CPUs.
fn whole(spec: &mut Template) -> Option<(String, String)> {
    let nano = spec.resources.nano_cpus.filter(|nano| nano % BILLION != 0 && *nano > 0)?;
    let next = (nano / BILLION + 1) * BILLION;
    spec.resources.nano_cpus = Some(next);
    Some((cpus(nano), cpus(next)))
}

/// Limits of memory beside the one.
const fn memory(r: &Resources) -> bool {
    r.memory_reservation.is_some()
        || r.memory_swap.is_some()
        || r.memory_swappiness.is_some()
        || r.oom_kill_disable.is_some()
        || r.oom_score_adj.is_some()
}

/// Limits of CPUs beside their number.
const fn shares(r: &Resources) -> bool {
    r.cpu_shares.is_some()
        || r.cpu_period.is_some()
        || r.cpu_quota.is_some()
        || r.cpu_rt_period.is_some()
        || r.cpu_rt_runtime.is_some()
        || r.cpuset_cpus.is_some()
}

pub(super) const RULES: &[Rule<Template>] = &[
    rule(
        Feature::Memory,
        "mem_limit",
        |s| s.resources.memory.is_some(),
        |s| s.resources.memory = None,
    ),
    rule(
        Feature::MemoryDetails,
        "mem_reservation, memswap_limit, mem_swappiness, oom_kill_disable, oom_score_adj",
        |s| memory(&s.resources),
        |s| {
            let r = &mut s.resources;
            (r.memory_reservation, r.memory_swap, r.memory_swappiness) = (None, None, None);
            (r.oom_kill_disable, r.oom_score_adj) = (None, None);
        },
    ),
    Rule {
        translate: Some(whole),
        ..rule(
            Feature::Cpus,
            "cpus",
            |s| s.resources.nano_cpus.is_some(),
            |s| s.resources.nano_cpus = None,
        )
    },
    rule(
        Feature::CpuDetails,
        "cpu_shares, cpu_period, cpu_quota, cpu_rt_period, cpu_rt_runtime, cpuset",
        |s| shares(&s.resources),
        |s| {
            let r = &mut s.resources;
            (r.cpu_shares, r.cpu_period, r.cpu_quota) = (None, None, None);
            (r.cpu_rt_period, r.cpu_rt_runtime, r.cpuset_cpus) = (None, None, None);
        },
    ),
    rule(Feature::Pids, "pids_limit", |s| s.resources.pids.is_some(), |s| s.resources.pids = None),
    rule(Feature::Ulimits, "ulimits", |s| !s.ulimits.is_empty(), |s| s.ulimits.clear()),
    rule(Feature::Sysctls, "sysctls", |s| !s.sysctls.is_empty(), |s| s.sysctls.clear()),
    rule(Feature::ShmSize, "shm_size", |s| s.shm_size.is_some(), |s| s.shm_size = None),
    rule(
        Feature::Blkio,
        "blkio_config",
        |s| s.resources.blkio != Blkio::default(),
        |s| s.resources.blkio = Blkio::default(),
    ),
    rule(Feature::Devices, "devices", |s| !s.devices.is_empty(), |s| s.devices.clear()),
    rule(
        Feature::DeviceCgroupRules,
        "device_cgroup_rules",
        |s| !s.device_cgroup_rules.is_empty(),
        |s| s.device_cgroup_rules.clear(),
    ),
    rule(Feature::Gpus, "gpus", |s| !s.device_requests.is_empty(), |s| s.device_requests.clear()),
    rule(
        Feature::StorageOpt,
        "storage_opt",
        |s| !s.storage_opt.is_empty(),
        |s| s.storage_opt.clear(),
    ),
];
