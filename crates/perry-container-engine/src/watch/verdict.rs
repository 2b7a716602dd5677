//! What one look says about one wait. Pure.

use super::{checks::Check, driver::Probed};
use crate::EngineError;
use perry_container_reconcile::Condition;
use perry_container_spec::{ContainerInfo, Health, State};

/// `None`: not decided yet.
pub(super) fn verdict(
    name: &str,
    info: Option<&ContainerInfo>,
    wanted: Condition,
    check: &Check,
    emulated: bool,
    probed: Option<&Probed>,
) -> Option<Result<(), EngineError>> {
    let Some(info) = info.filter(|info| info.state != State::Removing) else {
        return Some(Err(EngineError::Gone { container: name.to_owned() }));
    };
    let ended = matches!(info.state, State::Exited | State::Dead);
    let exited = || {
        Some(Err(EngineError::Exited {
            container: name.to_owned(),
            wanted,
            status: info.exit_code,
            oom: info.oom_killed,
        }))
    };
    let started = || match info.state {
        State::Running | State::Paused | State::Restarting => Some(Ok(())),
        State::Exited if check.stays => exited(),
        State::Exited if !info.started.is_empty() => Some(Ok(())),
        State::Exited | State::Dead => exited(),
        State::Created | State::Removing => None,
    };
    match wanted {
        Condition::Started => started(),
        Condition::Completed if info.completed() => Some(Ok(())),
        Condition::Completed if ended => exited(),
        Condition::Completed => None,
        Condition::Healthy => {
            let without = match (check.known, info.health) {
                (Some(known), _) => !known,
                (None, Some(_)) => false,
                // Not known: a runtime that checks by itself shows no health for what has no check; elsewhere the
                // first probe tells.
                (None, None) if emulated => matches!(probed, Some(Probed::NoCheck)),
                (None, None) => info.state.is_up(),
            };
            if without {
                return started();
            }
            if ended {
                return exited();
            }
            let output = |text: Option<&String>| text.cloned().unwrap_or_default();
            let sick =
                |output| Some(Err(EngineError::Unhealthy { container: name.to_owned(), output }));
            match (probed, info.health) {
                (Some(Probed::Healthy), _) => Some(Ok(())),
                (Some(Probed::NoCheck), None) => started(),
                (Some(Probed::Unhealthy(text)), _) => sick(text.clone()),
                (Some(Probed::Lost), _) => sick("its process is gone".to_owned()),
                _ if info.state != State::Running => None,
                (_, Some(Health::Healthy)) => Some(Ok(())),
                (None, Some(Health::Unhealthy)) if !emulated => {
                    sick(output(info.health_output.as_ref()))
                }
                _ => None,
            }
        }
    }
}
