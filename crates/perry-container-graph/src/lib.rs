#![doc = include_str!("../README.md")]

use indexmap::{IndexMap, IndexSet};
use std::{fmt::Display, hash::Hash, mem};

/// Why nodes have no order.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum GraphError {
    /// An edge to a node that is not there.
    #[error("`{from}` depends on `{to}`, which is not defined")]
    Undefined {
        /// The dependent.
        from: String,
        /// The missing one.
        to: String,
    },
    /// The first node comes again at the end.
    #[error("dependency cycle: {}", .0.join(" -> "))]
    Cycle(Vec<String>),
}

/// `deps[n]` come before `n`. Each level holds what is free once the levels before it are done, in order of
/// declaration. An edge that is named twice counts once more, without effect.
///
/// # Errors
/// [`GraphError::Undefined`] before [`GraphError::Cycle`].
pub fn levels<K: Hash + Eq + Display>(
    deps: &IndexMap<K, Vec<K>>,
) -> Result<Vec<Vec<&K>>, GraphError> {
    let mut before: Vec<Vec<usize>> = Vec::with_capacity(deps.len());
    let mut dependents = vec![Vec::new(); deps.len()];
    for (node, (from, tos)) in deps.iter().enumerate() {
        let mut found = Vec::with_capacity(tos.len());
        for to in tos {
            let Some(at) = deps.get_index_of(to) else {
                return Err(GraphError::Undefined { from: from.to_string(), to: to.to_string() });
            };
            dependents[at].push(node);
            found.push(at);
        }
        before.push(found);
    }
    let mut missing: Vec<usize> = before.iter().map(Vec::len).collect();
    let mut ready: Vec<usize> = (0..deps.len()).filter(|&n| missing[n] == 0).collect();
    let (mut levels, mut placed) = (Vec::new(), 0);
    while !ready.is_empty() {
        let mut next = Vec::new();
        for &dependent in ready.iter().flat_map(|&n| &dependents[n]) {
            missing[dependent] -= 1;
            if missing[dependent] == 0 {
                next.push(dependent);
            }
        }
        next.sort_unstable();
        placed += ready.len();
        levels.push(mem::replace(&mut ready, next));
    }
    let name = |n: usize| deps.get_index(n).expect("an index of this map").0;
    if placed < deps.len() {
        let cycle = cycle(&before, &missing);
        return Err(GraphError::Cycle(cycle.into_iter().map(|n| name(n).to_string()).collect()));
    }
    Ok(levels.into_iter().map(|level| level.into_iter().map(name).collect()).collect())
}

/// All levels one after the other: an order in which every node comes after what it depends on.
///
/// # Errors
/// As [`levels`].
pub fn order<K: Hash + Eq + Display>(deps: &IndexMap<K, Vec<K>>) -> Result<Vec<&K>, GraphError> {
    Ok(levels(deps)?.into_iter().flatten().collect())
}

/// The roots and everything they depend on, directly or not, in order of declaration. Names that are not defined are
/// left out.
pub fn closure<'a, K: Hash + Eq>(
    deps: &'a IndexMap<K, Vec<K>>,
    roots: impl IntoIterator<Item = &'a K>,
) -> IndexSet<&'a K> {
    reach(deps.len(), roots.into_iter().filter_map(|root| deps.get_index_of(root)), |node| {
        deps[node].iter().filter_map(|to| deps.get_index_of(to)).collect()
    })
    .into_iter()
    .filter_map(|node| deps.get_index(node).map(|(key, _)| key))
    .collect()
}

/// The roots and everything that depends on them, directly or not, in order of declaration.
pub fn dependents<'a, K: Hash + Eq>(
    deps: &'a IndexMap<K, Vec<K>>,
    roots: impl IntoIterator<Item = &'a K>,
) -> IndexSet<&'a K> {
    let mut back = vec![Vec::new(); deps.len()];
    for (node, tos) in deps.values().enumerate() {
        for to in tos.iter().filter_map(|to| deps.get_index_of(to)) {
            back[to].push(node);
        }
    }
    reach(deps.len(), roots.into_iter().filter_map(|root| deps.get_index_of(root)), |node| {
        back[node].clone()
    })
    .into_iter()
    .filter_map(|node| deps.get_index(node).map(|(key, _)| key))
    .collect()
}

fn reach(
    size: usize,
    roots: impl Iterator<Item = usize>,
    next: impl Fn(usize) -> Vec<usize>,
) -> Vec<usize> {
    let mut seen = vec![false; size];
    let mut stack: Vec<usize> = roots.collect();
    while let Some(node) = stack.pop() {
        if !mem::replace(&mut seen[node], true) {
            stack.extend(next(node));
        }
    }
    (0..size).filter(|&node| seen[node]).collect()
}

/// What was not placed has a predecessor that was not placed: walking these must come round. Told in the direction
/// of the edges: each node depends on the next.
fn cycle(before: &[Vec<usize>], missing: &[usize]) -> Vec<usize> {
    let left = |n: &usize| missing[*n] > 0;
    let mut at = (0..missing.len()).find(left).expect("something was not placed");
    let (mut path, mut place) = (Vec::new(), vec![None; missing.len()]);
    while place[at].is_none() {
        place[at] = Some(path.len());
        path.push(at);
        at = before[at].iter().copied().find(left).expect("it waits for something");
    }
    path.push(at);
    path.split_off(place[at].expect("seen before"))
}
