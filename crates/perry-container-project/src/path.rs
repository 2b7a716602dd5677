//! Paths as docker compose writes them: absolute, without `.` and `..`, links not followed.

use std::path::{Component, Path, PathBuf};

/// A path from a directory, taken apart and put together without `.` and `..`.
pub(crate) fn absolute(base: &Path, path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for component in base.join(path).components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                // Above the root is the root.
                clean.pop();
            }
            other => clean.push(other),
        }
    }
    clean
}

/// Whether a compose file is standard input.
pub(crate) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Whether a compose file is at another place than the file system.
pub(crate) fn is_remote(path: &Path) -> bool {
    path.to_str().is_some_and(|text| text.contains("://") || text.starts_with("git@"))
}

#[cfg(test)]
mod tests {
    use super::absolute;
    use std::path::Path;

    #[test]
    fn paths_are_clean() {
        let from = |path: &str| absolute(Path::new("/a/b"), Path::new(path)).display().to_string();
        assert_eq!(from("c.yaml"), "/a/b/c.yaml");
        assert_eq!(from("../x/./c.yaml"), "/a/x/c.yaml");
        assert_eq!(from("/../../z"), "/z");
        assert_eq!(from("."), "/a/b");
        assert_eq!(from(""), "/a/b");
    }
}
