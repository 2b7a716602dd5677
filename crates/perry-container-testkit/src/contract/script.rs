//! The transcript, and the ground on which it is made.

use futures_util::TryStreamExt as _;
use perry_container_backend::{
    BackendError, ContainerBackend, ContainerBackendExt as _, collect_logs,
};
use perry_container_spec::{
    ContainerInfo, ContainerSpec, ErrorKind, ExecSpec, Late, LogOptions, Network, Parts, Removal,
    Selector,
};
use perry_container_support::{Mode, fit};
use std::{convert::Infallible, fmt::Display};

/// Where the script runs.
#[derive(Debug, Clone)]
pub struct Ground {
    /// What the name of every object begins with; one word in lower case.
    pub prefix: String,
    /// An image with busybox.
    pub image: String,
}

impl Ground {
    /// A ground of this prefix and image.
    pub fn new(prefix: impl Into<String>, image: impl Into<String>) -> Self {
        Self { prefix: prefix.into(), image: image.into() }
    }
}

/// The label that everything carries.
pub(super) const LABEL: &str = "dev.perry.contract";

pub(super) struct Script<'a> {
    pub(super) backend: &'a dyn ContainerBackend,
    pub(super) ground: &'a Ground,
    out: String,
}

impl<'a> Script<'a> {
    pub(super) fn new(backend: &'a dyn ContainerBackend, ground: &'a Ground) -> Self {
        Self { backend, ground, out: String::new() }
    }

    /// `<prefix>-<name>`.
    pub(super) fn name(&self, name: &str) -> String {
        format!("{}-{name}", self.ground.prefix)
    }

    pub(super) fn mine(&self) -> Selector {
        Selector::label(LABEL, &self.ground.prefix)
    }

    /// A container without a network that runs this script.
    pub(super) fn spec(&self, name: &str, script: &str) -> ContainerSpec {
        let mut spec = ContainerSpec::new(self.ground.image.clone());
        spec.name = Some(self.name(name));
        spec.command = Some(["sh", "-c", script].map(str::to_owned).to_vec());
        spec.labels.insert(LABEL.to_owned(), self.ground.prefix.clone());
        spec.network = Network::None;
        spec
    }

    /// The beginning of a case.
    pub(super) fn case(&mut self, title: &str) {
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        self.line(title);
    }

    pub(super) fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }

    /// One step and what came of it: a value, or the kind of its error.
    pub(super) fn say<T: Display>(&mut self, step: &str, outcome: Result<T, BackendError>) {
        let said = match outcome {
            Ok(value) => value.to_string(),
            Err(error) => format!("error: {}", error.kind),
        };
        let said = said.replace(&self.ground.prefix, "<p>").replace('\r', "").replace('\n', "⏎");
        self.line(&format!("  {step}: {said}"));
    }

    /// A step that only has to succeed.
    pub(super) fn done(&mut self, step: &str, outcome: Result<(), BackendError>) {
        self.say(step, outcome.map(|()| "done"));
    }

    /// What is left of a container where the runtime lacks something, as whoever uses a runtime would ask for it.
    fn fitted(&self, spec: &ContainerSpec) -> ContainerSpec {
        let template = spec.try_map(&mut |text| Ok::<_, Infallible>(Late::known(text)));
        let fitted = template.map(|template| {
            let fitted = fit(template, self.backend.capabilities(), Mode::Lenient);
            fitted.map(|(template, _)| template.try_map(&mut |late: &Late| known(late)))
        });
        match fitted {
            Ok(Ok(Ok(fitted))) => fitted,
            Ok(Ok(Err(())) | Err(_)) => spec.clone(), // nothing in it is late, and nothing is refused
        }
    }

    /// Creates and starts what the rest of a case needs.
    pub(super) async fn up(&mut self, spec: &ContainerSpec) {
        let spec = &self.fitted(spec);
        let outcome = self.backend.run(spec).await;
        if let Err(error) = outcome {
            // The words of the runtime help more here than the kind.
            let text = format!("  setting up failed: {error}");
            self.line(&text);
        }
    }

    /// State, exit code and so on in one line.
    pub(super) async fn state(&mut self, step: &str, name: &str) {
        let outcome = self.backend.inspect(&self.name(name)).await;
        self.say(step, outcome.map(|info| state(&info)));
    }

    /// Runs a command: `stdout|stderr|code`.
    pub(super) async fn exec(&mut self, step: &str, name: &str, command: &[&str]) {
        let outcome =
            self.backend.exec(&self.name(name), &ExecSpec::new(command.iter().copied())).await;
        self.say(
            step,
            outcome.map(|(logs, code)| format!("{}|{}|{code}", logs.stdout, logs.stderr)),
        );
    }

    /// Whether a container finds another by a name, by whatever its C library asks: `nslookup` asks name servers only, and
    /// some runtimes write hosts files. Nobody listens at that port.
    pub(super) async fn finds(&mut self, step: &str, name: &str, other: &str) {
        let get = ExecSpec::new(["wget", "-q", "-O", "/dev/null", &format!("http://{other}:9/")]);
        let outcome = self.backend.exec(&self.name(name), &get).await;
        let outcome = outcome.map(|(logs, code)| match logs.stderr.as_str() {
            said if said.contains("bad address") => "lost".to_owned(),
            said if said.contains("can't connect") => "found".to_owned(),
            said => format!("{said}|{code}"),
        });
        self.say(step, outcome);
    }

    /// Reads a log: `stdout|stderr`.
    pub(super) async fn logs(&mut self, step: &str, name: &str, how: LogOptions) {
        let outcome = async {
            let flow = self.backend.open_logs(&self.name(name), &how).await?;
            let logs = collect_logs(flow).await?;
            Ok(format!("{}|{}", logs.stdout, logs.stderr))
        };
        let outcome = outcome.await;
        self.say(step, outcome);
    }

    /// Removes containers by force, with their anonymous volumes.
    pub(super) async fn clear(&mut self, names: &[&str]) {
        let ids: Vec<_> = names.iter().map(|name| self.name(name)).collect();
        let each = self.backend.remove_each(&ids, &Removal { force: true, volumes: true }).await;
        for outcome in each.into_iter().flatten() {
            // what a step that was refused did not make is not there
            if let (id, Err(error)) = outcome
                && error.kind != ErrorKind::NotFound
            {
                let text = format!("  clearing {id} failed: {error}");
                self.line(&text);
            }
        }
    }

    /// Removes whatever this ground's runs left behind.
    pub(super) async fn sweep(&mut self) {
        let Ok(seen) = self.backend.observe(&self.mine(), Parts::ALL).await else { return };
        let ids: Vec<_> = seen.containers.keys().cloned().collect();
        if !ids.is_empty() {
            drop(self.backend.remove_each(&ids, &Removal { force: true, volumes: true }).await);
        }
        for name in seen.networks.keys() {
            drop(self.backend.remove_network(name).await);
        }
        for name in seen.volumes.keys() {
            drop(self.backend.remove_volume(name).await);
        }
        drop(self.backend.remove_image(&self.tag(), true).await);
    }

    /// A reference that the script gives to its image.
    pub(super) fn tag(&self) -> String {
        format!("localhost/{}:1", self.name("image"))
    }

    pub(super) fn transcript(self) -> String {
        self.out
    }
}

fn known(late: &Late) -> Result<String, ()> {
    match late {
        Late::Known(text) => Ok(text.clone()),
        Late::Ref(_) => Err(()),
    }
}

/// `exited 3`, `running healthy`.
pub(super) fn state(info: &ContainerInfo) -> String {
    let code = info.exit_code.map(|code| code.to_string());
    let health = info.health.map(|health| health.as_str().to_owned());
    [Some(info.state.to_string()), code, health].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// The bytes of a flow.
pub(super) async fn bytes(
    flow: perry_container_backend::Flow<bytes::Bytes>,
) -> Result<Vec<u8>, BackendError> {
    flow.try_fold(Vec::new(), |mut all, piece| async move {
        all.extend_from_slice(&piece);
        Ok(all)
    })
    .await
}
