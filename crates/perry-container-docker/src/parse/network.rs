//! `network inspect` and `volume inspect`.

use super::{at, first, labels, map, text};
use crate::notes;
use perry_container_spec::{IpamPool, NetworkInfo, VolumeInfo};
use serde_json::Value;

/// A network as docker (`IPAM.Config`) and podman (`subnets`, lower case) show it.
pub(crate) fn network(value: &Value) -> Option<NetworkInfo> {
    let name = first(value, &["Name", "name"]);
    if name.is_empty() {
        return None;
    }
    let some = |text: &str| Some(text).filter(|text| !text.is_empty()).map(str::to_owned);
    let dockers =
        at(value, &["IPAM", "Config"]).as_array().into_iter().flatten().map(|pool| IpamPool {
            subnet: some(text(pool, &["Subnet"])),
            ip_range: some(text(pool, &["IPRange"])),
            gateway: some(text(pool, &["Gateway"])),
            aux_addresses: map(&pool["AuxiliaryAddresses"]),
        });
    let podmans = value["subnets"].as_array().into_iter().flatten().map(|pool| IpamPool {
        subnet: some(text(pool, &["subnet"])),
        ip_range: None, // a range of addresses there, not a subnet
        gateway: some(text(pool, &["gateway"])),
        ..IpamPool::default()
    });
    let both = |keys: [&str; 2]| {
        keys.iter().map(|key| &value[*key]).find(|value| !value.is_null()).unwrap_or(&Value::Null)
    };
    let raw = both(["Labels", "labels"]);
    // docker and podman say both themselves
    let (driver, internal) = match first(value, &["Driver", "driver"]) {
        "" => notes::read_network(text(raw, &[notes::LABEL])),
        driver => (driver.to_owned(), both(["Internal", "internal"]).as_bool().unwrap_or_default()),
    };
    Some(NetworkInfo {
        id: first(value, &["Id", "id", "ID"]).to_owned(),
        name: name.to_owned(),
        driver,
        internal,
        pools: dockers.chain(podmans).collect(),
        labels: labels(raw),
        containers: both(["Containers", "containers"])
            .as_object()
            .into_iter()
            .flatten()
            .map(|(id, _)| id.clone())
            .collect(),
    })
}

/// A volume.
pub(crate) fn volume(value: &Value) -> Option<VolumeInfo> {
    let name = text(value, &["Name"]);
    (!name.is_empty()).then(|| VolumeInfo {
        name: name.to_owned(),
        driver: text(value, &["Driver"]).to_owned(),
        mountpoint: text(value, &["Mountpoint"]).to_owned(),
        labels: labels(&value["Labels"]),
    })
}
