//! Specs from text and back.

use crate::{
    ComposeError,
    load::{self, Input, Options, Source},
    model::ComposeSpec,
    project::Disk,
};
use std::path::Path;

/// The reference's ways in and out of a [`ComposeSpec`].
pub trait ComposeSpecExt: Sized {
    /// Reads JSON, and YAML with feature `yaml`. Relative paths stay relative to the root directory, and no variable has a
    /// value: a caller with files and an environment loads through [`load`].
    ///
    /// # Errors
    /// [`ComposeError::InvalidConfig`] or [`ComposeError::DependencyCycle`].
    fn parse_str(text: &str) -> Result<Self, ComposeError>;

    /// As [`parse_str`](Self::parse_str) from a file; its relative paths start at its directory.
    ///
    /// # Errors
    /// Also when it cannot be read.
    fn parse_file(path: &Path) -> Result<Self, ComposeError>;

    /// The canonical form as YAML: what `config` prints.
    #[cfg(feature = "yaml")]
    fn to_yaml(&self) -> String;
}

impl ComposeSpecExt for ComposeSpec {
    fn parse_str(text: &str) -> Result<Self, ComposeError> {
        read(Path::new("compose"), Path::new("/"), text.as_bytes(), &load::Memory::default())
    }

    fn parse_file(path: &Path) -> Result<Self, ComposeError> {
        let path = std::path::absolute(path).map_err(|why| {
            ComposeError::InvalidConfig(format!("could not read {}: {why}", path.display()))
        })?;
        let bytes = Disk.read(&path).map_err(|why| {
            ComposeError::InvalidConfig(format!("could not read {}: {why}", path.display()))
        })?;
        let directory = path.parent().unwrap_or_else(|| Path::new("/"));
        read(&path, directory, &bytes, &Disk)
    }

    #[cfg(feature = "yaml")]
    fn to_yaml(&self) -> String {
        crate::yaml::value_to_yaml(&self.config_yaml())
    }
}

fn read(
    name: &Path,
    directory: &Path,
    bytes: &[u8],
    source: &dyn Source,
) -> Result<ComposeSpec, ComposeError> {
    let mut options = Options::new(directory);
    options.default_name = (directory == Path::new("/")).then(|| "default".to_owned());
    let input = if cfg!(feature = "yaml") {
        Input::yaml(name, bytes)
    } else {
        Input::json(name, String::from_utf8_lossy(bytes))
    };
    Ok(load::load(&[input], &options, source)?.spec)
}
