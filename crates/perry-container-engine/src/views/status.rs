//! The state of a stack as programs ask for it.

use perry_container_reconcile::{Desired, service_of, unit_of};
use perry_container_spec::{ContainerInfo, Health, Observed, State};
use serde::{Deserialize, Serialize};

/// The state of one service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServiceState {
    /// Every container runs; those with a check are healthy or still starting.
    Running,
    /// Ended with status 0, or was stopped.
    Stopped,
    /// Ended with another status, could not be started, or its check fails.
    Failed,
    /// Not made or not started yet.
    Pending,
    /// The runtime says nothing that is known here.
    Unknown,
}

/// One service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceStatus {
    /// Its name.
    pub service: String,
    /// The worst state of its containers.
    pub state: ServiceState,
    /// The id of the container in that state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container_id: Option<String>,
    /// What went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// All services.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StackStatus {
    /// In the order of the model, then those that only the runtime knows.
    pub services: Vec<ServiceStatus>,
    /// Every service runs, or has completed where it is meant to.
    pub healthy: bool,
}

/// The state of a stack. A service that is waited for by its completion and has completed counts as well.
pub fn status(desired: Option<&Desired>, observed: &Observed) -> StackStatus {
    let mut names: Vec<&str> = Vec::new();
    let wanted = desired.into_iter().flat_map(|desired| desired.units.keys());
    let seen = observed.containers.values().filter(|seen| unit_of(seen).is_some());
    for name in wanted.map(|id| id.service.as_str()).chain(seen.filter_map(|s| service_of(s))) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let mut healthy = true;
    let services = names
        .into_iter()
        .map(|name| {
            let units = desired.into_iter().flat_map(|desired| &desired.units);
            let units: Vec<_> = units.filter(|(id, _)| id.service == name).collect();
            let completes = units.iter().any(|(_, unit)| unit.completes);
            let mut all: Vec<&ContainerInfo> = (observed.containers.values())
                .filter(|seen| unit_of(seen).is_some_and(|unit| unit.service == name))
                .collect();
            all.sort_by_key(|seen| unit_of(seen).map(|unit| unit.number));
            let worst = all.iter().copied().max_by_key(|seen| badness(state(seen)));
            let missing = all.len() < units.len();
            let state = match worst.map(state) {
                None => ServiceState::Pending,
                Some(ServiceState::Running) if missing => ServiceState::Pending,
                Some(state) => state,
            };
            let completed = completes && worst.is_some_and(ContainerInfo::completed);
            healthy &= state == ServiceState::Running || completed;
            ServiceStatus {
                service: name.to_owned(),
                state,
                container_id: worst.map(|seen| seen.id.clone()),
                error: worst.and_then(error),
            }
        })
        .collect();
    StackStatus { services, healthy }
}

fn state(seen: &ContainerInfo) -> ServiceState {
    match seen.state {
        State::Running if seen.health == Some(Health::Unhealthy) => ServiceState::Failed,
        State::Running => ServiceState::Running,
        State::Created if seen.error.is_some() => ServiceState::Failed,
        State::Created => ServiceState::Pending,
        State::Restarting | State::Dead => ServiceState::Failed,
        State::Paused => ServiceState::Stopped,
        // 137 and 143 are how a container ends that was stopped.
        State::Exited => match seen.exit_code {
            None | Some(0 | 137 | 143) if !seen.oom_killed => ServiceState::Stopped,
            _ => ServiceState::Failed,
        },
        State::Removing => ServiceState::Unknown,
    }
}

fn badness(state: ServiceState) -> u8 {
    match state {
        ServiceState::Running => 0,
        ServiceState::Stopped => 1,
        ServiceState::Unknown => 2,
        ServiceState::Pending => 3,
        ServiceState::Failed => 4,
    }
}

fn error(seen: &ContainerInfo) -> Option<String> {
    if state(seen) != ServiceState::Failed {
        return None;
    }
    let code = seen.exit_code.map_or_else(String::new, |code| format!(" ({code})"));
    Some(match (&seen.error, seen.state) {
        (Some(error), _) if !error.is_empty() => error.clone(),
        (_, State::Running) => {
            let output = seen.health_output.as_deref().unwrap_or_default();
            format!("unhealthy{}", crate::error::colon(output))
        }
        (_, State::Restarting) => format!("restarting{code}"),
        _ if seen.oom_killed => "killed: out of memory".to_owned(),
        _ => format!("exited{code}"),
    })
}
