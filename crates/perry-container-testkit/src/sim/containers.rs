//! The containers of a world, in the order in which they were made, with what makes a question about all of them cheap:
//! names, and what happens by itself next. A world of 10,000 containers answers a call in the time of one of ten.

use super::container::{Container, Next};
use indexmap::IndexMap;
use perry_container_spec::Id;
use std::{
    collections::BTreeSet,
    ops::{Index, IndexMut},
};
use tokio::time::Instant;

/// When, what, and to which: of two at one moment the older container comes first.
type Due = (Instant, Next, u64, Id);

#[derive(Default)]
pub(crate) struct Containers {
    all: IndexMap<Id, Container>,
    names: IndexMap<String, Id>,
    /// Those with a shell, whose processes are tasks.
    shells: BTreeSet<Id>,
    /// What was handed out to be changed since the last look at the clock.
    touched: BTreeSet<Id>,
    due: BTreeSet<Due>,
    due_of: IndexMap<Id, (Instant, Next, u64)>,
}

impl Containers {
    pub(crate) fn get(&self, id: &str) -> Option<&Container> {
        self.all.get(id)
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut Container> {
        let found = self.all.get_mut(id)?;
        if !self.touched.contains(id) {
            self.touched.insert(id.to_owned());
        }
        Some(found)
    }

    pub(crate) fn contains_key(&self, id: &str) -> bool {
        self.all.contains_key(id)
    }

    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &Container> {
        self.all.values()
    }

    /// Those whose image has a shell.
    pub(crate) fn shells(&self) -> impl Iterator<Item = &Container> {
        self.shells.iter().filter_map(|id| self.all.get(id))
    }

    pub(crate) fn named(&self, name: &str) -> Option<&Container> {
        self.names.get(name).and_then(|id| self.all.get(id))
    }

    pub(crate) fn insert(&mut self, container: Container) {
        let id = container.id.clone();
        self.names.insert(container.name.clone(), id.clone());
        if container.script.shell {
            self.shells.insert(id.clone());
        }
        self.touched.insert(id.clone());
        self.all.insert(id, container);
    }

    pub(crate) fn rename(&mut self, id: &str, name: &str) {
        let old = std::mem::replace(&mut self[id].name, name.to_owned());
        self.names.swap_remove(&old);
        self.names.insert(name.to_owned(), id.to_owned());
    }

    pub(crate) fn remove(&mut self, id: &str) -> Option<Container> {
        let gone = self.all.shift_remove(id)?;
        self.names.swap_remove(&gone.name);
        self.shells.remove(id);
        self.forget_due(id);
        self.touched.remove(id);
        Some(gone)
    }

    fn forget_due(&mut self, id: &str) {
        if let Some((at, next, born)) = self.due_of.swap_remove(id) {
            self.due.remove(&(at, next, born, id.to_owned()));
        }
    }

    /// What happens by itself next.
    pub(crate) fn next(&mut self) -> Option<(Instant, Next, Id)> {
        for id in std::mem::take(&mut self.touched) {
            self.forget_due(&id);
            if let Some((at, next)) = self.all.get(&id).and_then(Container::next) {
                let born = self.all[&id].born;
                self.due_of.insert(id.clone(), (at, next, born));
                self.due.insert((at, next, born, id));
            }
        }
        self.due.first().map(|(at, next, _, id)| (*at, *next, id.clone()))
    }
}

impl<Q: AsRef<str> + ?Sized> Index<&Q> for Containers {
    type Output = Container;

    fn index(&self, id: &Q) -> &Container {
        &self.all[id.as_ref()]
    }
}

impl<Q: AsRef<str> + ?Sized> IndexMut<&Q> for Containers {
    fn index_mut(&mut self, id: &Q) -> &mut Container {
        let id = id.as_ref();
        if !self.touched.contains(id) {
            self.touched.insert(id.to_owned());
        }
        &mut self.all[id]
    }
}
