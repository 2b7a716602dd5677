//! Every scalar of a document, with its path.

use perry_container_yaml::{Kind, Node};

use crate::PropertyPath;

/// Visits all that is neither a map nor a list, in order.
pub(crate) fn each_scalar(root: &mut Node, mut act: impl FnMut(&mut Node, &PropertyPath)) {
    below(root, &mut PropertyPath::root(), &mut act);
}

fn below(node: &mut Node, path: &mut PropertyPath, act: &mut impl FnMut(&mut Node, &PropertyPath)) {
    match &mut node.kind {
        Kind::Map(map) => {
            for (key, entry) in map.iter_mut() {
                path.push(key.as_str());
                below(&mut entry.value, path, act);
                path.pop();
            }
        }
        Kind::Seq(items) => {
            for (number, item) in items.iter_mut().enumerate() {
                path.push(number.to_string());
                below(item, path, act);
                path.pop();
            }
        }
        _ => act(node, path),
    }
}
