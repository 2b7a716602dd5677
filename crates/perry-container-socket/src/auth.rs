//! Credentials for registries, as `docker login` leaves them in `config.json`.

use crate::reference::Reference;
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE},
};
use indexmap::IndexMap;
use perry_container_spec::Sensitive;
use serde::Deserialize;
use std::path::Path;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Config {
    auths: IndexMap<String, Entry>,
    #[serde(rename = "credHelpers")]
    helpers: IndexMap<String, String>,
    #[serde(rename = "credsStore")]
    store: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Entry {
    auth: Sensitive<String>,
    identitytoken: Sensitive<String>,
}

/// What is known about a registry.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Login {
    /// The value of `X-Registry-Auth`.
    Header(Sensitive<String>),
    /// A helper program keeps it; no program is run here.
    Helper(String),
    /// Nothing.
    Anonymous,
}

/// The header of a request without credentials. docker's push insists on one.
pub(crate) const NOBODY: &str = "e30=";

/// What the file says of the registry of an image. No file, or one that cannot be read, says nothing.
pub(crate) async fn login(file: Option<&Path>, reference: &str) -> Login {
    let Some(file) = file else { return Login::Anonymous };
    match tokio::fs::read(file).await {
        Ok(text) => of(&text, reference),
        Err(_) => Login::Anonymous,
    }
}

fn of(text: &[u8], reference: &str) -> Login {
    let Ok(config) = serde_json::from_slice::<Config>(text) else { return Login::Anonymous };
    let full = Reference::parse(reference);
    let registry = full.registry();
    let keys: &[&str] = match registry {
        "docker.io" => &["https://index.docker.io/v1/", "index.docker.io", "docker.io"],
        other => &[other],
    };
    let plain = |key: &str| {
        key.trim_start_matches("https://")
            .trim_start_matches("http://")
            .split('/')
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    let entry = keys.iter().find_map(|key| config.auths.get(*key)).or_else(|| {
        config
            .auths
            .iter()
            .find(|(key, _)| keys.contains(&plain(key).as_str()))
            .map(|(_, entry)| entry)
    });
    if let Some(header) = entry.and_then(|entry| header(entry, keys[0])) {
        return Login::Header(Sensitive::new(header));
    }
    let helper = keys.iter().find_map(|key| config.helpers.get(*key)).unwrap_or(&config.store);
    if helper.is_empty() { Login::Anonymous } else { Login::Helper(helper.clone()) }
}

/// The value of `X-Registry-Config`: every login that needs no helper, for the base images of a build.
pub(crate) async fn all(file: Option<&Path>) -> Option<Sensitive<String>> {
    let text = tokio::fs::read(file?).await.ok()?;
    let config = serde_json::from_slice::<Config>(&text).ok()?;
    let logins: serde_json::Map<_, _> = config
        .auths
        .iter()
        .filter_map(|(server, entry)| Some((server.clone(), login_of(entry, server)?)))
        .collect();
    let all = serde_json::Value::from(logins).to_string();
    (all != "{}").then(|| Sensitive::new(URL_SAFE.encode(all)))
}

fn header(entry: &Entry, server: &str) -> Option<String> {
    login_of(entry, server).map(|login| URL_SAFE.encode(login.to_string()))
}

fn login_of(entry: &Entry, server: &str) -> Option<serde_json::Value> {
    let token = entry.identitytoken.expose();
    if !token.is_empty() {
        return Some(serde_json::json!({"identitytoken": token, "serveraddress": server}));
    }
    let plain = STANDARD.decode(entry.auth.expose().trim_end_matches('\0')).ok()?;
    let plain = String::from_utf8(plain).ok()?;
    let (user, password) = plain.split_once(':')?;
    Some(
        serde_json::json!({"username": user, "password": password.trim_end_matches('\0'), "serveraddress": server}),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(config: &str, reference: &str) -> String {
        match of(config.as_bytes(), reference) {
            Login::Header(value) => {
                String::from_utf8(URL_SAFE.decode(value.expose()).unwrap()).unwrap()
            }
            Login::Helper(name) => format!("helper {name}"),
            Login::Anonymous => "anonymous".to_owned(),
        }
    }

    #[test]
    fn credentials_by_registry() {
        let config = r#"{"auths": {"https://index.docker.io/v1/": {"auth": "bWU6cGE6c3M="},
            "https://r.example:5000/v2/": {"auth": "eW91OnB3"}, "t.example": {"identitytoken": "T"},
            "h.example": {}, "bad.example": {"auth": "%%"}},
            "credHelpers": {"h.example": "pass"}}"#;
        assert_eq!(
            told(config, "redis"),
            r#"{"username":"me","password":"pa:ss","serveraddress":"https://index.docker.io/v1/"}"#
        );
        assert_eq!(
            told(config, "r.example:5000/a/b:1"),
            r#"{"username":"you","password":"pw","serveraddress":"r.example:5000"}"#
        );
        assert_eq!(
            told(config, "t.example/x"),
            r#"{"identitytoken":"T","serveraddress":"t.example"}"#
        );
        assert_eq!(told(config, "h.example/x"), "helper pass");
        assert_eq!(told(config, "bad.example/x"), "anonymous");
        assert_eq!(told(config, "other.example/x"), "anonymous");
        assert_eq!(told("no json", "redis"), "anonymous");
        assert_eq!(told(r#"{"credsStore": "desktop"}"#, "redis"), "helper desktop");
    }

    #[test]
    fn no_value_is_printed() {
        let login = of(br#"{"auths": {"a.example": {"auth": "bWU6cGFzcw=="}}}"#, "a.example/x");
        assert_eq!(format!("{login:?}"), "Header(***)");
    }
}
