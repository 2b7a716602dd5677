//! Mounts in podman's own specification.

use super::Body;
use perry_container_spec::{ContainerSpec, Mount, MountKind, Propagation, Selinux};
use serde_json::{Value, json};

pub(super) fn of(body: &mut Body, spec: &ContainerSpec) {
    let (mut mounts, mut volumes, mut images) = (Vec::new(), Vec::new(), Vec::new());
    for mount in &spec.mounts {
        match mount.kind {
            MountKind::Volume => volumes.push(volume(mount)),
            MountKind::Image => images.push(image(mount)),
            MountKind::Bind | MountKind::Tmpfs | MountKind::Npipe | MountKind::Cluster => {
                mounts.push(plain(mount));
            }
        }
    }
    body.set("mounts", mounts);
    body.set("volumes", volumes);
    body.set("image_volumes", images);
    let from = |from: &perry_container_spec::VolumesFrom| {
        if from.read_only { format!("{}:ro", from.container) } else { from.container.clone() }
    };
    body.set("volumes_from", spec.volumes_from.iter().map(from).collect::<Vec<_>>());
}

/// Options that binds and volumes share.
fn options(mount: &Mount) -> Vec<String> {
    let mut all = vec![if mount.read_only { "ro" } else { "rw" }.to_owned()];
    all.extend(mount.selinux.map(|selinux| match selinux {
        Selinux::Shared => "z".to_owned(),
        Selinux::Private => "Z".to_owned(),
    }));
    all.extend(mount.propagation.map(Propagation::as_str).map(str::to_owned));
    all
}

fn volume(mount: &Mount) -> Value {
    let name = mount.source.as_deref().unwrap_or_default();
    let mut volume = Body::default();
    volume.set("Name", name);
    volume.set("Dest", mount.target.as_str());
    volume.set("Options", options(mount));
    volume.set("IsAnonymous", name.is_empty());
    volume.maybe("SubPath", mount.subpath.as_deref());
    volume.0.into()
}

fn image(mount: &Mount) -> Value {
    let mut image = Body::default();
    image.maybe("Source", mount.source.as_deref());
    image.set("Destination", mount.target.as_str());
    image.maybe("subPath", mount.subpath.as_deref());
    image.0.into()
}

fn plain(mount: &Mount) -> Value {
    if mount.kind != MountKind::Tmpfs {
        let mut all = vec!["rbind".to_owned()];
        all.extend(options(mount));
        let kind = if mount.kind == MountKind::Bind { "bind" } else { "npipe" };
        return json!({"type": kind, "source": mount.source, "destination": mount.target, "options": all});
    }
    // Unlike docker podman fills it from the image; docker's starts empty.
    let mut all = vec!["notmpcopyup".to_owned()];
    all.extend(mount.read_only.then(|| "ro".to_owned()));
    all.extend(mount.size.map(|size| format!("size={size}")));
    all.extend(mount.mode.map(|mode| format!("mode={mode:o}")));
    all.extend(mount.options.iter().cloned());
    json!({"type": "tmpfs", "source": "tmpfs", "destination": mount.target, "options": all})
}

/// The directories that docker's daemon makes and podman refuses when they are missing.
pub(crate) fn directories(spec: &ContainerSpec) -> impl Iterator<Item = &str> {
    spec.mounts
        .iter()
        .filter(|mount| mount.kind == MountKind::Bind && mount.create_host_path)
        .filter_map(|mount| mount.source.as_deref())
        .filter(|source| source.starts_with('/'))
}
