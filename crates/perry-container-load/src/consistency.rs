//! Whether what services refer to is there, and whether their properties agree.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use perry_container_graph::{GraphError, levels};
use perry_container_model::{ComposeService, ComposeSpec, VolumeType, WatchAction};
use perry_container_yaml::Node;

use crate::{
    ProblemKind, PropertyPath,
    loaded::find_span,
    problem::{Fault, Faults},
};

/// compose-go's `checkConsistency`, all problems at once. `disabled` services may be referred to
/// by dependencies that are not required.
pub(crate) fn check(
    spec: &ComposeSpec,
    disabled: &IndexMap<String, ComposeService>,
    root: &Node,
) -> Result<(), Faults> {
    let mut check = Check { spec, disabled, root, faults: Vec::new(), names: BTreeMap::new() };
    for (name, service) in &spec.services {
        check.service(name, service);
    }
    for (name, secret) in &spec.secrets {
        if !secret.external && secret.file.is_none() && secret.environment.is_none() {
            let path = PropertyPath::from_iter(["secrets", name]);
            let message = "one of file, environment must be set";
            check.fault(ProblemKind::Conflict, &path, message);
        }
    }
    check.cycle();
    if check.faults.is_empty() { Ok(()) } else { Err(check.faults) }
}

struct Check<'a> {
    spec: &'a ComposeSpec,
    disabled: &'a IndexMap<String, ComposeService>,
    root: &'a Node,
    faults: Faults,
    /// Container names and who has them.
    names: BTreeMap<&'a str, &'a str>,
}

impl<'a> Check<'a> {
    fn fault(
        &mut self,
        kind: ProblemKind,
        path: &PropertyPath,
        message: impl Into<String>,
    ) -> &mut Fault {
        let span = find_span(self.root, path).unwrap_or_default();
        self.faults.push(Fault::new(kind, path, span, message));
        let last = self.faults.len() - 1;
        &mut self.faults[last]
    }

    fn undefined(&mut self, path: &PropertyPath, what: &str, name: &str) {
        let section = match what {
            "secret" | "build secret" => "secrets",
            "network" => "networks",
            "volume" => "volumes",
            "config" => "configs",
            _ => "models",
        };
        let message = format!("refers to undefined {what} `{name}`");
        self.fault(ProblemKind::Undefined, path, message).hint =
            Some(format!("define it at the top level: `{section}: {{{name}: {{}}}}`"));
    }

    fn service(&mut self, name: &'a str, service: &'a ComposeService) {
        let path = PropertyPath::from_iter(["services", name]);
        if service.build.is_none() && service.image.is_none() && service.provider.is_none() {
            self.fault(ProblemKind::Conflict, &path, "has neither an image nor a build context")
                .hint = Some("add `image: name` or `build: ./directory`".to_owned());
        }
        self.build(service, &path);
        if service.network_mode.is_some() && !service.networks.is_empty() {
            let message = "`network_mode` and `networks` exclude each other";
            self.fault(ProblemKind::Conflict, &path.join("network_mode"), message);
        }
        if let Some(test) = service.healthcheck.as_ref().and_then(|check| check.test.first())
            && !matches!(test.as_str(), "CMD" | "CMD-SHELL" | "NONE")
        {
            let path = path.join("healthcheck").join("test");
            self.fault(ProblemKind::Value, &path, format!("must not begin with {test:?}")).hint =
                Some("begin with CMD, CMD-SHELL or NONE, or write one text".to_owned());
        }
        if let Some(check) = &service.healthcheck
            && check.start_interval.is_some()
            && check.start_period.is_none()
        {
            let path = path.join("healthcheck").join("start_interval");
            self.fault(ProblemKind::Conflict, &path, "`start_interval` needs `start_period`");
        }
        self.references(service, &path);
        self.dependencies(service, &path);
        self.limits(service, &path);
        self.container_name(name, service, &path);
        if let Some(develop) = &service.develop {
            for (number, trigger) in develop.watch.iter().enumerate() {
                let free = matches!(trigger.action, WatchAction::Rebuild | WatchAction::Restart);
                if trigger.target.is_none() && !free {
                    let path = path.join("develop").join("watch").join(number);
                    let message = format!("the action `{}` needs a target", trigger.action);
                    self.fault(ProblemKind::Conflict, &path, message);
                }
            }
        }
        self.mounts(service, &path);
    }

    fn build(&mut self, service: &ComposeService, path: &PropertyPath) {
        let Some(build) = &service.build else { return };
        let path = path.join("build");
        if build.dockerfile_inline.is_some() && build.dockerfile.is_some() {
            let message = "`dockerfile` and `dockerfile_inline` exclude each other";
            self.fault(ProblemKind::Conflict, &path.join("dockerfile_inline"), message);
        }
        for (name, context) in &build.additional_contexts {
            let Some(other) = context.strip_prefix("service:") else { continue };
            let path = path.join("additional_contexts").join(name);
            match self.spec.services.get(other) {
                None => {
                    let message = format!("refers to undefined service `{other}`");
                    self.fault(ProblemKind::Undefined, &path, message);
                }
                Some(service) if service.build.is_none() => {
                    let message = format!("service `{other}` cannot be built");
                    self.fault(ProblemKind::Conflict, &path, message);
                }
                Some(_) => {}
            }
        }
        if let Some(platform) = &service.platform
            && !build.platforms.is_empty()
            && !build.platforms.contains(platform)
        {
            let message = format!("must include the service's platform `{platform}`");
            self.fault(ProblemKind::Conflict, &path.join("platforms"), message);
        }
        for (number, secret) in build.secrets.iter().enumerate() {
            let source = secret.source.as_deref().unwrap_or("");
            if !self.spec.secrets.contains_key(source) {
                self.undefined(&path.join("secrets").join(number), "build secret", source);
            }
        }
    }

    fn references(&mut self, service: &ComposeService, path: &PropertyPath) {
        for network in service.networks.keys() {
            if service.network_mode.is_none() && !self.spec.networks.contains_key(network) {
                self.undefined(&path.join("networks").join(network), "network", network);
            }
        }
        for (number, volume) in service.volumes.iter().enumerate() {
            let Some(source) = volume.source.as_deref() else { continue };
            if volume.kind == VolumeType::Volume && !self.spec.volumes.contains_key(source) {
                self.undefined(&path.join("volumes").join(number), "volume", source);
            }
        }
        for (number, secret) in service.secrets.iter().enumerate() {
            let source = secret.source.as_deref().unwrap_or("");
            if !self.spec.secrets.contains_key(source) {
                self.undefined(&path.join("secrets").join(number), "secret", source);
            }
        }
        for (number, config) in service.configs.iter().enumerate() {
            let source = config.source.as_deref().unwrap_or("");
            if !self.spec.configs.contains_key(source) {
                self.undefined(&path.join("configs").join(number), "config", source);
            }
        }
        for model in service.models.keys() {
            if !self.spec.models.contains_key(model) {
                self.undefined(&path.join("models").join(model), "model", model);
            }
        }
    }

    fn dependencies(&mut self, service: &ComposeService, path: &PropertyPath) {
        for (name, dependency) in &service.depends_on {
            if self.spec.services.contains_key(name) {
                continue;
            }
            let path = path.join("depends_on").join(name);
            match self.disabled.get(name) {
                Some(_) if !dependency.required => {}
                Some(off) => {
                    let message = format!("depends on service `{name}`, which is not enabled");
                    let profiles = off.profiles.join(", ");
                    self.fault(ProblemKind::Undefined, &path, message).hint = Some(format!(
                        "activate one of its profiles ({profiles}), or say `required: false`"
                    ));
                }
                None => {
                    let message = format!("depends on undefined service `{name}`");
                    self.fault(ProblemKind::Undefined, &path, message);
                }
            }
        }
        if let Some(name) = service.network_mode.as_ref().and_then(|mode| mode.service())
            && !self.spec.services.contains_key(name)
            && !service.depends_on.contains_key(name)
        {
            let message = format!("refers to undefined service `{name}`");
            self.fault(ProblemKind::Undefined, &path.join("network_mode"), message);
        }
    }

    /// Properties that exist twice must say the same.
    fn limits(&mut self, service: &ComposeService, path: &PropertyPath) {
        let Some(deploy) = &service.deploy else { return };
        let mut differ = |short: &str, long: &str| {
            let message = format!("`{short}` and `{long}` must not differ");
            self.fault(ProblemKind::Conflict, &path.join(short), message);
        };
        if let (Some(scale), Some(replicas)) = (service.scale, deploy.replicas)
            && scale != replicas
        {
            differ("scale", "deploy.replicas");
        }
        if let Some(limits) = &deploy.resources.limits {
            if service.cpus.is_some() && service.cpus != limits.cpus {
                differ("cpus", "deploy.resources.limits.cpus");
            }
            if service.mem_limit.is_some() && service.mem_limit != limits.memory {
                differ("mem_limit", "deploy.resources.limits.memory");
            }
            if service.pids_limit.is_some() && service.pids_limit != limits.pids {
                differ("pids_limit", "deploy.resources.limits.pids");
            }
        }
        if let Some(reservations) = &deploy.resources.reservations
            && service.mem_reservation.is_some()
            && service.mem_reservation != reservations.memory
        {
            differ("mem_reservation", "deploy.resources.reservations.memory");
        }
    }

    fn container_name(&mut self, name: &'a str, service: &'a ComposeService, path: &PropertyPath) {
        let Some(container) = service.container_name.as_deref() else { return };
        let path = path.join("container_name");
        if let Some(other) = self.names.insert(container, name) {
            let message = format!("container name `{container}` is in use by service `{other}`");
            self.fault(ProblemKind::Conflict, &path, message);
        }
        if service.replicas() > 1 {
            let message = "a service with `container_name` cannot have several containers";
            self.fault(ProblemKind::Conflict, &path, message).hint =
                Some("remove `container_name`, or the scale".to_owned());
        }
    }

    fn mounts(&mut self, service: &ComposeService, path: &PropertyPath) {
        let mut targets: BTreeMap<String, PropertyPath> = BTreeMap::new();
        let tmpfs = service.tmpfs.iter().enumerate().map(|(number, text)| {
            (text.split(':').next().unwrap_or(text), path.join("tmpfs").join(number))
        });
        let volumes = service.volumes.iter().enumerate().filter_map(|(number, volume)| {
            Some((volume.target.as_deref()?, path.join("volumes").join(number)))
        });
        let all: Vec<(String, PropertyPath)> =
            tmpfs.chain(volumes).map(|(target, path)| (target.to_owned(), path)).collect();
        for (target, path) in all {
            if let Some(first) = targets.insert(target.clone(), path.clone()) {
                let place = find_span(self.root, &first);
                let message = format!("target {target} is already mounted by {first}");
                let fault = self.fault(ProblemKind::Conflict, &path, message);
                fault.related = place.map(|span| (span, "the first mount".to_owned()));
            }
        }
    }

    fn cycle(&mut self) {
        let services = &self.spec.services;
        let deps: IndexMap<&str, Vec<&str>> = services
            .iter()
            .map(|(name, service)| {
                let on = service.depends_on.keys().map(String::as_str);
                (name.as_str(), on.filter(|name| services.contains_key(*name)).collect())
            })
            .collect();
        if let Err(GraphError::Cycle(way)) = levels(&deps) {
            let mut path = PropertyPath::from_iter(["services"]);
            if let [from, to, ..] = &way[..] {
                path = path.join(from).join("depends_on").join(to);
            }
            let message = format!("dependency cycle: {}", way.join(" -> "));
            self.fault(ProblemKind::Cycle, &path, message);
        }
    }
}
