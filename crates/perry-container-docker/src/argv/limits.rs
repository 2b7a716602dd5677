//! Limits and shares.

use super::{Line, create::restart};
use crate::dialect::{Lack, Traits};
use perry_container_protocol::{Invocation, ToolError};
use perry_container_spec::{BlkioDevice, ContainerSpec, ResourceUpdate, Resources};

pub(crate) fn of_container(line: &mut Line, spec: &ContainerSpec) -> Result<(), ToolError> {
    let all = &spec.resources;
    line.need(Lack::Windows, all.cpu_count.is_some() || all.cpu_percent.is_some())?;
    changeable(line, all);
    line.maybe("--cpu-count", all.cpu_count)
        .maybe("--cpu-percent", all.cpu_percent)
        .maybe("--memory-swappiness", all.memory_swappiness)
        .maybe("--oom-kill-disable", all.oom_kill_disable)
        .maybe("--oom-score-adj", all.oom_score_adj)
        .maybe("--shm-size", spec.shm_size.map(|size| format!("{size}b")));
    for (flag, devices) in [
        ("--blkio-weight-device", &all.blkio.weight_device),
        ("--device-read-bps", &all.blkio.device_read_bps),
        ("--device-write-bps", &all.blkio.device_write_bps),
        ("--device-read-iops", &all.blkio.device_read_iops),
        ("--device-write-iops", &all.blkio.device_write_iops),
    ] {
        line.each(flag, devices.iter().map(|BlkioDevice { path, rate }| format!("{path}:{rate}")));
    }
    for (name, limit) in &spec.ulimits {
        line.flag("--ulimit", format_args!("{name}={}:{}", limit.soft, limit.hard));
    }
    Ok(())
}

/// What `create` and `update` have in common.
fn changeable(line: &mut Line, all: &Resources) {
    let bytes = |size: Option<i64>| {
        size.map(|size| if size < 0 { size.to_string() } else { format!("{size}b") })
    };
    line.maybe("--cpus", all.nano_cpus.map(cpus))
        .maybe("--cpu-shares", all.cpu_shares)
        .maybe("--cpu-period", all.cpu_period)
        .maybe("--cpu-quota", all.cpu_quota)
        .maybe("--cpu-rt-period", all.cpu_rt_period)
        .maybe("--cpu-rt-runtime", all.cpu_rt_runtime)
        .maybe("--cpuset-cpus", all.cpuset_cpus.as_ref())
        .maybe("--memory", bytes(all.memory))
        .maybe("--memory-reservation", bytes(all.memory_reservation))
        .maybe("--memory-swap", bytes(all.memory_swap))
        .maybe("--pids-limit", all.pids)
        .maybe("--blkio-weight", all.blkio.weight);
}

/// Billionths as a decimal number, exactly.
fn cpus(nano: i64) -> String {
    let (sign, nano) = (if nano < 0 { "-" } else { "" }, nano.unsigned_abs());
    let text = format!("{sign}{}.{:09}", nano / 1_000_000_000, nano % 1_000_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// `update`; none when nothing is to be changed.
///
/// # Errors
/// [`ToolError::Unsupported`] for limits that are fixed at creation.
pub(crate) fn update(
    id: &str,
    what: &ResourceUpdate,
    tool: &'static Traits,
) -> Result<Option<Invocation>, ToolError> {
    let mut line = Line::new(tool, &["update"]);
    line.need(Lack::UpdateRestart, what.restart.is_some())?;
    let mut fixed = what.resources.clone();
    changeable(&mut line, &fixed);
    (fixed.nano_cpus, fixed.cpu_shares, fixed.cpu_period, fixed.cpu_quota) =
        (None, None, None, None);
    (fixed.cpu_rt_period, fixed.cpu_rt_runtime, fixed.cpuset_cpus, fixed.pids) =
        (None, None, None, None);
    (fixed.memory, fixed.memory_reservation, fixed.memory_swap) = (None, None, None);
    fixed.blkio.weight = None;
    if fixed != Resources::default() {
        let text = "swappiness, out-of-memory settings, device rates and Windows limits are fixed when a container is created";
        return Err(ToolError::Unsupported(text.to_owned()));
    }
    line.maybe("--restart", what.restart.as_ref().map(restart));
    let nothing = line.call.args.len() == 1; // docker refuses to change nothing
    Ok((!nothing).then(|| line.operands([id])))
}
