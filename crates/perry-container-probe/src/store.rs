//! Where podman keeps its containers: what two ways to one podman have in common (containers-storage.conf(5)).

use crate::Machine;
use perry_container_process::Environment;
use std::path::{Path, PathBuf};

/// The store's root of the administrator, or of the user.
pub(crate) fn root(machine: &dyn Machine, env: &Environment, of_root: bool) -> PathBuf {
    let set = |name| env.get(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = set("HOME").unwrap_or_else(|| PathBuf::from("/"));
    let own = set("XDG_CONFIG_HOME").unwrap_or_else(|| home.join(".config"));
    let system = ["/etc/containers/storage.conf", "/usr/share/containers/storage.conf"];
    let mut files = Vec::new();
    files.extend(set("CONTAINERS_STORAGE_CONF"));
    if !of_root {
        files.push(own.join("containers/storage.conf"));
    }
    files.extend(system.map(PathBuf::from));
    let data = || {
        let data = set("XDG_DATA_HOME").unwrap_or_else(|| home.join(".local/share"));
        data.join("containers/storage")
    };
    let configured = files.into_iter().find_map(|file| {
        let text = String::from_utf8(machine.read(&file)?).ok()?;
        let in_system = system.iter().any(|path| file == Path::new(path));
        // A user's store is named by the graph root of a file of his own, or by the rule for all in the system's.
        let key = if of_root || !in_system { "graphroot" } else { "rootless_storage_path" };
        value(&text, key)
    });
    let found = configured.filter(|path| !path.contains('$')).map(PathBuf::from);
    let path = found.unwrap_or_else(|| match of_root {
        true => PathBuf::from("/var/lib/containers/storage"),
        false => data(),
    });
    machine.canonical(&path).unwrap_or(path)
}

/// A text value of the table `storage`.
fn value(text: &str, key: &str) -> Option<String> {
    let table: toml::Table = text.parse().ok()?;
    let value = table.get("storage")?.get(key)?.as_str()?;
    Some(value.to_owned()).filter(|value| !value.is_empty())
}
