//! Pulling and pushing: a stream of steps whose errors come after a status of 200.

use crate::{
    SocketBackend,
    ask::{Ask, Patience},
    auth::{self, Login},
    fault::{self, Flavour},
    frames,
    reference::Reference,
    wire::Answer,
};
use futures_util::{StreamExt as _, TryStreamExt as _};
use perry_container_backend::{BackendError, Flow, Result};
use perry_container_spec::{ErrorKind, ImagePull, PullStep};
use serde::Deserialize;

/// docker's steps, and podman's own (`stream`, `images`).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Step {
    id: Option<String>,
    status: Option<String>,
    stream: Option<String>,
    error: Option<String>,
    #[serde(rename = "progressDetail")]
    progress: Option<Detail>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Detail {
    current: Option<u64>,
    total: Option<u64>,
}

/// The longest line of progress.
const LINE: usize = 1 << 20;

impl SocketBackend {
    pub(crate) async fn open_pull(&self, what: &ImagePull) -> Result<Flow<PullStep>> {
        let reference = &what.reference;
        let ask = match self.engine.flavour {
            Flavour::Docker => {
                let full = Reference::parse(reference);
                // Without a tag docker would pull all of them.
                let tag = full.digest.clone().or(full.tag).unwrap_or_default();
                Ask::post("pull", reference)
                    .at("images/create")
                    .query("fromImage", &full.repository)
                    .query("tag", &tag)
            }
            // docker's path would take every short name for one of Docker Hub; podman's own searches as its client does.
            Flavour::Podman => Ask::post("pull", reference)
                .libpod()
                .at("images/pull")
                .query("reference", reference),
        };
        let ask = match (&what.platform, self.engine.flavour) {
            (None, _) => ask,
            (Some(platform), Flavour::Docker) => ask.query("platform", platform),
            (Some(platform), Flavour::Podman) => {
                let mut parts = platform.splitn(3, '/');
                ["OS", "Arch", "Variant"].into_iter().fold(ask, |ask, key| match parts.next() {
                    Some(part) => ask.query(key, part),
                    None => ask,
                })
            }
        };
        self.stepping(ask, reference, false).await
    }

    pub(crate) async fn open_push(&self, reference: &str) -> Result<Flow<PullStep>> {
        let full = Reference::parse(reference);
        let ask = match self.engine.flavour {
            Flavour::Docker => {
                let name =
                    full.repository.strip_prefix("docker.io/library/").unwrap_or(&full.repository);
                let ask = Ask::post("push", reference).at("images").reference(name).at("push");
                ask.query("tag", full.tag.as_deref().unwrap_or("latest"))
            }
            Flavour::Podman => {
                Ask::post("push", reference).libpod().at("images").reference(reference).at("push")
            }
        };
        self.stepping(ask, reference, true).await
    }

    /// podman's API has no such call.
    pub(crate) async fn digest_of(&self, reference: &str) -> Result<String> {
        if self.engine.flavour == Flavour::Podman {
            let text = "podman has no call that asks a registry for a digest";
            return Err(BackendError::new("resolve", reference, ErrorKind::Unsupported, text));
        }
        let ask = Ask::get("resolve", reference).at("distribution").reference(reference).at("json");
        let (ask, hint) = self.with_login(ask, reference, false).await;
        let found: Distribution =
            self.wire.value(ask).await.map_err(|error| hinted(error, hint))?;
        Ok(found.descriptor.digest)
    }

    /// With the credentials that there are, and a hint for when they do not do.
    async fn with_login(&self, ask: Ask, reference: &str, insists: bool) -> (Ask, Option<String>) {
        let login = auth::login(self.credentials.as_deref(), reference).await;
        let hint = match &login {
            Login::Helper(helper) => Some(format!(
                "the credentials of this registry are kept by docker-credential-{helper}, which is not run here; \
                 pull with the engine's command line, or log in without a helper"
            )),
            Login::Header(_) | Login::Anonymous => None,
        };
        let ask = match login {
            Login::Header(value) => ask.header("x-registry-auth", value.into_inner()),
            Login::Helper(_) | Login::Anonymous
                if insists && self.engine.flavour == Flavour::Docker =>
            {
                ask.header("x-registry-auth", auth::NOBODY.to_owned())
            }
            Login::Helper(_) | Login::Anonymous => ask,
        };
        (ask, hint)
    }

    async fn stepping(&self, ask: Ask, reference: &str, insists: bool) -> Result<Flow<PullStep>> {
        let verb = ask.about.verb;
        let (ask, hint) = self.with_login(ask, reference, insists).await;
        match self.wire.send(ask.patience(Patience::Silence)).await {
            Ok(answer) => {
                let steps = steps(answer, self.engine.flavour, verb, reference);
                Ok(steps.map_err(move |error| hinted(error, hint.clone())).boxed())
            }
            Err(error) => Err(hinted(error, hint)),
        }
    }
}

fn hinted(error: BackendError, hint: Option<String>) -> BackendError {
    match hint {
        Some(hint) if error.kind == ErrorKind::Permission => error.with_hint(hint),
        _ => error,
    }
}

/// What a registry says of a reference.
#[derive(Debug, Deserialize)]
struct Distribution {
    #[serde(rename = "Descriptor")]
    descriptor: Descriptor,
}

#[derive(Debug, Deserialize)]
struct Descriptor {
    digest: String,
}

fn steps(answer: Answer, flavour: Flavour, verb: &'static str, reference: &str) -> Flow<PullStep> {
    let object = reference.to_owned();
    frames::values::<Step>(answer.flow(), LINE, verb, reference)
        .and_then(move |step| std::future::ready(step_of(step, flavour, verb, &object)))
        .try_filter_map(|step| std::future::ready(Ok(step)))
        .boxed()
}

fn step_of(
    step: Step,
    flavour: Flavour,
    verb: &'static str,
    object: &str,
) -> Result<Option<PullStep>> {
    if let Some(text) = step.error {
        let kind = fault::meaning(flavour, &text).unwrap_or(ErrorKind::Other);
        return Err(BackendError::new(verb, object, kind, text.trim()));
    }
    let Some(text) = step.status.or(step.stream) else { return Ok(None) };
    let progress = step.progress.unwrap_or_default();
    Ok(Some(PullStep {
        layer: step.id.filter(|id| !id.is_empty()),
        text: text.trim_end().to_owned(),
        current: progress.current,
        total: progress.total,
    }))
}
