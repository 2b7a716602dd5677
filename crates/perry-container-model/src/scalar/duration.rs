use crate::object::FromText;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// A span of time in nanoseconds, read and printed as Go does: `1h30m`, `1.5s`, `100ms`; also `d` (24 h) and `w` (7 d).
///
/// ```
/// # use perry_container_model::Duration;
/// assert_eq!("1d".parse::<Duration>()?.to_string(), "24h0m0s");
/// assert_eq!("1m30.5s".parse::<Duration>()?.to_string(), "1m30.5s");
/// assert_eq!("10".parse::<Duration>().unwrap_err().to_string(), "missing unit in duration `10`");
/// # Ok::<(), perry_container_model::DurationError>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration {
    nanos: i64,
}

/// Why a text is no [`Duration`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DurationError {
    /// A sign, digits or units where there can be none, or no text at all.
    #[error("invalid duration `{0}`")]
    Invalid(String),
    /// A number other than 0 without a unit.
    #[error("missing unit in duration `{0}`")]
    MissingUnit(String),
    /// A unit that is not one of `ns`, `us`, `µs`, `ms`, `s`, `m`, `h`, `d`, `w`.
    #[error("unknown unit `{unit}` in duration `{text}`")]
    UnknownUnit {
        /// What stands where a unit was expected.
        unit: String,
        /// The whole text.
        text: String,
    },
    /// More than about 292 years.
    #[error("duration `{0}` is out of range")]
    OutOfRange(String),
}

const SECOND: i64 = 1_000_000_000;

impl Duration {
    /// So many nanoseconds.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self { nanos }
    }

    /// So many whole seconds, at most the longest duration.
    pub const fn from_secs(secs: i64) -> Self {
        Self { nanos: secs.saturating_mul(SECOND) }
    }

    /// In nanoseconds; negative when the text had a `-`.
    pub const fn as_nanos(self) -> i64 {
        self.nanos
    }

    /// As the standard library's type; a negative duration is zero.
    pub fn as_std(self) -> std::time::Duration {
        std::time::Duration::from_nanos(u64::try_from(self.nanos).unwrap_or(0))
    }
}

impl From<std::time::Duration> for Duration {
    fn from(duration: std::time::Duration) -> Self {
        Self { nanos: i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX) }
    }
}

impl FromStr for Duration {
    type Err = DurationError;

    fn from_str(text: &str) -> Result<Self, DurationError> {
        let invalid = || DurationError::Invalid(text.to_owned());
        let out_of_range = || DurationError::OutOfRange(text.to_owned());
        let (negative, mut rest) = match text.as_bytes().first() {
            Some(b'-') => (true, &text[1..]),
            Some(b'+') => (false, &text[1..]),
            _ => (false, text),
        };
        if rest == "0" {
            return Ok(Self::default());
        }
        if rest.is_empty() {
            return Err(invalid());
        }
        let mut nanos: i128 = 0;
        while !rest.is_empty() {
            let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
            let whole = digits(rest);
            let (number, mut after) = rest.split_at(whole);
            let mut fraction = "";
            if let Some(behind) = after.strip_prefix('.') {
                (fraction, after) = behind.split_at(digits(behind));
            }
            if number.is_empty() && fraction.is_empty() {
                return Err(invalid());
            }
            let end = after.bytes().take_while(|b| *b != b'.' && !b.is_ascii_digit()).count();
            let (unit, behind) = after.split_at(end);
            let scale: i128 = match unit {
                "" => return Err(DurationError::MissingUnit(text.to_owned())),
                "ns" => 1,
                "us" | "\u{b5}s" | "\u{3bc}s" => 1_000,
                "ms" => 1_000_000,
                "s" => SECOND.into(),
                "m" => 60 * i128::from(SECOND),
                "h" => 3_600 * i128::from(SECOND),
                "d" => 86_400 * i128::from(SECOND),
                "w" => 604_800 * i128::from(SECOND),
                _ => {
                    return Err(DurationError::UnknownUnit {
                        unit: unit.to_owned(),
                        text: text.to_owned(),
                    });
                }
            };
            if number.len() > 19 {
                return Err(out_of_range());
            }
            let number: i128 =
                if number.is_empty() { 0 } else { number.parse().map_err(|_| invalid())? };
            nanos += number * scale;
            // Digits behind the eighteenth are below any unit's nanosecond.
            let fraction = &fraction[..fraction.len().min(18)];
            if !fraction.is_empty() {
                let digits: i128 = fraction.parse().map_err(|_| invalid())?;
                nanos += digits * scale / 10_i128.pow(u32::try_from(fraction.len()).unwrap_or(0));
            }
            if nanos > i128::from(i64::MAX) {
                return Err(out_of_range());
            }
            rest = behind;
        }
        let nanos = if negative { -nanos } else { nanos };
        Ok(Self { nanos: i64::try_from(nanos).map_err(|_| out_of_range())? })
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = self.nanos.unsigned_abs();
        if nanos == 0 {
            return f.write_str("0s");
        }
        if self.nanos < 0 {
            f.write_str("-")?;
        }
        let second = SECOND.unsigned_abs();
        if nanos < second {
            let (scale, unit) = match nanos {
                0..1_000 => (1, "ns"),
                1_000..1_000_000 => (1_000, "\u{b5}s"),
                _ => (1_000_000, "ms"),
            };
            return write!(f, "{}{unit}", Fraction(nanos, scale));
        }
        let minutes = nanos / second / 60;
        if minutes >= 60 {
            write!(f, "{}h", minutes / 60)?;
        }
        if minutes > 0 {
            write!(f, "{}m", minutes % 60)?;
        }
        write!(f, "{}s", Fraction(nanos - minutes * 60 * second, second))
    }
}

/// A quotient by a power of ten, without trailing zeros.
struct Fraction(u64, u64);

impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / self.1, self.0 % self.1);
        write!(f, "{whole}")?;
        if rest == 0 {
            return Ok(());
        }
        let width = self.1.ilog10() as usize;
        let digits = format!("{rest:0width$}");
        write!(f, ".{}", digits.trim_end_matches('0'))
    }
}

impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(FromText::expecting("a duration such as `1m30s`"))
    }
}

#[cfg(test)]
mod tests {
    use super::Duration;

    fn read(text: &str) -> String {
        match text.parse::<Duration>() {
            Ok(duration) => duration.to_string(),
            Err(error) => format!("! {error}"),
        }
    }

    #[test]
    fn as_go_prints_it() {
        for (text, printed) in [
            ("1h30m", "1h30m0s"),
            ("1.5s", "1.5s"),
            ("100ms", "100ms"),
            ("1d", "24h0m0s"),
            ("1w2d", "216h0m0s"),
            ("0", "0s"),
            ("-0", "0s"),
            ("0s", "0s"),
            ("10us", "10\u{b5}s"),
            ("10\u{3bc}s", "10\u{b5}s"),
            ("90s", "1m30s"),
            ("-1.25m", "-1m15s"),
            ("+5s", "5s"),
            (".5s", "500ms"),
            ("1.s", "1s"),
            ("999ns", "999ns"),
            ("1500ns", "1.5\u{b5}s"),
            ("2562047h47m16.854775807s", "2562047h47m16.854775807s"),
        ] {
            assert_eq!(read(text), printed, "{text}");
        }
    }

    #[test]
    fn refusals_say_why() {
        for (text, why) in [
            ("", "! invalid duration ``"),
            ("-", "! invalid duration `-`"),
            ("x", "! invalid duration `x`"),
            (".s", "! invalid duration `.s`"),
            ("1 s", "! unknown unit ` s` in duration `1 s`"),
            ("10", "! missing unit in duration `10`"),
            ("10S", "! unknown unit `S` in duration `10S`"),
            ("2562047h47m16.854775808s", "! duration `2562047h47m16.854775808s` is out of range"),
            ("99999999999999999999h", "! duration `99999999999999999999h` is out of range"),
        ] {
            assert_eq!(read(text), why, "{text}");
        }
    }
}
