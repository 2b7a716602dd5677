//! Numbers for what other languages hold on to.

use dashmap::DashMap;
use perry_container_reconcile::Desired;
use perry_container_spec::ContainerHandle;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// A stack that was brought up.
#[derive(Debug, Clone, PartialEq)]
pub struct StackHandle {
    /// The project's name.
    pub project: String,
    /// What it should hold.
    pub desired: Arc<Desired>,
}

/// What a number stands for.
#[derive(Debug, Clone, PartialEq)]
pub enum HandleEntry {
    /// A container.
    Container(ContainerHandle),
    /// A stack.
    Stack(StackHandle),
}

/// The handles of one context. Numbers begin at 1, so that 0 can mean none, and are never given twice.
#[derive(Debug)]
pub struct Handles {
    next: AtomicU64,
    entries: DashMap<u64, HandleEntry>,
}

impl Handles {
    pub(crate) fn new() -> Self {
        Self { next: AtomicU64::new(1), entries: DashMap::new() }
    }

    /// A number for this.
    pub fn insert(&self, entry: HandleEntry) -> u64 {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.entries.insert(number, entry);
        number
    }

    /// What a number stands for.
    pub fn get(&self, number: u64) -> Option<HandleEntry> {
        self.entries.get(&number).map(|entry| entry.clone())
    }

    /// The same, and the number stands for nothing any more.
    pub fn take(&self, number: u64) -> Option<HandleEntry> {
        self.entries.remove(&number).map(|(_, entry)| entry)
    }

    /// All numbers that stand for something, in the order in which they were given.
    pub fn numbers(&self) -> Vec<u64> {
        let mut all: Vec<_> = self.entries.iter().map(|entry| *entry.key()).collect();
        all.sort_unstable();
        all
    }
}
