//! How compose splits a command: `mattn/go-shellwords` without variables and without a shell.

/// The words of a command line. `None` when a quote or an escape is open at the end.
///
/// Quotes group, a backslash takes the next character literally outside single quotes, backquotes
/// and `$(...)` keep their text in one word, and an unquoted `;`, `|`, `&`, `<`, `>` ends the
/// command.
pub(crate) fn split(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word = String::new();
    let (mut escaped, mut double, mut single) = (false, false, false);
    let (mut back, mut dollar) = (false, false);
    // Whether there is a word, be it an empty one in quotes.
    let mut got = false;
    let mut before = None;
    for c in line.chars() {
        let last = before.replace(c);
        if escaped {
            word.push(c);
            escaped = false;
            got = true;
            continue;
        }
        if c == '\\' {
            if single {
                word.push(c);
            } else {
                escaped = true;
            }
            continue;
        }
        let quoted = single || double || back || dollar;
        match c {
            ' ' | '\t' | '\r' | '\n' => {
                if quoted {
                    word.push(c);
                } else if got {
                    words.push(std::mem::take(&mut word));
                    got = false;
                }
                continue;
            }
            '`' if !single && !double && !dollar => back = !back,
            ')' if !single && !double && !back => dollar = !dollar,
            '(' if !single && !double && !back => {
                if !dollar && last == Some('$') {
                    dollar = true;
                } else if !dollar {
                    return None;
                }
            }
            '"' if !single && !dollar => {
                double = !double;
                got = true;
                continue;
            }
            '\'' if !double && !dollar => {
                single = !single;
                got = true;
                continue;
            }
            ';' | '&' | '|' | '<' | '>' if !quoted => {
                // A word that begins with a digit is taken for the number of a redirection.
                if c == '>' && word.starts_with(|d: char| d.is_ascii_digit()) {
                    got = false;
                }
                if got {
                    words.push(word);
                }
                return Some(words);
            }
            _ => {}
        }
        got = true;
        word.push(c);
    }
    if escaped || single || double || back || dollar {
        return None;
    }
    if got {
        words.push(word);
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::split;

    /// What docker compose 2.40.3 answered.
    #[test]
    fn words_are_split_as_compose_splits_them() {
        for (line, words) in [
            ("a b", Some(&["a", "b"][..])),
            ("a\\nb a\\ b", Some(&["anb", "a b"])),
            ("a '' b \"\" ''x", Some(&["a", "", "b", "", "x"])),
            ("a|b", Some(&["a"])),
            ("a&&b", Some(&["a"])),
            ("a;b", Some(&["a"])),
            ("'a;b'", Some(&["a;b"])),
            ("a 2>x", Some(&["a"])),
            ("12>x", Some(&[])),
            ("a2>x b", Some(&["a2"])),
            ("$(a 'b c') c", Some(&["$(a 'b c')", "c"])),
            ("a`b c`d", Some(&["a`b c`d"])),
            ("\"a 'b' $(c d)\" e", Some(&["a 'b' $(c d)", "e"])),
            ("'a\\b' \"a\\\"b\\x\"", Some(&["a\\b", "a\"bx"])),
            ("#a a#b", Some(&["#a", "a#b"])),
            ("a\n b\tc", Some(&["a", "b", "c"])),
            ("", Some(&[])),
            ("a\\", None),
            ("a)", None),
            ("(a)", None),
            ("'a", None),
            ("$(a", None),
        ] {
            let expected = words.map(|words| words.iter().map(|&w| w.to_owned()).collect());
            assert_eq!(split(line), expected, "{line:?}");
        }
    }
}
