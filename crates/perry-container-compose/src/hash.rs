//! The hash that tells whether a container is still what its service wants.

use crate::model::{ComposeService, hash_text};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// What `config --hash` prints and the label `com.docker.compose.config-hash` holds: the SHA-256 of docker compose's own
/// text of a service, in lower-case hexadecimal.
///
/// ```
/// use perry_container_compose::{config_hash, model::ComposeService};
/// let web = ComposeService { image: Some("httpd".into()), ..Default::default() };
/// let scaled = ComposeService { scale: Some(3), ..web.clone() };
/// assert_eq!(config_hash(&web), config_hash(&scaled));
/// assert_eq!(config_hash(&web).len(), 64);
/// ```
#[must_use]
pub fn config_hash(service: &ComposeService) -> String {
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(hash_text(service).as_bytes()) {
        let _ = write!(hex, "{byte:02x}"); // a String takes everything
    }
    hex
}
