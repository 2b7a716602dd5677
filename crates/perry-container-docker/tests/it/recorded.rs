//! Recorded calls of the real tools.

use crate::common::{docker, nerdctl, podman4, podman5};
use flate2::read::GzDecoder;
use perry_container_docker::DockerProtocol;
use perry_container_protocol::Output;
use serde::Deserialize;
use std::{fs::File, io::Read as _, path::Path, sync::LazyLock};

/// One call.
#[derive(Debug, Deserialize)]
pub(crate) struct Call {
    pub(crate) engine: String,
    version: String,
    pub(crate) argv: Vec<String>,
    rc: serde_json::Value,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// All calls of all tools.
pub(crate) static CALLS: LazyLock<Vec<Call>> = LazyLock::new(|| {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/recorded/runtimes.jsonl.gz");
    let mut text = String::new();
    GzDecoder::new(File::open(path).expect("the recordings"))
        .read_to_string(&mut text)
        .expect("gzip");
    text.lines().map(|line| serde_json::from_str::<Call>(line).expect("a call")).collect()
});

impl Call {
    /// The exit code; none when the call was cut off.
    pub(crate) fn code(&self) -> Option<i32> {
        self.rc.as_i64().and_then(|code| i32::try_from(code).ok())
    }

    pub(crate) fn tool(&self) -> DockerProtocol {
        match (self.engine.as_str(), self.version.split('.').next()) {
            ("docker", _) => docker(),
            ("nerdctl", _) => nerdctl(),
            (_, Some("4")) => podman4(),
            _ => podman5(),
        }
    }

    pub(crate) fn output(&self) -> Output<'_> {
        Output {
            code: self.code().unwrap_or(-1),
            stdout: self.stdout.as_bytes(),
            stderr: self.stderr.as_bytes(),
        }
    }

    /// `docker 28`, `podman 4`.
    pub(crate) fn title(&self) -> String {
        format!("{} {}", self.engine, self.version.split('.').next().unwrap_or_default())
    }

    /// Whether it begins with these words.
    pub(crate) fn is(&self, words: &[&str]) -> bool {
        self.argv.len() >= words.len() && self.argv.iter().zip(words).all(|(a, b)| a == b)
    }

    /// The arguments without the first `skip` and without flags.
    pub(crate) fn operands(&self, skip: usize) -> Vec<String> {
        self.argv.iter().skip(skip).filter(|arg| !arg.starts_with('-')).cloned().collect()
    }
}
