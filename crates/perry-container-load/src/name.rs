//! Names of projects.

use std::path::Path;

/// Lower case, only `[a-z0-9_-]`, starting with a letter or digit; empty when nothing is left.
///
/// ```
/// assert_eq!(perry_container_load::normalize_name("_My.Name-1"), "myname-1");
/// ```
#[must_use]
pub fn normalize_name(name: &str) -> String {
    let kept: String = name
        .to_lowercase()
        .chars()
        .filter(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-'))
        .collect();
    kept.trim_start_matches(['_', '-']).to_owned()
}

/// The last part of a directory, normalised.
pub(crate) fn of_directory(directory: &Path) -> String {
    normalize_name(&directory.file_name().unwrap_or_default().to_string_lossy())
}
