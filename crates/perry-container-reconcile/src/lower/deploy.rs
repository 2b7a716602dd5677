//! Limits, restarts and devices, where `deploy` stands over the service's own properties.

use super::Lowering;
use perry_container_model::{ComposeService, DeviceRequest as Wanted, RestartMode, ThrottleDevice};
use perry_container_spec::{Blkio, BlkioDevice, DeviceRequest, Resources, RestartPolicy};

impl Lowering<'_> {
    pub(super) fn resources(&self, service: &ComposeService) -> Resources {
        let resources = service.deploy.as_ref().map(|deploy| &deploy.resources);
        let limits = resources.and_then(|resources| resources.limits.as_ref());
        let reserved = resources.and_then(|resources| resources.reservations.as_ref());
        let bytes =
            |size: perry_container_model::ByteSize| Some(size.0).filter(|bytes| *bytes != 0);
        let cpus = limits.and_then(|limits| limits.cpus).or(service.cpus);
        Resources {
            nano_cpus: cpus.map(perry_container_model::Decimal::nanos).filter(|nanos| *nanos != 0),
            cpu_shares: service.cpu_shares,
            cpu_period: service.cpu_period,
            cpu_quota: service.cpu_quota,
            cpu_rt_period: service.cpu_rt_period,
            cpu_rt_runtime: service.cpu_rt_runtime,
            cpuset_cpus: service.cpuset.clone(),
            cpu_count: service.cpu_count,
            #[expect(clippy::cast_possible_truncation, reason = "a percentage")]
            cpu_percent: service.cpu_percent.map(|percent| percent.as_f64() as i64),
            memory: limits.and_then(|limits| limits.memory).or(service.mem_limit).and_then(bytes),
            memory_reservation: reserved
                .and_then(|r| r.memory)
                .or(service.mem_reservation)
                .and_then(bytes),
            memory_swap: service.memswap_limit.and_then(bytes),
            memory_swappiness: service.mem_swappiness.map(|percent| percent.0),
            oom_kill_disable: service.oom_kill_disable.then_some(true),
            oom_score_adj: service.oom_score_adj,
            pids: limits.and_then(|limits| limits.pids).or(service.pids_limit),
            blkio: service.blkio_config.as_ref().map(blkio).unwrap_or_default(),
        }
    }

    /// `restart`, and over it `deploy.restart_policy`: any is always, none is no.
    pub(super) fn restart(&mut self, key: &str, service: &ComposeService) -> Option<RestartPolicy> {
        let own = match service.restart.as_ref() {
            None => None,
            Some(RestartMode::No) => Some(RestartPolicy::No),
            Some(RestartMode::Always) => Some(RestartPolicy::Always),
            Some(RestartMode::UnlessStopped) => Some(RestartPolicy::UnlessStopped),
            Some(RestartMode::OnFailure(tries)) => Some(RestartPolicy::OnFailure(*tries)),
            Some(RestartMode::Other(text)) if text.is_empty() => None,
            Some(RestartMode::Other(text)) => {
                let text = format!(
                    "`{text}` is no restart policy and is left out; no, always, unless-stopped and on-failure[:n] are"
                );
                self.note(format!("services.{key}.restart"), text);
                None
            }
        };
        let policy = service.deploy.as_ref().and_then(|deploy| deploy.restart_policy.as_ref());
        let Some(policy) = policy else { return own };
        Some(match policy.condition.as_deref().unwrap_or("any") {
            "none" => RestartPolicy::No,
            "on-failure" => RestartPolicy::OnFailure(
                policy.max_attempts.and_then(|tries| u32::try_from(tries).ok()),
            ),
            _ => RestartPolicy::Always,
        })
    }

    pub(super) fn device_requests(&self, service: &ComposeService) -> Vec<DeviceRequest> {
        let gpus = service.gpus.iter().map(|wanted| {
            let mut request = request(wanted);
            if !request.capabilities.iter().any(|capability| capability == "gpu") {
                request.capabilities.push("gpu".to_owned());
            }
            request
        });
        let reserved =
            service.deploy.as_ref().and_then(|deploy| deploy.resources.reservations.as_ref());
        gpus.chain(reserved.into_iter().flat_map(|reserved| &reserved.devices).map(request))
            .collect()
    }

    /// What only a cluster honours.
    pub(super) fn deploy_notes(&mut self, key: &str, service: &ComposeService) {
        let Some(deploy) = &service.deploy else { return };
        let placement = &deploy.placement;
        let placed = !placement.constraints.is_empty()
            || !placement.preferences.is_empty()
            || placement.max_replicas_per_node.is_some();
        let reserved_cpus =
            deploy.resources.reservations.as_ref().is_some_and(|r| r.cpus.is_some());
        for (used, property) in [
            (placed, "placement"),
            (deploy.update_config.is_some(), "update_config"),
            (deploy.rollback_config.is_some(), "rollback_config"),
            (deploy.endpoint_mode.as_ref().is_some_and(|mode| !mode.is_empty()), "endpoint_mode"),
            (reserved_cpus, "resources.reservations.cpus"),
        ] {
            if used {
                self.note(
                    format!("services.{key}.deploy.{property}"),
                    "only a cluster honours this; it has no effect here",
                );
            }
        }
    }
}

fn request(wanted: &Wanted) -> DeviceRequest {
    DeviceRequest {
        driver: wanted.driver.clone().filter(|driver| !driver.is_empty()),
        count: wanted.count,
        device_ids: wanted.device_ids.clone(),
        capabilities: wanted.capabilities.clone(),
        options: wanted.options.clone().into_iter().collect(),
    }
}

fn blkio(config: &perry_container_model::BlkioConfig) -> Blkio {
    let rates = |all: &[ThrottleDevice]| {
        all.iter()
            .map(|one| BlkioDevice {
                path: one.path.clone(),
                rate: u64::try_from(one.rate.0).unwrap_or(0),
            })
            .collect()
    };
    Blkio {
        weight: config.weight,
        weight_device: (config.weight_device.iter())
            .map(|one| BlkioDevice { path: one.path.clone(), rate: one.weight.into() })
            .collect(),
        device_read_bps: rates(&config.device_read_bps),
        device_write_bps: rates(&config.device_write_bps),
        device_read_iops: rates(&config.device_read_iops),
        device_write_iops: rates(&config.device_write_iops),
    }
}
