//! Detection once in the life of a process.

use crate::{Detected, Detector, ProbeError};
use std::sync::OnceLock;
use tokio::sync::Mutex;

/// Keeps what was detected. A failure is not kept: the next one who asks looks again.
///
/// Whoever asks while another one looks waits for that look; nobody blocks a thread.
#[derive(Debug)]
pub struct BackendCell {
    found: OnceLock<Detected>,
    looking: Mutex<()>,
}

impl BackendCell {
    /// Nothing known yet.
    pub const fn new() -> Self {
        Self { found: OnceLock::new(), looking: Mutex::const_new(()) }
    }

    /// What was found, now or before.
    ///
    /// # Errors
    /// Those of [`Detector::detect`] and [`Detector::choice`].
    pub async fn get(&self, detector: &Detector) -> Result<Detected, ProbeError> {
        if let Some(found) = self.found.get() {
            return Ok(found.clone());
        }
        let _only_one = self.looking.lock().await;
        if let Some(found) = self.found.get() {
            return Ok(found.clone());
        }
        let found = detector.detect(&detector.choice()?).await?;
        Ok(self.found.get_or_init(|| found).clone())
    }

    /// What was found before.
    pub fn known(&self) -> Option<&Detected> {
        self.found.get()
    }
}

impl Default for BackendCell {
    fn default() -> Self {
        Self::new()
    }
}

static PROCESS: BackendCell = BackendCell::new();

/// The backend of this process: looked for by the first caller, the same for everybody after. What the environment says
/// later changes nothing.
///
/// # Errors
/// When there is none, or not the one that `PERRY_CONTAINER_BACKEND` asks for.
pub async fn detect_backend() -> Result<Detected, ProbeError> {
    PROCESS.get(&Detector::current()).await
}
