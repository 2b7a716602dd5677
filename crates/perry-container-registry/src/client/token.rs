//! Tokens: one per repository, asked for when a registry wants one.

use super::{
    Inner,
    fetch::{Answer, Ask, unreachable},
};
use crate::{Credential, RegistryError, Repository, challenge, credentials, place};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use perry_container_spec::Sensitive;
use reqwest::{
    Url,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue},
};
use serde::Deserialize;
use std::sync::Arc;
use tokio::sync::Mutex;

/// Where the token of a repository is kept; requests that want one at the same time wait for the same.
#[derive(Clone, Default)]
pub(super) struct Slot(Arc<Mutex<Option<HeaderValue>>>);

impl Slot {
    pub(super) async fn current(&self) -> Option<HeaderValue> {
        self.0.lock().await.clone()
    }

    pub(super) async fn forget(&self, header: &HeaderValue) {
        let mut slot = self.0.lock().await;
        if slot.as_ref() == Some(header) {
            *slot = None;
        }
    }
}

/// What can be tried after a refusal.
pub(super) enum Now {
    Header(HeaderValue),
    Nothing,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Token {
    token: Sensitive<String>,
    access_token: Sensitive<String>,
}

impl Inner {
    pub(super) fn slot(&self, of: &Repository) -> Slot {
        let mut tokens = self.tokens.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        tokens.entry(of.clone()).or_default().clone()
    }

    /// After a 401: what to say instead. `tried` is what was said.
    pub(super) async fn authorize(
        &self,
        ask: &Ask<'_>,
        slot: &Slot,
        tried: Option<HeaderValue>,
        answer: &Answer,
    ) -> Result<Now, RegistryError> {
        let mut kept = slot.0.lock().await;
        if let Some(other) = kept.as_ref().filter(|header| Some(*header) != tried.as_ref()) {
            return Ok(Now::Header(other.clone()));
        }
        *kept = None;
        let refused = |why: &str, notes: &[String]| {
            let mut why = why.to_owned();
            for note in notes {
                why = format!("{why}; {note}");
            }
            Err(RegistryError::Unauthorized { what: ask.what.to_owned(), why })
        };
        let login = credentials::login(&self.files, self.helpers.as_ref(), ask.repository).await;
        if let Some(Credential::RegistryToken(token)) = &login.found {
            let header = header(&format!("Bearer {}", token.expose()));
            *kept = header.clone();
            return Ok(header.map_or(Now::Nothing, Now::Header));
        }
        let headers = answer.headers.get_all("www-authenticate");
        let challenges: Vec<_> =
            headers.iter().filter_map(|v| v.to_str().ok()).flat_map(challenge::parse).collect();
        let scheme = |name: &str| challenges.iter().find(|c| c.scheme == name);
        let found = if let Some(bearer) = scheme("bearer") {
            let Some(realm) = bearer.params.get("realm") else {
                return refused("the registry names no token service", &login.notes);
            };
            let mut url = place::follow(&answer.url, realm, ask.what)?;
            let scope = format!("repository:{}:pull", ask.repository.path);
            let service = bearer.params.get("service").map_or("", String::as_str);
            if login.found.is_some() && !place::is_private(&url) {
                return refused(
                    "its token service would get the password without TLS",
                    &login.notes,
                );
            }
            let request = if let Some(Credential::IdentityToken(token)) = &login.found {
                // OAuth 2: https://distribution.github.io/distribution/spec/auth/oauth/
                let form = form(&[
                    ("grant_type", "refresh_token"),
                    ("service", service),
                    ("client_id", "perry-container"),
                    ("scope", &scope),
                    ("refresh_token", token.expose()),
                ]);
                let request = self.client(&url)?.post(url.clone());
                request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form)
            } else {
                {
                    let mut query = url.query_pairs_mut();
                    if !service.is_empty() {
                        query.append_pair("service", service);
                    }
                    query.append_pair("scope", &scope);
                }
                let request = self.client(&url)?.get(url.clone());
                match login.found.as_ref().and_then(basic) {
                    Some(header) => request.header(AUTHORIZATION, header),
                    None => request,
                }
            };
            let what = format!("token for {}", ask.repository);
            let response = request.send().await.map_err(|error| unreachable(&what, &error))?;
            let answer = self.read(&what, url, response).await?;
            self.token(&what, &answer, &login.notes)?
        } else if scheme("basic").is_some() {
            match login.found.as_ref().and_then(basic) {
                Some(header) if place::is_private(&answer.url) => Some(header),
                Some(_) => return refused("it would get the password without TLS", &login.notes),
                None => return refused("the registry wants a login", &login.notes),
            }
        } else {
            return refused("the registry does not say how to log in", &login.notes);
        };
        *kept = found.clone();
        Ok(found.map_or(Now::Nothing, Now::Header))
    }

    fn token(
        &self,
        what: &str,
        answer: &Answer,
        notes: &[String],
    ) -> Result<Option<HeaderValue>, RegistryError> {
        if answer.status != 200 {
            return Err(match answer.fault(what) {
                RegistryError::Unauthorized { what, why } => {
                    let notes: String = notes.iter().map(|note| format!("; {note}")).collect();
                    RegistryError::Unauthorized { what, why: format!("{why}{notes}") }
                }
                other => other,
            });
        }
        let token: Token = serde_json::from_slice(&answer.body).unwrap_or_default();
        let given = [token.token, token.access_token].into_iter().find(|t| !t.expose().is_empty());
        let header = given.and_then(|token| header(&format!("Bearer {}", token.expose())));
        match header {
            Some(header) => Ok(Some(header)),
            None => Err(RegistryError::Malformed {
                what: what.to_owned(),
                why: "there is no token in it".to_owned(),
            }),
        }
    }
}

fn basic(credential: &Credential) -> Option<HeaderValue> {
    let Credential::Password(user, password) = credential else { return None };
    header(&format!("Basic {}", STANDARD.encode(format!("{user}:{}", password.expose()))))
}

/// A header whose value no log shows.
fn header(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// `application/x-www-form-urlencoded`.
fn form(pairs: &[(&str, &str)]) -> String {
    let mut url: Url = match "http://x/".parse() {
        Ok(url) => url,
        Err(_) => return String::new(),
    };
    url.query_pairs_mut().extend_pairs(pairs);
    url.query().unwrap_or_default().to_owned()
}
