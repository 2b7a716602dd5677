//! Mounts of every kind.

use super::Line;
use crate::{
    dialect::Lack,
    quote::{Fields, refuse},
};
use perry_container_protocol::ToolError;
use perry_container_spec::{ContainerSpec, Mount, MountKind, Propagation, Selinux};

pub(crate) fn of_container(line: &mut Line, spec: &ContainerSpec) -> Result<(), ToolError> {
    for mount in &spec.mounts {
        line.need(Lack::VolumeLabels, !mount.labels.is_empty())?;
        line.need(Lack::VolumeSubpath, mount.kind == MountKind::Volume && mount.subpath.is_some())?;
        line.need(Lack::BindRecursive, mount.recursive.is_some())?;
        line.need(Lack::ImageMount, mount.kind == MountKind::Image)?;
        line.need(Lack::VolumeNoCopy, mount.no_copy)?;
        match mount.kind {
            // docker lists what `--mount` makes and forgets what `--tmpfs` makes, podman forgets both
            MountKind::Tmpfs if mount.target.contains(':') && mount.options.is_empty() => {
                long(line, mount);
            }
            MountKind::Tmpfs => tmpfs(line, mount)?,
            _ if !mount.options.is_empty() => {
                return Err(refuse(
                    "mount",
                    &mount.target,
                    "is no tmpfs, and only a tmpfs has free options",
                ));
            }
            MountKind::Bind | MountKind::Volume if wants_short(line, mount) => short(line, mount)?,
            _ => long(line, mount),
        }
    }
    for from in &spec.volumes_from {
        let mode = if from.read_only { ":ro" } else { "" };
        line.flag("--volumes-from", format_args!("{}{mode}", from.container));
    }
    Ok(())
}

fn absolute(path: &str) -> bool {
    path.starts_with('/') || path.get(1..3).is_some_and(|drive| drive == ":\\" || drive == ":/")
}

/// Whether a mount has to be written `source:target:options`: only that form makes a missing source, relabels and, on
/// podman, leaves a volume as empty as it is. It takes a source that is no absolute path for a volume's name, so such a
/// bind takes the other form, in which every tool refuses it.
fn wants_short(line: &Line, mount: &Mount) -> bool {
    match mount.kind {
        MountKind::Bind => {
            let source = mount.source.as_deref().unwrap_or_default();
            let colons = source.contains(':') || mount.target.contains(':');
            let only_here = mount.selinux.is_some();
            absolute(source)
                && (only_here || mount.create_host_path && !colons && mount.recursive.is_none())
        }
        MountKind::Volume => {
            mount.selinux.is_some() || mount.no_copy && line.tool.lack(Lack::VolumeLabels).is_some()
        }
        _ => false,
    }
}

/// `source:target:options`.
fn short(line: &mut Line, mount: &Mount) -> Result<(), ToolError> {
    let source = mount.source.as_deref().unwrap_or_default();
    for path in [source, &mount.target] {
        if path.contains(':') {
            return Err(refuse(
                "path",
                path,
                "holds a colon, so it can be neither relabelled nor made",
            ));
        }
    }
    let lost = mount.recursive.is_some() || mount.subpath.is_some() || !mount.labels.is_empty();
    if lost || source.is_empty() {
        let text = format!(
            "{} cannot combine relabelling or `nocopy` with what else mount `{}` asks for",
            line.tool.name, mount.target,
        );
        return Err(ToolError::Unsupported(text));
    }
    let mut options = Vec::new();
    options.extend(mount.read_only.then_some("ro"));
    options.extend(mount.selinux.map(|selinux| match selinux {
        Selinux::Shared => "z",
        Selinux::Private => "Z",
    }));
    options.extend(mount.propagation.map(Propagation::as_str));
    options.extend(mount.no_copy.then_some("nocopy"));
    options.extend(mount.consistency.as_deref().filter(|_| line.tool.makes_sources));
    if mount.kind == MountKind::Bind && mount.create_host_path && !line.tool.makes_sources {
        line.call.make_dirs.push(source.to_owned());
    }
    let colon = if options.is_empty() { "" } else { ":" };
    line.flag("--volume", format_args!("{source}:{}{colon}{}", mount.target, options.join(",")));
    Ok(())
}

/// `--mount`: fields of a CSV record.
fn long(line: &mut Line, mount: &Mount) {
    let kind = match mount.kind {
        MountKind::Bind => "bind",
        MountKind::Volume => "volume",
        MountKind::Tmpfs => "tmpfs",
        MountKind::Image => "image",
        MountKind::Npipe => "npipe",
        MountKind::Cluster => "cluster",
    };
    let mut fields = Fields::default();
    fields.add("type", kind).maybe("source", mount.source.as_ref()).add("target", &mount.target);
    if mount.read_only && mount.kind != MountKind::Image {
        fields.add("ro", "true"); // podman 4 refuses `readonly` for volumes
    }
    fields
        .maybe("bind-propagation", mount.propagation.map(Propagation::as_str))
        .maybe("bind-recursive", mount.recursive.as_ref())
        .maybe("volume-nocopy", mount.no_copy.then_some(true))
        .maybe("tmpfs-size", mount.size)
        .maybe("tmpfs-mode", mount.mode.map(|mode| format!("{mode:04o}")))
        .maybe("consistency", mount.consistency.as_ref());
    let subpath = if mount.kind == MountKind::Image { "image-subpath" } else { "volume-subpath" };
    fields.maybe(subpath, mount.subpath.as_ref());
    for (key, value) in &mount.labels {
        fields.add("volume-label", format_args!("{key}={value}"));
    }
    if mount.kind == MountKind::Tmpfs {
        for word in line.tool.tmpfs {
            fields.word(word);
        }
    }
    line.flag("--mount", fields.text());
    if mount.kind == MountKind::Bind && mount.create_host_path && !line.tool.makes_sources {
        line.call.make_dirs.extend(mount.source.clone().filter(|source| absolute(source)));
    }
}

/// `--tmpfs=target:options`: the only form that takes every option, but not every path.
fn tmpfs(line: &mut Line, mount: &Mount) -> Result<(), ToolError> {
    if mount.target.contains(':') {
        return Err(refuse(
            "path",
            &mount.target,
            "holds a colon, so a tmpfs there can have no options",
        ));
    }
    let mut options = Vec::new();
    options.extend(mount.read_only.then(|| "ro".to_owned()));
    options.extend(mount.size.map(|size| format!("size={size}")));
    options.extend(mount.mode.map(|mode| format!("mode={mode:04o}")));
    if let Some(option) = mount.options.iter().find(|option| option.contains(',')) {
        return Err(refuse("tmpfs option", option, "holds a comma, which separates options"));
    }
    options.extend(mount.options.iter().cloned());
    options.extend(line.tool.tmpfs.iter().map(|word| (*word).to_owned()));
    let colon = if options.is_empty() { "" } else { ":" };
    line.flag("--tmpfs", format_args!("{}{colon}{}", mount.target, options.join(",")));
    Ok(())
}
