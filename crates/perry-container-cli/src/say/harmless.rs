//! Text from elsewhere, made safe for a terminal.

use std::borrow::Cow;

/// Control characters that could move the cursor, recolour or retitle a terminal become U+FFFD, each one character as
/// before; line ends and tabs stay.
pub(crate) fn harmless(text: &str) -> Cow<'_, str> {
    let harmful = |letter: char| letter.is_control() && !matches!(letter, '\n' | '\t');
    if !text.contains(harmful) {
        return Cow::Borrowed(text);
    }
    text.chars().map(|letter| if harmful(letter) { '\u{fffd}' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn escapes_go_and_text_stays() {
        assert_eq!(harmless("a\tb\nc"), "a\tb\nc");
        assert_eq!(
            harmless("\u{1b}[31mred\u{9b}0m\r\0"),
            "\u{fffd}[31mred\u{fffd}0m\u{fffd}\u{fffd}"
        );
    }
}
