//! Every scalar of a document, with the way to it.

use perry_container_yaml::{Kind, Node};

use crate::PropertyPath;

/// Visits all that is neither a map nor a list, in order.
pub(crate) fn each_scalar<'n>(root: &'n mut Node, mut act: impl FnMut(&mut Node, &Way<'n>)) {
    below(root, &mut Way(Vec::new()), &mut act);
}

/// The path of a scalar; without text of its own until somebody wants one, for most are never told.
pub(crate) struct Way<'n>(Vec<Step<'n>>);

enum Step<'n> {
    Key(&'n str),
    Item(usize),
}

impl<'n> Way<'n> {
    /// The keys to match on, put into `room`, items as nothing. Empty when there are more: no rule speaks of a path so long.
    pub(crate) fn names<'r>(&self, room: &'r mut [&'n str; 9]) -> &'r [&'n str] {
        let Some(names) = room.get_mut(..self.0.len()) else { return &[] };
        for (name, step) in names.iter_mut().zip(&self.0) {
            *name = match step {
                Step::Key(key) => key,
                Step::Item(_) => "",
            };
        }
        names
    }

    pub(crate) fn path(&self) -> PropertyPath {
        let text = |step: &Step<'_>| match step {
            Step::Key(key) => (*key).to_owned(),
            Step::Item(number) => number.to_string(),
        };
        self.0.iter().map(text).collect()
    }
}

fn below<'n>(node: &'n mut Node, way: &mut Way<'n>, act: &mut impl FnMut(&mut Node, &Way<'n>)) {
    if !matches!(node.kind, Kind::Map(_) | Kind::Seq(_)) {
        return act(node, way);
    }
    match &mut node.kind {
        Kind::Map(map) => {
            for (key, entry) in map.iter_mut() {
                way.0.push(Step::Key(key));
                below(&mut entry.value, way, act);
                way.0.pop();
            }
        }
        Kind::Seq(items) => {
            for (number, item) in items.iter_mut().enumerate() {
                way.0.push(Step::Item(number));
                below(item, way, act);
                way.0.pop();
            }
        }
        _ => {}
    }
}
