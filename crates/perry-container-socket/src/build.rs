//! Building with the engine's own builder: docker's classic one, podman's buildah. BuildKit needs a session over gRPC
//! that is not spoken here.

use crate::{
    SocketBackend, archive,
    ask::{Ask, Patience},
    auth,
    fault::{self, Flavour},
    frames,
    ignore::Ignore,
    images,
    shape::ImageShape,
    wire::Wire,
};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use perry_container_backend::{BackendError, Flow, Result};
use perry_container_spec::{BuildSpec, BuildStep, ErrorKind, Id};
use serde::Deserialize;
use std::{
    collections::VecDeque,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

/// What a spec asks for that only BuildKit can do.
pub(crate) fn beyond(what: &BuildSpec) -> Vec<&'static str> {
    let wants = [
        (!what.additional_contexts.is_empty(), "additional_contexts"),
        (!what.cache_to.is_empty(), "cache_to"),
        (!what.no_cache_filter.is_empty(), "no_cache_filter"),
        (what.platforms.len() > 1, "several platforms"),
        (!what.secrets.is_empty(), "secrets"),
        (!what.ssh.is_empty(), "ssh"),
        (!what.entitlements.is_empty(), "entitlements"),
        (what.privileged, "privileged"),
        (what.provenance.as_deref().is_some_and(|p| p != "false"), "provenance"),
        (what.sbom.as_deref().is_some_and(|s| s != "false"), "sbom"),
    ];
    wants.into_iter().filter(|(wanted, _)| *wanted).map(|(_, what)| what).collect()
}

/// A context that the engine fetches itself.
fn is_remote(context: &str) -> bool {
    context.contains("://") || context.starts_with("git@") || context.starts_with("github.com/")
}

/// docker's format of an image.
const DOCKERS: &str = "application/vnd.docker.distribution.manifest.v2+json";

/// A Dockerfile that is no file of the context goes in under this name, and out again before the first step.
const GENERATED: &str = ".perry-container.Dockerfile";

/// Where the Dockerfile is: in the context under a name, or beside it with this content.
#[derive(Debug, PartialEq, Eq)]
enum Dockerfile {
    Inside(String),
    Content(Vec<u8>),
}

fn dockerfile(what: &BuildSpec, flavour: Flavour) -> io::Result<Dockerfile> {
    if let Some(text) = &what.dockerfile_inline {
        return Ok(Dockerfile::Content(text.clone().into_bytes()));
    }
    let context = Path::new(&what.context);
    let Some(name) = &what.dockerfile else {
        let container = "Containerfile";
        let podmans = flavour == Flavour::Podman
            && !context.join("Dockerfile").exists()
            && context.join(container).exists();
        return Ok(Dockerfile::Inside(if podmans { container } else { "Dockerfile" }.to_owned()));
    };
    let path = context.join(name);
    let inside = path.strip_prefix(context).ok().filter(|inside| {
        inside.components().all(|part| {
            matches!(part, std::path::Component::Normal(_) | std::path::Component::CurDir)
        })
    });
    match inside.and_then(Path::to_str) {
        Some(inside) => Ok(Dockerfile::Inside(inside.trim_start_matches("./").to_owned())),
        None => std::fs::read(path).map(Dockerfile::Content),
    }
}

/// The context as a tar archive, without what `.dockerignore` leaves out.
fn context(root: PathBuf, file: Dockerfile) -> Flow<Bytes> {
    let object = root.display().to_string();
    archive::written(&object, move |tar| {
        let (name, generated) = match file {
            Dockerfile::Inside(name) => (name, None),
            Dockerfile::Content(content) => (GENERATED.to_owned(), Some(content)),
        };
        // The file beside the Dockerfile goes first (docker buildx).
        let own = root.join(format!("{name}.dockerignore"));
        let path = if own.is_file() { own } else { root.join(".dockerignore") };
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error),
        };
        let ignore = Ignore::parse(&text);
        let mut folders = vec![PathBuf::new()];
        while let Some(folder) = folders.pop() {
            let mut entries: Vec<_> =
                std::fs::read_dir(root.join(&folder))?.collect::<io::Result<_>>()?;
            entries.sort_by_key(std::fs::DirEntry::file_name); // the same archive every time
            for entry in entries {
                let below = folder.join(entry.file_name());
                let Some(text) = below.to_str().map(|text| text.replace('\\', "/")) else {
                    continue;
                };
                let is_folder = entry.file_type()?.is_dir();
                // The engine needs these two, and takes them out itself when they are excluded.
                let needed = text == name || text == ".dockerignore";
                let excluded = !needed && ignore.excludes(&text);
                let leads_there =
                    name.strip_prefix(&text).is_some_and(|rest| rest.starts_with('/'));
                if is_folder && (!excluded || ignore.has_exceptions() || leads_there) {
                    folders.push(below.clone());
                }
                let replaced = generated.is_some() && text == ".dockerignore";
                if !excluded && !replaced {
                    archive::entry(tar, &entry.path(), &below)?;
                }
            }
        }
        if let Some(content) = &generated {
            file_of(tar, GENERATED, content)?;
            file_of(
                tar,
                ".dockerignore",
                format!("{text}\n.dockerignore\n{GENERATED}\n").as_bytes(),
            )?;
        }
        Ok(())
    })
}

fn file_of(
    tar: &mut tar::Builder<&mut dyn io::Write>,
    name: &str,
    content: &[u8],
) -> io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_size(content.len() as u64);
    header.set_mode(0o600);
    tar.append_data(&mut header, name, content)
}

/// `{"key":"value"}`.
fn object<'a>(pairs: impl Iterator<Item = (&'a String, &'a str)>) -> String {
    let map: serde_json::Map<_, _> =
        pairs.map(|(key, value)| (key.clone(), value.into())).collect();
    serde_json::Value::from(map).to_string()
}

fn ask(what: &BuildSpec, name: &str, flavour: Flavour) -> Ask {
    let ask = Ask::post("build", &what.context);
    let ask = match flavour {
        Flavour::Docker => ask,
        // In its own API a short tag is one below `localhost`; a health check is kept in docker's format only.
        Flavour::Podman => ask.libpod(),
    };
    let ask = ask
        .at("build")
        .query("version", "1")
        .query("rm", "true")
        .query("forcerm", "true")
        .query("dockerfile", name)
        .flag("nocache", what.no_cache)
        .flag("pull", what.pull);
    let ask = match flavour {
        Flavour::Docker => ask,
        Flavour::Podman => ask.query("outputformat", DOCKERS),
    };
    let ask = what.tags.iter().fold(ask, |ask, tag| ask.query("t", tag));
    let ask = what
        .extra_hosts
        .iter()
        .fold(ask, |ask, (host, ip)| ask.query("extrahosts", &format!("{host}:{ip}")));
    let ulimits: Vec<_> = what
        .ulimits
        .iter()
        .map(|(name, limit)| serde_json::json!({"Name": name, "Soft": limit.soft, "Hard": limit.hard}))
        .collect();
    let args = object(what.args.iter().map(|(key, value)| (key, value.expose().as_str())));
    let labels = object(what.labels.iter().map(|(key, value)| (key, value.as_str())));
    let list = |list: &[String]| serde_json::Value::from(list).to_string();
    [
        ("target", what.target.clone()),
        ("networkmode", what.network.clone()),
        ("platform", what.platforms.first().cloned()),
        ("isolation", what.isolation.clone()),
        ("shmsize", what.shm_size.map(|size| size.to_string())),
        ("buildargs", (!what.args.is_empty()).then_some(args)),
        ("labels", (!what.labels.is_empty()).then_some(labels)),
        ("cachefrom", (!what.cache_from.is_empty()).then(|| list(&what.cache_from))),
        ("ulimits", (!ulimits.is_empty()).then(|| serde_json::Value::from(ulimits).to_string())),
    ]
    .into_iter()
    .fold(ask, |ask, (key, value)| match value {
        Some(value) => ask.query(key, &value),
        None => ask,
    })
    .patience(Patience::Silence)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Step {
    stream: Option<String>,
    status: Option<String>,
    error: Option<String>,
    aux: Option<Aux>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Aux {
    #[serde(rename = "ID")]
    id: String,
}

const LINE: usize = 4 << 20;

impl SocketBackend {
    pub(crate) async fn builds(&self, what: &BuildSpec) -> Result<Flow<BuildStep>> {
        let error = |kind, text: String| BackendError::new("build", &what.context, kind, text);
        let beyond = beyond(what);
        if !beyond.is_empty() {
            let text = format!("the engine's own builder cannot do this: {}", beyond.join(", "));
            return Err(error(ErrorKind::Unsupported, text)
                .with_hint("build with the engine's command line, which brings BuildKit"));
        }
        let mut request = if is_remote(&what.context) {
            let name = what.dockerfile.as_deref().unwrap_or("Dockerfile");
            if what.dockerfile_inline.is_some() {
                let text = "a remote context takes no inline Dockerfile".to_owned();
                return Err(error(ErrorKind::Unsupported, text));
            }
            ask(what, name, self.engine.flavour).query("remote", &what.context)
        } else {
            let root = PathBuf::from(&what.context);
            if !root.is_dir() {
                return Err(error(ErrorKind::Invalid, "the context is no directory".to_owned()));
            }
            let file = dockerfile(what, self.engine.flavour).map_err(|e| {
                error(ErrorKind::Invalid, format!("the Dockerfile cannot be read: {e}"))
            })?;
            let name = match &file {
                Dockerfile::Inside(name) => name.clone(),
                Dockerfile::Content(_) => GENERATED.to_owned(),
            };
            ask(what, &name, self.engine.flavour).tar(context(root, file))
        };
        if let Some(header) = auth::all(self.credentials.as_deref()).await {
            request = request.header("x-registry-config", header.into_inner());
        }
        let answer = self.wire.send(request).await?;
        let state = Building {
            steps: frames::values(answer.flow(), LINE, "build", &what.context),
            ready: VecDeque::new(),
            built: None,
            done: false,
            wire: Arc::clone(&self.wire),
            flavour: self.engine.flavour,
            object: what.context.clone(),
            tag: what.tags.first().cloned(),
        };
        Ok(stream::try_unfold(state, Building::next).boxed())
    }
}

struct Building {
    steps: Flow<Step>,
    ready: VecDeque<String>,
    /// The image's id, or the short form of it that the last lines tell.
    built: Option<String>,
    done: bool,
    wire: Arc<Wire>,
    flavour: Flavour,
    object: String,
    tag: Option<String>,
}

impl Building {
    async fn next(mut self) -> Result<Option<(BuildStep, Self)>> {
        loop {
            if let Some(line) = self.ready.pop_front() {
                return Ok(Some((BuildStep::Line(line), self)));
            }
            if self.done {
                return Ok(None);
            }
            match self.steps.next().await.transpose()? {
                Some(step) => self.take(step)?,
                None => {
                    self.done = true;
                    let id = built(
                        &self.wire,
                        self.flavour,
                        self.built.clone(),
                        self.tag.clone(),
                        self.object.clone(),
                    )
                    .await?;
                    return Ok(Some((BuildStep::Built(id), self)));
                }
            }
        }
    }

    fn take(&mut self, step: Step) -> Result<()> {
        if let Some(text) = step.error {
            let kind = fault::meaning(self.flavour, &text).unwrap_or(ErrorKind::Other);
            return Err(BackendError::new("build", &self.object, kind, text.trim()));
        }
        if let Some(aux) = step.aux.filter(|aux| !aux.id.is_empty()) {
            self.built = Some(aux.id);
        }
        for line in
            step.stream.or(step.status).unwrap_or_default().lines().filter(|line| !line.is_empty())
        {
            if let Some(id) = line.strip_prefix("Successfully built ") {
                self.built.get_or_insert_with(|| id.trim().to_owned());
            }
            self.ready.push_back(line.to_owned());
        }
        Ok(())
    }
}

/// podman tells the short id only.
async fn built(
    wire: &Wire,
    flavour: Flavour,
    id: Option<String>,
    tag: Option<String>,
    object: String,
) -> Result<Id> {
    match id.or(tag) {
        Some(id) if id.starts_with("sha256:") => Ok(id),
        Some(name) => {
            let shape: ImageShape = wire.value(images::inspect(flavour, &name)).await?;
            Ok(crate::containers::image_id(&shape.id))
        }
        None => {
            Err(BackendError::new("build", object, ErrorKind::Malformed, "no image came of it"))
        }
    }
}
