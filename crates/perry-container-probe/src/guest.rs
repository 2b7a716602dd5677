//! podman where it has no containers of its own: virtual machines and connections.

use crate::{Fault, endpoint::Endpoint, version::objects};
use perry_container_process::Finished;
use perry_container_spec::{EngineId, Locality};
use serde_json::Value;
use std::path::PathBuf;

/// A line of `podman system connection list`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Connection {
    pub(crate) name: String,
    pub(crate) uri: String,
    is_default: bool,
}

impl Connection {
    /// Where its engine runs.
    pub(crate) fn locality(&self) -> Locality {
        Endpoint::new(&self.uri).locality()
    }
}

/// A virtual machine that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Machine {
    pub(crate) name: String,
    /// The connection that leads to it: its name, or `NAME-root` for the store of its administrator.
    pub(crate) connection: String,
    /// Whether podman takes that connection when nothing is said.
    pub(crate) is_default: bool,
    /// The socket on this machine that leads to the same store.
    pub(crate) socket: Option<PathBuf>,
}

impl Machine {
    pub(crate) fn engine(&self) -> EngineId {
        EngineId(format!("podman-machine:{}", self.connection))
    }
}

/// What podman is to talk to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    Connection(Connection),
    Machine(Machine),
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// What `podman system connection list --format=json` printed.
pub(crate) fn connections(list: &Finished) -> Result<Vec<Connection>, Fault> {
    let all = objects("podman system connection list --format=json", &list.stdout)?;
    let one = |one: &Value| Connection {
        name: text(&one["Name"]),
        uri: text(&one["URI"]),
        is_default: one["Default"] == true,
    };
    Ok(all.iter().map(one).filter(|one| !one.name.is_empty() && !one.uri.is_empty()).collect())
}

/// The default connection, where it leads to another computer or to a machine that runs; else a machine that runs, the
/// default one before others.
pub(crate) fn choose(
    machines: Result<Vec<Value>, Fault>,
    connections: Vec<Connection>,
) -> Result<Choice, Fault> {
    let default = connections.into_iter().find(|one| one.is_default);
    let names = |machine: &Value| {
        let name = text(&machine["Name"]);
        let root = format!("{name}-root");
        (name, root)
    };
    let all = match (machines, &default) {
        (Ok(all), _) => all,
        // podman has no machines for root; a connection is one nevertheless.
        (Err(_), Some(_)) => Vec::new(),
        (Err(fault), None) => return Err(fault),
    };
    let leads_to = |machine: &Value, connection: &Connection| {
        let (name, root) = names(machine);
        connection.name == name || connection.name == root
    };
    match default.as_ref().map(|one| all.iter().find(|machine| leads_to(machine, one))) {
        Some(None) => return default.map(Choice::Connection).ok_or_else(stopped),
        Some(Some(machine)) if machine["Running"] == true => {
            let connection = default.map(|one| one.name).unwrap_or_default();
            return Ok(Choice::Machine(Machine {
                name: names(machine).0,
                connection,
                is_default: true,
                socket: None,
            }));
        }
        _ => {}
    }
    let mut running: Vec<_> = all.iter().filter(|one| one["Running"] == true).collect();
    running.sort_by_key(|one| one["Default"] != true);
    let Some(machine) = running.first() else {
        return Err(if all.is_empty() { none() } else { stopped() });
    };
    let name = names(machine).0;
    let is_default = default.is_none() && machine["Default"] == true;
    Ok(Choice::Machine(Machine { connection: name.clone(), name, is_default, socket: None }))
}

fn none() -> Fault {
    Fault::down("it has no machine")
}

fn stopped() -> Fault {
    Fault::down("its machine does not run")
}

/// The socket that `podman machine inspect` tells, where it leads to the store of the connection: one of the two that
/// a machine has.
pub(crate) fn socket(machine: &Machine, told: &Finished) -> Option<PathBuf> {
    let all = objects("podman machine inspect", &told.stdout).ok()?;
    let one = all.first()?;
    let rootful = machine.connection.ends_with("-root") && machine.connection != machine.name;
    if one["Rootful"] == true && !rootful || one["Rootful"] != true && rootful {
        return None;
    }
    Some(PathBuf::from(one["ConnectionInfo"]["PodmanSocket"]["Path"].as_str()?))
}
