//! One request, its redirects and its answer, within bounds.

use super::{Inner, token};
use crate::{RegistryError, Repository, place};
use bytes::{Bytes, BytesMut};
use reqwest::{
    Client, Response, StatusCode, Url,
    header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue, LOCATION},
    redirect,
};
use serde::Deserialize;
use std::{error::Error as _, time::Duration};

/// What is asked for.
pub(super) struct Ask<'a> {
    pub(super) repository: &'a Repository,
    /// In words.
    pub(super) what: &'a str,
    /// Which media types would do.
    pub(super) accept: &'a str,
}

/// What came.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    /// Who answered.
    pub(super) url: Url,
    pub(super) body: Bytes,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// What an answer other than the hoped-for one means.
    pub(super) fn fault(&self, what: &str) -> RegistryError {
        let what = what.to_owned();
        let why = self.words();
        match self.status {
            401 | 403 => RegistryError::Unauthorized { what, why },
            404 => RegistryError::NotFound { what },
            429 | 500.. => {
                let seconds = self.header("retry-after").and_then(|value| value.parse().ok());
                let retry_after = seconds.map(Duration::from_secs);
                RegistryError::Unreachable { what, why, retry_after }
            }
            _ => RegistryError::Malformed { what, why },
        }
    }

    /// The registry's own words, as far as they fit a line.
    fn words(&self) -> String {
        #[derive(Deserialize)]
        struct Errors {
            errors: Vec<Fault>,
        }
        #[derive(Deserialize, Default)]
        #[serde(default)]
        struct Fault {
            code: String,
            message: String,
        }
        let reason = StatusCode::from_u16(self.status).ok().and_then(|s| s.canonical_reason());
        let mut text = format!("the registry says {}", self.status);
        if let Some(reason) = reason {
            text = format!("{text} {reason}");
        }
        let said = serde_json::from_slice::<Errors>(&self.body).ok();
        let first = said.and_then(|said| said.errors.into_iter().next());
        let words = first.map(|f| if f.message.is_empty() { f.code } else { f.message });
        match words.filter(|words| !words.is_empty()) {
            None => text,
            Some(words) => {
                let words = words.chars().filter(|c| !c.is_control()).take(200);
                format!("{text}: {}", words.collect::<String>())
            }
        }
    }
}

impl Inner {
    /// Asks, with a token when the registry wants one.
    pub(super) async fn get(&self, ask: &Ask<'_>, url: Url) -> Result<Answer, RegistryError> {
        let slot = self.slot(ask.repository);
        let known = slot.current().await;
        let answer = self.fetch(ask, url.clone(), known.as_ref()).await?;
        if answer.status != 401 || !place::same_origin(&answer.url, &url) {
            return Ok(answer);
        }
        match self.authorize(ask, &slot, known, &answer).await? {
            token::Now::Header(header) => {
                let second = self.fetch(ask, url, Some(&header)).await?;
                if second.status == 401 {
                    slot.forget(&header).await;
                }
                Ok(second)
            }
            token::Now::Nothing => Ok(answer),
        }
    }

    /// One request and its redirects. The header goes to the first origin only.
    async fn fetch(
        &self,
        ask: &Ask<'_>,
        first: Url,
        authorization: Option<&HeaderValue>,
    ) -> Result<Answer, RegistryError> {
        let mut url = first.clone();
        for _ in 0..=self.options.limits.redirects {
            let mut request = self.client(&url)?.get(url.clone()).header(ACCEPT, ask.accept);
            if let Some(header) = authorization.filter(|_| place::same_origin(&url, &first)) {
                request = request.header(AUTHORIZATION, header.clone());
            }
            let response = request.send().await.map_err(|error| unreachable(ask.what, &error))?;
            let status = response.status();
            tracing::debug!(
                target: "perry_container::registry",
                host = url.host_str().unwrap_or_default(), path = url.path(), status = status.as_u16(), "asked"
            );
            let place = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
            if let (301 | 302 | 303 | 307 | 308, Some(place)) = (status.as_u16(), place) {
                url = place::follow(&url, place, ask.what)?;
                continue;
            }
            return self.read(ask.what, url, response).await;
        }
        let why = "after too many redirects";
        Err(RegistryError::Redirect { what: ask.what.to_owned(), to: url.to_string(), why })
    }

    /// The whole answer, if it is not too long.
    pub(super) async fn read(
        &self,
        what: &str,
        url: Url,
        mut response: Response,
    ) -> Result<Answer, RegistryError> {
        let limit = self.options.limits.body;
        let too_large = || RegistryError::TooLarge { what: what.to_owned(), limit };
        let announced = response.content_length().unwrap_or(0);
        if announced > limit as u64 {
            return Err(too_large());
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| unreachable(what, &error))? {
            if body.len() + chunk.len() > limit {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        let status = response.status().as_u16();
        Ok(Answer { status, headers: response.headers().clone(), url, body: body.freeze() })
    }

    pub(super) fn client(&self, url: &Url) -> Result<&Client, RegistryError> {
        let near = url.scheme() == "http" && url.host_str().is_some_and(place::is_loopback);
        let cell = if near { &self.near } else { &self.far };
        if let Some(client) = cell.get() {
            return Ok(client);
        }
        let limits = &self.options.limits;
        let builder = Client::builder()
            .connect_timeout(limits.connect)
            .read_timeout(limits.silence)
            .redirect(redirect::Policy::none())
            .user_agent(concat!("perry-container/", env!("CARGO_PKG_VERSION")));
        let builder = if near { builder.no_proxy().tls_certs_only([]) } else { builder };
        let client = builder.build().map_err(|error| unreachable("any registry", &error))?;
        Ok(cell.get_or_init(|| client))
    }
}

/// Down, too slow, or cut off. The chain of causes says which; it names no header.
pub(super) fn unreachable(what: &str, error: &reqwest::Error) -> RegistryError {
    let mut cause = error.source();
    let mut why = if error.is_timeout() {
        "it does not answer in time".to_owned()
    } else {
        "the connection failed".to_owned()
    };
    while let Some(inner) = cause {
        if inner.source().is_none() {
            why = format!("{why} ({inner})");
        }
        cause = inner.source();
    }
    RegistryError::Unreachable { what: what.to_owned(), why, retry_after: None }
}
