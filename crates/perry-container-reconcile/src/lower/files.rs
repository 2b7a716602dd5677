//! Secrets and configs: a file of the host is bound read-only, content is written into the container.

use super::{LowerError, Lowering};
use perry_container_model::{ComposeService, FileMode, ServiceFile};
use perry_container_spec::{InjectedFile, Mount, MountKind, Sensitive};

/// One secret or config of the project, as far as a service needs it.
struct Origin<'a> {
    kind: &'static str,
    file: Option<&'a str>,
    external: bool,
    content: Option<Sensitive<Vec<u8>>>,
    variable: Option<&'a str>,
}

type Given = (Vec<Mount>, Vec<InjectedFile>);

impl Lowering<'_> {
    /// Binds and files of a service.
    pub(super) fn files(
        &mut self,
        key: &str,
        service: &ComposeService,
    ) -> Result<Given, LowerError> {
        let (spec, context) = (self.spec, self.context);
        let mut given = Given::default();
        for (n, wanted) in service.secrets.iter().enumerate() {
            let name = wanted.source.as_deref().unwrap_or_default();
            let path = format!("services.{key}.secrets.{n}");
            let secret = spec.secrets.get(name).ok_or_else(|| undefined(&path, "secret", name))?;
            let origin = Origin {
                kind: "secret",
                file: secret.file.as_deref(),
                external: secret.external,
                content: context.secrets.get(name).cloned(),
                variable: secret.environment.as_deref(),
            };
            let target = match wanted.target.as_deref().filter(|target| !target.is_empty()) {
                None => format!("/run/secrets/{name}"),
                Some(target) if target.starts_with('/') => target.to_owned(),
                Some(target) => format!("/run/secrets/{target}"),
            };
            self.file(&path, wanted, &origin, target, service.read_only, &mut given)?;
        }
        for (n, wanted) in service.configs.iter().enumerate() {
            let name = wanted.source.as_deref().unwrap_or_default();
            let path = format!("services.{key}.configs.{n}");
            let config = spec.configs.get(name).ok_or_else(|| undefined(&path, "config", name))?;
            let content = config.content.clone().map(|content| content.map(String::into_bytes));
            let origin = Origin {
                kind: "config",
                file: config.file.as_deref(),
                external: config.external,
                content: context.configs.get(name).cloned().or(content),
                variable: config.environment.as_deref(),
            };
            let target = match wanted.target.as_deref().filter(|target| !target.is_empty()) {
                None => format!("/{name}"),
                Some(target) if target.starts_with('/') => target.to_owned(),
                Some(target) => format!("/{target}"),
            };
            self.file(&path, wanted, &origin, target, service.read_only, &mut given)?;
        }
        Ok(given)
    }

    fn file(
        &mut self,
        path: &str,
        wanted: &ServiceFile,
        origin: &Origin<'_>,
        target: String,
        read_only: bool,
        given: &mut Given,
    ) -> Result<(), LowerError> {
        let (kind, name) = (origin.kind, wanted.source.as_deref().unwrap_or_default());
        if origin.external {
            let why = format!(
                "{kind} `{name}` is external, and only a Swarm keeps those; give it a file or content"
            );
            return Err(LowerError::new(path, why));
        }
        if let Some(content) = &origin.content {
            if read_only {
                let why = format!(
                    "cannot create {kind} \"{name}\" in a read-only service: give the {kind} a file"
                );
                return Err(LowerError::new(path, why));
            }
            let id = |what: &str, text: Option<&String>| match text.map(|text| text.parse()) {
                None => Ok(0),
                Some(Ok(id)) => Ok(id),
                Some(Err(_)) => {
                    Err(LowerError::new(format!("{path}.{what}"), "a number is wanted here"))
                }
            };
            given.1.push(InjectedFile {
                target,
                content: content.clone(),
                uid: id("uid", wanted.uid.as_ref())?,
                gid: id("gid", wanted.gid.as_ref())?,
                mode: wanted.mode.unwrap_or(FileMode(0o444)).0,
            });
            return Ok(());
        }
        let Some(file) = origin.file else {
            let why = match origin.variable {
                Some(variable) => format!(
                    "environment variable \"{variable}\" required by {kind} \"{name}\" is not set"
                ),
                None => format!("{kind} `{name}` has neither file nor content"),
            };
            return Err(LowerError::new(path, why));
        };
        if wanted.uid.is_some() || wanted.gid.is_some() || wanted.mode.is_some() {
            let text = format!("uid, gid and mode of a {kind} from a file are those of the file");
            self.note(path.to_owned(), text);
        }
        let mut mount = Mount::new(MountKind::Bind, Some(file.to_owned()), target);
        mount.read_only = true;
        given.0.push(mount);
        Ok(())
    }
}

fn undefined(path: &str, kind: &str, name: &str) -> LowerError {
    LowerError::new(path, format!("{kind} `{name}` is not defined at the top level"))
}
