//! `!reset` and `!override`: what a document takes away from the ones before it.

use perry_container_yaml::{Kind, Node, Span};

use crate::{
    PropertyPath,
    problem::Notices,
    trail::{Change, Trail},
};

/// A path that must be removed from what a document is merged onto.
pub(crate) struct Removed {
    pub(crate) path: PropertyPath,
    /// Where the tagged value is written.
    by: Span,
    how: Change,
}

/// Takes the tags out of a document.
pub(crate) fn take(document: &mut Node, notices: &mut Notices) -> Vec<Removed> {
    let mut removed = Vec::new();
    if document.tag.as_deref() == Some("!reset") {
        document.kind = Kind::Map(perry_container_yaml::Map::new());
    }
    document.tag = None;
    walk(document, &mut PropertyPath::root(), &mut removed, notices);
    removed
}

fn walk(
    node: &mut Node,
    path: &mut PropertyPath,
    removed: &mut Vec<Removed>,
    notices: &mut Notices,
) {
    // Whether the member stays.
    let mut member = |key: String, value: &mut Node| {
        path.push(key);
        let tag = value.tag.take();
        if let Some(tag) = tag.as_deref().filter(|tag| !matches!(*tag, "!reset" | "!override")) {
            let message = format!("{path}: the tag `{tag}` is not known and is ignored");
            notices.add(path, value.span, message);
        }
        let stays = tag.as_deref() != Some("!reset");
        if !stays || tag.as_deref() == Some("!override") {
            let how = if stays { Change::Replaced } else { Change::Reset };
            removed.push(Removed { path: path.clone(), by: value.span, how });
        }
        if stays {
            walk(value, path, removed, notices);
        }
        path.pop();
        stays
    };
    match &mut node.kind {
        Kind::Map(map) => map.retain(|key, entry| member(key.clone(), &mut entry.value)),
        Kind::Seq(items) => {
            let mut number = 0;
            items.retain_mut(|item| {
                let stays = member(number.to_string(), item);
                number += 1;
                stays
            });
        }
        _ => {}
    }
}

/// Removes paths. List items cannot be removed by number: the numbers are those of another list.
pub(crate) fn remove<'a>(
    root: &mut Node,
    removed: impl IntoIterator<Item = &'a Removed>,
    trail: &mut Trail,
) {
    for Removed { path, by, how } in removed {
        let Some((last, way)) = path.segments().split_last() else { continue };
        let mut at = Some(&mut *root);
        for segment in way {
            at = at.and_then(|node| node.get_mut(segment));
        }
        match at.map(|node| &mut node.kind) {
            Some(Kind::Map(map)) => {
                if let Some(was) = map.shift_remove(last) {
                    trail.gone(path, &was.value, *by, *how);
                }
            }
            // `environment` and its like are lists once they have been merged.
            Some(Kind::Seq(items)) if last.parse::<usize>().is_err() => {
                items.retain(|item| {
                    let stays =
                        item.as_str().is_none_or(|text| text.split('=').next() != Some(last));
                    if !stays {
                        trail.gone(path, item, *by, *how);
                    }
                    stays
                });
            }
            _ => {}
        }
    }
}
