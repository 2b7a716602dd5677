//! How go-yaml v3 types a plain scalar (its `resolve.go`), and how Go prints numbers.

use crate::Kind;

/// The value of a plain, untagged scalar.
///
/// ```
/// use perry_container_yaml::{Kind, resolve_plain};
/// assert_eq!(resolve_plain("0o12"), Kind::Int(10));
/// assert_eq!(resolve_plain("08"), Kind::Float(8.0));
/// assert_eq!(resolve_plain("off"), Kind::Str("off".into()));
/// ```
#[must_use]
pub fn resolve_plain(text: &str) -> Kind {
    let Some(&first) = text.as_bytes().first() else { return Kind::Null };
    match text {
        "true" | "True" | "TRUE" => return Kind::Bool(true),
        "false" | "False" | "FALSE" => return Kind::Bool(false),
        "~" | "null" | "Null" | "NULL" => return Kind::Null,
        ".nan" | ".NaN" | ".NAN" => return Kind::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => {
            return Kind::Float(f64::INFINITY);
        }
        "-.inf" | "-.Inf" | "-.INF" => return Kind::Float(f64::NEG_INFINITY),
        _ => {}
    }
    let value = match first {
        b'.' => float(text).map(Kind::Float),
        b'0'..=b'9' | b'+' | b'-' => number(text),
        _ => None,
    };
    value.unwrap_or_else(|| Kind::Str(text.to_owned()))
}

/// Numbers and timestamps: whatever starts with a digit or a sign.
pub(crate) fn number(text: &str) -> Option<Kind> {
    if is_timestamp(text) {
        return Some(Kind::Timestamp(text.to_owned()));
    }
    let plain = text.replace('_', "");
    if let Some(value) = int(&plain) {
        return Some(Kind::Int(value));
    }
    float(&plain).map(Kind::Float)
}

/// Go's `ParseInt(text, 0, 64)`, then `ParseUint`.
pub(crate) fn int(text: &str) -> Option<i128> {
    let (negative, unsigned, signed) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..], true),
        b'+' => (false, &text[1..], true),
        _ => (false, text, false),
    };
    let bytes = unsigned.as_bytes();
    let (radix, digits) = match (bytes.first()?, bytes.get(1)) {
        (b'0', Some(b'x' | b'X')) => (16, &unsigned[2..]),
        (b'0', Some(b'o' | b'O')) => (8, &unsigned[2..]),
        (b'0', Some(b'b' | b'B')) => (2, &unsigned[2..]),
        (b'0', Some(_)) => (8, &unsigned[1..]),
        _ => (10, unsigned),
    };
    if !digits.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let value = i128::from_str_radix(digits, radix).ok()?;
    let value = if negative { -value } else { value };
    let (low, high) = (i128::from(i64::MIN), i128::from(i64::MAX));
    // `+` is no part of an unsigned number in Go.
    let high = if signed { high } else { i128::from(u64::MAX) };
    (low..=high).contains(&value).then_some(value)
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, finite.
pub(crate) fn float(text: &str) -> Option<f64> {
    let rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    let whole = rest.bytes().take_while(u8::is_ascii_digit).count();
    let mut rest = &rest[whole..];
    if let Some(after) = rest.strip_prefix('.') {
        let fraction = after.bytes().take_while(u8::is_ascii_digit).count();
        if whole + fraction == 0 {
            return None;
        }
        rest = &after[fraction..];
    } else if whole == 0 {
        return None;
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
    } else if !rest.is_empty() {
        return None;
    }
    text.parse::<f64>().ok().filter(|value| value.is_finite())
}

/// The four forms go-yaml takes for a date: `2006-1-2`, with a time after `T`, `t` (then with a
/// zone) or a blank (then without).
fn is_timestamp(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() < 8 || bytes[4] != b'-' || !bytes[..4].iter().all(u8::is_ascii_digit) {
        return false;
    }
    let Some((year, rest)) = digits(text, 4, 4) else { return false };
    let Some((month, rest)) = rest.strip_prefix('-').and_then(|rest| digits(rest, 1, 2)) else {
        return false;
    };
    let Some((day, rest)) = rest.strip_prefix('-').and_then(|rest| digits(rest, 1, 2)) else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return false,
    };
    if day == 0 || day > days {
        return false;
    }
    match rest.as_bytes().first() {
        None => true,
        Some(b'T' | b't') => clock(&rest[1..]).is_some_and(is_zone),
        Some(b' ') => clock(&rest[1..]).is_some_and(str::is_empty),
        _ => false,
    }
}

/// `15:4:5` and an optional fraction; gives what follows.
fn clock(text: &str) -> Option<&str> {
    let (hour, rest) = digits(text, 1, 2)?;
    let (minute, rest) = digits(rest.strip_prefix(':')?, 1, 2)?;
    let (second, rest) = digits(rest.strip_prefix(':')?, 1, 2)?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let Some(fraction) = rest.strip_prefix(['.', ',']) else { return Some(rest) };
    let length = fraction.bytes().take_while(u8::is_ascii_digit).count();
    (length > 0).then(|| &fraction[length..])
}

fn is_zone(text: &str) -> bool {
    if text == "Z" {
        return true;
    }
    let Some(rest) = text.strip_prefix(['+', '-']) else { return false };
    let Some((hour, rest)) = digits(rest, 2, 2) else { return false };
    let Some((minute, rest)) = rest.strip_prefix(':').and_then(|rest| digits(rest, 2, 2)) else {
        return false;
    };
    hour <= 24 && minute < 60 && rest.is_empty()
}

fn digits(text: &str, least: usize, most: usize) -> Option<(u32, &str)> {
    let length = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    if length < least {
        return None;
    }
    Some((text[..length].parse().ok()?, &text[length..]))
}

/// A float as Go's `%v` prints it: shortest digits, an exponent below 1e-4 and from 1e6
/// (asked of docker compose 2.40.3).
///
/// ```
/// use perry_container_yaml::float_text;
/// assert_eq!(float_text(1.50), "1.5");
/// assert_eq!(float_text(1e3), "1000");
/// assert_eq!(float_text(1e6), "1e+06");
/// assert_eq!(float_text(f64::INFINITY), "+Inf");
/// ```
#[must_use]
pub fn float_text(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if !(-4..6).contains(&exponent) && value != 0.0 {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.abs());
    }
    format!("{value}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> String {
        match resolve_plain(text) {
            Kind::Str(_) => "str".to_owned(),
            Kind::Timestamp(_) => "time".to_owned(),
            Kind::Float(value) => format!("float {}", float_text(value)),
            Kind::Int(value) => format!("int {value}"),
            Kind::Bool(value) => format!("bool {value}"),
            _ => "null".to_owned(),
        }
    }

    #[test]
    fn plain_scalars_are_typed_as_go_yaml_types_them() {
        for (text, expected) in [
            ("true", "bool true"),
            ("FALSE", "bool false"),
            ("yes", "str"),
            ("On", "str"),
            ("y", "str"),
            ("", "null"),
            ("~", "null"),
            ("NULL", "null"),
            ("nULL", "str"),
            ("012", "int 10"),
            ("0o12", "int 10"),
            ("0O12", "int 10"),
            ("0x1F", "int 31"),
            ("0b101", "int 5"),
            ("-0b101", "int -5"),
            ("+1", "int 1"),
            ("-0", "int 0"),
            ("1_000", "int 1000"),
            ("1__0", "int 10"),
            ("1_", "int 1"),
            ("_1", "str"),
            ("08", "float 8"),
            ("09", "float 9"),
            ("1.0", "float 1"),
            ("1e3", "float 1000"),
            (".5", "float 0.5"),
            ("0.", "float 0"),
            (".", "str"),
            ("-", "str"),
            ("+.inf", "float +Inf"),
            ("-.Inf", "float -Inf"),
            (".nan", "float NaN"),
            ("1e400", "str"),
            ("18446744073709551615", "int 18446744073709551615"),
            ("18446744073709551616", "float 1.8446744073709552e+19"),
            ("-9223372036854775809", "float -9.223372036854776e+18"),
            ("1:30", "str"),
            ("12:30:45", "str"),
            ("2024-01-02", "time"),
            ("2024-1-2", "time"),
            ("2024-02-30", "str"),
            ("2024-01-02T03:04:05Z", "time"),
            ("2024-01-02t03:04:05.5+02:00", "time"),
            ("2024-01-02T03:04:05", "str"),
            ("2024-01-02 03:04:05", "time"),
            ("2024-01", "str"),
            ("0x", "str"),
            ("0xG", "str"),
            ("--1", "str"),
            ("1-2", "str"),
            ("é", "str"),
        ] {
            assert_eq!(kind(text), expected, "{text:?}");
        }
    }

    #[test]
    fn floats_print_as_go_prints_them() {
        for (value, expected) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (0.1, "0.1"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (1.25e-7, "1.25e-07"),
            (999_999.5, "999999.5"),
            (123_456_789.125, "1.23456789125e+08"),
            (1e20, "1e+20"),
            (1e21, "1e+21"),
            (1.5e300, "1.5e+300"),
        ] {
            assert_eq!(float_text(value), expected);
        }
    }
}
