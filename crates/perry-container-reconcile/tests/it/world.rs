//! Desired and observed states for tests.

use perry_container_model::ComposeSpec;
use perry_container_reconcile::{Context, Desired, Planned, UpOptions, lower};
use perry_container_spec::{
    ContainerInfo, Endpoint, Health, ImageInfo, MountInfo, MountKind, NetworkInfo, Observed, State,
    VolumeInfo,
};

/// The project `p` from services in canonical JSON.
#[track_caller]
pub(crate) fn desired(services: &str) -> Desired {
    project(&format!(r#"{{"name": "p", "services": {services}, "networks": {{"default": {{}}}}}}"#))
}

#[track_caller]
pub(crate) fn project(json: &str) -> Desired {
    let spec: ComposeSpec = serde_json::from_str(json).unwrap();
    let context =
        Context { project: "p".to_owned(), working_dir: "/src".to_owned(), ..Context::default() };
    let (desired, notes) = lower(&spec, &context).unwrap();
    assert!(notes.is_empty(), "{notes:?}");
    desired
}

/// `web` waits for a healthy database; a cache would be nice.
pub(crate) const STACK: &str = r#"{
    "web": {"image": "httpd:1", "networks": {"default": null}, "depends_on": {
        "db": {"condition": "service_healthy", "required": true},
        "cache": {"condition": "service_started", "required": false}}},
    "db": {"image": "postgres:16", "networks": {"default": null}, "healthcheck": {"test": ["CMD", "true"]}},
    "cache": {"image": "redis:7", "networks": {"default": null}}
}"#;

/// The world after a successful `up`: everything runs, what has a check is healthy.
pub(crate) fn made(desired: &Desired) -> Observed {
    let mut seen = Observed::default();
    for (name, network) in &desired.networks {
        let labels = network.spec.labels.clone();
        let info =
            NetworkInfo { id: name.clone(), name: name.clone(), labels, ..NetworkInfo::default() };
        seen.networks.insert(name.clone(), info);
    }
    for (name, volume) in &desired.volumes {
        let labels = volume.spec.labels.clone();
        seen.volumes.insert(
            name.clone(),
            VolumeInfo { name: name.clone(), labels, ..VolumeInfo::default() },
        );
    }
    for (id, unit) in &desired.units {
        let image_id = format!("sha256:{}", unit.image.reference);
        let image = ImageInfo {
            id: image_id.clone(),
            has_healthcheck: Some(false),
            ..ImageInfo::default()
        };
        seen.images.insert(unit.image.reference.clone(), image);
        let networks = unit.template.network.attachments().iter();
        let mounts = unit.template.mounts.iter().filter(|mount| mount.kind == MountKind::Volume);
        let info = ContainerInfo {
            image_id,
            state: State::Running,
            started: "2026-11-22T13:14:34Z".to_owned(),
            health: unit.has_healthcheck().unwrap_or(false).then_some(Health::Healthy),
            labels: unit.template.labels.clone(),
            networks: networks
                .map(|a| {
                    (
                        a.network.clone(),
                        Endpoint { aliases: a.aliases.clone(), ..Endpoint::default() },
                    )
                })
                .collect(),
            mounts: mounts
                .map(|m| MountInfo {
                    kind: "volume".to_owned(),
                    name: m.source.clone(),
                    source: String::new(),
                    target: m.target.clone(),
                    writable: true,
                })
                .collect(),
            ..ContainerInfo::new(format!("{id}-id"), unit.name(), &unit.image.reference)
        };
        seen.containers.insert(info.id.clone(), info);
    }
    seen
}

#[track_caller]
pub(crate) fn up(desired: &Desired, observed: &Observed) -> Planned {
    perry_container_reconcile::up(desired, observed, &UpOptions::default()).unwrap()
}

/// The plan and the notes.
pub(crate) fn text(planned: &Planned) -> String {
    let notes: String = planned.notes.iter().map(|note| format!("note: {note}\n")).collect();
    format!("{}{notes}", planned.plan)
}
