//! The snapshot, its policies, and a registry that serves it.

use perry_container_registry::{CredentialFiles, Limits, Options, Registry};
use perry_container_testkit::registry::{RegistryServer, Store};
use perry_container_verify::{
    Authority, Claim, Key, LogRule, Matcher, Requirement, SignedBy, TrustPolicy, TrustRoot,
    Verifier,
};
use serde::Deserialize;
use std::{collections::BTreeMap, path::PathBuf, sync::OnceLock, time::Duration};

#[derive(Deserialize)]
pub(crate) struct Cases {
    pub(crate) digests: BTreeMap<String, String>,
    pub(crate) policies: BTreeMap<String, Policy>,
    pub(crate) cases: Vec<Case>,
}

#[derive(Deserialize)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) repo: String,
    pub(crate) digest: String,
    pub(crate) policy: String,
    pub(crate) want: String,
    pub(crate) cosign: String,
    pub(crate) why: String,
    pub(crate) registry: Option<String>,
    #[serde(default = "yes")]
    pub(crate) credentials: bool,
}

const fn yes() -> bool {
    true
}

#[derive(Deserialize)]
pub(crate) struct Policy {
    kind: String,
    trust: String,
    key: Option<String>,
    identity: Option<String>,
    identity_regexp: Option<String>,
    issuer: Option<String>,
    issuer_regexp: Option<String>,
    tlog: Option<String>,
    #[serde(default)]
    timestamps: bool,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
    workflow_repository: Option<String>,
    workflow_ref: Option<String>,
    workflow_trigger: Option<String>,
}

pub(crate) fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/sigs")
}

pub(crate) fn read(name: &str) -> String {
    std::fs::read_to_string(fixtures().join(name)).unwrap()
}

pub(crate) fn cases() -> Cases {
    serde_json::from_str(&read("cases.json")).unwrap()
}

pub(crate) fn snapshot() -> &'static Store {
    static SNAPSHOT: OnceLock<Store> = OnceLock::new();
    SNAPSHOT.get_or_init(|| Store::from_snapshot(&read("registry.json")))
}

pub(crate) fn root(name: &str) -> TrustRoot {
    TrustRoot::from_json(name, &read(&format!("trust/{name}.json"))).unwrap()
}

impl Cases {
    pub(crate) fn requirement(&self, policy: &str) -> Requirement {
        let policy = &self.policies[policy];
        let root = root(&policy.trust);
        let matcher = |exact: &Option<String>, pattern: &Option<String>| match (exact, pattern) {
            (Some(value), _) => Matcher::Exact(value.clone()),
            (_, Some(text)) => Matcher::pattern(text).unwrap(),
            _ => panic!("neither value nor pattern"),
        };
        let mut authority = match policy.kind.as_str() {
            "key" => {
                let pem =
                    read(&format!("trust/{}", policy.key.as_ref().unwrap().replace("trust/", "")));
                Authority::key(Key::from_pem(&pem).unwrap(), root)
            }
            _ => Authority::keyless(
                matcher(&policy.identity, &policy.identity_regexp),
                matcher(&policy.issuer, &policy.issuer_regexp),
                root,
            ),
        };
        if policy.tlog.as_deref() == Some("ignore") {
            authority.log = LogRule::NotRequired;
        }
        authority.timestamp = policy.timestamps;
        authority.annotations.clone_from(&policy.annotations);
        if let SignedBy::Keyless(keyless) = &mut authority.by {
            for (claim, value) in [
                (Claim::GithubWorkflowRepository, &policy.workflow_repository),
                (Claim::GithubWorkflowRef, &policy.workflow_ref),
                (Claim::GithubWorkflowTrigger, &policy.workflow_trigger),
            ] {
                if let Some(value) = value {
                    keyless.claims.insert(claim, Matcher::Exact(value.clone()));
                }
            }
        }
        Requirement::AnyOf(vec![authority])
    }

    pub(crate) fn policy(&self, policy: &str) -> TrustPolicy {
        TrustPolicy::of(self.requirement(policy))
    }
}

pub(crate) struct Bed {
    pub(crate) server: RegistryServer,
    _dir: tempfile::TempDir,
    files: CredentialFiles,
}

impl Bed {
    pub(crate) async fn new() -> Self {
        let server = RegistryServer::start(snapshot().clone()).await;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config.json");
        let text = format!(r#"{{"auths": {{"{}": {{"auth": "c2lnOmJlZA=="}}}}}}"#, server.host());
        std::fs::write(&path, text).unwrap();
        Self { server, _dir: dir, files: CredentialFiles(vec![path]) }
    }

    /// A verifier of its own, with patience for a loaded machine but not for a registry that does not answer.
    pub(crate) fn verifier(&self, credentials: bool) -> Verifier {
        let limits = Limits {
            connect: Duration::from_secs(2),
            silence: Duration::from_secs(2),
            whole: Duration::from_secs(5),
            ..Limits::default()
        };
        let files = if credentials { self.files.clone() } else { CredentialFiles::default() };
        Verifier::new(Registry::new(Options { limits, insecure: vec![] }, files, None))
    }

    /// A text without what differs from run to run.
    pub(crate) fn plain(&self, text: &str) -> String {
        text.replace(&self.server.host(), "REG")
    }
}
