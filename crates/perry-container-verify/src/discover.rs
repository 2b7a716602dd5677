//! Where signatures of an image lie: what refers to it, and the tag that was used before.

use crate::{
    Rejection,
    layout::{self, Candidate, Content, SIMPLE},
};
use futures_util::{StreamExt as _, stream};
use perry_container_registry::{Descriptor, Digest, Registry, RegistryError, Repository};

/// Layers of one manifest that are looked at.
const LAYERS: usize = 100;
/// Requests at a time.
const AT_ONCE: usize = 6;

/// What was found, one by one.
pub(crate) enum Found {
    Candidate(Candidate),
    /// Something that is there and cannot be used.
    Unusable(String, Rejection),
    /// There is more than is looked at.
    More(String),
}

/// Looks at everything in order, the entries of both lists side by side, until `each` says that it is enough.
///
/// # Errors
/// What a registry did not tell, unless it was enough before.
pub(crate) async fn discover(
    registry: &Registry,
    repository: &Repository,
    image: &Digest,
    each: &mut (dyn FnMut(Found) -> bool + Send),
) -> Result<(), RegistryError> {
    let tag = format!("sha256-{}.sig", image.hex());
    let (referrers, legacy) =
        tokio::join!(registry.referrers(repository, image), registry.tag(repository, &tag));
    let (mut jobs, mut failed) = (Vec::new(), None);
    match legacy {
        Ok(None) => {}
        Ok(Some(manifest)) => match layout::layers(&manifest.bytes) {
            Err(why) => {
                if each(Found::Unusable(tag.clone(), why)) {
                    return Ok(());
                }
            }
            Ok(layers) => {
                let (places, more) = places(&tag, layers);
                jobs.extend(places);
                if more && each(Found::More(tag)) {
                    return Ok(());
                }
            }
        },
        Err(error) => failed = Some(error),
    }
    let mut manifests = Vec::new();
    match referrers {
        Ok(referrers) => {
            if referrers.more && each(Found::More("the list of referrers".to_owned())) {
                return Ok(());
            }
            manifests = referrers.entries;
            manifests.retain(layout::may_be_signature);
        }
        Err(error) => failed = failed.or(Some(error)),
    }
    // What is known by its layer already comes first: it costs one request less.
    let mut contents =
        stream::iter(jobs.into_iter().map(|(place, layer)| async move {
            (place, content(registry, repository, layer).await)
        }))
        .buffered(AT_ONCE);
    while let Some((place, content)) = contents.next().await {
        if each(found(place, content, &mut failed)) {
            return Ok(());
        }
    }
    let mut bundles = stream::iter(
        manifests
            .into_iter()
            .map(|entry| async move { referrer(registry, repository, entry).await }),
    )
    .buffered(AT_ONCE);
    while let Some(all) = bundles.next().await {
        for (place, content) in all {
            if each(found(place, content, &mut failed)) {
                return Ok(());
            }
        }
    }
    failed.map_or(Ok(()), Err)
}

enum Fault {
    Registry(RegistryError),
    Other(Rejection),
}

fn found(
    place: String,
    content: Result<Content, Fault>,
    failed: &mut Option<RegistryError>,
) -> Found {
    match content {
        Ok(content) => Found::Candidate(Candidate { place, content }),
        Err(Fault::Other(why)) => Found::Unusable(place, why),
        Err(Fault::Registry(error)) => {
            failed.get_or_insert_with(|| error.clone());
            Found::Unusable(place, Rejection::Unread(error))
        }
    }
}

fn places(of: &str, layers: Vec<Descriptor>) -> (Vec<(String, Descriptor)>, bool) {
    let more = layers.len() > LAYERS;
    let single = layers.len() == 1;
    let place = |(n, layer): (usize, Descriptor)| {
        let place = if single { of.to_owned() } else { format!("{of} layer {}", n + 1) };
        (place, layer)
    };
    (layers.into_iter().take(LAYERS).enumerate().map(place).collect(), more)
}

async fn referrer(
    registry: &Registry,
    repository: &Repository,
    entry: Descriptor,
) -> Vec<(String, Result<Content, Fault>)> {
    let place = format!("referrer {}", &entry.digest.as_str()[..19]);
    let manifest = match registry.manifest(repository, &entry.digest).await {
        Ok(manifest) => manifest,
        Err(error) => return vec![(place, Err(Fault::Registry(error)))],
    };
    let layers = match layout::layers(&manifest.bytes) {
        Ok(layers) => layers,
        Err(why) => return vec![(place, Err(Fault::Other(why)))],
    };
    let mut all = Vec::new();
    for (place, layer) in places(&place, layers).0 {
        all.push((place, content(registry, repository, layer).await));
    }
    all
}

async fn content(
    registry: &Registry,
    repository: &Repository,
    layer: Descriptor,
) -> Result<Content, Fault> {
    let bytes = registry.blob(repository, &layer.digest).await.map_err(Fault::Registry)?;
    Ok(match layer.media_type.as_str() {
        SIMPLE => Content::Simple(bytes, layer.annotations),
        _ => Content::Bundle(bytes),
    })
}
