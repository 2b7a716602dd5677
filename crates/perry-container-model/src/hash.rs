//! The texts whose SHA-256 is docker compose's `com.docker.compose.config-hash`, so that either tool adopts what the
//! other has made.

use crate::go_json::compact;
use crate::network::ComposeNetwork;
use crate::object::Bare as _;
use crate::print::go_value;
use crate::service::ComposeService;
use crate::volume::ComposeVolume;

/// The text of a service (docker compose 2.40.3 `ServiceHash`): its JSON without what does not call for a new
/// container, that is `build`, `pull_policy`, `pull_refresh_after`, `scale`, `depends_on`, `profiles`,
/// `deploy.replicas` and every `x-` property.
///
/// `up` hashes the service after its `env_file` and `label_file` are resolved and cleared; `config --hash` of docker
/// compose 2.40.3 hashes with `env_file` still in place. Both are this function, of another service.
///
/// It contains the values of variables: hash it, never print it.
///
/// ```
/// # use perry_container_model::{ComposeService, hash_text};
/// let web = ComposeService { image: Some("httpd".into()), scale: Some(3), ..Default::default() };
/// assert_eq!(hash_text(&web), r#"{"command":null,"entrypoint":null,"image":"httpd"}"#);
/// ```
pub fn hash_text(service: &ComposeService) -> String {
    let mut service = ComposeService {
        build: None,
        pull_policy: None,
        pull_refresh_after: None,
        scale: None,
        depends_on: indexmap::IndexMap::new(),
        profiles: Vec::new(),
        ..service.clone()
    };
    if let Some(deploy) = &mut service.deploy {
        deploy.replicas = None;
    }
    // Of an entry that is required Go writes the path alone, whatever its format.
    for file in service.env_file.iter_mut().filter(|file| file.required) {
        file.format = None;
    }
    service.bare();
    service.networks.sort_unstable_keys();
    service.models.sort_unstable_keys();
    service.ulimits.sort_unstable_keys();
    compact(&go_value(&service))
}

/// The text of a network (docker compose 2.40.3 `NetworkHash`), before labels of ours are added. A property that docker
/// compose drops, `ipam.options`, is part of it when it is there.
pub fn network_hash_text(network: &ComposeNetwork) -> String {
    let mut network = network.clone();
    network.bare();
    compact(&go_value(&network))
}

/// The text of a volume (docker compose 2.40.3 `VolumeHash`), before labels of ours are added. Without a driver it is
/// `local`.
pub fn volume_hash_text(volume: &ComposeVolume) -> String {
    let mut volume = volume.clone();
    volume.bare();
    volume.driver.get_or_insert_with(|| "local".to_owned());
    compact(&go_value(&volume))
}
