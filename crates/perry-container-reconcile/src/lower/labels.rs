//! Labels of what we make.

use super::Context;
use crate::{hash, labels};
use indexmap::IndexMap;
use perry_container_model::{ComposeService, hash_text};
use perry_container_spec::{ContainerSpec, Late};

type Labels = IndexMap<String, String>;

fn put(all: &mut Labels, key: &str, value: impl Into<String>) {
    all.insert(key.to_owned(), value.into());
}

/// What every container of a service carries besides its number. Called when the template is whole but for these.
pub(super) fn service(
    template: &mut ContainerSpec<Late>,
    key: &str,
    service: &ComposeService,
    context: &Context,
) {
    let own = hash::of(template);
    let by_property = hash::by_property(template);
    let all = &mut template.labels;
    put(all, labels::PROJECT, &context.project);
    put(all, labels::SERVICE, key);
    put(all, labels::ONEOFF, "False");
    put(all, labels::CONFIG_HASH, hash::sha256(&hash_text(service)));
    let depends_on = service
        .depends_on
        .iter()
        .map(|(on, how)| format!("{on}:{}:{}", how.condition, how.restart));
    put(all, labels::DEPENDS_ON, depends_on.collect::<Vec<_>>().join(","));
    put(all, labels::WORKING_DIR, &context.working_dir);
    put(all, labels::CONFIG_FILES, context.config_files.join(","));
    if !context.environment_files.is_empty() {
        put(all, labels::ENVIRONMENT_FILE, context.environment_files.join(","));
    }
    put(all, labels::VERSION, env!("CARGO_PKG_VERSION"));
    put(all, labels::OUR_PROJECT, &context.project);
    put(all, labels::OUR_SERVICE, key);
    put(all, labels::SPEC_HASH, own);
    put(all, labels::SPEC_HASHES, hash::join(&by_property));
}

pub(super) fn number(template: &mut ContainerSpec<Late>, number: u32) {
    put(&mut template.labels, labels::NUMBER, number.to_string());
}

pub(super) fn network(all: &mut Labels, project: &str, key: &str, config_hash: &str, own: &str) {
    put(all, labels::NETWORK, key);
    put(all, labels::PROJECT, project);
    put(all, labels::CONFIG_HASH, config_hash);
    put(all, labels::VERSION, env!("CARGO_PKG_VERSION"));
    put(all, labels::OUR_PROJECT, project);
    put(all, labels::NETWORK_SPEC_HASH, own);
}

pub(super) fn volume(all: &mut Labels, project: &str, key: &str, config_hash: &str) {
    put(all, labels::VOLUME, key);
    put(all, labels::PROJECT, project);
    put(all, labels::CONFIG_HASH, config_hash);
    put(all, labels::VERSION, env!("CARGO_PKG_VERSION"));
    put(all, labels::OUR_PROJECT, project);
}
