//! Time: tokio's clock, counted from a fixed day so that texts are the same each time.

use perry_container_spec::Timestamp;
use tokio::time::Instant;

/// 2026-01-01T00:00:00Z, the moment at which a simulation is made.
const EPOCH: i64 = 1_767_225_600;

/// RFC 3339 with nanoseconds, as docker prints it.
pub(crate) fn stamp(begin: Instant, at: Instant) -> Timestamp {
    let since = at.saturating_duration_since(begin);
    let seconds = EPOCH + i64::try_from(since.as_secs()).unwrap_or(0);
    let nanos = i32::try_from(since.subsec_nanos()).unwrap_or(0);
    let time = jiff::Timestamp::new(seconds, nanos).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    format!("{time:.9}")
}

/// A moment out of RFC 3339 or of seconds since 1970.
pub(crate) fn moment(begin: Instant, text: &str) -> Option<Instant> {
    let time = match text.parse::<f64>() {
        Ok(seconds) => jiff::Timestamp::from_millisecond((seconds * 1000.0) as i64).ok()?,
        Err(_) => text.parse().ok()?,
    };
    let epoch = jiff::Timestamp::from_second(EPOCH).ok()?;
    let since = time.duration_since(epoch);
    Some(begin + std::time::Duration::try_from(since).unwrap_or_default())
}
