//! Policies as they are written: JSON, or what YAML makes of it.

use super::{
    Authority, Claim, ImagePattern, Key, Keyless, LogRule, Matcher, PolicyError, Requirement, Rule,
    SignedBy, TrustPolicy, pem_text,
};
use crate::TrustRoot;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// Reads a file that a policy names, relative to the policy.
pub type Files<'a> = &'a dyn Fn(&str) -> Result<String, String>;

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RawPolicy {
    #[serde(default)]
    roots: BTreeMap<String, String>,
    #[serde(default)]
    default: RawDefault,
    rules: Vec<Value>,
}

#[derive(Deserialize, Default, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
enum RawDefault {
    #[default]
    Reject,
    Skip,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RawAuthority {
    keyless: Option<RawKeyless>,
    key: Option<RawKey>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
    #[serde(default)]
    log: LogRule,
    #[serde(default)]
    timestamp: RawNeed,
    root: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RawKeyless {
    identity: Option<String>,
    identity_regexp: Option<String>,
    issuer: Option<String>,
    issuer_regexp: Option<String>,
    #[serde(default)]
    claims: BTreeMap<Claim, String>,
    certificate_chain: Option<String>,
    sct: Option<RawNeed>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RawKey {
    file: Option<String>,
    pem: Option<String>,
}

#[derive(Deserialize, Default, Clone, Copy, PartialEq)]
#[serde(rename_all = "kebab-case")]
enum RawNeed {
    Required,
    #[default]
    NotRequired,
}

/// Whose roots an authority may name.
struct Roots<'a> {
    default: &'a TrustRoot,
    named: BTreeMap<String, TrustRoot>,
    files: Files<'a>,
}

impl TrustPolicy {
    /// Reads a policy. `root` is believed where a rule names no other.
    ///
    /// ```
    /// # use perry_container_verify::{TrustPolicy, TrustRoot};
    /// let policy = serde_json::json!({"rules": [
    ///     {"images": "ghcr.io/acme/**", "keyless": {"identity": "ci@acme.example", "issuer": "https://accounts.acme.example"}},
    ///     {"images": ["localhost/**"], "skip": true},
    /// ]});
    /// let policy = TrustPolicy::read(&policy, &TrustRoot::public(), &|file| Err(format!("no {file}")))?;
    /// assert_eq!(policy.rules.len(), 2);
    /// # Ok::<_, perry_container_verify::PolicyError>(())
    /// ```
    ///
    /// # Errors
    /// [`PolicyError`] with the path of what is wrong.
    pub fn read(value: &Value, root: &TrustRoot, files: Files<'_>) -> Result<Self, PolicyError> {
        if !value.is_object() {
            return Err(fault("policy", "a map with rules, and maybe roots and default"));
        }
        let raw: RawPolicy = shape(value, "policy")?;
        let mut roots = Roots { default: root, named: BTreeMap::new(), files };
        for (name, file) in &raw.roots {
            let at = format!("roots.{name}");
            let text = roots.file(&at, file)?;
            roots.named.insert(name.clone(), TrustRoot::from_json(file, &text)?);
        }
        let rule = |(n, value): (usize, &Value)| rule(&format!("rules[{n}]"), value, &roots);
        let rules = raw.rules.iter().enumerate().map(rule).collect::<Result<_, _>>()?;
        let skip_others = matches!(raw.default, RawDefault::Skip);
        Ok(Self { rules, skip_others })
    }
}

impl Requirement {
    /// Reads what one image must have: an authority, `any-of`, or `skip: true`. `at` is for messages.
    ///
    /// # Errors
    /// [`PolicyError`] with the path of what is wrong.
    pub fn read(
        at: &str,
        value: &Value,
        root: &TrustRoot,
        files: Files<'_>,
    ) -> Result<Self, PolicyError> {
        requirement(at, value, &Roots { default: root, named: BTreeMap::new(), files })
    }
}

fn fault(at: &str, why: impl Into<String>) -> PolicyError {
    PolicyError::Shape { at: at.to_owned(), why: why.into() }
}

fn shape<T: for<'de> Deserialize<'de>>(value: &Value, at: &str) -> Result<T, PolicyError> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        let at = if path == "." { at.to_owned() } else { format!("{at}.{path}") };
        fault(&at, error.into_inner().to_string())
    })
}

fn rule(at: &str, value: &Value, roots: &Roots<'_>) -> Result<Rule, PolicyError> {
    let mut rest = value.clone();
    let map = rest.as_object_mut().ok_or_else(|| fault(at, "a rule is a map"))?;
    let images = match map.shift_remove("images") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(all)) => {
            let text = |value: &Value| value.as_str().map(str::to_owned);
            let all: Option<Vec<String>> = all.iter().map(text).collect();
            all.ok_or_else(|| fault(&format!("{at}.images"), "a name or a list of names"))?
        }
        _ => return Err(fault(at, "images: says which images the rule is for")),
    };
    if images.is_empty() {
        return Err(fault(&format!("{at}.images"), "a list of no names matches nothing"));
    }
    let parse = |text: &String| {
        ImagePattern::parse(text).map_err(|why| fault(&format!("{at}.images"), why))
    };
    let images = images.iter().map(parse).collect::<Result<_, _>>()?;
    Ok(Rule { images, requirement: requirement(at, &rest, roots)? })
}

fn requirement(at: &str, value: &Value, roots: &Roots<'_>) -> Result<Requirement, PolicyError> {
    let map = value.as_object().ok_or_else(|| fault(at, "keyless, key, any-of or skip"))?;
    if let Some(skip) = map.get("skip") {
        return match (skip, map.len()) {
            (Value::Bool(true), 1) => Ok(Requirement::Skip),
            (Value::Bool(true), _) => Err(fault(at, "skip stands alone")),
            _ => Err(fault(&format!("{at}.skip"), "true, or leave it out")),
        };
    }
    let authorities = match map.get("any-of") {
        None => vec![authority(at, value, roots)?],
        Some(Value::Array(all)) if map.len() == 1 && !all.is_empty() => {
            let one =
                |(n, value): (usize, &Value)| authority(&format!("{at}.any-of[{n}]"), value, roots);
            all.iter().enumerate().map(one).collect::<Result<_, _>>()?
        }
        Some(Value::Array(all)) if !all.is_empty() => {
            return Err(fault(at, "any-of stands alone"));
        }
        Some(_) => return Err(fault(&format!("{at}.any-of"), "a list of at least one authority")),
    };
    Ok(Requirement::AnyOf(authorities))
}

fn authority(at: &str, value: &Value, roots: &Roots<'_>) -> Result<Authority, PolicyError> {
    let raw: RawAuthority = shape(value, at)?;
    let mut root = match &raw.root {
        None => roots.default.clone(),
        Some(name) => roots.named.get(name).cloned().ok_or_else(|| {
            fault(&format!("{at}.root"), format!("{name:?} is none of the policy's roots"))
        })?,
    };
    let by = match (raw.keyless, raw.key) {
        (Some(keyless), None) => {
            let at = format!("{at}.keyless");
            if let Some(file) = &keyless.certificate_chain {
                let pem = roots.file(&format!("{at}.certificate-chain"), file)?;
                root = root.with_authorities(file, &pem)?;
            }
            let sct = keyless.sct.map_or(!root.is_private(), |need| need == RawNeed::Required);
            let RawKeyless { identity, identity_regexp, issuer, issuer_regexp, claims, .. } =
                keyless;
            let identity = matcher(&at, "identity", identity, identity_regexp)?;
            let issuer = matcher(&at, "issuer", issuer, issuer_regexp)?;
            let claims = claims.into_iter().map(|(claim, value)| (claim, Matcher::Exact(value)));
            SignedBy::Keyless(Keyless { identity, issuer, claims: claims.collect(), sct })
        }
        (None, Some(key)) => {
            let at = format!("{at}.key");
            let pem = match (&key.file, &key.pem) {
                (Some(file), None) => roots.file(&at, file)?,
                (None, Some(pem)) => pem_text(pem),
                _ => return Err(fault(&at, "either file or pem")),
            };
            SignedBy::Key(Key::from_pem(&pem).map_err(|why| fault(&at, why))?)
        }
        _ => return Err(fault(at, "either keyless (who signed) or key (with which key)")),
    };
    let timestamp = raw.timestamp == RawNeed::Required;
    Ok(Authority { by, annotations: raw.annotations, log: raw.log, timestamp, root })
}

fn matcher(
    at: &str,
    name: &str,
    exact: Option<String>,
    pattern: Option<String>,
) -> Result<Matcher, PolicyError> {
    match (exact, pattern) {
        (Some(value), None) if !value.is_empty() => Ok(Matcher::Exact(value)),
        (None, Some(text)) => {
            Matcher::pattern(&text).map_err(|why| fault(&format!("{at}.{name}-regexp"), why))
        }
        _ => Err(fault(
            at,
            format!("either {name} or {name}-regexp: a signature by anybody proves nothing"),
        )),
    }
}

impl Roots<'_> {
    fn file(&self, at: &str, file: &str) -> Result<String, PolicyError> {
        (self.files)(file).map_err(|why| PolicyError::File {
            at: at.to_owned(),
            file: file.to_owned(),
            why,
        })
    }
}
