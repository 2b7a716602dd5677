//! `version`.

use crate::{
    app::App,
    failure::Failure,
    grammar::{Version, VersionFormat},
};

/// Prints the version; asks no runtime.
pub(crate) fn version(app: &App, how: &Version) -> Result<(), Failure> {
    app.print(&text(how, env!("CARGO_PKG_VERSION")))
}

fn text(how: &Version, version: &str) -> String {
    match how.format.unwrap_or_default() {
        _ if how.short => format!("{version}\n"),
        VersionFormat::Json => format!("{{\"version\":\"{version}\"}}\n"),
        VersionFormat::Pretty => format!("perry-compose version {version}\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Version, VersionFormat, text};

    #[test]
    fn forms() {
        let json = Version { format: Some(VersionFormat::Json), short: false };
        assert_eq!(text(&json, "1.2.3"), "{\"version\":\"1.2.3\"}\n");
        assert_eq!(text(&Version { format: None, short: true }, "1.2.3"), "1.2.3\n");
        assert_eq!(text(&Version::default(), "1.2.3"), "perry-compose version 1.2.3\n");
    }
}
