//! What is mounted.

use super::{Rule, Template, rule};
use crate::Feature;
use perry_container_spec::{Mount, MountKind};

fn any(spec: &Template, used: impl Fn(&Mount) -> bool) -> bool {
    spec.mounts.iter().any(used)
}

fn each(spec: &mut Template, strip: impl Fn(&mut Mount)) {
    spec.mounts.iter_mut().for_each(strip);
}

/// uid= and gid= among the options of a tmpfs.
fn owner(option: &str) -> bool {
    option.starts_with("uid=") || option.starts_with("gid=")
}

fn named(mount: &Mount) -> bool {
    mount.kind == MountKind::Volume && mount.source.is_some()
}

fn bind(mount: &Mount) -> bool {
    mount.kind == MountKind::Bind
}

/// A bind of a path that is in no home directory.
fn outside(mount: &Mount) -> bool {
    let homes = ["/home/", "/Users/", "/root/"];
    let source = mount.source.as_deref().unwrap_or_default();
    bind(mount) && source.starts_with('/') && !homes.iter().any(|home| source.starts_with(home))
}

fn tmpfs(mount: &Mount) -> bool {
    mount.kind == MountKind::Tmpfs
}

pub(super) const RULES: &[Rule<Template>] = &[
    rule(
        Feature::NamedVolumes,
        "volumes",
        |s| any(s, named),
        |s| s.mounts.retain(|one| !named(one)),
    ),
    rule(Feature::BindMounts, "volumes", |s| any(s, bind), |s| s.mounts.retain(|one| !bind(one))),
    rule(
        Feature::BindOutsideHome,
        "volumes",
        |s| any(s, outside),
        |s| s.mounts.retain(|one| !outside(one)),
    ),
    rule(
        Feature::BindPropagation,
        "volumes.bind.propagation",
        |s| any(s, |one| one.propagation.is_some()),
        |s| each(s, |one| one.propagation = None),
    ),
    rule(
        Feature::BindRecursive,
        "volumes.bind.recursive",
        |s| any(s, |one| one.recursive.is_some()),
        |s| each(s, |one| one.recursive = None),
    ),
    rule(
        Feature::SelinuxMountLabels,
        "volumes.bind.selinux",
        |s| any(s, |one| one.selinux.is_some()),
        |s| each(s, |one| one.selinux = None),
    ),
    rule(Feature::TmpfsMounts, "tmpfs", |s| any(s, tmpfs), |s| s.mounts.retain(|one| !tmpfs(one))),
    rule(
        Feature::TmpfsOptions,
        "tmpfs",
        |s| {
            any(s, |one| {
                let options = one.options.iter().any(|option| !owner(option));
                one.size.is_some() || one.mode.is_some() || options
            })
        },
        |s| {
            each(s, |one| {
                (one.size, one.mode) = (None, None);
                one.options.retain(|option| owner(option));
            });
        },
    ),
    rule(
        Feature::TmpfsOwner,
        "tmpfs",
        |s| any(s, |one| one.options.iter().any(|option| owner(option))),
        |s| each(s, |one| one.options.retain(|option| !owner(option))),
    ),
    rule(
        Feature::ImageMount,
        "volumes",
        |s| any(s, |one| one.kind == MountKind::Image),
        |s| s.mounts.retain(|one| one.kind != MountKind::Image),
    ),
    rule(
        Feature::VolumeNoCopy,
        "volumes.volume.nocopy",
        |s| any(s, |one| one.no_copy),
        |s| each(s, |one| one.no_copy = false),
    ),
    rule(
        Feature::VolumeSubpath,
        "volumes.volume.subpath",
        |s| any(s, |one| one.kind == MountKind::Volume && one.subpath.is_some()),
        |s| s.mounts.retain(|one| one.kind != MountKind::Volume || one.subpath.is_none()),
    ),
    rule(
        Feature::VolumeLabels,
        "volumes.volume.labels",
        |s| any(s, |one| !one.labels.is_empty()),
        |s| each(s, |one| one.labels.clear()),
    ),
    rule(
        Feature::VolumesFrom,
        "volumes_from",
        |s| !s.volumes_from.is_empty(),
        |s| s.volumes_from.clear(),
    ),
    rule(Feature::CopyFiles, "configs, secrets", |s| !s.files.is_empty(), |s| s.files.clear()),
];
