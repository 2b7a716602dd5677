//! Names of a project and of what belongs to it.

use crate::network::ComposeNetwork;
use crate::service::ComposeService;
use crate::service_file::{ComposeConfig, ComposeSecret};
use crate::volume::ComposeVolume;

/// Why a text is no name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// Not the name of a project.
    #[error(
        "invalid project name `{0}`: must consist only of lowercase alphanumeric characters, hyphens, and underscores \
         as well as start with a letter or number"
    )]
    Project(String),
    /// Nothing was left to make a name of a project from.
    #[error("project name must not be empty")]
    EmptyProject,
    /// Not the key of a service, volume, secret or config.
    #[error("invalid name `{0}`: must consist only of letters, digits, `.`, `_` and `-`")]
    Key(String),
    /// Not the name of a container.
    #[error(
        "invalid container name `{0}`: must be at least two characters of letters, digits, `.`, `_` and `-`, the first \
         of them a letter or digit"
    )]
    Container(String),
}

/// The name of a project made of any text: in lower case, without what is no `[a-z0-9_-]`, without leading `_` and `-`.
/// It can be empty.
///
/// ```
/// # use perry_container_model::normalize_project_name;
/// assert_eq!(normalize_project_name("_My.Shop 2"), "myshop2");
/// ```
pub fn normalize_project_name(text: &str) -> String {
    let kept: String = text
        .to_lowercase()
        .chars()
        .filter(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-'))
        .collect();
    kept.trim_start_matches(['_', '-']).to_owned()
}

/// Accepts a project name that was given as such: one that normalising does not change.
pub fn check_project_name(name: &str) -> Result<(), NameError> {
    match name {
        "" => Err(NameError::EmptyProject),
        _ if normalize_project_name(name) == name => Ok(()),
        _ => Err(NameError::Project(name.to_owned())),
    }
}

/// Accepts a key of `services`, `volumes`, `secrets` or `configs`: `[a-zA-Z0-9._-]+`.
pub fn check_key(key: &str) -> Result<(), NameError> {
    if !key.is_empty() && key.bytes().all(is_name_byte) {
        Ok(())
    } else {
        Err(NameError::Key(key.to_owned()))
    }
}

/// Accepts a `container_name`: `[a-zA-Z0-9][a-zA-Z0-9_.-]+`.
pub fn check_container_name(name: &str) -> Result<(), NameError> {
    let starts = name.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
    if starts && name.len() > 1 && name.bytes().all(is_name_byte) {
        Ok(())
    } else {
        Err(NameError::Container(name.to_owned()))
    }
}

const fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')
}

/// `<project>_<key>`: the name of a network, volume, secret or config that is not external and has no `name`.
pub fn resource_name(project: &str, key: &str) -> String {
    format!("{project}_{key}")
}

/// What stands between the parts of the name of a container or of an image that is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Separator {
    /// `-`.
    #[default]
    Dash,
    /// `_`, as docker compose 1 had it (`--compatibility`).
    Underscore,
}

impl Separator {
    /// The character.
    #[must_use]
    pub const fn as_char(self) -> char {
        match self {
            Self::Dash => '-',
            Self::Underscore => '_',
        }
    }
}

/// `<project>-<service>-<number>`: the name of a container without `container_name`.
pub fn container_name(project: &str, service: &str, number: u32, separator: Separator) -> String {
    let separator = separator.as_char();
    format!("{project}{separator}{service}{separator}{number}")
}

/// `<project>-<service>`: the name of the image of a service that is built and has no `image`.
pub fn image_name(project: &str, service: &str, separator: Separator) -> String {
    let separator = separator.as_char();
    format!("{project}{separator}{service}")
}

impl ComposeService {
    /// Name of a container of this service: `container_name`, else by project, service and number.
    pub fn container_name(
        &self,
        project: &str,
        key: &str,
        number: u32,
        separator: Separator,
    ) -> String {
        let given = self.container_name.clone().filter(|name| !name.is_empty());
        given.unwrap_or_else(|| container_name(project, key, number, separator))
    }

    /// Image of this service: `image`, else the name its build gets.
    pub fn image_name(&self, project: &str, key: &str, separator: Separator) -> String {
        self.image.clone().unwrap_or_else(|| image_name(project, key, separator))
    }
}

macro_rules! named {
    ($($type:ty),+) => {$(
        impl $type {
            /// Name at the engine: `name`, else the key of an external one, else `<project>_<key>`.
            pub fn full_name(&self, project: &str, key: &str) -> String {
                match &self.name {
                    Some(name) => name.clone(),
                    None if self.external => key.to_owned(),
                    None => resource_name(project, key),
                }
            }
        }
    )+};
}

named!(ComposeNetwork, ComposeVolume, ComposeSecret, ComposeConfig);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_docker_compose() {
        for (text, name) in [
            ("My.Name", "myname"),
            ("-x", "x"),
            ("1a", "1a"),
            ("a b", "ab"),
            ("\u{e4}", ""),
            ("a_-b", "a_-b"),
        ] {
            assert_eq!(normalize_project_name(text), name);
        }
        assert_eq!(check_project_name("ok-name_1"), Ok(()));
        assert_eq!(check_project_name("My"), Err(NameError::Project("My".to_owned())));
        assert_eq!(check_project_name(""), Err(NameError::EmptyProject));
        assert!(
            check_key("a.b_c-D").is_ok() && check_key("a b").is_err() && check_key("").is_err()
        );
        assert!(check_container_name("ab").is_ok());
        assert!(["a", "-ab", "a b", ""].iter().all(|name| check_container_name(name).is_err()));
    }

    #[test]
    fn a_name_is_taken_literally() {
        let mut service = ComposeService::default();
        for (separator, container, image) in [
            (Separator::Dash, "shop-web-2", "shop-web"),
            (Separator::Underscore, "shop_web_2", "shop_web"),
        ] {
            service.container_name = None;
            assert_eq!(service.container_name("shop", "web", 2, separator), container);
            assert_eq!(service.image_name("shop", "web", separator), image);
            service.container_name = Some(String::new());
            assert_eq!(service.container_name("shop", "web", 2, separator), container);
            service.container_name = Some("mine".to_owned());
            assert_eq!(service.container_name("shop", "web", 1, separator), "mine");
        }
        let mut network = ComposeNetwork::default();
        assert_eq!(network.full_name("shop", "back"), "shop_back");
        network.external = true;
        assert_eq!(network.full_name("shop", "back"), "back");
        network.name = Some("there".to_owned());
        assert_eq!(network.full_name("shop", "back"), "there");
    }
}
