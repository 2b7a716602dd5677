//! Ports, volumes, devices, secrets and configs of a service.

use perry_container_yaml::{Kind, Node};

use super::Canon;
use crate::{
    ProblemKind, PropertyPath,
    grammar::{device, port, volume},
    merge::scalar_text,
    problem::Fault,
    shape::Shape,
};

impl Canon<'_> {
    pub(super) fn ports(&mut self, node: &mut Node, path: &PropertyPath) {
        let Kind::Seq(items) = &mut node.kind else { return };
        // As the reference: where one text has to stay, all of them do.
        let written = self.lenient.then(|| items.clone());
        let mut ports = Vec::with_capacity(items.len());
        for (number, mut item) in std::mem::take(items).into_iter().enumerate() {
            let text = match &item.kind {
                Kind::Str(text) => text.clone(),
                Kind::Int(port) => port.to_string(),
                Kind::Float(_) => {
                    let hint = "write a whole number, or put the text in quotes";
                    self.refuse(&path.join(number), &item, "invalid port", hint);
                    continue;
                }
                Kind::Map(_) => {
                    self.long_port(&mut item, &path.join(number));
                    ports.push(item);
                    continue;
                }
                _ => {
                    ports.push(item);
                    continue;
                }
            };
            match port::parse(&text) {
                Ok(parsed) if parsed.len() > *self.ports => {
                    let path = path.join(number);
                    let fault = Fault::new(ProblemKind::Value, &path, item.span, "too many ports");
                    self.faults.push(fault.hint("publish smaller ranges"));
                    return;
                }
                Ok(parsed) => {
                    *self.ports -= parsed.len();
                    ports.extend(parsed.into_iter().map(|port| {
                        Shape::at(item.span)
                            .text("mode", "ingress")
                            .maybe("host_ip", port.host_ip)
                            .set("target", Kind::Int(i128::from(port.target)))
                            .maybe("published", port.published)
                            .text("protocol", port.protocol)
                            .node()
                    }));
                }
                Err(_) if self.lenient => {
                    *items = written.unwrap_or_default();
                    return;
                }
                Err(why) => {
                    let hint = "write `[[ip:]host:]container[/protocol]`, such as \"8080:80\"";
                    self.refuse(
                        &path.join(number),
                        &item,
                        format!("invalid port {text:?}: {why}"),
                        hint,
                    );
                    ports.push(item);
                }
            }
        }
        *items = ports;
    }

    fn long_port(&mut self, node: &mut Node, path: &PropertyPath) {
        if let Some(published) = node.get_mut("published")
            && let Kind::Int(port) = published.kind
        {
            published.kind = Kind::Str(port.to_string());
        }
        if let Some(ip) = node.get("host_ip")
            && let Some(text) = ip.as_str()
            && text.parse::<std::net::IpAddr>().is_err()
        {
            let message = format!("invalid address {text:?}");
            self.refuse(&path.join("host_ip"), ip, message, "write an IPv4 or IPv6 address");
        }
    }

    pub(super) fn volume(&mut self, node: &mut Node, path: &PropertyPath) {
        let Some(spec) = node.as_str() else { return };
        match volume::parse(spec) {
            Err(why) => {
                let hint = "write `[source:]target[:options]`, such as \"./data:/data:ro\"";
                let message = format!("invalid volume {spec:?}: {why}");
                self.refuse(path, node, message, hint);
            }
            Ok(volume) => {
                for option in &volume.ignored {
                    let message = format!("{path}: the option {option:?} of {spec:?} is ignored");
                    self.notices.add(path, node.span, message);
                }
                if let Some(source) = &volume.source
                    && !source.starts_with("\\\\")
                    && source.chars().nth(1) == Some(':')
                {
                    let message = format!(
                        "{path}: {source:?} in {spec:?} is read as a path on a Windows drive; \
                         a volume's name needs two letters here"
                    );
                    self.notices.add(path, node.span, message);
                }
                if volume.source.is_none() && volume.target.contains(':') {
                    let message = format!(
                        "{path}: {spec:?} is read as a Windows path and so as an anonymous volume; \
                         a volume's name needs two letters here"
                    );
                    self.notices.add(path, node.span, message);
                }
                let bind = volume.kind == "bind";
                let inner = Shape::at(node.span)
                    .maybe("propagation", volume.propagation.filter(|_| bind))
                    .maybe("selinux", volume.selinux.filter(|_| bind))
                    .flag("create_host_path", bind)
                    .flag("nocopy", volume.nocopy && !bind);
                // The reference leaves what is too short to be split without a section.
                let short = spec.chars().count() <= 2;
                let mut shape = Shape::at(node.span)
                    .text("type", volume.kind)
                    .maybe("source", volume.source)
                    .text("target", volume.target)
                    .flag("read_only", volume.read_only);
                if !short {
                    shape = shape.set(volume.kind, inner.kind());
                }
                if volume.nocopy && bind {
                    let nocopy = Shape::at(node.span).flag("nocopy", true);
                    shape = shape.set("volume", nocopy.kind());
                }
                *node = shape.node();
            }
        }
    }

    pub(super) fn device(&mut self, node: &mut Node, path: &PropertyPath) {
        let Some(text) = node.as_str() else { return };
        match device::parse(text) {
            None => {
                let message = format!("confusing device mapping {text:?}");
                self.refuse(path, node, message, "use the long form: source, target, permissions");
            }
            Some(device) => {
                *node = Shape::at(node.span)
                    .text("source", device.source)
                    .text("target", device.target)
                    .text("permissions", device.permissions)
                    .node();
            }
        }
    }

    /// A secret or config of a service or build.
    pub(super) fn file(&mut self, node: &mut Node, _path: &PropertyPath) {
        if let Some(source) = scalar_text(node) {
            *node = Shape::at(node.span).text("source", source).node();
        }
    }
}
