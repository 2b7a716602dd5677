//! Networks, volumes and what containers use.

use super::{first, map, text};
use crate::encode;
use indexmap::IndexMap;
use perry_container_spec::{IpamPool, NetworkInfo, Usage, VolumeInfo};
use serde_json::Value;

fn labels(value: &Value) -> IndexMap<String, String> {
    let all = map(value).into_iter();
    all.map(|(key, value)| (encode::meant_key(&key), encode::meant(&value))).collect()
}

/// A network; none without a name.
pub(crate) fn network(value: &Value) -> Option<NetworkInfo> {
    let name = first(value, &[&["configuration", "name"], &["id"], &["configuration", "id"]]);
    if name.is_empty() {
        return None;
    }
    let configuration = &value["configuration"];
    let subnet = first(
        value,
        &[&["status", "ipv4Subnet"], &["status", "address"], &["configuration", "ipv4Subnet"]],
    );
    let gateway = first(value, &[&["status", "ipv4Gateway"], &["status", "gateway"]]);
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let mut pools = Vec::new();
    if !subnet.is_empty() {
        let (subnet, gateway) = (given(subnet), given(gateway));
        pools.push(IpamPool { subnet, gateway, ..IpamPool::default() });
    }
    if let Some(subnet) = given(text(value, &["status", "ipv6Subnet"])) {
        pools.push(IpamPool { subnet: Some(subnet), ..IpamPool::default() });
    }
    Some(NetworkInfo {
        id: name.to_owned(),
        name: name.to_owned(),
        driver: "bridge".to_owned(),
        internal: text(configuration, &["mode"]) == "hostOnly",
        pools,
        labels: labels(&configuration["labels"]),
        containers: Vec::new(),
    })
}

/// A volume; none without a name.
pub(crate) fn volume(value: &Value) -> Option<VolumeInfo> {
    // before 1.0 there was no `configuration`
    let own = if value["configuration"].is_object() { &value["configuration"] } else { value };
    let name = first(own, &[&["name"], &["id"]]);
    (!name.is_empty()).then(|| VolumeInfo {
        name: name.to_owned(),
        driver: first(own, &[&["driver"]]).to_owned(),
        mountpoint: text(own, &["source"]).to_owned(),
        labels: map(&own["labels"])
            .into_iter()
            .map(|(key, value)| (key, encode::meant(&value)))
            .collect(),
    })
}

/// What a container uses. The CPU is told as time since its start, from which one look tells no share.
pub(crate) fn usage(value: &Value) -> Option<Usage> {
    let id = text(value, &["id"]);
    let number = |key: &str| value[key].as_u64().unwrap_or_default();
    (!id.is_empty()).then(|| Usage {
        id: id.to_owned(),
        name: id.to_owned(),
        cpu_percent: 0.0,
        memory: number("memoryUsageBytes"),
        memory_limit: number("memoryLimitBytes"),
        net_rx: number("networkRxBytes"),
        net_tx: number("networkTxBytes"),
        block_read: number("blockReadBytes"),
        block_write: number("blockWriteBytes"),
        pids: number("numProcesses"),
    })
}
