//! Points in time and numbers of lines.

use crate::failure::Failure;
use jiff::{SignedDuration, Timestamp, civil, tz::TimeZone};

/// `--tail`: `all` and negative numbers are everything.
pub(crate) fn tail(text: &str) -> Result<Option<u64>, Failure> {
    if text == "all" {
        return Ok(None);
    }
    match text.parse::<i64>() {
        Ok(lines) => Ok(u64::try_from(lines).ok()),
        Err(_) => Err(Failure::usage(format!(
            "invalid argument \"{text}\" for \"--tail\" flag: a number of lines or `all`"
        ))),
    }
}

/// `--since` and `--until`: a time (RFC 3339, or without its zone in the zone of this machine), a date, seconds since 1970,
/// or how long ago (`42m`, `1h30m`). RFC 3339 in UTC comes out.
pub(crate) fn point(
    flag: &str,
    text: &str,
    now: Timestamp,
    zone: &TimeZone,
) -> Result<String, Failure> {
    let local = |time: civil::DateTime| zone.to_timestamp(time).ok();
    let seconds = || {
        let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
        let part: u32 = format!("{part:0<9}").get(..9)?.parse().ok()?;
        Timestamp::new(whole.parse().ok()?, i32::try_from(part).ok()?).ok()
    };
    let found = text
        .parse::<Timestamp>()
        .ok()
        .or_else(seconds)
        .or_else(|| text.parse::<civil::DateTime>().ok().and_then(local))
        .or_else(|| text.parse::<civil::Date>().ok().and_then(|date| local(date.at(0, 0, 0, 0))))
        .or_else(|| now.checked_sub(text.parse::<SignedDuration>().ok()?).ok());
    found.map(|time| time.to_string()).ok_or_else(|| {
        Failure::usage(format!(
            "invalid argument \"{text}\" for \"--{flag}\" flag: a time like 2013-01-02T13:23:37Z, or how long ago, like 42m"
        ))
    })
}
