//! `[source:]target[:options]`: compose-go's `format.ParseVolume`.

/// A mount as it is written short.
#[derive(Debug, PartialEq, Eq, Default)]
pub(crate) struct Volume {
    /// `bind` or `volume`.
    pub(crate) kind: &'static str,
    pub(crate) source: Option<String>,
    /// Cleaned.
    pub(crate) target: String,
    pub(crate) read_only: bool,
    pub(crate) nocopy: bool,
    pub(crate) propagation: Option<String>,
    pub(crate) selinux: Option<String>,
    /// Options that nobody knows; the reference ignores them.
    pub(crate) ignored: Vec<String>,
}

const PROPAGATION: [&str; 6] = ["rprivate", "private", "rshared", "shared", "rslave", "slave"];

/// # Errors
/// What is wrong, as a fragment.
pub(crate) fn parse(spec: &str) -> Result<Volume, String> {
    let mut volume = Volume { kind: "volume", ..Volume::default() };
    match spec.chars().count() {
        0 => return Err("an empty volume".to_owned()),
        1 | 2 => {
            volume.target = clean(spec);
            return Ok(volume);
        }
        _ => {}
    }
    let parts = sections(spec);
    if parts.iter().any(String::is_empty) {
        return Err("an empty section between colons".to_owned());
    }
    match &parts[..] {
        [target] => volume.target = clean(target),
        [source, target, rest @ ..] => {
            volume.source = Some(source.clone());
            volume.target = clean(target);
            match rest {
                [] => {}
                [all] => options(all, &mut volume),
                _ => return Err("too many colons".to_owned()),
            }
        }
        [] => {}
    }
    if volume.source.as_deref().is_some_and(is_path) {
        volume.kind = "bind";
    }
    Ok(volume)
}

/// Splits at colons, but not behind a single letter (a Windows drive, even on Linux) and not
/// inside `${...}`.
fn sections(spec: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut part = String::new();
    let mut in_variable = false;
    let mut chars = spec.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '$' if chars.peek() == Some(&'{') => in_variable = true,
            '}' => in_variable = false,
            ':' if !in_variable && !is_drive(&part) => {
                parts.push(std::mem::take(&mut part));
                continue;
            }
            _ => {}
        }
        part.push(c);
    }
    parts.push(part);
    parts
}

fn is_drive(part: &str) -> bool {
    let mut chars = part.chars();
    matches!((chars.next(), chars.next()), (Some(c), None) if c.is_alphabetic())
}

fn options(text: &str, volume: &mut Volume) {
    for option in text.split(',') {
        match option {
            "ro" => volume.read_only = true,
            "rw" => volume.read_only = false,
            "nocopy" => volume.nocopy = true,
            "z" | "Z" => volume.selinux = Some(option.to_owned()),
            option if PROPAGATION.contains(&option) => {
                volume.propagation = Some(option.to_owned());
            }
            other => volume.ignored.push(other.to_owned()),
        }
    }
}

/// Whether a source is a path on the host rather than the name of a volume.
pub(crate) fn is_path(source: &str) -> bool {
    let windows = |source: &str| {
        let mut chars = source.chars();
        chars.next().is_some_and(char::is_alphabetic) && chars.next() == Some(':')
    };
    source.starts_with(['.', '/', '~']) || source.starts_with("\\\\") || windows(source)
}

/// Go's `path.Clean`.
pub(crate) fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => match parts.last() {
                Some(&last) if last != ".." => {
                    parts.pop();
                }
                _ if rooted => {}
                _ => parts.push(".."),
            },
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

#[cfg(test)]
mod tests {
    use super::{clean, parse};

    fn show(spec: &str) -> String {
        match parse(spec) {
            Err(error) => error,
            Ok(v) => {
                let mut out =
                    format!("{} {} {}", v.kind, v.source.as_deref().unwrap_or("-"), v.target);
                for (on, word) in [(v.read_only, " ro"), (v.nocopy, " nocopy")] {
                    out += if on { word } else { "" };
                }
                for word in [v.propagation, v.selinux].into_iter().flatten() {
                    out = out + " " + &word;
                }
                out
            }
        }
    }

    /// What docker compose 2.40.3 answered.
    #[test]
    fn volumes_are_split_as_compose_splits_them() {
        for (spec, parts) in [
            ("/a", "volume - /a"),
            ("x", "volume - x"),
            ("/a:ro", "bind /a ro"),
            ("a:/b", "volume - a:/b"),
            ("v:/b:ro", "bind v:/b ro"),
            ("xx:/b:rw,nocopy", "volume xx /b nocopy"),
            ("/a/../b:/c/../d", "bind /a/../b /d"),
            ("/a:/b:ro,z,rshared", "bind /a /b ro rshared z"),
            ("/a:/b:bad,rw", "bind /a /b"),
            ("C:\\x:/y", "bind C:\\x /y"),
            ("a/b:/x", "volume a/b /x"),
            ("${A:-x:y}:/z", "volume ${A:-x:y} /z"),
            ("/x::/y", "an empty section between colons"),
            ("/x:", "an empty section between colons"),
            (":/x", "an empty section between colons"),
            ("/a:/b:ro:rw", "too many colons"),
            ("", "an empty volume"),
        ] {
            assert_eq!(show(spec), parts, "{spec}");
        }
    }

    #[test]
    fn paths_are_cleaned_as_go_cleans_them() {
        for (path, cleaned) in
            [("/a//b/./c/..", "/a/b"), ("/..", "/"), ("a/../..", ".."), ("./", "."), ("", ".")]
        {
            assert_eq!(clean(path), cleaned);
        }
    }
}
