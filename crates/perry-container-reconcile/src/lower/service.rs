//! A service's container.

use super::{LowerError, Lowering, labels, mounts::volumes_from, network::namespace, ports};
use crate::{Condition, Dependency, Hook, Unit};
use indexmap::IndexMap;
use perry_container_model::{
    ComposeHealthcheck, ComposeService, DependsOnCondition, Environment, Labels, ServiceHook,
};
use perry_container_spec::{
    ContainerSpec, Device, HealthTest, Healthcheck, Late, Link, Logging, Sensitive, Ulimit, UnitId,
};

impl Lowering<'_> {
    /// Everything that the containers of a service have in common.
    pub(super) fn service(
        &mut self,
        key: &str,
        service: &ComposeService,
    ) -> Result<Unit, LowerError> {
        let image = self.image(key, service)?;
        self.deploy_notes(key, service);
        self.not_yet(key, service);
        let mut mounts = self.mounts(key, service)?;
        let (binds, files) = self.files(key, service)?;
        mounts.extend(binds);
        let (security_opt, seccomp, no_new_privileges) = security(&service.security_opt);
        let mut template = ContainerSpec {
            platform: text(service.platform.as_ref()),
            command: service.command.clone(),
            entrypoint: service.entrypoint.clone(),
            env: (env(&service.environment).into_iter())
                .map(|(name, value)| (name, value.map(Late::Known)))
                .collect(),
            labels: pairs(&service.labels),
            annotations: pairs(&service.annotations),
            workdir: text(service.working_dir.as_ref()),
            user: text(service.user.as_ref()),
            group_add: service.group_add.clone(),
            hostname: text(service.hostname.as_ref()),
            domainname: text(service.domainname.as_ref()),
            tty: service.tty,
            stdin_open: service.stdin_open,
            init: service.init,
            network: self.service_network(key, service)?,
            ports: ports::published(key, service)?,
            expose: ports::exposed(key, service)?,
            dns: service.dns.clone(),
            dns_search: service.dns_search.clone(),
            dns_opt: service.dns_opt.clone(),
            extra_hosts: service
                .extra_hosts
                .iter()
                .map(|host| (host.host.clone(), host.address.clone()))
                .collect(),
            links: self.links(service),
            mounts,
            volumes_from: volumes_from(service),
            files,
            read_only: service.read_only,
            privileged: service.privileged,
            cap_add: service.cap_add.clone(),
            cap_drop: service.cap_drop.clone(),
            seccomp,
            no_new_privileges,
            security_opt,
            userns: text(service.userns_mode.as_ref()),
            pid: namespace(service.pid.as_ref()),
            ipc: namespace(service.ipc.as_ref()),
            uts: service.uts.as_ref().map(ToString::to_string).filter(|mode| !mode.is_empty()),
            cgroupns: service
                .cgroup
                .as_ref()
                .map(ToString::to_string)
                .filter(|mode| !mode.is_empty()),
            cgroup_parent: text(service.cgroup_parent.as_ref()),
            devices: devices(service),
            device_cgroup_rules: service.device_cgroup_rules.clone(),
            device_requests: self.device_requests(service),
            resources: self.resources(service),
            ulimits: (service.ulimits.iter())
                .map(|(name, limit)| {
                    (name.clone(), Ulimit { soft: limit.soft(), hard: limit.hard() })
                })
                .collect(),
            sysctls: pairs(&service.sysctls),
            storage_opt: pairs(&service.storage_opt),
            shm_size: service
                .shm_size
                .and_then(|size| u64::try_from(size.0).ok())
                .filter(|size| *size > 0),
            restart: self.restart(key, service),
            stop_signal: text(service.stop_signal.as_ref()),
            stop_timeout: service.stop_grace_period.map(perry_container_model::Duration::as_std),
            healthcheck: service.healthcheck.as_ref().map(healthcheck),
            logging: service.logging.as_ref().map(|logging| Logging {
                driver: logging.driver.clone().filter(|driver| !driver.is_empty()),
                options: logging.options.clone().into_iter().collect(),
            }),
            runtime: text(service.runtime.as_ref()),
            isolation: text(service.isolation.as_ref()),
            credential_spec: self.credentials(service),
            ..ContainerSpec::new(Late::known(&image.reference))
        };
        labels::service(&mut template, key, service, self.context);
        let hooks = |all: &[ServiceHook]| all.iter().map(hook).collect();
        Ok(Unit {
            template,
            image,
            depends_on: self.depends_on(service),
            post_start: hooks(&service.post_start),
            pre_stop: hooks(&service.pre_stop),
            completes: false,
        })
    }

    /// What makes the `number`th container itself.
    pub(super) fn numbered(
        &self,
        key: &str,
        service: &ComposeService,
        unit: &Unit,
        number: u32,
    ) -> Unit {
        let mut unit = unit.clone();
        let (project, separator) = (&self.context.project, self.context.separator);
        unit.template.name = Some(service.container_name(project, key, number, separator));
        labels::number(&mut unit.template, number);
        unit
    }

    fn depends_on(&self, service: &ComposeService) -> IndexMap<UnitId, Dependency> {
        let mut all = IndexMap::new();
        for (on, how) in &service.depends_on {
            if self.spec.services.get(on).is_none_or(|other| other.provider.is_some()) {
                continue; // an inactive profile with `required: false`, or run by others
            }
            let condition = match how.condition {
                DependsOnCondition::ServiceStarted => Condition::Started,
                DependsOnCondition::ServiceHealthy => Condition::Healthy,
                DependsOnCondition::ServiceCompletedSuccessfully => Condition::Completed,
            };
            let dependency = Dependency { condition, required: how.required, restart: how.restart };
            all.extend((1..=self.scale(on)).map(|number| (UnitId::new(on, number), dependency)));
        }
        all
    }

    /// Three names for each container: the alias, `service-n`, `project-service-n`.
    fn links(&self, service: &ComposeService) -> Vec<Link<Late>> {
        let mut all = Vec::new();
        for text in &service.links {
            let (name, alias) = text.split_once(':').unwrap_or((text, text));
            for number in 1..=self.scale(name) {
                let container = Late::container(&UnitId::new(name, number));
                let short = format!("{name}-{number}");
                let long = format!("{}-{short}", self.context.project);
                all.extend(
                    [alias.to_owned(), short, long]
                        .map(|alias| Link { container: container.clone(), alias }),
                );
            }
        }
        for text in &service.external_links {
            let (name, alias) = text.split_once(':').unwrap_or((text, text));
            all.push(Link { container: Late::known(name), alias: alias.to_owned() });
        }
        all
    }

    fn credentials(&self, service: &ComposeService) -> Option<String> {
        let spec = service.credential_spec.as_ref()?;
        let given = [("config", &spec.config), ("file", &spec.file), ("registry", &spec.registry)];
        given
            .into_iter()
            .find_map(|(kind, value)| value.as_ref().map(|value| format!("{kind}://{value}")))
    }

    /// Properties that are read and understood, but not honoured by this version.
    fn not_yet(&mut self, key: &str, service: &ComposeService) {
        for (used, property) in [
            (service.use_api_socket, "use_api_socket"),
            (!service.models.is_empty(), "models"),
            (!service.pre_start.is_empty(), "pre_start"),
        ] {
            if used {
                self.note(format!("services.{key}.{property}"), "this is not honoured yet");
            }
        }
    }
}

fn text(text: Option<&String>) -> Option<String> {
    text.filter(|text| !text.is_empty()).cloned()
}

fn pairs(labels: &Labels) -> IndexMap<String, String> {
    labels.clone().into_iter().collect()
}

/// What has no value is not passed.
fn env(environment: &Environment) -> IndexMap<String, Sensitive<String>> {
    environment.iter().filter_map(|(name, value)| Some((name.clone(), value.clone()?))).collect()
}

fn devices(service: &ComposeService) -> Vec<Device> {
    let one = |device: &perry_container_model::DeviceMapping| {
        let source = device.source.clone().unwrap_or_default();
        Device {
            target: device.target.clone().unwrap_or_else(|| source.clone()),
            source,
            permissions: device.permissions.clone().unwrap_or_else(|| "rwm".to_owned()),
        }
    };
    service.devices.iter().map(one).collect()
}

/// Two security options have places of their own.
fn security(all: &[String]) -> (Vec<String>, Option<String>, bool) {
    let (mut rest, mut seccomp, mut no_new_privileges) = (Vec::new(), None, false);
    for option in all {
        let (name, value) = option.split_once(['=', ':']).unwrap_or((option, ""));
        match (name, value) {
            ("no-new-privileges", "" | "true") => no_new_privileges = true,
            ("no-new-privileges", "false") => no_new_privileges = false,
            ("seccomp", profile) => seccomp = Some(profile.to_owned()),
            _ => rest.push(option.clone()),
        }
    }
    (rest, seccomp, no_new_privileges)
}

fn healthcheck(check: &ComposeHealthcheck) -> Healthcheck {
    let test = match check.test.split_first() {
        _ if check.is_disabled() => HealthTest::Disabled,
        None => HealthTest::Inherit,
        Some((word, rest)) => match (word.as_str(), rest) {
            ("NONE", _) => HealthTest::Disabled,
            ("CMD-SHELL", line) => HealthTest::Shell(line.join(" ")),
            ("CMD", command) => HealthTest::Command(command.to_vec()),
            _ => HealthTest::Command(check.test.clone()),
        },
    };
    let time = |time: Option<perry_container_model::Duration>| {
        time.map(perry_container_model::Duration::as_std).filter(|time| !time.is_zero())
    };
    Healthcheck {
        test,
        interval: time(check.interval),
        timeout: time(check.timeout),
        start_period: time(check.start_period),
        start_interval: time(check.start_interval),
        retries: check.retries.and_then(|n| u32::try_from(n).ok()).filter(|n| *n > 0),
    }
}

fn hook(hook: &ServiceHook) -> Hook {
    Hook {
        command: hook.command.clone().unwrap_or_default(),
        user: text(hook.user.as_ref()),
        privileged: hook.privileged,
        workdir: text(hook.working_dir.as_ref()),
        env: env(&hook.environment),
    }
}
