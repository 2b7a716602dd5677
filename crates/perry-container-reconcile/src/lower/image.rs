//! Where a service's image comes from.

use super::{LowerError, Lowering};
use crate::{ImageSource, PullPolicy};
use perry_container_model::{ComposeService, ComposeServiceBuild, PullPolicy as Policy};
use perry_container_spec::{BuildSecret, BuildSpec, Ulimit};

impl Lowering<'_> {
    pub(super) fn image(
        &mut self,
        key: &str,
        service: &ComposeService,
    ) -> Result<ImageSource, LowerError> {
        let reference = service.image_name(&self.context.project, key, self.context.separator);
        let policy = match &service.pull_policy {
            None | Some(Policy::Missing) => PullPolicy::Missing,
            Some(Policy::Always) => PullPolicy::Always,
            Some(Policy::Never) => PullPolicy::Never,
            Some(Policy::Build) => PullPolicy::Build,
            Some(aged) => {
                let text = format!(
                    "`{aged}` is taken as `missing`: the age of an image is not looked at yet"
                );
                self.note(format!("services.{key}.pull_policy"), text);
                PullPolicy::Missing
            }
        };
        let build = match &service.build {
            None => None,
            Some(build) => Some(Box::new(self.build(key, service, build, &reference)?)),
        };
        let demand = service.extensions.get("x-perry-verify").map(ToString::to_string);
        Ok(ImageSource { reference, policy, platform: service.platform.clone(), build, demand })
    }

    fn build(
        &self,
        key: &str,
        service: &ComposeService,
        build: &ComposeServiceBuild,
        reference: &str,
    ) -> Result<BuildSpec, LowerError> {
        let text = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let mut tags = vec![reference.to_owned()];
        tags.extend(build.tags.iter().filter(|tag| *tag != reference).cloned());
        let mut secrets = indexmap::IndexMap::new();
        for (n, wanted) in build.secrets.iter().enumerate() {
            let name = wanted.source.as_deref().unwrap_or_default();
            let path = format!("services.{key}.build.secrets.{n}");
            let secret = self.spec.secrets.get(name);
            let secret = secret
                .ok_or_else(|| LowerError::new(&path, format!("secret `{name}` is not defined")))?;
            let given = match (&secret.file, self.context.secrets.get(name)) {
                (_, Some(content)) => {
                    let content =
                        content.clone().map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
                    BuildSecret::Value(content)
                }
                (Some(file), None) => BuildSecret::File(file.clone()),
                (None, None) => {
                    return Err(LowerError::new(
                        path,
                        format!("secret `{name}` has neither file nor content"),
                    ));
                }
            };
            secrets.insert(wanted.target.clone().unwrap_or_else(|| name.to_owned()), given);
        }
        let platforms = match (&service.platform, build.platforms.is_empty()) {
            (Some(platform), true) => vec![platform.clone()],
            _ => build.platforms.clone(),
        };
        Ok(BuildSpec {
            context: build.context.clone().unwrap_or_else(|| ".".to_owned()),
            dockerfile: text(&build.dockerfile),
            dockerfile_inline: text(&build.dockerfile_inline),
            target: text(&build.target),
            tags,
            args: build
                .args
                .iter()
                .filter_map(|(name, value)| Some((name.clone(), value.clone()?)))
                .collect(),
            labels: self.image_labels(key, build),
            additional_contexts: build.additional_contexts.clone().into_iter().collect(),
            cache_from: build.cache_from.clone(),
            cache_to: build.cache_to.clone(),
            no_cache: build.no_cache,
            no_cache_filter: build.no_cache_filter.clone(),
            pull: build.pull,
            network: text(&build.network),
            platforms,
            shm_size: build
                .shm_size
                .and_then(|size| u64::try_from(size.0).ok())
                .filter(|size| *size > 0),
            extra_hosts: build
                .extra_hosts
                .iter()
                .map(|host| (host.host.clone(), host.address.clone()))
                .collect(),
            secrets,
            ssh: build.ssh.iter().map(ToString::to_string).collect(),
            entitlements: build.entitlements.clone(),
            isolation: text(&build.isolation),
            privileged: build.privileged,
            ulimits: (build.ulimits.iter())
                .map(|(name, limit)| {
                    (name.clone(), Ulimit { soft: limit.soft(), hard: limit.hard() })
                })
                .collect(),
            provenance: text(&build.provenance),
            sbom: text(&build.sbom),
        })
    }

    /// docker compose finds the images it built by these.
    fn image_labels(
        &self,
        key: &str,
        build: &ComposeServiceBuild,
    ) -> indexmap::IndexMap<String, String> {
        let mut all: indexmap::IndexMap<_, _> = build.labels.clone().into_iter().collect();
        all.insert(crate::labels::PROJECT.to_owned(), self.context.project.clone());
        all.insert(crate::labels::SERVICE.to_owned(), key.to_owned());
        all.insert(crate::labels::VERSION.to_owned(), env!("CARGO_PKG_VERSION").to_owned());
        all
    }
}
