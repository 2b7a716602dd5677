//! What the larger verbs do to the world.

use super::{
    container::{Container, Told},
    shell::files::File,
    world::{Reply, World, digest, no, normal},
};
use indexmap::IndexMap;
use perry_container_backend::{BackendError, Each};
use perry_container_spec::{
    ContainerHandle, ContainerSpec, ErrorKind, MountInfo, MountKind, Observed, Parts, Selector,
    State,
};
use std::sync::Arc;
use tokio::time::Instant;

pub(super) fn each<T>(
    ids: &[String],
    verb: &str,
    mut one: impl FnMut(&str) -> Reply<T>,
) -> Each<T> {
    let reply =
        |id: &String| one(id).map_err(|(kind, text)| BackendError::new(verb, id, kind, text));
    ids.iter().map(reply).zip(ids).map(|(reply, id)| (id.clone(), reply)).collect()
}

pub(super) fn observed(world: &World, of: &Selector, parts: Parts) -> Observed {
    let mut seen = Observed::default();
    if parts.contains(Parts::CONTAINERS) {
        let found = world.containers.values().filter(|c| of.matches(&c.spec.labels));
        seen.containers = found.map(|c| (c.id.clone(), c.info(world.begin))).collect();
    }
    if parts.contains(Parts::NETWORKS) {
        let found = world.networks.iter();
        let found = found.filter(|(name, n)| of.matches(&n.labels) || of.networks.contains(*name));
        seen.networks = found.map(|(name, n)| (name.clone(), n.clone())).collect();
    }
    if parts.contains(Parts::VOLUMES) {
        let found = world.volumes.iter();
        let found = found.filter(|(name, v)| of.matches(&v.labels) || of.volumes.contains(*name));
        seen.volumes = found.map(|(name, v)| (name.clone(), v.clone())).collect();
    }
    if parts.contains(Parts::IMAGES) {
        let found = of.images.iter().filter_map(|r| Some((r, world.image(r)?)));
        seen.images =
            found.map(|(r, image)| (r.clone(), world.image_info(&normal(r), image))).collect();
    }
    seen
}

pub(super) fn create(
    world: &mut World,
    spec: &ContainerSpec,
    now: Instant,
) -> Reply<ContainerHandle> {
    if let Some(name) = &spec.name {
        let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
        if name.len() < 2
            || !name.chars().all(good)
            || !name.starts_with(|c: char| c.is_ascii_alphanumeric())
        {
            return no(ErrorKind::Invalid, format!("invalid container name ({name})"));
        }
        world.name_is_free(name)?;
    }
    let Some(image) = world.image(&spec.image).cloned() else {
        return no(ErrorKind::ImageMissing, format!("no such image: {}", spec.image));
    };
    let networks = world.endpoints(spec)?;
    for other in Container::leans_on(spec) {
        world.find(other)?;
    }
    let mut mounts = Vec::new();
    for from in &spec.volumes_from {
        mounts.extend(world.container(&from.container)?.mounts.clone());
    }
    world.born += 1;
    let made = world.born;
    for (n, mount) in spec.mounts.iter().enumerate() {
        let (mut name, mut source) = (None, mount.source.clone().unwrap_or_default());
        if mount.kind == MountKind::Volume {
            let volume = match &mount.source {
                Some(named) => named.clone(),
                None => {
                    let hex = digest(&format!("volume#{made}#{n}"));
                    world.anonymous.insert(hex.clone());
                    hex
                }
            };
            world.need_volume(
                &volume,
                &if mount.source.is_some() { IndexMap::new() } else { mount.labels.clone() },
            );
            source.clone_from(&world.volumes[&volume].mountpoint);
            name = Some(volume);
        }
        let kind = format!("{:?}", mount.kind).to_lowercase();
        let (target, writable) = (mount.target.clone(), !mount.read_only);
        mounts.retain(|m| m.target != target);
        mounts.push(MountInfo { kind, name, source, target, writable });
    }
    let name = spec.name.clone().unwrap_or_else(|| format!("quiet_sim{made}"));
    let id = format!("{name}@{made}");
    let script = world.scripts.get(&name).cloned().unwrap_or(image.script);
    let mut files = image.files;
    for file in &spec.files {
        let (bytes, uid, gid) = (file.content.expose().clone(), file.uid, file.gid);
        files.insert(file.target.clone(), File { bytes, uid, gid, mode: file.mode });
    }
    let container = Container {
        id: id.clone(),
        born: made,
        name: name.clone(),
        spec: spec.clone(),
        labels: Arc::new(spec.labels.clone()),
        image_id: image.id,
        script,
        state: State::Created,
        created: now,
        started: None,
        finished: None,
        exit_code: None,
        error: None,
        restarts: 0,
        stopped: false,
        ending: None,
        restart_at: None,
        health: None,
        next_probe: None,
        failures: 0,
        logs: Vec::new(),
        printed: 0,
        networks,
        mounts,
        ports: Vec::new(),
        files,
        partial: [Vec::new(), Vec::new()],
        stdin: Vec::new(),
        stdin_closed: false,
        asked_to_stop: false,
    };
    world.containers.insert(container);
    world.tell(&id, now, Told::Create);
    Ok(ContainerHandle { id, name: Some(name) })
}

pub(super) fn start(world: &mut World, id: &str, now: Instant) -> Reply<()> {
    let id = world.find(id)?;
    let container = &world.containers[&id];
    match container.state {
        State::Running | State::Restarting => return Ok(()),
        State::Paused => {
            return no(ErrorKind::Conflict, "cannot start a paused container, try unpause instead");
        }
        State::Created | State::Exited | State::Dead | State::Removing => {}
    }
    let leans: Vec<String> = match &container.spec.network {
        perry_container_spec::Network::Container(other) => vec![other.clone()],
        _ => Vec::new(),
    };
    for other in leans {
        if world.running(&other).is_err() {
            return no(
                ErrorKind::NotRunning,
                format!("cannot join network of a non running container: {other}"),
            );
        }
    }
    let failed = match world.containers[&id].script.broken.clone() {
        Some(why) => Err((ErrorKind::Invalid, why)),
        None => world.claim(&id),
    };
    if let Err((kind, text)) = failed {
        world.release(&id);
        let container = &mut world.containers[&id];
        container.error = Some(text.clone());
        return Err((kind, text));
    }
    let native = world.native_health;
    world.containers[&id].begin(now, native);
    world.containers[&id].restarts = 0;
    world.tell(&id, now, Told::Start);
    world.settle(now);
    Ok(())
}
