//! A registry that serves the snapshot, and a directory with the policies' files.

use perry_container_compose::process::Environment;
use perry_container_testkit::registry::{RegistryServer, Store};
use perry_container_verify_cli::{Done, Outside, run};
use std::path::PathBuf;

pub(crate) struct Bed {
    pub(crate) server: RegistryServer,
    pub(crate) dir: tempfile::TempDir,
}

pub(crate) fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/sigs").join(name)
}

pub(crate) fn trust(name: &str) -> String {
    fixture(&format!("trust/{name}")).display().to_string()
}

impl Bed {
    pub(crate) async fn new() -> Self {
        let text = std::fs::read_to_string(fixture("registry.json")).unwrap();
        let server = RegistryServer::start(Store::from_snapshot(&text)).await;
        let bed = Self { server, dir: tempfile::tempdir().unwrap() };
        let login =
            format!(r#"{{"auths": {{"{}": {{"auth": "c2lnOmJlZA=="}}}}}}"#, bed.server.host());
        bed.write("docker/config.json", &login);
        bed
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text.replace("REG", &self.server.host())).unwrap();
    }

    pub(crate) fn outside(&self, credentials: bool) -> Outside {
        let mut outside = Outside::nowhere(self.dir.path());
        if credentials {
            let dir = self.dir.path().join("docker");
            outside.environment = Environment::from_iter([("DOCKER_CONFIG", dir)]);
        }
        outside
    }

    /// Runs the command; `REG` stands for the registry, here and in what it prints.
    pub(crate) async fn run(&self, words: &str) -> Done {
        let words: Vec<String> = words
            .split_whitespace()
            .map(|word| word.replace("REG", &self.server.host()).replace("TRUST/", &trust("")))
            .collect();
        let done = run(words, &self.outside(true)).await;
        Done { code: done.code, out: self.plain(&done.out), err: self.plain(&done.err) }
    }

    pub(crate) fn plain(&self, text: &str) -> String {
        text.replace(&self.server.host(), "REG").replace(&trust(""), "TRUST/")
    }
}

pub(crate) const IDENTITY: &str =
    "https://github.com/chainguard-images/images/.github/workflows/release.yaml@refs/heads/main";
pub(crate) const ISSUER: &str = "https://token.actions.githubusercontent.com";

/// The flags that want this identity under the bed's root.
pub(crate) fn keyless() -> String {
    format!(
        "--trusted-root TRUST/good.json --certificate-identity {IDENTITY} --certificate-oidc-issuer {ISSUER}"
    )
}
