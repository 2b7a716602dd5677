//! Relative paths of a document made to start at a directory.

use std::path::{Component, Path, PathBuf};

use perry_container_yaml::{Kind, Node};

use crate::{Source, defaults::each_service};

/// Where relative paths start, and what `~` and symbolic links stand for.
pub(crate) struct Base<'a> {
    pub(crate) directory: &'a Path,
    pub(crate) home: Option<&'a str>,
    /// Follows links of watched paths; `None` leaves them.
    pub(crate) source: Option<&'a dyn Source>,
}

/// Makes the paths of a canonical document start at a directory.
pub(crate) fn resolve(root: &mut Node, base: &Base<'_>) {
    each_service(root, |_, service| {
        for (key, entry) in service.iter_mut() {
            let value = &mut entry.value;
            match key.as_str() {
                "build" => build(value, base),
                "env_file" => each(value, |item| {
                    if let Some(path) = item.get_mut("path") {
                        text(path, |path| base.path(path));
                    }
                }),
                "label_file" => each(value, |item| text(item, |path| base.path(path))),
                "volumes" => each(value, |item| {
                    if item.get("type").and_then(Node::as_str) == Some("bind")
                        && let Some(source) = item.get_mut("source")
                    {
                        text(source, |path| base.host_path(path));
                    }
                }),
                "extends" => {
                    if let Some(file) = value.get_mut("file") {
                        text(file, |path| base.path(path));
                    }
                }
                "develop" => {
                    if let Some(watch) = value.get_mut("watch") {
                        each(watch, |trigger| {
                            if let Some(path) = trigger.get_mut("path") {
                                text(path, |path| base.real_path(path));
                            }
                        });
                    }
                }
                _ => {}
            }
        }
    });
    for kind in ["configs", "secrets"] {
        let resources = root.get_mut(kind).and_then(Node::as_map_mut);
        for (_, entry) in resources.into_iter().flatten() {
            if let Some(file) = entry.value.get_mut("file") {
                text(file, |path| base.host_path(path));
            }
        }
    }
    let volumes = root.get_mut("volumes").and_then(Node::as_map_mut);
    for (_, entry) in volumes.into_iter().flatten() {
        if entry.value.get("driver").and_then(Node::as_str) != Some("local") {
            continue;
        }
        let Some(options) = entry.value.get_mut("driver_opts") else { continue };
        if options.get("o").and_then(Node::as_str) == Some("bind")
            && let Some(device) = options.get_mut("device")
        {
            text(device, |path| base.host_path(path));
        }
    }
}

fn build(build: &mut Node, base: &Base<'_>) {
    if let Some(context) = build.get_mut("context") {
        text(context, |path| base.context(path));
    }
    let contexts = build.get_mut("additional_contexts").and_then(Node::as_map_mut);
    for (_, entry) in contexts.into_iter().flatten() {
        text(&mut entry.value, |path| base.context(path));
    }
    if let Some(ssh) = build.get_mut("ssh") {
        each(ssh, |key| {
            text(key, |key| match key.split_once('=') {
                Some((id, path)) => format!("{id}={}", base.host_path(path)),
                None => key.to_owned(),
            });
        });
    }
}

fn each(node: &mut Node, act: impl FnMut(&mut Node)) {
    if let Kind::Seq(items) = &mut node.kind {
        items.iter_mut().for_each(act);
    }
}

fn text(node: &mut Node, change: impl FnOnce(&str) -> String) {
    if let Kind::Str(text) = &mut node.kind {
        *text = change(text);
    }
}

impl Base<'_> {
    fn expand_home(&self, path: &str) -> String {
        match (path.strip_prefix('~'), self.home) {
            (Some(rest), Some(home)) if rest.is_empty() || rest.starts_with('/') => {
                format!("{home}{rest}")
            }
            _ => path.to_owned(),
        }
    }

    pub(crate) fn path(&self, path: &str) -> String {
        let path = self.expand_home(path);
        if path.is_empty() || Path::new(&path).is_absolute() {
            return path;
        }
        show(&clean(&self.directory.join(path)))
    }

    /// A path on the host of the runtime, which may be a Windows path here.
    fn host_path(&self, path: &str) -> String {
        let path = self.expand_home(path);
        if path.starts_with('/') || is_windows_absolute(&path) {
            return path;
        }
        show(&clean(&self.directory.join(path)))
    }

    /// A build context, which may be no path at all.
    fn context(&self, context: &str) -> String {
        if is_remote(context) || context.starts_with("service:") {
            return context.to_owned();
        }
        self.path(context)
    }

    fn real_path(&self, path: &str) -> String {
        let path = self.path(path);
        let real = self.source.and_then(|source| source.real_path(Path::new(&path)));
        real.map_or(path, |real| show(&real))
    }
}

/// Whether a text names a repository or a registry rather than a file.
pub(crate) fn is_remote(text: &str) -> bool {
    text.contains("://") || text.starts_with("github.com/") || text.starts_with("git@")
}

fn is_windows_absolute(path: &str) -> bool {
    let bytes = path.as_bytes();
    path.starts_with("\\\\")
        || matches!(bytes, [drive, b':', b'\\' | b'/', ..] if drive.is_ascii_alphabetic())
}

pub(crate) fn show(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Go's `filepath.Clean`: no `.`, no `..` that can be taken back, no doubled separators.
pub(crate) fn clean(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => match out.components().next_back() {
                Some(Component::Normal(_)) => {
                    out.pop();
                }
                Some(Component::RootDir | Component::Prefix(_)) => {}
                _ => out.push(".."),
            },
            other => out.push(other),
        }
    }
    if out.as_os_str().is_empty() { PathBuf::from(".") } else { out }
}

/// The way from one absolute directory to another: Go's `filepath.Rel`.
pub(crate) fn relative(from: &Path, to: &Path) -> PathBuf {
    let (from, to) = (clean(from), clean(to));
    let mut left = from.components().peekable();
    let mut right = to.components().peekable();
    while left.peek().is_some() && left.peek() == right.peek() {
        left.next();
        right.next();
    }
    let out: PathBuf = left.map(|_| Component::ParentDir).chain(right).collect();
    if out.as_os_str().is_empty() { PathBuf::from(".") } else { out }
}
