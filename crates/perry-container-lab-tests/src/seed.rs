//! Random moments that come again: what a seed did once it does always.

use std::time::{Duration, SystemTime};

/// The variable that gives a seed, to repeat what a run that failed did.
const SEED: &str = "PERRY_LAB_SEED";
/// The variable of `cargo xtask test --long`.
const LONG: &str = "PERRY_LAB_LONG";

/// Whether suites run in full.
#[must_use]
pub fn long() -> bool {
    std::env::var_os(LONG).is_some_and(|value| value == "1")
}

/// Says how a suite of random moments went, and with which seed.
pub fn tell(text: &str) {
    eprintln!("{text}");
}

/// Numbers that look random (splitmix64).
#[derive(Clone, Debug)]
pub struct Seed {
    /// What it began with.
    pub first: u64,
    state: u64,
}

impl Seed {
    /// From this number.
    #[must_use]
    pub const fn new(first: u64) -> Self {
        Self { first, state: first }
    }

    /// `PERRY_LAB_SEED`; without it a new one in long runs, always the same in others.
    ///
    /// # Panics
    /// When the variable is no number.
    #[must_use]
    pub fn of_this_run() -> Self {
        if let Some(text) = std::env::var_os(SEED) {
            let number = text.to_str().and_then(|text| text.parse().ok());
            return Self::new(number.unwrap_or_else(|| panic!("{SEED} is no number: {text:?}")));
        }
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        Self::new(if long() { now.as_secs() } else { 20_250_117 })
    }

    /// The next number.
    #[must_use]
    pub const fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// One of them.
    ///
    /// # Panics
    /// When there is none.
    pub fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        assert!(!all.is_empty(), "nothing to pick from");
        let count = u64::try_from(all.len()).unwrap_or(u64::MAX);
        &all[usize::try_from(self.next() % count).unwrap_or(0)]
    }

    /// A moment before this one.
    #[must_use]
    pub fn before(&mut self, end: Duration) -> Duration {
        let micros = u64::try_from(end.as_micros()).unwrap_or(u64::MAX).max(1);
        Duration::from_micros(self.next() % micros)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_does_the_same_again() {
        let moments = |first| {
            let mut seed = Seed::new(first);
            (0..100).map(|_| seed.before(Duration::from_secs(2))).collect::<Vec<_>>()
        };
        assert_eq!(moments(7), moments(7));
        assert_ne!(moments(7), moments(8));
        let (early, late) = (Duration::from_millis(500), Duration::from_millis(1500));
        assert!(moments(7).iter().any(|moment| *moment < early));
        assert!(moments(7).iter().any(|moment| *moment > late));
        assert!(moments(7).iter().all(|moment| *moment < Duration::from_secs(2)));
    }
}
