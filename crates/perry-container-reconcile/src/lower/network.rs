//! A service's network.

use super::{LowerError, Lowering};
use perry_container_model::{ComposeService, NamespaceMode};
use perry_container_spec::{Attachment, Late, Namespace, Network, UnitId};

impl Lowering<'_> {
    pub(super) fn service_network(
        &self,
        key: &str,
        service: &ComposeService,
    ) -> Result<Network<Late>, LowerError> {
        match &service.network_mode {
            None => {}
            Some(NamespaceMode::Service(other)) => return Ok(Network::Container(first(other))),
            Some(NamespaceMode::Container(id)) => return Ok(Network::Container(Late::known(id))),
            Some(NamespaceMode::Named(mode)) => match mode.as_str() {
                "" => {}
                "none" | "disabled" => return Ok(Network::None),
                "host" => return Ok(Network::Host),
                other => return Ok(Network::Named(other.to_owned())),
            },
        }
        // The main network is the one with the highest priority, then by key (docker compose 2.40.3).
        let mut networks: Vec<_> = service.networks.iter().collect();
        networks.sort_by_key(|(key, config)| {
            (
                std::cmp::Reverse(config.as_ref().and_then(|config| config.priority).unwrap_or(0)),
                *key,
            )
        });
        let mut attachments = Vec::with_capacity(networks.len());
        for (name, config) in networks {
            let network = self.spec.networks.get(name).ok_or_else(|| {
                LowerError::new(
                    format!("services.{key}.networks.{name}"),
                    "the network is not defined at the top level",
                )
            })?;
            let mut attachment = Attachment::new(network.full_name(&self.context.project, name));
            attachment.aliases.push(key.to_owned());
            if let Some(config) = config {
                let text = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
                attachment.aliases.extend(config.aliases.iter().cloned());
                attachment.ipv4 = text(&config.ipv4_address);
                attachment.ipv6 = text(&config.ipv6_address);
                attachment.link_local_ips.clone_from(&config.link_local_ips);
                attachment.mac = text(&config.mac_address);
                attachment.interface_name = text(&config.interface_name);
                attachment.gw_priority = config.gw_priority.filter(|priority| *priority != 0);
                attachment.driver_opts = config.driver_opts.clone().into_iter().collect();
            }
            attachments.push(attachment);
        }
        if let (Some(main), Some(mac)) = (attachments.first_mut(), &service.mac_address) {
            main.mac.get_or_insert_with(|| mac.clone());
        }
        Ok(if attachments.is_empty() { Network::Default } else { Network::Attached(attachments) })
    }
}

/// The first container of a service.
pub(super) fn first(service: &str) -> Late {
    Late::container(&UnitId::new(service, 1))
}

pub(super) fn namespace(mode: Option<&NamespaceMode>) -> Option<Namespace<Late>> {
    Some(match mode? {
        NamespaceMode::Service(other) => Namespace::Container(first(other)),
        NamespaceMode::Container(id) => Namespace::Container(Late::known(id)),
        NamespaceMode::Named(mode) if mode.is_empty() => return None,
        NamespaceMode::Named(mode) => Namespace::Mode(mode.clone()),
    })
}
