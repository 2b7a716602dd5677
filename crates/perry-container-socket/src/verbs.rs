//! The verbs of containers that take more than one request.

use crate::{
    SocketBackend, archive,
    ask::{Ask, Patience},
    create::{self, Target},
    fault::Flavour,
    frames, images,
    look::ABREAST,
    moment, session,
    shape::{Created, HealthShape, ImageShape, Inspect},
};
use bollard::models::NetworkConnectRequest;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use indexmap::IndexMap;
use perry_container_backend::{BackendError, Each, Feed, Flow, LogChunk, Result};
use perry_container_policy::{STRICT, STRICT_SECCOMP};
use perry_container_spec::{
    ContainerHandle, ContainerSpec, ErrorKind, ExecSpec, HealthProbe, HealthTest, Id, LogOptions,
    Removal, ResourceUpdate,
};
use std::{borrow::Cow, io::Write as _};
use tempfile::NamedTempFile;

/// How much of a probe's output is kept.
const PROBE: usize = 4096;

/// How long a container that stays in the way of its removal is waited for, beyond the deadline of a call.
const GONE: u64 = 30;

impl SocketBackend {
    pub(crate) fn container(
        verb: &'static str,
        id: &str,
        method: fn(&'static str, String) -> Ask,
    ) -> Ask {
        method(verb, id.to_owned()).at("containers").name(id)
    }

    pub(crate) async fn make(&self, spec: &ContainerSpec) -> Result<ContainerHandle> {
        let object = spec.name.as_deref().unwrap_or(&spec.image);
        let error = |text: String| BackendError::new("create", object, ErrorKind::Invalid, text);
        let files = (!spec.files.is_empty()).then(|| archive::files(&spec.files)).transpose();
        let files = files.map_err(|e| error(format!("its files make no archive: {e}")))?;
        let (ask, later, profile) = match self.engine.flavour {
            Flavour::Docker => {
                let (ask, later) = self.dockers(spec, object).await?;
                (ask, later, None)
            }
            Flavour::Podman => {
                let (spec, profile) = self.with_profile(spec, object)?;
                (self.podmans(&spec, object).await?, Vec::new(), profile)
            }
        };
        let id = self.wire.value::<Created>(ask).await?.id;
        drop(profile); // what was in it is part of the container now
        let finish = async {
            for network in later {
                let body = NetworkConnectRequest {
                    container: id.clone(),
                    endpoint_config: Some(network.endpoint),
                };
                let ask = Ask::post("connect to network", &network.network);
                self.wire
                    .tell(ask.at("networks").name(&network.network).at("connect").json(&body))
                    .await?;
            }
            match files {
                Some(tar) => self.unpack(&id, "/", archive::whole(tar)).await,
                None => Ok(()),
            }
        };
        if let Err(error) = finish.await {
            // The first error tells; one that cannot be removed again is found by its labels.
            drop(self.remove_one(&id, &Removal { force: true, volumes: true }).await);
            return Err(error);
        }
        Ok(ContainerHandle { id, name: spec.name.clone() })
    }

    async fn dockers(
        &self,
        spec: &ContainerSpec,
        object: &str,
    ) -> Result<(Ask, Vec<create::Later>)> {
        let error = |text: String| BackendError::new("create", object, ErrorKind::Invalid, text);
        let mut profiles = IndexMap::new();
        for path in create::profiles(spec) {
            let text = tokio::fs::read_to_string(&path).await;
            let text = text
                .map_err(|e| error(format!("the seccomp profile `{path}` cannot be read: {e}")))?;
            // Without its line ends, as docker's client sends it.
            let value = serde_json::from_str::<serde_json::Value>(&text);
            let value = value
                .map_err(|e| error(format!("the seccomp profile `{path}` is no JSON: {e}")))?;
            profiles.insert(path, value.to_string());
        }
        let (body, later) =
            create::body(spec, Target { api: self.engine.api, profiles: &profiles })?;
        let mut ask = Ask::post("create", object).at("containers/create").json(&body);
        if let Some(name) = &spec.name {
            ask = ask.query("name", name);
        }
        if let Some(platform) = &spec.platform {
            ask = ask.query("platform", platform);
        }
        Ok((ask, later))
    }

    /// podman reads a profile from a file. The strict one is in one of ours until the call was answered, where the engine
    /// can see it; over a network it is left to be refused.
    fn with_profile<'s>(
        &self,
        spec: &'s ContainerSpec,
        object: &str,
    ) -> Result<(Cow<'s, ContainerSpec>, Option<NamedTempFile>)> {
        if spec.seccomp.as_deref() != Some(STRICT) || !self.wire.endpoint.is_local() {
            return Ok((Cow::Borrowed(spec), None));
        }
        let written = || {
            let mut file = tempfile::Builder::new().prefix("perry-").suffix(".json").tempfile()?;
            file.write_all(STRICT_SECCOMP.as_bytes())?;
            Ok::<_, std::io::Error>(file)
        };
        let file = written().map_err(|e| {
            let text = format!("the strict seccomp profile cannot be written to a file: {e}");
            BackendError::new("create", object, ErrorKind::Invalid, text)
        })?;
        let seccomp = Some(file.path().display().to_string());
        Ok((Cow::Owned(ContainerSpec { seccomp, ..spec.clone() }), Some(file)))
    }

    /// podman's own creation. It refuses a bind whose directory is missing where docker's daemon makes it, so on a socket of
    /// this machine, where its file system is ours, what `create_host_path` asks for is made here; over a network podman is
    /// left to refuse.
    async fn podmans(&self, spec: &ContainerSpec, object: &str) -> Result<Ask> {
        let inherits =
            spec.healthcheck.as_ref().is_some_and(|check| check.test == HealthTest::Inherit);
        let inherited = if inherits {
            let ask = images::inspect(self.engine.flavour, &spec.image);
            self.wire.value::<ImageShape>(ask).await?.healthcheck.test
        } else {
            Vec::new()
        };
        let body = create::podman::body(spec, &inherited)?;
        if self.wire.endpoint.is_local() {
            for path in create::podman::directories(spec) {
                // A file or a socket is bound as it is.
                if tokio::fs::symlink_metadata(path).await.is_err() {
                    tokio::fs::create_dir_all(path).await.map_err(|e| {
                        let text = format!("the directory `{path}` cannot be made: {e}");
                        BackendError::new("create", object, ErrorKind::Invalid, text)
                    })?;
                }
            }
        }
        Ok(Ask::post("create", object).libpod().at("containers/create").json(&body))
    }

    /// Owners are those of the archive: podman would give everything to the container's user.
    pub(crate) async fn unpack(&self, id: &str, path: &str, tar: Flow<Bytes>) -> Result<()> {
        let ask = Self::container("copy into", id, Ask::put).at("archive").query("path", path);
        let ask = if self.engine.flavour == Flavour::Podman {
            ask.query("copyUIDGID", "false")
        } else {
            ask
        };
        self.wire.tell(ask.tar(tar).patience(Patience::Silence)).await
    }

    pub(crate) async fn halt(&self, id: &str, timeout: Option<u32>) -> Result<()> {
        let ask = || {
            let ask = Self::container("stop", id, Ask::post).at("stop");
            let ask = ask.patience(Patience::Deadline(timeout.map_or(GONE, u64::from)));
            match timeout {
                Some(timeout) => ask.query("t", &timeout.to_string()),
                None => ask,
            }
        };
        match self.wire.tell(ask()).await {
            // podman stops no frozen container; docker does, and so it has to go on for it.
            Err(error)
                if self.engine.flavour == Flavour::Podman && error.text.contains("paused") =>
            {
                self.wire.tell(Self::container("stop", id, Ask::post).at("unpause")).await?;
                self.wire.tell(ask()).await
            }
            other => other,
        }
    }

    pub(crate) async fn remove_all(&self, ids: &[Id], how: &Removal) -> Each<()> {
        let one = |id: &Id| {
            let id = id.clone();
            async move {
                let gone = self.remove_one(&id, how).await;
                (id, gone)
            }
        };
        stream::iter(ids.iter().map(one).collect::<Vec<_>>()).buffered(ABREAST).collect().await
    }

    async fn remove_one(&self, id: &str, how: &Removal) -> Result<()> {
        let ask = Self::container("remove", id, Ask::delete)
            .flag("force", how.force)
            .flag("v", how.volumes);
        // podman waits for the stop timeout first, docker kills at once.
        let ask = if self.engine.flavour == Flavour::Podman && how.force {
            ask.query("timeout", "0")
        } else {
            ask
        };
        match self.wire.tell(ask).await {
            // Somebody else removes it (docker itself, with `--rm`): it is gone when they are done.
            Err(error) if error.text.contains("already in progress") => {
                let ask = session::waiting(id, "removed").patience(Patience::Deadline(GONE));
                match self.wire.tell(ask).await {
                    Err(error) if error.kind == ErrorKind::NotFound => Ok(()),
                    other => other,
                }
            }
            other => other,
        }
    }

    pub(crate) async fn change(&self, id: &str, what: &ResourceUpdate) -> Result<()> {
        let unsupported = |text| Err(BackendError::new("update", id, ErrorKind::Unsupported, text));
        if create::holds_fixed(what) {
            return unsupported(
                "swappiness, out-of-memory settings, device rates and Windows limits are fixed when a container is created",
            );
        }
        if *what == ResourceUpdate::default() {
            return Ok(());
        }
        if self.engine.flavour == Flavour::Docker {
            let ask = Self::container("update", id, Ask::post).at("update");
            return self.wire.tell(ask.json(&create::updated(what))).await;
        }
        let ask = Ask::post("update", id).libpod().at("containers").name(id).at("update");
        let mut ask = ask.json(&create::podman::resources(&what.resources));
        if let Some(policy) = &what.restart {
            if self.engine.major() < 5 {
                return unsupported("podman before 5 changes no restart policy");
            }
            let (name, retries) = create::podman::restart(policy);
            ask = ask.query("restartPolicy", name);
            if let Some(retries) = retries {
                ask = ask.query("restartRetries", &retries.to_string());
            }
        }
        self.wire.tell(ask).await
    }

    pub(crate) async fn shape(&self, verb: &'static str, id: &str) -> Result<Inspect> {
        self.wire.value(Self::container(verb, id, Ask::get).at("json")).await
    }

    /// podman runs the container's own check and records it, so that everyone sees the state. docker runs its checks by
    /// itself; there the test is run as a command, for those who want it at another time.
    pub(crate) async fn probe(&self, id: &str, test: &HealthTest) -> Result<HealthProbe> {
        if self.engine.flavour == Flavour::Podman {
            let ask = Ask::get("check the health of", id)
                .libpod()
                .at("containers")
                .name(id)
                .at("healthcheck");
            match self.wire.value::<HealthShape>(ask).await {
                Ok(seen) if seen.status == "healthy" => {
                    return Ok(HealthProbe { healthy: true, output: String::new() });
                }
                // What the probe printed is only in the container's own record.
                Ok(_) => {
                    let log = self.shape("check the health of", id).await?.state.health.log;
                    let output = log.last().map(|probe| probe.output.trim()).unwrap_or_default();
                    return Ok(HealthProbe { healthy: false, output: cut(output, PROBE) });
                }
                Err(error) if error.text.contains("no defined healthcheck") => {}
                Err(error) => return Err(error),
            }
        }
        let inherited;
        let test = match test {
            HealthTest::Inherit => {
                inherited =
                    own_test(&self.shape("check the health of", id).await?.config.healthcheck.test);
                &inherited
            }
            given => given,
        };
        let command = match test {
            HealthTest::Shell(script) => {
                vec!["/bin/sh".to_owned(), "-c".to_owned(), script.clone()]
            }
            HealthTest::Command(words) => words.clone(),
            HealthTest::Inherit | HealthTest::Disabled => {
                let text = "the container has no health check";
                return Err(BackendError::new("check the health of", id, ErrorKind::Invalid, text));
            }
        };
        let probe = async {
            let session = self.exec(id, &ExecSpec::new(command), Feed::Empty).await?;
            session::collected(session, PROBE).await
        };
        match tokio::time::timeout(self.wire.limits.deadline, probe).await {
            Ok(Ok((output, code))) => {
                Ok(HealthProbe { healthy: code == 0, output: output.trim().to_owned() })
            }
            // A program that is not there is a check that fails, as docker counts it.
            Ok(Err(error)) if matches!(error.status, Some(126 | 127)) => {
                Ok(HealthProbe { healthy: false, output: cut(&error.text, PROBE) })
            }
            Ok(Err(error)) => Err(error),
            Err(_) => Ok(HealthProbe {
                healthy: false,
                output: "the check did not end in time".to_owned(),
            }),
        }
    }

    pub(crate) async fn logged(&self, id: &str, how: &LogOptions) -> Result<Flow<LogChunk>> {
        let podman = self.engine.flavour == Flavour::Podman;
        let mut ask = Self::container("read the logs of", id, Ask::get)
            .at("logs")
            .query("stdout", "1")
            .query("stderr", "1")
            .flag("follow", how.follow)
            .flag("timestamps", how.timestamps)
            .patience(if how.follow { Patience::Endless } else { Patience::Silence });
        if let Some(tail) = how.tail {
            ask = ask.query("tail", &tail.to_string());
        }
        let mut since = how.since.as_deref().map(moment::since);
        // podman 4.3.1 prints the whole log before it follows with `tail=0`.
        if podman && how.follow && how.tail == Some(0) && since.is_none() {
            let now = self.wire.send(crate::engine::ping(&self.wire.endpoint)).await?;
            since = now.date().and_then(moment::http_date).map(|now| now.to_string());
        }
        for (key, time) in [("since", since), ("until", how.until.as_deref().map(moment::since))] {
            if let Some(time) = time {
                ask = ask.query(key, &time);
            }
        }
        // docker tells with the answer whether it is a terminal's since 1.42, podman never.
        let told = !podman && self.engine.api >= (1, 42);
        let tty = if told { false } else { self.shape("read the logs of", id).await?.config.tty };
        let answer = self.wire.send(ask).await?;
        let tty = if told {
            answer.header("content-type") == Some("application/vnd.docker.raw-stream")
        } else {
            tty
        };
        let frames = frames::frames(answer.flow(), tty, "read the logs of", id);
        Ok(frames::chunks(frames, how.timestamps))
    }
}

/// The test of a container as the engine shows it.
pub(crate) fn own_test(test: &[String]) -> HealthTest {
    match test.split_first() {
        Some((kind, [script, ..])) if kind == "CMD-SHELL" => HealthTest::Shell(script.clone()),
        Some((kind, words)) if kind == "CMD" && !words.is_empty() => {
            HealthTest::Command(words.to_vec())
        }
        _ => HealthTest::Disabled,
    }
}

/// At most so many bytes, at the end of a character.
fn cut(text: &str, longest: usize) -> String {
    let mut end = text.len().min(longest);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}
