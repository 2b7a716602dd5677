//! Limits in podman's own specification: those of the OCI runtime.

use super::Body;
use perry_container_spec::{BlkioDevice, ContainerSpec, Resources};
use serde_json::{Map, Value, json};

/// The kernel's default period in microseconds, against which shares of CPUs are counted.
const PERIOD: i64 = 100_000;

pub(super) fn of(body: &mut Body, spec: &ContainerSpec) {
    body.set("resource_limits", resources(&spec.resources));
    body.maybe("oom_score_adj", spec.resources.oom_score_adj);
    let limits = spec.ulimits.iter().map(|(name, limit)| {
        // No limit is the highest number there.
        let number = |n: i64| u64::try_from(n).unwrap_or(u64::MAX);
        json!({"type": name, "soft": number(limit.soft), "hard": number(limit.hard)})
    });
    body.set("r_limits", limits.collect::<Vec<_>>());
    let devices = |devices: &[BlkioDevice], key: &str| {
        devices
            .iter()
            .map(|device| (device.path.clone(), json!({key: device.rate})))
            .collect::<Map<_, _>>()
    };
    let blkio = &spec.resources.blkio;
    body.set("weightDevice", devices(&blkio.weight_device, "weight"));
    body.set("throttleReadBpsDevice", devices(&blkio.device_read_bps, "rate"));
    body.set("throttleWriteBpsDevice", devices(&blkio.device_write_bps, "rate"));
    body.set("throttleReadIOPSDevice", devices(&blkio.device_read_iops, "rate"));
    body.set("throttleWriteIOPSDevice", devices(&blkio.device_write_iops, "rate"));
}

/// As the OCI runtime takes them.
pub(crate) fn resources(r: &Resources) -> Value {
    let mut memory = Body::default();
    memory.maybe("limit", r.memory);
    memory.maybe("reservation", r.memory_reservation);
    memory.maybe("swap", r.memory_swap);
    memory.maybe("swappiness", r.memory_swappiness);
    memory.maybe("disableOOMKiller", r.oom_kill_disable);
    let mut cpu = Body::default();
    cpu.maybe("shares", r.cpu_shares);
    cpu.maybe("period", r.cpu_period.or_else(|| r.nano_cpus.map(|_| PERIOD)));
    let quota = |nano: i64| {
        i64::try_from(i128::from(nano) * i128::from(PERIOD) / 1_000_000_000).unwrap_or(i64::MAX)
    };
    cpu.maybe("quota", r.cpu_quota.or_else(|| r.nano_cpus.map(quota)));
    cpu.maybe("realtimePeriod", r.cpu_rt_period);
    cpu.maybe("realtimeRuntime", r.cpu_rt_runtime);
    cpu.maybe("cpus", r.cpuset_cpus.as_deref());
    let mut all = Body::default();
    all.set("memory", memory.0);
    all.set("cpu", cpu.0);
    if let Some(pids) = r.pids {
        all.set("pids", json!({"limit": pids}));
    }
    if let Some(weight) = r.blkio.weight {
        all.set("blockIO", json!({"weight": weight}));
    }
    all.0.into()
}
