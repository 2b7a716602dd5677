//! What is mounted.

use super::{LowerError, Lowering};
use perry_container_model::{ComposeService, ComposeServiceVolume, VolumeType};
use perry_container_spec::{Late, Mount, MountKind, Propagation, Selinux, VolumesFrom};

impl Lowering<'_> {
    pub(super) fn mounts(
        &mut self,
        key: &str,
        service: &ComposeService,
    ) -> Result<Vec<Mount>, LowerError> {
        let mut all = Vec::with_capacity(service.volumes.len() + service.tmpfs.len());
        for (n, volume) in service.volumes.iter().enumerate() {
            all.push(self.mount(&format!("services.{key}.volumes.{n}"), volume)?);
        }
        for text in &service.tmpfs {
            let (target, options) = text.split_once(':').unwrap_or((text, ""));
            let mut mount = Mount::new(MountKind::Tmpfs, None, target);
            mount.options =
                options.split(',').filter(|option| !option.is_empty()).map(str::to_owned).collect();
            all.push(mount);
        }
        Ok(all)
    }

    fn mount(&mut self, path: &str, volume: &ComposeServiceVolume) -> Result<Mount, LowerError> {
        let source = volume.source.clone().filter(|source| !source.is_empty());
        let target = volume.target.clone().filter(|target| !target.is_empty());
        let target = target.ok_or_else(|| {
            LowerError::new(path, "the path in the container (target) is missing")
        })?;
        let mut mount = match volume.kind {
            VolumeType::Bind => Mount::new(MountKind::Bind, source, target),
            VolumeType::Volume => {
                let name = source.map(|key| match self.spec.volumes.get(&key) {
                    Some(volume) => volume.full_name(&self.context.project, &key),
                    None => key,
                });
                Mount::new(MountKind::Volume, name, target)
            }
            VolumeType::Tmpfs => Mount::new(MountKind::Tmpfs, None, target),
            VolumeType::Image => Mount::new(MountKind::Image, source, target),
            VolumeType::Npipe => Mount::new(MountKind::Npipe, source, target),
            VolumeType::Cluster => Mount::new(MountKind::Cluster, source, target),
        };
        mount.read_only = volume.read_only;
        mount.consistency = volume.consistency.clone().filter(|text| !text.is_empty());
        if let Some(bind) = &volume.bind {
            mount.create_host_path = bind.create_host_path;
            mount.recursive = bind.recursive.clone().filter(|text| !text.is_empty());
            mount.selinux = match bind.selinux.as_deref() {
                Some("z") => Some(Selinux::Shared),
                Some("Z") => Some(Selinux::Private),
                _ => None,
            };
            mount.propagation = match bind.propagation.as_deref().unwrap_or_default() {
                "" => None,
                word => Some(propagation(word).ok_or_else(|| {
                    let why = format!(
                        "`{word}` is no propagation; private, shared, slave and r... of each are"
                    );
                    LowerError::new(format!("{path}.bind.propagation"), why)
                })?),
            };
        }
        if let Some(volume) = &volume.volume {
            mount.no_copy = volume.nocopy;
            mount.subpath = volume.subpath.clone().filter(|text| !text.is_empty());
            mount.labels = volume.labels.clone().into_iter().collect();
        }
        if let Some(image) = &volume.image {
            mount.subpath = image.subpath.clone().filter(|text| !text.is_empty());
        }
        if let Some(tmpfs) = &volume.tmpfs {
            mount.size =
                tmpfs.size.and_then(|size| u64::try_from(size.0).ok()).filter(|size| *size > 0);
            mount.mode = tmpfs.mode;
        }
        Ok(mount)
    }
}

fn propagation(word: &str) -> Option<Propagation> {
    Some(match word {
        "private" => Propagation::Private,
        "rprivate" => Propagation::Rprivate,
        "shared" => Propagation::Shared,
        "rshared" => Propagation::Rshared,
        "slave" => Propagation::Slave,
        "rslave" => Propagation::Rslave,
        _ => return None,
    })
}

/// `service[:ro]` and `container:id[:ro]`.
pub(super) fn volumes_from(service: &ComposeService) -> Vec<VolumesFrom<Late>> {
    let one = |text: &String| {
        let (name, container) = match text.strip_prefix("container:") {
            Some(rest) => (rest, true),
            None => (text.as_str(), false),
        };
        let (name, mode) = name.split_once(':').unwrap_or((name, "rw"));
        let container = if container { Late::known(name) } else { super::network::first(name) };
        VolumesFrom { container, read_only: mode == "ro" }
    };
    service.volumes_from.iter().map(one).collect()
}
