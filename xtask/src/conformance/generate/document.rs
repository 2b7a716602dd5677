//! YAML documents that hold one property, with all that it needs around it.

use std::fmt::Write as _;

/// A YAML value that is written in blocks down to its leaves.
#[derive(Debug, Clone)]
pub(super) enum Yaml {
    /// As it stands, in flow style, maybe with a tag.
    Raw(String),
    Map(Vec<(String, Self)>),
    Seq(Vec<Self>),
    Tagged(&'static str, Box<Self>),
}

impl Yaml {
    pub(super) fn raw(text: &str) -> Self {
        Self::Raw(text.to_owned())
    }

    /// The document's text.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        self.write(0, &mut text);
        text
    }

    fn write(&self, indent: usize, out: &mut String) {
        match self {
            Self::Raw(text) => {
                let _ = writeln!(out, "{:indent$}{text}", "");
            }
            Self::Map(entries) => {
                for (key, value) in entries {
                    let _ = write!(out, "{:indent$}{key}:", "");
                    value.write_after(indent, out);
                }
            }
            Self::Tagged(tag, value) => {
                let _ = writeln!(out, "{:indent$}{tag}", "");
                value.write(indent, out);
            }
            Self::Seq(items) => {
                for item in items {
                    let mut inner = String::new();
                    item.write(indent + 2, &mut inner);
                    let _ = write!(out, "{:indent$}- {}", "", inner.trim_start_matches(' '));
                }
            }
        }
    }

    /// Behind a key.
    fn write_after(&self, indent: usize, out: &mut String) {
        match self {
            Self::Raw(text) if text.is_empty() => out.push('\n'),
            Self::Raw(text) => {
                let _ = writeln!(out, " {text}");
            }
            Self::Tagged(tag, value) => {
                let _ = write!(out, " {tag}");
                value.write_after(indent, out);
            }
            Self::Map(_) | Self::Seq(_) => {
                out.push('\n');
                self.write(indent + 2, out);
            }
        }
    }

    fn put(&mut self, key: &str, value: Self) {
        if let Self::Map(entries) = self {
            match entries.iter_mut().find(|(known, _)| known == key) {
                Some((_, old)) => *old = value,
                None => entries.push((key.to_owned(), value)),
            }
        }
    }
}

/// The key that stands for `*` below a path.
pub(super) fn key(parent: &str) -> &'static str {
    match parent {
        "services" => "a",
        "networks" | "services.*.networks" => "n",
        "volumes" => "v",
        "secrets" => "s",
        "configs" => "c",
        "models" | "services.*.models" => "m",
        "services.*.depends_on" => "b",
        "services.*.ulimits" | "services.*.build.ulimits" => "nofile",
        "services.*.sysctls" => "net.core.somaxconn",
        "services.*.logging.options" => "max-size",
        "services.*.storage_opt" => "size",
        _ if parent.ends_with("extra_hosts") => "h",
        _ => "K",
    }
}

/// What a mapping must or should have besides the property at hand.
pub(super) fn companions(path: &str, child: &str) -> &'static [(&'static str, &'static str)] {
    match path {
        "services.*" if child == "extends" => &[],
        "services.*" => &[("image", "x")],
        "services.*.build" if child == "dockerfile_inline" => &[("context", ".")],
        "services.*.build" => &[("context", "./src")],
        "services.*.build.ulimits.*" | "services.*.ulimits.*" => &[("soft", "10"), ("hard", "20")],
        "services.*.depends_on.*" => &[("condition", "service_started")],
        "services.*.develop.watch.[]" if child == "exec" => {
            &[("action", "sync+exec"), ("path", "./src"), ("target", "/src")]
        }
        "services.*.develop.watch.[]" => {
            &[("action", "sync"), ("path", "./src"), ("target", "/src")]
        }
        "services.*.develop.watch.[].exec" => &[("command", "[\"true\"]")],
        "services.*.env_file.[]" => &[("path", "./e1.env")],
        "services.*.extends" => &[("service", "b")],
        "services.*.provider" => &[("type", "t")],
        "services.*.volumes.[]" => match child {
            "bind" => &[("type", "bind"), ("source", "./src"), ("target", "/t")],
            "tmpfs" => &[("type", "tmpfs"), ("target", "/t")],
            "image" => &[("type", "image"), ("source", "busybox"), ("target", "/t")],
            _ => &[("type", "volume"), ("source", "v"), ("target", "/t")],
        },
        "services.*.ports.[]" => &[("target", "80")],
        "services.*.secrets.[]" | "services.*.build.secrets.[]" => &[("source", "s")],
        "services.*.configs.[]" => &[("source", "c")],
        "services.*.devices.[]" => &[("source", "/dev/a"), ("target", "/dev/b")],
        "services.*.healthcheck" if child == "start_interval" => &[("start_period", "1s")],
        "services.*.deploy.resources.reservations.devices.[]" => &[("capabilities", "[gpu]")],
        "services.*.blkio_config.weight_device.[]" => &[("path", "/dev/a"), ("weight", "300")],
        "services.*.post_start.[]" | "services.*.pre_stop.[]" | "services.*.pre_start.[]" => {
            &[("command", "[\"true\"]")]
        }
        "networks.*.ipam.config.[]" => &[("subnet", "10.1.0.0/24")],
        "include.[]" => &[("path", "./inc.yaml")],
        "models.*" => &[("model", "ai/x")],
        "configs.*" if !matches!(child, "file" | "environment" | "external") => {
            &[("content", "hi")]
        }
        "secrets.*" if !matches!(child, "environment" | "external" | "driver") => {
            &[("file", "./s")]
        }
        _ if path.contains(".device_") && path.ends_with(".[]") => {
            &[("path", "/dev/a"), ("rate", "1mb")]
        }
        _ => &[],
    }
}

/// The document that holds `leaf` at a path of the schema.
pub(super) fn around(path: &str, leaf: Yaml) -> Yaml {
    let segments: Vec<&str> = path.split('.').collect();
    let mut value = leaf;
    for at in (0..segments.len()).rev() {
        let parent = segments[..at].join(".");
        value = if segments[at] == "[]" {
            Yaml::Seq(vec![value])
        } else {
            let name = if segments[at] == "*" { key(&parent) } else { segments[at] };
            let mut map = Yaml::Map(Vec::new());
            for (name, text) in companions(&parent, name) {
                map.put(name, Yaml::raw(text));
            }
            map.put(name, value);
            map
        };
    }
    value
}

/// As [`around`], with the services and resources that the property may speak of.
pub(super) fn project(path: &str, leaf: Yaml) -> Yaml {
    let mut root = around(path, leaf);
    let Yaml::Map(entries) = &mut root else { return root };
    let own = path.split('.').next().unwrap_or_default();
    if own == "services" {
        if let Some((_, Yaml::Map(services))) = entries.first_mut() {
            services.push(("b".to_owned(), Yaml::raw("{image: y}")));
        }
    } else {
        entries.insert(0, ("services".to_owned(), Yaml::raw("{z: {image: x}}")));
    }
    let mut more = |name: &str, text: &str| {
        if own != name {
            entries.push((name.to_owned(), Yaml::raw(text)));
        }
    };
    if path.starts_with("services.*.networks") {
        more("networks", "{n: {}, n2: {}}");
    }
    if path.starts_with("services.*.volumes") {
        more("volumes", "{v: {}, w: {}}");
    }
    if path.contains(".secrets") {
        more("secrets", "{s: {file: ./s}, t: {file: ./t}}");
    }
    if path.contains(".configs") {
        more("configs", "{c: {content: hi}, d: {content: ho}}");
    }
    if path.starts_with("services.*.models") {
        more("models", "{m: {model: x}, m2: {model: y}}");
    }
    root
}

/// The files beside the compose file that a property may name.
pub(super) fn files(path: &str) -> Vec<(&'static str, &'static str)> {
    match path {
        _ if path.starts_with("include") => vec![
            ("inc.yaml", "services: {i: {image: \"x:${V}\"}}\n"),
            ("inc2.yaml", "services: {i: {image: \"x:${V}\", user: u}}\n"),
            ("one.env", "V=1\n"),
            ("two.env", "V=2\n"),
        ],
        _ if path.contains("env_file") => vec![("e1.env", "A=1\n"), ("e2.env", "A=2\nB=3\n")],
        _ if path.contains("label_file") => vec![("l1", "a=1\n"), ("l2", "a=2\nb=3\n")],
        _ if path.starts_with("services.*.extends") => {
            vec![
                ("base.yaml", "services: {b: {image: z, user: u}, c: {image: q}}\n"),
                ("base2.yaml", "services: {b: {image: y2}}\n"),
            ]
        }
        _ => Vec::new(),
    }
}
