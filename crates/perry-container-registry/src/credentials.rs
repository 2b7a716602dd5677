//! Credentials as docker and podman keep them.

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use indexmap::IndexMap;
use perry_container_spec::Sensitive;
use serde::Deserialize;
use std::{ffi::OsString, path::PathBuf, sync::Arc};

use crate::Repository;

/// Whoever can run credential helpers, which are programs.
#[async_trait]
pub trait Helpers: Send + Sync + 'static {
    /// What `docker-credential-{name} get` prints with the server on its standard input.
    ///
    /// # Errors
    /// In words, when it cannot be run, takes too long, or fails: it has no credentials for the server.
    async fn get(&self, name: &str, server: &str) -> Result<Sensitive<Vec<u8>>, String>;
}

/// What opens a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// A user and a password.
    Password(String, Sensitive<String>),
    /// For the token service.
    IdentityToken(Sensitive<String>),
    /// For the registry itself.
    RegistryToken(Sensitive<String>),
}

/// The files that may hold credentials, in the order in which they are read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CredentialFiles(pub Vec<PathBuf>);

impl CredentialFiles {
    /// Where docker and podman keep them: `REGISTRY_AUTH_FILE`; `config.json` in `DOCKER_CONFIG` or `~/.docker`; podman's
    /// `containers/auth.json` in `XDG_RUNTIME_DIR` and in `XDG_CONFIG_HOME` or `~/.config`.
    ///
    /// ```
    /// # use perry_container_registry::CredentialFiles;
    /// let files = CredentialFiles::of(|name| (name == "HOME").then(|| "/home/me".into()));
    /// assert_eq!(files.0[0], std::path::Path::new("/home/me/.docker/config.json"));
    /// ```
    pub fn of(env: impl Fn(&str) -> Option<OsString>) -> Self {
        let dir = |name: &str| env(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let home = dir("HOME").or_else(|| dir("USERPROFILE"));
        let in_home = |path: &str| home.as_ref().map(|home| home.join(path));
        let files = [
            dir("REGISTRY_AUTH_FILE"),
            dir("DOCKER_CONFIG").or_else(|| in_home(".docker")).map(|d| d.join("config.json")),
            dir("XDG_RUNTIME_DIR").map(|d| d.join("containers/auth.json")),
            dir("XDG_CONFIG_HOME")
                .or_else(|| in_home(".config"))
                .map(|d| d.join("containers/auth.json")),
        ];
        Self(files.into_iter().flatten().collect())
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct File {
    auths: IndexMap<String, Entry>,
    #[serde(rename = "credHelpers")]
    helpers: IndexMap<String, String>,
    #[serde(rename = "credsStore")]
    store: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Entry {
    auth: Sensitive<String>,
    username: String,
    password: Sensitive<String>,
    identitytoken: Sensitive<String>,
    registrytoken: Sensitive<String>,
}

/// What a helper prints.
#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "Username")]
    username: String,
    #[serde(rename = "Secret")]
    secret: Sensitive<String>,
}

/// What was found, and what could not be used on the way.
#[derive(Debug, Default)]
pub(crate) struct Login {
    pub(crate) found: Option<Credential>,
    pub(crate) notes: Vec<String>,
}

/// The first credential for a repository in these files.
pub(crate) async fn login(
    files: &CredentialFiles,
    helpers: Option<&Arc<dyn Helpers>>,
    repository: &Repository,
) -> Login {
    let mut login = Login::default();
    for path in &files.0 {
        let text = match tokio::fs::read(path).await {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => {
                login.notes.push(format!("{} cannot be read: {error}", path.display()));
                continue;
            }
        };
        // The text of the error would show a part of the file.
        let Ok(file) = serde_json::from_slice::<File>(&text) else {
            login.notes.push(format!("{} is not a file of credentials", path.display()));
            continue;
        };
        login.found = match said(&file, repository) {
            Said::Nothing => None,
            Said::Known(credential) => Some(credential),
            Said::Helper(name, server) => match ask(helpers, &name, &server).await {
                Ok(credential) => Some(credential),
                Err(why) => {
                    login.notes.push(format!("the credential helper {name:?}: {why}"));
                    None
                }
            },
        };
        if login.found.is_some() {
            break;
        }
    }
    login
}

#[derive(Debug, PartialEq, Eq)]
enum Said {
    Nothing,
    Known(Credential),
    Helper(String, String),
}

/// What a file says of a repository. podman files credentials for parts of a registry, too: the longest name counts.
fn said(file: &File, repository: &Repository) -> Said {
    let hub = repository.registry == "docker.io";
    let server = if hub { "https://index.docker.io/v1/" } else { &repository.registry };
    let mut names = vec![];
    let path = repository.path.as_str();
    let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
    let mut prefixes: Vec<String> =
        ends.map(|end| format!("{}/{}", repository.registry, &path[..end])).collect();
    prefixes.reverse();
    names.append(&mut prefixes);
    names.push(repository.registry.clone());
    if hub {
        names.extend(["index.docker.io", "registry-1.docker.io"].map(str::to_owned));
    }
    // A helper for the registry comes before what is written down, as in docker.
    let helper = [server, &repository.registry]
        .into_iter()
        .find_map(|name| file.helpers.get(name))
        .or(Some(&file.store))
        .filter(|name| !name.is_empty());
    let entry = names.iter().find_map(|name| {
        file.auths.iter().find(|(key, _)| plain(key) == *name).map(|(_, entry)| entry)
    });
    if let Some(credential) = entry.and_then(credential) {
        return Said::Known(credential);
    }
    match helper {
        Some(name) => Said::Helper(name.clone(), server.to_owned()),
        None => Said::Nothing,
    }
}

/// A key of `auths` without scheme and version: `https://index.docker.io/v1/` is `index.docker.io`.
fn plain(key: &str) -> &str {
    let key = key.trim_start_matches("https://").trim_start_matches("http://");
    let key = key.trim_end_matches('/');
    key.strip_suffix("/v1").or_else(|| key.strip_suffix("/v2")).unwrap_or(key)
}

fn credential(entry: &Entry) -> Option<Credential> {
    let given = |value: &Sensitive<String>| (!value.expose().is_empty()).then(|| value.clone());
    if let Some(token) = given(&entry.registrytoken) {
        return Some(Credential::RegistryToken(token));
    }
    if let Some(token) = given(&entry.identitytoken) {
        return Some(Credential::IdentityToken(token));
    }
    if let Some(password) = given(&entry.password) {
        return Some(Credential::Password(entry.username.clone(), password));
    }
    let bytes = STANDARD.decode(entry.auth.expose().trim()).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (user, password) = text.split_once(':')?;
    let password = password.trim_end_matches('\0').to_owned();
    Some(Credential::Password(user.to_owned(), Sensitive::new(password)))
}

async fn ask(
    helpers: Option<&Arc<dyn Helpers>>,
    name: &str,
    server: &str,
) -> Result<Credential, String> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    if !name.bytes().all(plain) {
        return Err("its name is not that of a program".to_owned());
    }
    let Some(helpers) = helpers else { return Err("no program can be run here".to_owned()) };
    let output = helpers.get(name, server).await?;
    let Ok(answer) = serde_json::from_slice::<Answer>(output.expose()) else {
        return Err("it printed no credentials".to_owned());
    };
    Ok(match answer.username.as_str() {
        "<token>" => Credential::IdentityToken(answer.secret),
        _ => Credential::Password(answer.username, answer.secret),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Reference;

    fn told(file: &str, image: &str) -> String {
        let file: File = serde_json::from_str(file).unwrap();
        match said(&file, &Reference::parse(image).unwrap().repository) {
            Said::Nothing => "nothing".to_owned(),
            Said::Known(Credential::Password(user, password)) => {
                format!("{user} {}", password.expose())
            }
            Said::Known(Credential::IdentityToken(token)) => format!("identity {}", token.expose()),
            Said::Known(Credential::RegistryToken(token)) => format!("registry {}", token.expose()),
            Said::Helper(name, server) => format!("helper {name} {server}"),
        }
    }

    #[test]
    fn docker() {
        let file = r#"{"auths": {"https://index.docker.io/v1/": {"auth": "bWU6cGE6c3M="},
            "https://r.example:5000/v2/": {"auth": "eW91OnB3"}, "t.example": {"identitytoken": "T"},
            "k.example": {"registrytoken": "K"}, "h.example": {}, "bad.example": {"auth": "%%"}},
            "credHelpers": {"h.example": "pass"}}"#;
        assert_eq!(told(file, "redis"), "me pa:ss");
        assert_eq!(told(file, "r.example:5000/a/b:1"), "you pw");
        assert_eq!(told(file, "t.example/x"), "identity T");
        assert_eq!(told(file, "k.example/x"), "registry K");
        assert_eq!(told(file, "h.example/x"), "helper pass h.example");
        assert_eq!(told(file, "bad.example/x"), "nothing");
        assert_eq!(told(file, "other.example/x"), "nothing");
        let store = r#"{"auths": {"a.example": {}}, "credsStore": "desktop"}"#;
        assert_eq!(told(store, "redis"), "helper desktop https://index.docker.io/v1/");
        assert_eq!(told(store, "a.example/x"), "helper desktop a.example");
    }

    #[test]
    fn podman_files_by_part_of_a_registry() {
        let file = r#"{"auths": {"q.example": {"auth": "YTph"}, "q.example/team": {"auth": "Yjpi"},
            "q.example/team/app": {"auth": "Yzpj"}}}"#;
        assert_eq!(told(file, "q.example/x"), "a a");
        assert_eq!(told(file, "q.example/team/x"), "b b");
        assert_eq!(told(file, "q.example/team/app"), "c c");
        assert_eq!(told(file, "q.example/teams/app"), "a a");
    }

    #[test]
    fn places() {
        let of = |set: &[(&str, &str)]| {
            let env = |name: &str| {
                set.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value))
            };
            let paths = CredentialFiles::of(env).0;
            paths.iter().map(|p| p.display().to_string()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(of(&[]), "");
        assert_eq!(
            of(&[("HOME", "/h"), ("XDG_RUNTIME_DIR", "/run/u")]),
            "/h/.docker/config.json /run/u/containers/auth.json /h/.config/containers/auth.json"
        );
        assert_eq!(
            of(&[("HOME", ""), ("DOCKER_CONFIG", "/d"), ("REGISTRY_AUTH_FILE", "/f")]),
            "/f /d/config.json"
        );
    }
}
