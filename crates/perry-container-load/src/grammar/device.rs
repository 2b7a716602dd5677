//! `source[:target[:permissions]]`.

/// A device as it is written short.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Device {
    pub(crate) source: String,
    pub(crate) target: String,
    pub(crate) permissions: String,
}

/// Splits a device; `None` for more than three parts.
pub(crate) fn parse(text: &str) -> Option<Device> {
    let parts: Vec<&str> = text.split(':').collect();
    let (source, target, permissions) = match parts[..] {
        [source] => (source, source, "rwm"),
        [source, target] => (source, target, "rwm"),
        [source, target, permissions] => (source, target, permissions),
        _ => return None,
    };
    let target = if target.is_empty() { source } else { target };
    let (source, target) = (source.to_owned(), target.to_owned());
    Some(Device { source, target, permissions: permissions.to_owned() })
}
