//! Text where the tool takes none of it: it refuses `=` in a label's value and odd keys of networks' labels.

/// What a value begins with that is written in another way.
const MARK: &str = "%:";
/// What a key begins with that is written in another way.
const KEY: &str = "dev.perry.key.";

fn percent(text: &str) -> String {
    text.replace('%', "%25").replace('=', "%3D")
}

/// A label's value as the tool takes it.
pub(crate) fn value(text: &str) -> String {
    if text.contains('=') || text.starts_with(MARK) {
        format!("{MARK}{}", percent(text))
    } else {
        text.to_owned()
    }
}

/// A label's value as it was meant.
pub(crate) fn meant(text: &str) -> String {
    match text.strip_prefix(MARK) {
        Some(rest) => rest.replace("%3D", "=").replace("%25", "%"),
        None => text.to_owned(),
    }
}

/// A key of a network's label as the tool takes it: lower-case words with dots, no `_`.
pub(crate) fn key(text: &str) -> String {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let good = |word: &str| {
        word.starts_with(plain)
            && word.ends_with(plain)
            && word.chars().all(|c| plain(c) || c == '-')
    };
    if text.split('.').all(good) && !text.starts_with(KEY) {
        return text.to_owned();
    }
    let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    format!("{KEY}{hex}")
}

/// The key as it was meant.
pub(crate) fn meant_key(text: &str) -> String {
    let bytes = text.strip_prefix(KEY).and_then(|hex| {
        let pair = |at: usize| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok();
        (0..hex.len()).step_by(2).map(pair).collect::<Option<Vec<u8>>>()
    });
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_else(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn everything_comes_back(text in "\\PC{0,12}|[%=:_.A-Z]{0,8}") {
            prop_assert!(!value(&text).contains('='));
            prop_assert_eq!(meant(&value(&text)), text.clone());
            prop_assert!(!key(&text).contains(['_', '=']));
            prop_assert_eq!(meant_key(&key(&text)), text);
        }
    }

    #[test]
    fn usual_text_stays() {
        assert_eq!(value("/srv/demo:1"), "/srv/demo:1");
        assert_eq!(value("a=1"), "%:a%3D1");
        assert_eq!(key("com.docker.compose.project"), "com.docker.compose.project");
        assert_eq!(key("a_b"), "dev.perry.key.615f62");
    }
}
