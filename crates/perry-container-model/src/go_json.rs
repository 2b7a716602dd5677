//! JSON as Go's `encoding/json` writes it.

use serde::Serialize as _;
use serde_json::Value;
use serde_json::ser::{CompactFormatter, Formatter, Serializer};
use std::io;

/// Compact JSON, byte for byte as Go's `json.Marshal` writes it: `<`, `>`, `&`, U+2028 and U+2029 escaped.
pub(crate) fn compact(value: &Value) -> String {
    let mut bytes = Vec::new();
    let written = value.serialize(&mut Serializer::with_formatter(&mut bytes, Go));
    debug_assert!(written.is_ok(), "a vector takes everything");
    String::from_utf8(bytes).unwrap_or_default()
}

struct Go;

impl Formatter for Go {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(['<', '>', '&', '\u{2028}', '\u{2029}']) {
            let (plain, special) = rest.split_at(at);
            writer.write_all(plain.as_bytes())?;
            let mut chars = special.chars();
            if let Some(c) = chars.next() {
                write!(writer, "\\u{:04x}", u32::from(c))?;
            }
            rest = chars.as_str();
        }
        writer.write_all(rest.as_bytes())
    }

    fn write_f64<W: ?Sized + io::Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        if value != 0.0 && !(1e-6..1e21).contains(&value.abs()) {
            let text = format!("{value:e}");
            return match text.split_once('e') {
                Some((mantissa, exponent)) if !exponent.starts_with('-') => {
                    write!(writer, "{mantissa}e+{exponent}")
                }
                _ => writer.write_all(text.as_bytes()),
            };
        }
        if value.fract() == 0.0 {
            return write!(writer, "{value}");
        }
        CompactFormatter.write_f64(writer, value)
    }
}

#[cfg(test)]
mod tests {
    use super::compact;
    use serde_json::json;

    #[test]
    fn escapes_what_go_escapes() {
        let value = json!({"b": "<a> & \u{2028}\u{2029}\u{1}\n\"\\\u{7f}", "a": [null, true, 1.0, 0.5, 1e21, 1e-7, "é", ""]});
        assert_eq!(
            compact(&value),
            "{\"b\":\"\\u003ca\\u003e \\u0026 \\u2028\\u2029\\u0001\\n\\\"\\\\\u{7f}\",\"a\":[null,true,1,0.5,1e+21,1e-7,\"é\",\"\"]}"
        );
    }
}
