//! Points in time, in the one form that is shown: RFC 3339 in UTC.

use jiff::{SignedDuration, Timestamp};

/// What an engine says; its "never" (year 1) and what is no time become empty.
pub(crate) fn utc(text: &str) -> String {
    if text.is_empty() || text.starts_with("0001-01-01") {
        return String::new();
    }
    text.parse::<Timestamp>().map_or_else(|_| String::new(), |time| time.to_string())
}

/// Seconds since 1970; before it means never.
pub(crate) fn unix(seconds: i64) -> String {
    if seconds <= 0 {
        return String::new();
    }
    Timestamp::from_second(seconds).map_or_else(|_| String::new(), |time| time.to_string())
}

/// Nanoseconds since 1970.
pub(crate) fn unix_nanos(nanos: i64) -> String {
    Timestamp::from_nanosecond(i128::from(nanos))
        .map_or_else(|_| String::new(), |time| time.to_string())
}

/// What the Engine API takes as `since` and `until`: seconds since 1970, with a fraction.
pub(crate) fn since(text: &str) -> String {
    text.parse::<Timestamp>().map_or_else(
        |_| text.to_owned(),
        |time| format!("{}.{:09}", time.as_second(), time.subsec_nanosecond()),
    )
}

/// The `Date` of an answer, in seconds since 1970.
pub(crate) fn http_date(text: &str) -> Option<i64> {
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok().map(Timestamp::as_second)
}

/// The length that docker's words tell: `3 seconds`, `About a minute`, `2 weeks`. Coarse, as they are.
/// Source: docker/go-units `HumanDuration`.
pub(crate) fn words(text: &str) -> Option<i64> {
    let text = text.trim().trim_end_matches(" ago");
    match text {
        "Less than a second" => return Some(0),
        "About a minute" => return Some(60),
        "About an hour" => return Some(3600),
        _ => {}
    }
    let (number, unit) = text.split_once(' ')?;
    let number: i64 = number.parse().ok().filter(|n| (0..1_000_000).contains(n))?;
    let seconds = match unit.trim_end_matches('s') {
        "second" => 1,
        "minute" => 60,
        "hour" => 3600,
        "day" => 86_400,
        "week" => 7 * 86_400,
        "month" => 30 * 86_400,
        "year" => 365 * 86_400,
        _ => return None,
    };
    Some(number * seconds)
}

/// So long before `now` (seconds since 1970).
pub(crate) fn before(now: i64, seconds: i64) -> String {
    let time = Timestamp::from_second(now)
        .and_then(|now| now.checked_sub(SignedDuration::from_secs(seconds)));
    time.map_or_else(|_| String::new(), |time| time.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_engines() {
        assert_eq!(utc("2026-11-24T21:01:49.834914909Z"), "2026-11-24T21:01:49.834914909Z");
        assert_eq!(utc("2026-11-24T22:01:49+01:00"), "2026-11-24T21:01:49Z");
        assert_eq!(utc("0001-01-01T00:00:00Z"), "");
        assert_eq!(utc("yesterday"), "");
        assert_eq!(unix(1_795_553_676), "2026-11-24T20:54:36Z");
        assert_eq!(unix(-62_135_596_800), "");
        assert_eq!(since("2026-11-24T20:54:36.5Z"), "1795553676.500000000");
        assert_eq!(since("1795553676"), "1795553676");
        assert_eq!(http_date("Tue, 24 Nov 2026 20:53:55 GMT"), Some(1_795_553_635));
    }

    #[test]
    fn lengths_in_words() {
        assert_eq!(words("3 seconds ago"), Some(3));
        assert_eq!(words("Less than a second ago"), Some(0));
        assert_eq!(words("About an hour"), Some(3600));
        assert_eq!(words("2 weeks ago"), Some(1_209_600));
        assert_eq!(words("many moons"), None);
        assert_eq!(before(1_795_553_676, 60), "2026-11-24T20:53:36Z");
    }
}
