//! Mounts of a new container.

use super::{map, some};
use bollard::models::{
    Mount as Body, MountBindOptions, MountBindOptionsPropagationEnum as PropagationBody,
    MountImageOptions, MountType, MountVolumeOptions,
};
use indexmap::IndexMap;
use perry_container_spec::{ContainerSpec, Mount, MountKind, Propagation, Selinux};

/// Bind strings, mounts, and memory by target.
type All = (Vec<String>, Vec<Body>, IndexMap<String, String>);

/// `src:dst:options` where that can say it (docker compose does so), else a mount; memory as `--tmpfs` gives it, which
/// alone takes all options.
pub(super) fn of(spec: &ContainerSpec) -> All {
    let (mut binds, mut mounts, mut memory) = (Vec::new(), Vec::new(), IndexMap::new());
    for mount in &spec.mounts {
        match (mount.kind, bind_text(mount)) {
            (MountKind::Tmpfs, _) => {
                memory.insert(mount.target.clone(), tmpfs(mount));
            }
            (_, Some(text)) => binds.push(text),
            (_, None) => mounts.push(body(mount)),
        }
    }
    (binds, mounts, memory)
}

fn bind_text(mount: &Mount) -> Option<String> {
    let source = mount.source.as_deref().filter(|source| !source.is_empty())?;
    let plain = mount.recursive.is_none() && mount.subpath.is_none() && mount.labels.is_empty();
    let kind = match mount.kind {
        // A bind that must exist fails as a mount; as a text the engine would make it.
        MountKind::Bind => mount.create_host_path || mount.selinux.is_some(),
        MountKind::Volume => true,
        MountKind::Tmpfs | MountKind::Image | MountKind::Npipe | MountKind::Cluster => false,
    };
    if !kind || !plain || source.contains(':') || mount.target.contains(':') {
        return None;
    }
    let mut text =
        format!("{source}:{}:{}", mount.target, if mount.read_only { "ro" } else { "rw" });
    let mut option = |word: &str| {
        text.push(',');
        text.push_str(word);
    };
    match mount.selinux {
        Some(Selinux::Shared) => option("z"),
        Some(Selinux::Private) => option("Z"),
        None => {}
    }
    if let Some(propagation) = mount.propagation {
        option(propagation.as_str());
    }
    if mount.no_copy {
        option("nocopy");
    }
    Some(text)
}

fn tmpfs(mount: &Mount) -> String {
    let mut options = Vec::new();
    if mount.read_only {
        options.push("ro".to_owned());
    }
    options.extend(mount.size.map(|size| format!("size={size}")));
    options.extend(mount.mode.map(|mode| format!("mode={mode:o}")));
    options.extend(mount.options.iter().cloned());
    options.join(",")
}

fn body(mount: &Mount) -> Body {
    let typ = match mount.kind {
        MountKind::Bind => MountType::BIND,
        MountKind::Volume => MountType::VOLUME,
        MountKind::Tmpfs => MountType::TMPFS,
        MountKind::Image => MountType::IMAGE,
        MountKind::Npipe => MountType::NPIPE,
        MountKind::Cluster => MountType::CLUSTER,
    };
    let bind = MountBindOptions {
        propagation: mount.propagation.map(propagation),
        non_recursive: (mount.recursive.as_deref() == Some("disabled")).then_some(true),
        read_only_non_recursive: (mount.recursive.as_deref() == Some("writable")).then_some(true),
        read_only_force_recursive: (mount.recursive.as_deref() == Some("readonly")).then_some(true),
        create_mountpoint: mount.create_host_path.then_some(true),
    };
    let volume = MountVolumeOptions {
        no_copy: mount.no_copy.then_some(true),
        labels: map(&mount.labels),
        subpath: mount.subpath.clone().filter(|_| mount.kind == MountKind::Volume),
        driver_config: None,
    };
    Body {
        target: Some(mount.target.clone()),
        source: mount.source.clone(),
        typ: Some(typ),
        read_only: mount.read_only.then_some(true),
        consistency: mount.consistency.clone(),
        bind_options: Some(bind).filter(|options| *options != MountBindOptions::default()),
        volume_options: Some(volume).filter(|options| *options != MountVolumeOptions::default()),
        image_options: some(
            mount
                .subpath
                .iter()
                .filter(|_| mount.kind == MountKind::Image)
                .cloned()
                .collect::<Vec<_>>(),
        )
        .map(|mut paths| MountImageOptions { subpath: paths.pop() }),
        tmpfs_options: None,
    }
}

fn propagation(of: Propagation) -> PropagationBody {
    match of {
        Propagation::Private => PropagationBody::PRIVATE,
        Propagation::Rprivate => PropagationBody::RPRIVATE,
        Propagation::Shared => PropagationBody::SHARED,
        Propagation::Rshared => PropagationBody::RSHARED,
        Propagation::Slave => PropagationBody::SLAVE,
        Propagation::Rslave => PropagationBody::RSLAVE,
    }
}
