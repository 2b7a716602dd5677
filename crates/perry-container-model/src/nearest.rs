//! Which known word was probably meant.

/// The known word with the fewest edits, when these are few for the length of `word`.
pub(crate) fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    // A longer key is no misspelling of a property, and the distance is quadratic in its length.
    if word.len() > 64 {
        return None;
    }
    let limit = word.chars().count().div_ceil(3).min(3);
    known
        .iter()
        .map(|&candidate| (distance(word, candidate), candidate))
        .filter(|&(edits, _)| edits <= limit)
        .min_by_key(|&(edits, _)| edits)
        .map(|(_, candidate)| candidate)
}

/// Levenshtein's distance, `-` and `_` and the case of a letter counting as equal.
fn distance(a: &str, b: &str) -> usize {
    let fold = |text: &str| -> Vec<char> {
        text.chars().map(|c| if c == '-' { '_' } else { c.to_ascii_lowercase() }).collect()
    };
    let (a, b) = (fold(a), fold(b));
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn few_edits_are_a_misspelling() {
        let known = ["environment", "env_file", "image", "ports"];
        assert_eq!(nearest("enviroment", &known), Some("environment"));
        assert_eq!(nearest("env-file", &known), Some("env_file"));
        assert_eq!(nearest("Image", &known), Some("image"));
        assert_eq!(nearest("port", &known), Some("ports"));
        assert_eq!(nearest("restart", &known), None);
        assert_eq!(nearest(&"image".repeat(1000), &known), None);
    }
}
