//! What secrets and configs hold.

use crate::error::ProjectError;
use crate::project::ComposeProject;
use perry_container_load::Source;
use perry_container_model::Sensitive;
use std::path::PathBuf;

impl ComposeProject {
    /// What a secret holds: the bytes of its file, or the value of its variable.
    ///
    /// # Errors
    /// When there is no such secret, its file cannot be read, its variable is not set, or somebody else provides it.
    pub fn secret_content(
        &self,
        key: &str,
        source: &dyn Source,
    ) -> Result<Sensitive<Vec<u8>>, ProjectError> {
        let secret = self.spec().secrets.get(key).ok_or_else(|| self.unknown("secret", key))?;
        let origin = Origin {
            kind: "secret",
            key,
            content: None,
            variable: secret.environment.as_deref(),
            file: secret.file.as_deref(),
        };
        self.content(&origin, source)
    }

    /// What a config holds: its content, the bytes of its file, or the value of its variable.
    ///
    /// # Errors
    /// When there is no such config, its file cannot be read, its variable is not set, or somebody else provides it.
    pub fn config_content(
        &self,
        key: &str,
        source: &dyn Source,
    ) -> Result<Sensitive<Vec<u8>>, ProjectError> {
        let config = self.spec().configs.get(key).ok_or_else(|| self.unknown("config", key))?;
        let origin = Origin {
            kind: "config",
            key,
            content: config.content.as_ref(),
            variable: config.environment.as_deref(),
            file: config.file.as_deref(),
        };
        self.content(&origin, source)
    }

    fn content(
        &self,
        origin: &Origin<'_>,
        source: &dyn Source,
    ) -> Result<Sensitive<Vec<u8>>, ProjectError> {
        let (kind, key) = (origin.kind, origin.key.to_owned());
        if let Some(content) = origin.content {
            return Ok(content.clone().map(String::into_bytes));
        }
        if let Some(variable) = origin.variable {
            let value =
                self.env.get(variable).map(|value| Sensitive::new(value.as_bytes().to_vec()));
            return value.ok_or_else(|| ProjectError::Unset {
                kind,
                key,
                variable: variable.to_owned(),
            });
        }
        let Some(file) = origin.file else { return Err(ProjectError::External { kind, key }) };
        let path = PathBuf::from(file);
        source.read(&path).map(Sensitive::new).map_err(|why| ProjectError::Content {
            kind,
            key,
            path,
            why,
        })
    }

    fn unknown(&self, kind: &'static str, key: &str) -> ProjectError {
        ProjectError::Unknown { kind, key: key.to_owned(), project: self.name.clone() }
    }
}

/// Where content comes from, the first that is there.
struct Origin<'a> {
    kind: &'static str,
    key: &'a str,
    content: Option<&'a Sensitive<String>>,
    variable: Option<&'a str>,
    file: Option<&'a str>,
}
