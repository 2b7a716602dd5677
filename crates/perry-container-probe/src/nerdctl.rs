//! Whether nerdctl answers, and whose containers it shows.

use crate::{
    BackendDriver, Candidate, Detected, Detector, Fault, Transport, Unavailable,
    detector::not_installed,
    version::{Versions, complaint, old_enough},
};
use perry_container_docker::{Dialect, DockerProtocol};
use perry_container_process::{CliBackend, Finished, Program};
use perry_container_protocol::CliProtocol as _;
use perry_container_spec::{EngineId, ErrorKind, Locality};
use perry_container_support::Capabilities;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

const CONFIG: &str = "/etc/nerdctl/nerdctl.toml";
const ADDRESS: &str = "/run/containerd/containerd.sock";
const NAMESPACE: &str = "default";
const VERSION: &str = "nerdctl version --format=json";

impl Detector {
    /// nerdctl by its command line: containerd's socket speaks no Engine API.
    pub(crate) async fn nerdctl(
        &self,
        transport: Option<Transport>,
    ) -> Result<Detected, Unavailable> {
        let bin = self.machine.host().find("nerdctl");
        let bin = bin.ok_or_else(|| not_installed(Candidate::Nerdctl))?;
        if transport == Some(Transport::Socket) {
            return Err(no_socket().into());
        }
        Ok(self.nerdctl_client(&bin).await?)
    }

    async fn nerdctl_client(&self, bin: &Path) -> Result<Detected, Fault> {
        let program = Program::new(bin);
        let done = self.ask(&program, &["version", "--format=json"]).await?;
        let client = answered(&done)?;
        let protocol = DockerProtocol::new(Dialect::nerdctl(&client));
        let capabilities = Capabilities::nerdctl(&client);
        let (host, engine) = (self.machine.host(), self.nerdctl_engine());
        let backend = CliBackend::new(protocol, host, program, engine, capabilities)
            .with_version(Some(client))
            .with_limits(self.limits)
            .with_counter(Arc::clone(&self.calls));
        let driver = BackendDriver::new(Candidate::Nerdctl, Some(bin.to_owned()));
        Ok(Detected { driver, backend: Arc::new(backend), mode: Locality::Local })
    }

    /// A namespace of a containerd, each as nerdctl finds it: in its environment, in its configuration, by default.
    fn nerdctl_engine(&self) -> EngineId {
        let set = |name| self.env.get(name).filter(|value| !value.is_empty()).map(str::to_owned);
        let own = || {
            let home = set("XDG_CONFIG_HOME").map(PathBuf::from);
            let home = home.or_else(|| Some(Path::new(&set("HOME")?).join(".config")))?;
            Some(home.join("nerdctl/nerdctl.toml"))
        };
        let file = set("NERDCTL_TOML").map(PathBuf::from);
        let file = match self.machine.is_root() {
            true => file.or_else(|| Some(PathBuf::from(CONFIG))),
            false => file.or_else(own),
        };
        let text = file.and_then(|file| String::from_utf8(self.machine.read(&file)?).ok());
        let table: toml::Table = text.and_then(|text| text.parse().ok()).unwrap_or_default();
        let of = |name, key: &str, default: String| {
            let configured = || table.get(key)?.as_str().map(str::to_owned);
            set(name).or_else(configured).unwrap_or(default)
        };
        let rootless = set("XDG_RUNTIME_DIR").filter(|_| !self.machine.is_root());
        let default = rootless.map_or_else(
            || ADDRESS.to_owned(),
            |dir| format!("{dir}/containerd-rootless/containerd.sock"), // within its own mounts
        );
        let address = of("CONTAINERD_ADDRESS", "address", default);
        let path = PathBuf::from(address.trim_start_matches("unix://"));
        let path = self.machine.canonical(&path).unwrap_or(path);
        let namespace = of("CONTAINERD_NAMESPACE", "namespace", NAMESPACE.to_owned());
        EngineId(format!("containerd:{}#{namespace}", path.display()))
    }
}

/// nerdctl's own version, when containerd answered it.
pub(crate) fn answered(done: &Finished) -> Result<String, Fault> {
    if done.code != 0 {
        let protocol = DockerProtocol::new(Dialect::nerdctl("unknown"));
        let kind = protocol.accepted(&done.output()).err().map(|error| error.kind());
        let silent = || "no containerd answers it".to_owned();
        let text = complaint(&done.stderr).unwrap_or_else(silent);
        return Err(match kind {
            Some(ErrorKind::Permission) => Fault::new(ErrorKind::Permission, text),
            _ => Fault::down(text),
        });
    }
    let versions = Versions::read(VERSION, &done.stdout)?;
    if let Some(who) = versions.who.filter(|who| who != "containerd") {
        return Err(Fault::down(format!("`{who}` answers it, not containerd")));
    }
    if versions.engine.is_none() {
        return Err(Fault::down("no containerd answers it"));
    }
    let none = || Fault::malformed(VERSION, "it names no version");
    let client = versions.client.ok_or_else(none)?;
    let client = client.trim_start_matches('v').to_owned();
    old_enough(Candidate::Nerdctl, Some(&client))?;
    Ok(client)
}

/// Said where a socket is demanded.
pub(crate) fn no_socket() -> Fault {
    Fault::new(ErrorKind::Invalid, "containerd's socket speaks no Engine API")
}
