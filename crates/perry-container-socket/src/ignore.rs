//! `.dockerignore`: what stays out of a build's context. Source: moby/patternmatcher 0.6.

/// A piece of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Char(char),
    /// `?`
    One,
    /// `*`
    Some,
    /// `**`
    Any,
    /// `**/`: no directory, or some.
    Folders,
    /// `[a-z]`, `[^a-z]`.
    Class(Vec<(char, char)>, bool),
}

#[derive(Debug, Clone)]
struct Pattern {
    tokens: Vec<Token>,
    /// `!pattern`: what it matches goes in again.
    again: bool,
}

/// All patterns of a file; the last that matches decides.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ignore {
    patterns: Vec<Pattern>,
}

impl Ignore {
    pub(crate) fn parse(text: &str) -> Self {
        let text = text.trim_start_matches('\u{feff}');
        let patterns = text
            .lines()
            .filter(|line| !line.starts_with('#'))
            .map(str::trim)
            .filter_map(|line| {
                let (again, line) = match line.strip_prefix('!') {
                    Some(rest) => (true, rest.trim()),
                    None => (false, line),
                };
                let clean = clean(line);
                (!clean.is_empty()).then(|| Pattern { tokens: tokens(&clean), again })
            })
            .collect();
        Self { patterns }
    }

    /// Whether a path below the context (`a/b`) stays out: it, or a directory that it lies in, matches.
    pub(crate) fn excludes(&self, path: &str) -> bool {
        let parents = path.match_indices('/').map(|(at, _)| &path[..at]).chain([path]);
        let paths: Vec<Vec<char>> = parents.map(|path| path.chars().collect()).collect();
        let mut out = false;
        for pattern in &self.patterns {
            if pattern.again == out && paths.iter().any(|path| matches(&pattern.tokens, path)) {
                out = !pattern.again;
            }
        }
        out
    }

    /// Whether something below an excluded directory may go in again.
    pub(crate) fn has_exceptions(&self) -> bool {
        self.patterns.iter().any(|pattern| pattern.again)
    }
}

/// Without `.`, `..` where it can go, and slashes at the ends.
fn clean(pattern: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in pattern.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

fn tokens(pattern: &str) -> Vec<Token> {
    let chars: Vec<char> = pattern.chars().collect();
    let (mut all, mut at) = (Vec::new(), 0);
    while let Some(&c) = chars.get(at) {
        at += 1;
        match c {
            '*' if chars.get(at) == Some(&'*') => {
                while chars.get(at) == Some(&'*') {
                    at += 1;
                }
                if chars.get(at) == Some(&'/') {
                    at += 1;
                    all.push(Token::Folders);
                } else {
                    all.push(Token::Any);
                }
            }
            '*' => all.push(Token::Some),
            '?' => all.push(Token::One),
            '\\' => {
                if let Some(&c) = chars.get(at) {
                    at += 1;
                    all.push(Token::Char(c));
                }
            }
            '[' => match class(&chars[at..]) {
                Some((token, length)) => {
                    at += length;
                    all.push(token);
                }
                None => all.push(Token::Char('[')),
            },
            c => all.push(Token::Char(c)),
        }
    }
    all
}

fn class(chars: &[char]) -> Option<(Token, usize)> {
    let not = chars.first() == Some(&'^');
    let (mut at, mut ranges) = (usize::from(not), Vec::new());
    loop {
        let first = match *chars.get(at)? {
            ']' if !ranges.is_empty() => return Some((Token::Class(ranges, not), at + 1)),
            '\\' => {
                at += 1;
                *chars.get(at)?
            }
            c => c,
        };
        at += 1;
        let last = if chars.get(at) == Some(&'-') && chars.get(at + 1).is_some_and(|c| *c != ']') {
            at += 2;
            chars[at - 1]
        } else {
            first
        };
        ranges.push((first, last));
    }
}

/// One row of reachable positions per token, so that no pattern takes more than its length times the path's.
fn matches(tokens: &[Token], path: &[char]) -> bool {
    let mut reach = vec![false; path.len() + 1];
    reach[0] = true;
    for token in tokens {
        let mut next = vec![false; path.len() + 1];
        for at in 0..=path.len() {
            let here = reach[at];
            let c = at.checked_sub(1).map(|before| path[before]);
            let came = at > 0 && reach[at - 1];
            next[at] = match (token, c) {
                (Token::Char(wanted), Some(c)) => came && *wanted == c,
                (Token::One, Some(c)) => came && c != '/',
                (Token::Class(ranges, not), Some(c)) => {
                    came && c != '/' && ranges.iter().any(|(a, b)| (*a..=*b).contains(&c)) != *not
                }
                (Token::Some, c) => here || at > 0 && next[at - 1] && c != Some('/'),
                (Token::Any, _) => here || at > 0 && next[at - 1],
                (Token::Folders, c) => here || c == Some('/') && reach[..at].contains(&true),
                (Token::Char(_) | Token::One | Token::Class(..), None) => false,
            };
        }
        reach = next;
    }
    reach[path.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn out(file: &str, path: &str) -> bool {
        Ignore::parse(file).excludes(path)
    }

    #[test]
    fn patterns_as_docker_reads_them() {
        assert!(out("node_modules", "node_modules/a/b.js"));
        assert!(!out("node_modules", "x/node_modules"));
        assert!(out("**/node_modules", "x/y/node_modules/z"));
        assert!(out("**/node_modules", "node_modules"));
        assert!(out("*.md", "a.md") && !out("*.md", "d/a.md"));
        assert!(out("/d/?.txt", "d/a.txt") && !out("d/?.txt", "d/ab.txt"));
        assert!(out("a/**", "a/b/c") && !out("a/**", "a"));
        assert!(out("**/*.log", "a/b.log") && out("**/*.log", "b.log"));
        assert!(out("[a-c]x", "bx") && !out("[^a-c]x", "bx"));
        assert!(out("./d/../e/", "e/f"));
        assert!(!out("# a comment\n\n", "# a comment"));
        assert!(out("\\#x", "#x"));
    }

    #[test]
    fn the_last_match_decides() {
        let file = "*\n!src\nsrc/*.tmp\n!src/keep.tmp\n";
        assert!(out(file, "a") && !out(file, "src") && !out(file, "src/main.rs"));
        assert!(out(file, "src/x.tmp") && !out(file, "src/keep.tmp"));
        assert!(Ignore::parse(file).has_exceptions());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        /// Any text is a file of patterns, and no pattern takes long.
        #[test]
        fn any_text_is_read(file in "[a*?!/\\[\\]\\\\.^-]{0,40}", path in "[a./]{0,60}") {
            Ignore::parse(&file).excludes(&path);
        }

        /// A plain name excludes itself and what lies in it, and nothing beside it.
        #[test]
        fn a_plain_name_excludes_itself(name in "[a-z]{1,8}", below in "[a-z]{1,8}") {
            prop_assert!(out(&name, &name));
            let (inside, other) = (format!("{name}/{below}"), format!("{name}x/{below}"));
            prop_assert!(out(&name, &inside));
            prop_assert!(!out(&name, &other));
        }
    }
}
