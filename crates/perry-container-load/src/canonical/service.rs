//! The properties of a service.

use perry_container_yaml::{Entry, Kind, Node};

use super::{Canon, names_to_map, one_to_list, pairs_to_map};
use crate::{
    PropertyPath,
    merge::{scalar_text, started},
    shape::{Shape, set_default},
};

impl Canon<'_> {
    pub(super) fn service(&mut self, node: &mut Node, path: &PropertyPath) {
        let Some(service) = node.as_map_mut() else { return };
        for (key, entry) in service.iter_mut() {
            let path = path.join(key);
            let value = &mut entry.value;
            match key.as_str() {
                "build" => self.build(value, &path),
                "depends_on" => depends_on(value),
                "environment" => self.environment(value, &path),
                "env_file" => env_file(value),
                "label_file" | "dns" | "dns_search" | "tmpfs" => one_to_list(value),
                "extends" => {
                    if let Kind::Str(service) = &value.kind {
                        let shape = Shape::at(value.span).text("service", service.clone());
                        *value = shape.node();
                    }
                }
                "gpus" => gpus(value),
                "networks" | "models" => {
                    names_to_map(value, |item| Node::new(Kind::Null, item.span));
                }
                "ports" => self.ports(value, &path),
                "volumes" => self.items(value, &path, Self::volume),
                "devices" => self.items(value, &path, Self::device),
                "secrets" | "configs" => self.items(value, &path, Self::file),
                "develop" => {
                    let watch = value.get_mut("watch").map(|watch| &mut watch.kind);
                    if let Some(Kind::Seq(triggers)) = watch {
                        for trigger in triggers {
                            for list in ["ignore", "include"] {
                                if let Some(list) = trigger.get_mut(list) {
                                    one_to_list(list);
                                }
                            }
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn items(
        &mut self,
        node: &mut Node,
        path: &PropertyPath,
        transform: fn(&mut Self, &mut Node, &PropertyPath),
    ) {
        if let Kind::Seq(items) = &mut node.kind {
            for (number, item) in items.iter_mut().enumerate() {
                transform(self, item, &path.join(number));
            }
        }
    }

    /// A list of `name[=value]`; a blank before the `=` is a mistake that would make another variable.
    fn environment(&mut self, node: &Node, path: &PropertyPath) {
        for (number, item) in node.as_seq().into_iter().flatten().enumerate() {
            let name = item.as_str().and_then(|text| text.split('=').next()).unwrap_or_default();
            if name.ends_with(char::is_whitespace) {
                let message = format!("the variable {name:?} has a blank at the end of its name");
                self.refuse(&path.join(number), item, message, "remove the blank");
            }
        }
    }

    fn build(&mut self, node: &mut Node, path: &PropertyPath) {
        if let Kind::Str(context) = &node.kind {
            *node = Shape::at(node.span).text("context", context.clone()).node();
        }
        let Some(build) = node.as_map_mut() else { return };
        for (key, entry) in build.iter_mut() {
            let path = path.join(key);
            let value = &mut entry.value;
            match key.as_str() {
                "secrets" => self.items(value, &path, Self::file),
                "provenance" | "sbom" => {
                    if let Kind::Bool(on) = value.kind {
                        value.kind = Kind::Str(on.to_string());
                    }
                }
                "additional_contexts" => {
                    if let Kind::Seq(items) = &value.kind {
                        let bare = items.iter().enumerate().find(|(_, item)| {
                            item.as_str().is_some_and(|text| !text.contains('='))
                        });
                        if let Some((number, item)) = bare {
                            let hint = "write `name=context`";
                            self.refuse(&path.join(number), item, "a context without a name", hint);
                            continue;
                        }
                    }
                    pairs_to_map(value);
                }
                "ssh" => self.ssh(value, &path),
                "no_cache_filter" => one_to_list(value),
                _ => {}
            }
        }
    }

    /// A list of `id[=path]`; only `default` may do without a path.
    fn ssh(&mut self, node: &mut Node, path: &PropertyPath) {
        let mut keys = Vec::new();
        match &node.kind {
            Kind::Str(text) => keys.push(Node::str(text.clone(), node.span)),
            Kind::Seq(items) => keys.extend(items.iter().cloned()),
            Kind::Map(map) => keys.extend(map.iter().map(|(id, entry)| {
                let span = if entry.value.span.is_known() { entry.value.span } else { entry.key };
                match scalar_text(&entry.value) {
                    Some(path) => Node::str(format!("{id}={path}"), span),
                    None => Node::str(id.clone(), span),
                }
            })),
            _ => return,
        }
        for (number, key) in keys.iter().enumerate() {
            if let Some(text) = key.as_str()
                && !text.contains('=')
                && text != "default"
            {
                let message = format!("invalid ssh key {text:?}");
                self.refuse(&path.join(number), key, message, "write `id=path`, or `default`");
            }
        }
        node.kind = Kind::Seq(keys);
    }
}

fn depends_on(node: &mut Node) {
    names_to_map(node, |item| started(item.span, None, true));
    let Some(map) = node.as_map_mut() else { return };
    for (_, Entry { key, value }) in map.iter_mut() {
        if let Some(dependency) = value.as_map_mut() {
            set_default(dependency, "required", Kind::Bool(true), *key);
        }
    }
}

fn env_file(node: &mut Node) {
    one_to_list(node);
    let Kind::Seq(items) = &mut node.kind else { return };
    for item in items {
        let span = item.span;
        match &mut item.kind {
            Kind::Str(path) => {
                let shape = Shape::at(span).text("path", std::mem::take(path));
                *item = shape.set("required", Kind::Bool(true)).node();
            }
            Kind::Map(map) => set_default(map, "required", Kind::Bool(true), span),
            _ => {}
        }
    }
}

fn gpus(node: &mut Node) {
    if node.as_str() == Some("all") {
        let all = Shape::at(node.span).text("count", "all").node();
        node.kind = Kind::Seq(vec![all]);
    }
}
