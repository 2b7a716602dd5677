use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// A finite decimal number with the precision docker compose keeps (32 bit): a share of CPUs, a ratio. Zero is absent.
#[derive(Debug, Clone, Copy, Default, PartialEq, PartialOrd)]
pub struct Decimal(pub f32);

impl Decimal {
    /// The nearest 64-bit number to the text that is printed: 0.1 stays 0.1.
    pub fn as_f64(self) -> f64 {
        self.0.to_string().parse().unwrap_or_else(|_| self.0.into())
    }

    /// Times 10^9, the unit in which engines take a share of CPUs.
    pub fn nanos(self) -> i64 {
        #[expect(clippy::cast_possible_truncation, reason = "saturates; a share of CPUs is small")]
        let nanos = (self.0 * 1e9) as i64;
        nanos
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&go_float(self.as_f64()))
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let value = self.as_f64();
        #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
        if value.fract() == 0.0 && value.abs() < 9e15 {
            return serializer.serialize_i64(value as i64);
        }
        serializer.serialize_f64(value)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DecimalVisitor)
    }
}

struct DecimalVisitor;

impl Visitor<'_> for DecimalVisitor {
    type Value = Decimal;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number such as `0.5`")
    }

    #[expect(clippy::cast_possible_truncation, reason = "the precision docker compose keeps")]
    fn visit_f64<E: Error>(self, value: f64) -> Result<Decimal, E> {
        let value = value as f32;
        if value.is_finite() {
            Ok(Decimal(value))
        } else {
            Err(E::custom("expected a finite number"))
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "the precision docker compose keeps")]
    fn visit_i64<E: Error>(self, value: i64) -> Result<Decimal, E> {
        Ok(Decimal(value as f32))
    }

    #[expect(clippy::cast_precision_loss, reason = "the precision docker compose keeps")]
    fn visit_u64<E: Error>(self, value: u64) -> Result<Decimal, E> {
        Ok(Decimal(value as f32))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Decimal, E> {
        match text.parse::<f64>() {
            Ok(value) => self.visit_f64(value),
            Err(_) => {
                Err(E::custom(format_args!("invalid number `{text}`, expected one such as `0.5`")))
            }
        }
    }
}

/// A number as Go's `%v` writes it, which is how docker compose turns a number into text: `1.0` is `1`, `1e3` is
/// `1000`, from 1e6 on and below 1e-4 an exponent of two digits at least.
///
/// ```
/// # use perry_container_model::go_float;
/// assert_eq!([go_float(1.0), go_float(1.5), go_float(1e6), go_float(1e-7)], ["1", "1.5", "1e+06", "1e-07"]);
/// ```
pub fn go_float(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if value == 0.0 || (-4..6).contains(&exponent) {
        return value.to_string();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs())
}
