//! Starting, where two containers could get one port of this machine.

use super::inspect::found;
use crate::{
    argv::container::{list, plain},
    dialect::Traits,
    parse::{self, container},
};
use perry_container_protocol::{Dialogue, Step, ToolError, lost, script, values};
use perry_container_spec::{ErrorKind, PublishedPort, Selector};
use serde_json::Value;

/// What is being done.
enum At {
    Begin,
    Own,
    List(String, Vec<PublishedPort>),
    Others(Vec<PublishedPort>),
    Started,
}

/// `start`. nerdctl forwards a port to each of the containers that want it, and all but one wait in vain: so the ports of
/// all that run are looked at first, where there is something to compare. Of two that are started at the same moment
/// that finds none; within a project the plan has seen to that.
pub(crate) fn start(id: &str, tool: &'static Traits) -> impl Dialogue<Reply = ()> + Send + 'static {
    let (asked, errors) = (id.to_owned(), tool.reader());
    let mut at = At::Begin;
    script(move |last| {
        let start = || Step::Run(vec![plain(tool, &["start"], [asked.as_str()])]);
        let out = last.first();
        match (std::mem::replace(&mut at, At::Started), out) {
            (At::Begin, _) if tool.guards_ports => start(),
            (At::Begin, _) => {
                at = At::Own;
                Step::Run(vec![plain(tool, &["container", "inspect"], [asked.as_str()])])
            }
            (At::Own, Some(out)) => {
                let own = errors.accepted(out).and_then(|()| Ok(values(out.stdout)?));
                match own.map(|all| all.first().map(|own| (text_id(own), bound(own)))) {
                    Err(error) => Step::Done(Err(error)),
                    Ok(Some((id, ports))) if !ports.is_empty() => {
                        at = At::List(id, ports);
                        Step::Run(vec![list(
                            &["ps", "-q", "--no-trunc"],
                            &Selector::default(),
                            tool,
                        )])
                    }
                    Ok(_) => start(),
                }
            }
            (At::List(id, ports), Some(out)) => {
                if let Err(error) = errors.accepted(out) {
                    return Step::Done(Err(error));
                }
                let text = out.text();
                let others =
                    text.lines().map(str::trim).filter(|one| !one.is_empty() && *one != id);
                let others: Vec<&str> = others.collect();
                if others.is_empty() {
                    return start();
                }
                // one by one: a container that has gone meanwhile would hide the others
                let look = |one: &&str| plain(tool, &["container", "inspect"], [*one]);
                at = At::Others(ports);
                Step::Run(others.iter().map(look).collect())
            }
            (At::Others(ports), Some(_)) => {
                for out in last {
                    let others = match found(out, errors) {
                        Ok(others) => others,
                        Err(error) => return Step::Done(Err(error)),
                    };
                    for other in &others {
                        if let Some(error) = clash(&ports, other) {
                            return Step::Done(Err(error));
                        }
                    }
                }
                start()
            }
            (At::Started, Some(out)) => Step::Done(errors.accepted(out)),
            (_, None) => Step::Done(Err(lost())),
        }
    })
}

fn text_id(of: &Value) -> String {
    parse::text(of, &["Id"]).to_owned()
}

/// The ports of this machine that a container gets, whether it runs or not.
fn bound(of: &Value) -> Vec<PublishedPort> {
    let bindings = parse::at(of, &["HostConfig", "PortBindings"]);
    container::ports(bindings).into_iter().filter(|port| port.host.is_some()).collect()
}

/// docker's words for it.
fn clash(ports: &[PublishedPort], other: &Value) -> Option<ToolError> {
    let info = container::container(other).filter(|info| info.state.is_up())?;
    let theirs = bound(other);
    let same = |own: &&PublishedPort| {
        theirs.iter().any(|their| {
            let every = |ip: Option<std::net::IpAddr>| ip.is_none_or(|ip| ip.is_unspecified());
            let meets = own.ip == their.ip || every(own.ip) || every(their.ip);
            own.host == their.host && own.protocol == their.protocol && meets
        })
    };
    let own = ports.iter().find(same)?;
    let ip = own.ip.map(|ip| ip.to_string()).unwrap_or_default();
    let message = format!(
        "Bind for {ip}:{} failed: port is already allocated, to {}",
        own.host.unwrap_or_default(),
        info.name,
    );
    Some(ToolError::Refused { kind: ErrorKind::PortInUse, code: 1, message })
}
