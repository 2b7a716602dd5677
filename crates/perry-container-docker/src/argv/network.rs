//! Networks, and a container's place in them.

use super::Line;
use crate::{
    dialect::{Lack, NetworkSyntax, Traits},
    notes,
    quote::{Fields, refuse},
};
use perry_container_protocol::{Invocation, ToolError};
use perry_container_spec::{Attachment, ContainerSpec, Network, NetworkSpec};

/// Driver option of an endpoint that names its interface.
const INTERFACE: &str = "com.docker.network.endpoint.ifname";

pub(crate) fn of_container(line: &mut Line, spec: &ContainerSpec) -> Result<(), ToolError> {
    match &spec.network {
        Network::Default => {}
        Network::None => {
            line.flag("--network", "none");
        }
        Network::Host => {
            line.flag("--network", "host");
        }
        Network::Container(id) => {
            line.flag("--network", format_args!("container:{id}"));
        }
        Network::Named(name) => {
            line.flag("--network", name);
        }
        Network::Attached(all) if line.tool.network == NetworkSyntax::Hosts => {
            hosts(line, spec, all)?;
        }
        Network::Attached(all) => {
            for one in all {
                let text = match line.tool.network {
                    NetworkSyntax::Colon => colon(line, one)?,
                    NetworkSyntax::Fields | NetworkSyntax::Hosts => fields(one),
                };
                line.flag("--network", text);
            }
        }
    }
    line.need(Lack::Links, !spec.links.is_empty())?;
    for link in &spec.links {
        line.flag("--link", format_args!("{}:{}", link.container, link.alias));
    }
    for (host, address) in &spec.extra_hosts {
        // `host=::1` is refused by podman, `host:::1` is understood by all
        line.flag("--add-host", format_args!("{host}:{address}"));
    }
    if !line.tool.keeps_notes {
        line.each("--expose", &spec.expose); // else they stand in the notes, which is all that they are
    }
    line.each("--publish", &spec.ports)
        .each("--dns", &spec.dns)
        .each("--dns-search", &spec.dns_search)
        .each("--dns-option", &spec.dns_opt);
    Ok(())
}

/// What nerdctl's hook calls a container in the hosts files of its neighbours. The hook takes it from the container's
/// annotations, where one that was asked for stands over nerdctl's own, and writes whatever stands there, before the
/// name (2.1.6 `pkg/ocihook`, `pkg/dnsutil/hostsstore`). It does so whenever a container starts or ends, also one
/// that containerd itself started again.
const HOSTNAME: &str = "nerdctl/hostname";

/// A line of a hosts file, as long as every reader takes it.
const LONGEST_LINE: usize = 1000;

/// nerdctl's form: names of networks, and one line of names for all of them.
fn hosts(line: &mut Line, spec: &ContainerSpec, all: &[Attachment]) -> Result<(), ToolError> {
    let addressed =
        |one: &Attachment| one.ipv4.is_some() || one.ipv6.is_some() || one.mac.is_some();
    line.need(Lack::SeveralAddresses, all.len() > 1 && all.iter().any(addressed))?;
    let mut names: Vec<&str> = spec.hostname.iter().map(String::as_str).collect();
    for one in all {
        line.need(Lack::EndpointOptions, !one.driver_opts.is_empty())?;
        line.need(Lack::GatewayPriority, one.gw_priority.is_some())?;
        line.need(Lack::LinkLocal, !one.link_local_ips.is_empty())?;
        line.need(Lack::InterfaceName, one.interface_name.is_some())?;
        line.flag("--network", &one.network)
            .maybe("--ip", one.ipv4.as_ref())
            .maybe("--ip6", one.ipv6.as_ref())
            .maybe("--mac-address", one.mac.as_ref());
        names.extend(one.aliases.iter().map(String::as_str));
    }
    if all.iter().all(|one| one.aliases.is_empty()) {
        return Ok(());
    }
    // a hostname of nerdctl's own would be found nowhere, not even by the container itself: it gets its name, which is
    let name = spec.name.as_deref().filter(|name| name.len() <= LONGEST_HOSTNAME);
    if spec.hostname.is_none()
        && let Some(name) = name
    {
        line.flag("--hostname", name);
    }
    let mut once = Vec::new();
    for name in names {
        if name.is_empty()
            || name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '#')
        {
            return Err(refuse("alias", name, "is no name that a hosts file can hold"));
        }
        if !once.contains(&name) {
            once.push(name);
        }
    }
    let text = once.join(" ");
    if text.len() > LONGEST_LINE {
        return Err(refuse(
            "alias",
            once[0],
            "is one of more than a line of a hosts file can hold",
        ));
    }
    line.flag("--annotation", format_args!("{HOSTNAME}={text}"));
    Ok(())
}

/// Linux takes no longer one.
const LONGEST_HOSTNAME: usize = 64;

/// docker's form. Always with `name=`, because a name with an equals sign would be taken for this form anyway.
fn fields(one: &Attachment) -> String {
    let mut fields = Fields::default();
    fields.add("name", &one.network);
    for alias in &one.aliases {
        fields.add("alias", alias);
    }
    fields
        .maybe("ip", one.ipv4.as_ref())
        .maybe("ip6", one.ipv6.as_ref())
        .maybe("mac-address", one.mac.as_ref())
        .maybe("gw-priority", one.gw_priority);
    for address in &one.link_local_ips {
        fields.add("link-local-ip", address);
    }
    for (key, value) in &one.driver_opts {
        fields.add("driver-opt", format_args!("{key}={value}"));
    }
    if let Some(name) = &one.interface_name {
        fields.add("driver-opt", format_args!("{INTERFACE}={name}"));
    }
    fields.text()
}

/// podman's form. It knows no quotes.
fn colon(line: &Line, one: &Attachment) -> Result<String, ToolError> {
    line.need(Lack::EndpointOptions, !one.driver_opts.is_empty())?;
    line.need(Lack::GatewayPriority, one.gw_priority.is_some())?;
    line.need(Lack::LinkLocal, !one.link_local_ips.is_empty())?;
    if one.network.contains([':', ',']) {
        return Err(refuse("network", &one.network, "has a name that podman takes apart"));
    }
    let aliases = one.aliases.iter().map(|alias| ("alias", alias));
    let others = [
        ("ip", &one.ipv4),
        ("ip6", &one.ipv6),
        ("mac", &one.mac),
        ("interface_name", &one.interface_name),
    ];
    let others = others.into_iter().filter_map(|(key, value)| Some((key, value.as_ref()?)));
    let mut text = one.network.clone();
    let mut before = ':';
    for (key, value) in aliases.chain(others) {
        if value.contains(',') {
            return Err(refuse(
                key,
                value,
                "holds a comma, which podman takes for the next option",
            ));
        }
        text.extend([&before.to_string(), key, "=", value]);
        before = ',';
    }
    Ok(text)
}

/// `network create`.
///
/// # Errors
/// What the tool has no word for.
pub(crate) fn create(spec: &NetworkSpec, tool: &'static Traits) -> Result<Invocation, ToolError> {
    let mut line = Line::new(tool, &["network", "create"]);
    line.need(Lack::Attachable, spec.attachable)?;
    line.need(Lack::Ipv4Switch, spec.ipv4 == Some(false))?;
    line.need(Lack::AuxAddresses, spec.pools.iter().any(|pool| !pool.aux_addresses.is_empty()))?;
    line.maybe("--driver", spec.driver.as_ref());
    for (key, value) in &spec.driver_opts {
        let known = tool.network_options.iter().find(|(dockers, _)| dockers == key);
        let key = known.map_or(key.as_str(), |(_, own)| *own);
        line.flag("--opt", format_args!("{key}={value}"));
    }
    line.switch("--internal", spec.internal).switch("--attachable", spec.attachable);
    if tool.lack(Lack::Ipv4Switch).is_none() {
        line.maybe("--ipv4", spec.ipv4);
    }
    line.maybe("--ipv6", spec.ipv6)
        .maybe("--ipam-driver", spec.ipam_driver.as_ref())
        .pairs("--ipam-opt", &spec.ipam_options);
    // podman pairs the n-th subnet with the n-th gateway and range
    if tool.network == NetworkSyntax::Colon && !aligned(spec) {
        let text = "podman wants the pools with a gateway or a range before those without";
        return Err(ToolError::Unsupported(text.to_owned()));
    }
    for pool in &spec.pools {
        line.maybe("--subnet", pool.subnet.as_ref())
            .maybe("--ip-range", pool.ip_range.as_ref())
            .maybe("--gateway", pool.gateway.as_ref())
            .pairs("--aux-address", &pool.aux_addresses);
    }
    line.pairs("--label", &spec.labels);
    if tool.keeps_notes {
        line.flag("--label", format_args!("{}={}", notes::LABEL, notes::of_network(spec)));
    }
    Ok(line.operands([spec.name.as_str()]))
}

/// Whether no pool without a gateway (or range) comes before one with it.
fn aligned(spec: &NetworkSpec) -> bool {
    let sorted =
        |given: &dyn Fn(usize) -> bool| (1..spec.pools.len()).all(|n| given(n - 1) || !given(n));
    sorted(&|n| spec.pools[n].gateway.is_some()) && sorted(&|n| spec.pools[n].ip_range.is_some())
}

/// `network connect` or `network disconnect`.
///
/// # Errors
/// Where there is neither.
pub(crate) fn connect(
    network: &str,
    id: &str,
    aliases: &[String],
    on: bool,
    tool: &'static Traits,
) -> Result<Invocation, ToolError> {
    let mut line = Line::new(tool, &["network", if on { "connect" } else { "disconnect" }]);
    line.need(Lack::ConnectNetwork, true)?;
    if on {
        line.each("--alias", aliases);
    }
    Ok(line.operands([network, id]))
}
