//! Looking at everything that is selected: three lists (podman four), whatever their length.

use crate::{
    SocketBackend,
    ask::Ask,
    containers,
    fault::Flavour,
    images::{self, Fixed},
    moment,
    shape::{ImageShape, ImageSummary, NetworkShape, PodSummary, Summary, VolumeList, VolumeShape},
};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use indexmap::IndexMap;
use perry_container_backend::Result;
use perry_container_spec::{
    ContainerInfo, Id, ImageInfo, IpamPool, NetworkInfo, Observed, Parts, PublishedPort, Selector,
    VolumeInfo,
};

/// So many requests of one call are on their way at once.
pub(crate) const ABREAST: usize = 8;

/// podman before 5 lists no ports that are only exposed.
const LISTS_EXPOSED: u32 = 5;

fn labels(of: &Selector) -> Vec<String> {
    let one = |(key, value): &(String, Option<String>)| match value {
        Some(value) => format!("{key}={value}"),
        None => key.clone(),
    };
    of.labels.iter().map(one).collect()
}

pub(crate) fn network(shape: NetworkShape) -> NetworkInfo {
    let some = |text: String| (!text.is_empty()).then_some(text);
    NetworkInfo {
        id: shape.id,
        name: shape.name,
        driver: shape.driver,
        internal: shape.internal,
        pools: shape
            .ipam
            .pools
            .into_iter()
            .map(|pool| IpamPool {
                subnet: some(pool.subnet),
                ip_range: some(pool.range),
                gateway: some(pool.gateway),
                aux_addresses: pool.taken,
            })
            .collect(),
        labels: shape.labels,
        containers: shape.containers.keys().cloned().collect(),
    }
}

pub(crate) fn volume(shape: VolumeShape) -> VolumeInfo {
    VolumeInfo {
        name: shape.name,
        driver: shape.driver,
        mountpoint: shape.mountpoint,
        labels: shape.labels,
    }
}

impl SocketBackend {
    pub(crate) async fn look(&self, of: &Selector, parts: Parts) -> Result<Observed> {
        let (containers, networks, volumes, images) = tokio::try_join!(
            async {
                if parts.contains(Parts::CONTAINERS) {
                    self.list_containers(of).await
                } else {
                    Ok(IndexMap::new())
                }
            },
            async {
                if parts.contains(Parts::NETWORKS) {
                    self.list_networks(of).await
                } else {
                    Ok(IndexMap::new())
                }
            },
            async {
                if parts.contains(Parts::VOLUMES) {
                    self.list_volumes(of).await
                } else {
                    Ok(IndexMap::new())
                }
            },
            async {
                if parts.contains(Parts::IMAGES) {
                    self.find_images(of).await
                } else {
                    Ok(IndexMap::new())
                }
            },
        )?;
        Ok(Observed { containers, networks, volumes, images })
    }

    async fn list_containers(&self, of: &Selector) -> Result<IndexMap<Id, ContainerInfo>> {
        let filters = [("label", labels(of))];
        let rows = async {
            let ask = Ask::get("list", "containers")
                .at("containers/json")
                .query("all", "1")
                .filters(&filters);
            let answer = self.wire.send(ask).await?;
            let now = answer.date().and_then(moment::http_date).unwrap_or_default();
            Ok((answer.json::<Vec<Summary>>().await?, now))
        };
        let more = async {
            if self.engine.flavour == Flavour::Docker {
                return Ok(None);
            }
            let ask =
                Ask::get("list", "containers").libpod().at("containers/json").query("all", "true");
            Ok(Some(self.wire.value::<Vec<PodSummary>>(ask.filters(&filters)).await?))
        };
        let ((rows, now), more) = tokio::try_join!(rows, more)?;
        let more: Option<IndexMap<String, PodSummary>> =
            more.map(|rows| rows.into_iter().map(|row| (row.id.clone(), row)).collect());
        let mut found = IndexMap::new();
        for row in rows {
            let own = match &more {
                None => None,
                Some(more) => match more.get(&row.id) {
                    Some(own) => Some(own),
                    None => continue, // it came or went between the two lists
                },
            };
            let info = containers::listed(row, own, now);
            found.insert(info.id.clone(), info);
        }
        if self.engine.flavour == Flavour::Podman && self.engine.major() < LISTS_EXPOSED {
            self.expose(&mut found).await?;
        }
        Ok(found)
    }

    /// Adds the ports that images expose to containers that are up, as every other list shows them.
    async fn expose(&self, found: &mut IndexMap<Id, ContainerInfo>) -> Result<()> {
        let mut ids: Vec<_> =
            found.values().filter(|c| c.state.is_up()).map(|c| c.image_id.clone()).collect();
        ids.sort();
        ids.dedup();
        let fixed = self.fixed(ids).await?;
        for info in found.values_mut().filter(|c| c.state.is_up()) {
            let exposed = fixed.get(&info.image_id).map_or(&[][..], |fixed| &fixed.exposed);
            for port in exposed.iter().filter_map(|port| port.parse::<PublishedPort>().ok()) {
                let known = |p: &PublishedPort| {
                    (p.container, p.protocol) == (port.container, port.protocol)
                };
                if !info.ports.iter().any(known) {
                    info.ports.push(port);
                }
            }
            info.ports.sort();
        }
        Ok(())
    }

    async fn list_networks(&self, of: &Selector) -> Result<IndexMap<String, NetworkInfo>> {
        // The filter of names is AND with that of labels: with names all are listed and chosen here.
        let filters = if of.networks.is_empty() { labels(of) } else { Vec::new() };
        let ask = Ask::get("list", "networks").at("networks").filters(&[("label", filters)]);
        let rows = self.wire.value::<Vec<NetworkShape>>(ask).await?;
        let mut found: IndexMap<_, _> = rows
            .into_iter()
            .map(network)
            .filter(|network| of.matches(&network.labels) || of.networks.contains(&network.name))
            .map(|network| (network.name.clone(), network))
            .collect();
        found.sort_keys();
        Ok(found)
    }

    async fn list_volumes(&self, of: &Selector) -> Result<IndexMap<String, VolumeInfo>> {
        let filters = if of.volumes.is_empty() { labels(of) } else { Vec::new() };
        let ask = Ask::get("list", "volumes").at("volumes").filters(&[("label", filters)]);
        let rows = self.wire.value::<VolumeList>(ask).await?.volumes;
        let mut found: IndexMap<_, _> = rows
            .into_iter()
            .map(volume)
            .filter(|volume| of.matches(&volume.labels) || of.volumes.contains(&volume.name))
            .map(|volume| (volume.name.clone(), volume))
            .collect();
        found.sort_keys();
        Ok(found)
    }

    pub(crate) async fn image_rows(&self) -> Result<Vec<ImageSummary>> {
        self.wire.value(Ask::get("list", "images").at("images/json")).await
    }

    async fn find_images(&self, of: &Selector) -> Result<IndexMap<String, ImageInfo>> {
        if of.images.is_empty() {
            return Ok(IndexMap::new());
        }
        let rows = self.image_rows().await?;
        let found: Vec<_> = of
            .images
            .iter()
            .filter_map(|asked| Some((asked, images::lookup(asked, &rows, self.engine.flavour)?)))
            .collect();
        let mut ids: Vec<_> =
            found.iter().map(|(_, (row, _))| containers::image_id(&row.id)).collect();
        ids.sort();
        ids.dedup();
        let fixed = self.fixed(ids).await?;
        let info = |row: &ImageSummary, name: &str| {
            images::listed(row, name, fixed.get(&containers::image_id(&row.id)))
        };
        Ok(found
            .into_iter()
            .map(|(asked, (row, name))| (asked.clone(), info(row, &name)))
            .collect())
    }

    /// What never changes of these images. Each is asked for once in the life of a backend.
    async fn fixed(&self, ids: Vec<Id>) -> Result<IndexMap<Id, Fixed>> {
        stream::iter(ids)
            .map(|id| async move {
                if let Some(known) = self.known.get(&id) {
                    return Ok(Some((id, known)));
                }
                match self.wire.value::<ImageShape>(images::inspect(self.engine.flavour, &id)).await
                {
                    Ok(shape) => {
                        let fixed = Fixed::of(&shape);
                        self.known.put(&id, fixed.clone());
                        Ok(Some((id, fixed)))
                    }
                    // Removed since the list, or an image of which only the container is left.
                    Err(error) if error.kind == perry_container_spec::ErrorKind::ImageMissing => {
                        Ok(None)
                    }
                    Err(error) => Err(error),
                }
            })
            .buffered(ABREAST)
            .try_filter_map(|one| async { Ok(one) })
            .try_collect()
            .await
    }
}
