//! Standard input with a hash of what was read.

use sha2::{Digest as _, Sha256};
use std::{
    io::{self, Read},
    sync::{Arc, Mutex, PoisonError},
};

/// Standard input. Clones share the hash.
#[derive(Debug, Clone, Default)]
pub struct Stdin(Arc<Mutex<Option<Sha256>>>);

impl Stdin {
    /// The hash of what was read so far; none when nothing was.
    pub fn hash(&self) -> Option<String> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        Some(held.finalize().iter().fold(String::new(), |all, byte| format!("{all}{byte:02x}")))
    }
}

impl Read for Stdin {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let n = io::stdin().read(into)?;
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.get_or_insert_with(Sha256::new).update(&into[..n]);
        Ok(n)
    }
}
