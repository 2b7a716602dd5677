//! One request as a value.

use bytes::Bytes;
use hyper::Method;
use perry_container_backend::{BackendError, Flow, Result};
use perry_container_spec::ErrorKind;
use serde::Serialize;

/// How long an answer may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    /// The whole answer within the deadline of a call, and so many seconds more.
    Deadline(u64),
    /// Between two pieces of the answer at most the deadline on silence.
    Silence,
    /// For ever.
    Endless,
}

/// What is sent along.
#[derive(Default)]
pub(crate) enum Content {
    #[default]
    Nothing,
    Json(Vec<u8>),
    Tar(Flow<Bytes>),
}

/// What a request is for, as errors tell it.
#[derive(Debug, Clone)]
pub(crate) struct About {
    /// What is being done: `start`, `create network`.
    pub(crate) verb: &'static str,
    /// To which object.
    pub(crate) object: String,
}

impl About {
    pub(crate) fn error(&self, kind: ErrorKind, text: impl Into<String>) -> BackendError {
        BackendError::new(self.verb, &self.object, kind, text)
    }
}

/// A request to the engine: what for, where, and what is sent along.
pub(crate) struct Ask {
    pub(crate) about: About,
    pub(crate) method: Method,
    /// Below the version: `/containers/json`.
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) content: Content,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) patience: Patience,
    /// The connection becomes a stream in both directions.
    pub(crate) hijack: bool,
    /// podman's own API, which has versions of its own.
    pub(crate) libpod: bool,
    fault: Option<&'static str>,
}

impl Ask {
    fn new(method: Method, verb: &'static str, object: impl Into<String>) -> Self {
        Self {
            about: About { verb, object: object.into() },
            method,
            path: String::new(),
            query: String::new(),
            content: Content::Nothing,
            headers: Vec::new(),
            patience: Patience::Deadline(0),
            hijack: false,
            libpod: false,
            fault: None,
        }
    }

    pub(crate) fn get(verb: &'static str, object: impl Into<String>) -> Self {
        Self::new(Method::GET, verb, object)
    }

    pub(crate) fn post(verb: &'static str, object: impl Into<String>) -> Self {
        Self::new(Method::POST, verb, object)
    }

    pub(crate) fn put(verb: &'static str, object: impl Into<String>) -> Self {
        Self::new(Method::PUT, verb, object)
    }

    pub(crate) fn delete(verb: &'static str, object: impl Into<String>) -> Self {
        Self::new(Method::DELETE, verb, object)
    }

    /// podman's own API instead of docker's.
    pub(crate) fn libpod(mut self) -> Self {
        self.libpod = true;
        self.at("libpod")
    }

    /// A part of the path that is written in this crate.
    pub(crate) fn at(mut self, path: &str) -> Self {
        self.path.push('/');
        self.path.push_str(path);
        self
    }

    /// One name or id in the path. What would lead elsewhere (nothing, `.`, `..`, a slash) is refused when the request is sent.
    pub(crate) fn name(mut self, name: &str) -> Self {
        if matches!(name, "" | "." | "..") || name.contains('/') {
            self.fault = Some("this is no name");
        }
        self.path.push('/');
        escape(name, "", &mut self.path);
        self
    }

    /// A reference of an image in the path: its slashes stay.
    pub(crate) fn reference(mut self, reference: &str) -> Self {
        if reference.split('/').any(|part| matches!(part, "" | "." | "..")) {
            self.fault = Some("this is no reference of an image");
        }
        self.path.push('/');
        escape(reference, "/:@+", &mut self.path);
        self
    }

    pub(crate) fn query(mut self, key: &str, value: &str) -> Self {
        self.query.push(if self.query.is_empty() { '?' } else { '&' });
        self.query.push_str(key);
        self.query.push('=');
        escape(value, "", &mut self.query);
        self
    }

    pub(crate) fn flag(self, key: &str, on: bool) -> Self {
        if on { self.query(key, "true") } else { self }
    }

    /// `filters={"label":["k=v"],...}`.
    pub(crate) fn filters(self, filters: &[(&str, Vec<String>)]) -> Self {
        let map: serde_json::Map<String, serde_json::Value> = filters
            .iter()
            .filter(|(_, values)| !values.is_empty())
            .map(|(key, values)| ((*key).to_owned(), values.clone().into()))
            .collect();
        if map.is_empty() {
            self
        } else {
            self.query("filters", &serde_json::Value::from(map).to_string())
        }
    }

    pub(crate) fn json(mut self, body: &impl Serialize) -> Self {
        match serde_json::to_vec(body) {
            Ok(bytes) => self.content = Content::Json(bytes),
            Err(_) => self.fault = Some("it cannot be written as JSON"),
        }
        self
    }

    pub(crate) fn tar(mut self, tar: Flow<Bytes>) -> Self {
        self.content = Content::Tar(tar);
        self
    }

    pub(crate) fn header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    pub(crate) fn patience(mut self, patience: Patience) -> Self {
        self.patience = patience;
        self
    }

    pub(crate) fn hijack(mut self) -> Self {
        self.hijack = true;
        self.patience(Patience::Endless)
    }

    /// Refuses what must not be sent.
    pub(crate) fn checked(&self) -> Result<()> {
        self.fault.map_or(Ok(()), |why| Err(self.about.error(ErrorKind::Invalid, why)))
    }
}

/// Percent-encodes all but unreserved characters and those in `also`.
pub(crate) fn escape(text: &str, also: &str, into: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        let c = char::from(byte);
        if byte.is_ascii_alphanumeric() || "-._~".contains(c) || also.contains(c) {
            into.push(c);
        } else {
            into.push('%');
            into.push(char::from(HEX[usize::from(byte >> 4)]));
            into.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_elsewhere_is_refused() {
        for bad in ["", ".", "..", "a/b", "../images/x"] {
            assert!(
                Ask::get("inspect", bad).at("containers").name(bad).checked().is_err(),
                "{bad}"
            );
        }
        for bad in ["", "a//b", "../x", "a/../b"] {
            assert!(Ask::get("inspect image", bad).reference(bad).checked().is_err(), "{bad}");
        }
    }

    #[test]
    fn names_are_escaped_once() {
        let ask = Ask::get("inspect", "x")
            .at("containers")
            .name("a b?force=1#%")
            .at("json")
            .query("k", "a&b=c");
        assert!(ask.checked().is_ok());
        assert_eq!(ask.path + &ask.query, "/containers/a%20b%3Fforce%3D1%23%25/json?k=a%26b%3Dc");
        assert_eq!(Ask::get("", "").reference("h:5000/a/b@sha256:0").path, "/h:5000/a/b@sha256:0");
    }

    #[test]
    fn filters_without_values_are_left_out() {
        let ask = Ask::get("", "").filters(&[("label", vec!["a=b".into()]), ("name", vec![])]);
        assert_eq!(ask.query, "?filters=%7B%22label%22%3A%5B%22a%3Db%22%5D%7D");
        assert_eq!(Ask::get("", "").filters(&[("label", vec![])]).query, "");
    }
}
