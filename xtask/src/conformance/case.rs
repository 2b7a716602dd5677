//! A case: files, a command line, and what docker compose answers.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use base64::Engine as _;
use flate2::{Compression, GzBuilder, read::GzDecoder};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// The directory that cases lie in while docker compose is asked; hashes of services depend on it.
pub(crate) const ROOT: &str = "/srv/cases";
/// HOME while docker compose is asked. There is nothing in it.
pub(crate) const HOME: &str = "/srv/home";
/// PATH while docker compose is asked.
pub(crate) const PATH: &str = "/usr/bin:/bin";

#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    /// Global flags.
    #[serde(default)]
    pub(crate) args: Vec<String>,
    /// Flags of `config`, and services.
    #[serde(default)]
    pub(crate) config_args: Vec<String>,
    /// Where it is asked, inside the case's directory.
    #[serde(default = "here")]
    pub(crate) cwd: String,
    /// First half of the digest of everything that is asked, as hexadecimal.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) digest: String,
    /// The environment besides PATH and HOME.
    #[serde(default)]
    pub(crate) env: BTreeMap<String, String>,
    /// Answers by mode.
    pub(crate) expect: BTreeMap<String, Answer>,
    pub(crate) files: BTreeMap<String, Content>,
    pub(crate) id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) stdin: Option<String>,
    /// The rule it shows, then what else it is about.
    pub(crate) tags: Vec<String>,
}

fn here() -> String {
    ".".to_owned()
}

#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
#[serde(untagged)]
pub(crate) enum Content {
    Text(String),
    Bytes { base64: String },
}

impl Content {
    pub(crate) fn bytes(&self) -> Result<Vec<u8>> {
        Ok(match self {
            Self::Text(text) => text.clone().into_bytes(),
            Self::Bytes { base64 } => base64::prelude::BASE64_STANDARD.decode(base64)?,
        })
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answer {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
    /// Exit status: 0, 1, 2 for a crash, 124 for no answer in time.
    pub(crate) rc: i32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<Value>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) warnings: Vec<String>,
}

impl Answer {
    /// Whether two answers say the same; the words of an error may differ.
    pub(crate) fn same(&self, other: &Self) -> bool {
        let value = |answer: &Self| answer.value.clone().unwrap_or_default();
        self.rc == other.rc && value(self) == value(other)
    }

    /// docker compose crashed or did not come to an end: any answer is better.
    pub(crate) const fn is_crash(&self) -> bool {
        !matches!(self.rc, 0 | 1)
    }
}

impl Case {
    pub(crate) fn directory(&self) -> String {
        format!("{ROOT}/{}", self.id)
    }

    /// Where it is asked.
    pub(crate) fn cwd(&self) -> PathBuf {
        Path::new(&self.directory()).join(&self.cwd).components().collect()
    }

    /// A number that looks drawn by lot and stays the same as long as what is asked does.
    pub(crate) fn number(&self) -> u64 {
        u64::from_str_radix(&self.input_digest(), 16).unwrap_or_default()
    }

    /// Of everything that is asked, not of the answers.
    pub(crate) fn input_digest(&self) -> String {
        let modes: Vec<&String> = self.expect.keys().collect();
        let asked = serde_json::json!([
            self.id,
            self.args,
            self.config_args,
            self.cwd,
            self.env,
            self.files,
            self.stdin,
            modes
        ]);
        let hash = Sha256::digest(asked.to_string().as_bytes());
        hash[..8].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether docker compose refuses it, in any of the modes.
    pub(crate) fn is_refused(&self) -> bool {
        self.expect.values().any(|answer| answer.rc != 0)
    }

    /// The rule it is counted under.
    pub(crate) fn rule(&self) -> &str {
        self.tags.first().map_or("", String::as_str)
    }

    /// `${CASE}`, `${TMP}` and `${HOME}` put in.
    pub(crate) fn place(&self, text: &str) -> String {
        text.replace("${CASE}", &self.directory()).replace("${HOME}", HOME).replace("${TMP}", ROOT)
    }

    /// The way back.
    pub(crate) fn unplace(&self, text: &str) -> String {
        text.replace(&self.directory(), "${CASE}").replace(HOME, "${HOME}").replace(ROOT, "${TMP}")
    }
}

fn is_packed(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "gz")
}

pub(crate) fn read(path: &Path) -> Result<Vec<Case>> {
    let bytes = std::fs::read(path).with_context(|| format!("reading {}", path.display()))?;
    let mut text = String::new();
    if is_packed(path) {
        GzDecoder::new(&bytes[..]).read_to_string(&mut text)?;
    } else {
        text = String::from_utf8(bytes)?;
    }
    let mut cases = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let case = serde_json::from_str(line)
            .with_context(|| format!("{}:{}", path.display(), number + 1))?;
        cases.push(case);
    }
    Ok(cases)
}

/// The same cases make the same bytes.
pub(crate) fn write(path: &Path, cases: &[Case]) -> Result<()> {
    let mut text = Vec::new();
    for case in cases {
        serde_json::to_writer(&mut text, case)?;
        text.push(b'\n');
    }
    if is_packed(path) {
        let mut packer = GzBuilder::new().write(Vec::new(), Compression::best());
        packer.write_all(&text)?;
        text = packer.finish()?;
    }
    std::fs::write(path, text).with_context(|| format!("writing {}", path.display()))
}
