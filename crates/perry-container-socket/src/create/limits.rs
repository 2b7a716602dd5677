//! Limits of a new container, and new limits of one that is there.

use super::{restart, some};
use bollard::models::{
    ContainerUpdateBody, HostConfig, ResourcesBlkioWeightDevice, ResourcesUlimits, ThrottleDevice,
};
use perry_container_spec::{BlkioDevice, ContainerSpec, ResourceUpdate};

fn throttle(devices: &[BlkioDevice]) -> Option<Vec<ThrottleDevice>> {
    let one = |device: &BlkioDevice| ThrottleDevice {
        path: Some(device.path.clone()),
        rate: Some(i64::try_from(device.rate).unwrap_or(i64::MAX)),
    };
    some(devices.iter().map(one).collect())
}

fn weights(devices: &[BlkioDevice]) -> Option<Vec<ResourcesBlkioWeightDevice>> {
    let one = |device: &BlkioDevice| ResourcesBlkioWeightDevice {
        path: Some(device.path.clone()),
        weight: Some(usize::try_from(device.rate).unwrap_or(usize::MAX)),
    };
    some(devices.iter().map(one).collect())
}

pub(super) fn apply(spec: &ContainerSpec, host: &mut HostConfig) {
    let r = &spec.resources;
    host.cpu_shares = r.cpu_shares;
    host.nano_cpus = r.nano_cpus;
    host.cpu_period = r.cpu_period;
    host.cpu_quota = r.cpu_quota;
    host.cpu_realtime_period = r.cpu_rt_period;
    host.cpu_realtime_runtime = r.cpu_rt_runtime;
    host.cpuset_cpus.clone_from(&r.cpuset_cpus);
    host.cpu_count = r.cpu_count;
    host.cpu_percent = r.cpu_percent;
    host.memory = r.memory;
    host.memory_reservation = r.memory_reservation;
    host.memory_swap = r.memory_swap;
    host.memory_swappiness = r.memory_swappiness;
    host.oom_kill_disable = r.oom_kill_disable;
    host.oom_score_adj = r.oom_score_adj;
    host.pids_limit = r.pids;
    host.blkio_weight = r.blkio.weight;
    host.blkio_weight_device = weights(&r.blkio.weight_device);
    host.blkio_device_read_bps = throttle(&r.blkio.device_read_bps);
    host.blkio_device_write_bps = throttle(&r.blkio.device_write_bps);
    host.blkio_device_read_iops = throttle(&r.blkio.device_read_iops);
    host.blkio_device_write_iops = throttle(&r.blkio.device_write_iops);
    host.ulimits = some(
        spec.ulimits
            .iter()
            .map(|(name, limit)| ResourcesUlimits {
                name: Some(name.clone()),
                soft: Some(limit.soft),
                hard: Some(limit.hard),
            })
            .collect(),
    );
}

/// What no engine changes once a container is there.
pub(crate) fn holds_fixed(what: &ResourceUpdate) -> bool {
    let mut left = what.resources.clone();
    (left.nano_cpus, left.cpu_shares, left.cpu_period, left.cpu_quota) = (None, None, None, None);
    (left.cpu_rt_period, left.cpu_rt_runtime, left.cpuset_cpus, left.pids) =
        (None, None, None, None);
    (left.memory, left.memory_reservation, left.memory_swap) = (None, None, None);
    left.blkio.weight = None;
    left != perry_container_spec::Resources::default()
}

/// The body of an update.
pub(crate) fn updated(what: &ResourceUpdate) -> ContainerUpdateBody {
    let r = &what.resources;
    ContainerUpdateBody {
        cpu_shares: r.cpu_shares,
        nano_cpus: r.nano_cpus,
        cpu_period: r.cpu_period,
        cpu_quota: r.cpu_quota,
        cpu_realtime_period: r.cpu_rt_period,
        cpu_realtime_runtime: r.cpu_rt_runtime,
        cpuset_cpus: r.cpuset_cpus.clone(),
        memory: r.memory,
        memory_reservation: r.memory_reservation,
        memory_swap: r.memory_swap,
        pids_limit: r.pids,
        blkio_weight: r.blkio.weight,
        restart_policy: what.restart.as_ref().map(restart),
        ..ContainerUpdateBody::default()
    }
}
