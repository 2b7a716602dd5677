//! The one backend of a context.

use crate::ContainerError;
use perry_container_probe::Detected;
use std::sync::{Mutex as Quick, PoisonError};
use tokio::sync::Mutex;

/// One flight at a time: who comes while somebody looks waits for that look and takes what came of it.
#[derive(Debug, Default)]
pub(crate) struct Cell {
    known: Quick<Known>,
    flight: Mutex<()>,
}

#[derive(Debug, Default)]
struct Known {
    /// What was found.
    found: Option<Detected>,
    /// Somebody has used it: it does not change any more.
    fixed: bool,
    /// How many looks have ended.
    looks: u64,
    /// How the last one failed.
    failed: Option<ContainerError>,
}

impl Cell {
    fn known<T>(&self, of: impl FnOnce(&mut Known) -> T) -> T {
        of(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What is known, without looking.
    pub(crate) fn peek(&self) -> Option<Detected> {
        self.known(|known| known.found.clone())
    }

    /// What was found before, or what `look` finds. With `fix` it stays.
    pub(crate) async fn get(
        &self,
        fix: bool,
        look: impl AsyncFnOnce() -> Result<Detected, ContainerError>,
    ) -> Result<Detected, ContainerError> {
        let ready = || {
            self.known(|known| {
                known.fixed |= fix && known.found.is_some();
                known.found.clone()
            })
        };
        let before = self.known(|known| known.looks);
        if let Some(found) = ready() {
            return Ok(found);
        }
        let _flight = self.flight.lock().await;
        if let Some(found) = ready() {
            return Ok(found);
        }
        let shared = self.known(|known| known.failed.clone().filter(|_| known.looks > before));
        if let Some(failed) = shared {
            return Err(failed);
        }
        let looked = look().await;
        self.known(|known| {
            known.looks += 1;
            known.failed = looked.as_ref().err().cloned();
            if let Ok(found) = &looked {
                (known.found, known.fixed) = (Some(found.clone()), fix);
            }
        });
        looked
    }

    /// Takes what `look` finds, unless somebody has used another one already. Nothing changes when it finds none.
    pub(crate) async fn set(
        &self,
        call: &'static str,
        look: impl AsyncFnOnce() -> Result<Detected, ContainerError>,
    ) -> Result<Detected, ContainerError> {
        let _flight = self.flight.lock().await;
        if self.known(|known| known.fixed) {
            return Err(ContainerError::AlreadyInitialised { call });
        }
        let found = look().await?;
        self.known(|known| (known.found, known.fixed) = (Some(found.clone()), true));
        Ok(found)
    }
}
