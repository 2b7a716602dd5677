//! SPDX licence expressions: is one of the ways to satisfy it allowed?

/// True if the expression can be satisfied with allowed licences alone. `None` when it cannot be read.
///
/// `OR` binds weaker than `AND`; `WITH` joins a licence and its exception to one name; the old `A/B` means `A OR B`.
pub(crate) fn allowed(expression: &str, allow: &[String]) -> Option<bool> {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Reader { words: &words, allow };
    let result = reader.any(0)?;
    reader.words.is_empty().then_some(result)
}

struct Reader<'a> {
    words: &'a [&'a str],
    allow: &'a [String],
}

impl<'a> Reader<'a> {
    fn take(&mut self, word: &str) -> bool {
        let taken = self.words.first() == Some(&word);
        if taken {
            self.words = &self.words[1..];
        }
        taken
    }

    fn next(&mut self) -> Option<&'a str> {
        let (first, rest) = self.words.split_first()?;
        self.words = rest;
        Some(first)
    }

    fn any(&mut self, depth: usize) -> Option<bool> {
        let mut result = self.all(depth)?;
        while self.take("OR") {
            result |= self.all(depth)?;
        }
        Some(result)
    }

    fn all(&mut self, depth: usize) -> Option<bool> {
        let mut result = self.one(depth)?;
        while self.take("AND") {
            result &= self.one(depth)?;
        }
        Some(result)
    }

    fn one(&mut self, depth: usize) -> Option<bool> {
        if self.take("(") {
            let result = if depth < 32 { self.any(depth + 1)? } else { return None };
            return self.take(")").then_some(result);
        }
        let licence = self.next().filter(|word| !matches!(*word, "AND" | "OR" | "WITH" | ")"))?;
        let name = if self.take("WITH") {
            format!("{licence} WITH {}", self.next()?)
        } else {
            licence.to_owned()
        };
        Some(self.allow.contains(&name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(expression: &str) -> Option<bool> {
        let allow = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned);
        allowed(expression, &allow)
    }

    #[test]
    fn one_way_is_enough() {
        assert_eq!(ask("MIT OR GPL-3.0"), Some(true));
        assert_eq!(ask("GPL-3.0/MIT"), Some(true));
        assert_eq!(ask("MIT AND GPL-3.0"), Some(false));
        assert_eq!(ask("(MIT OR GPL-3.0) AND Apache-2.0"), Some(true));
        assert_eq!(ask("GPL-3.0 OR MIT AND Apache-2.0"), Some(true));
    }

    #[test]
    fn an_exception_belongs_to_its_licence() {
        assert_eq!(ask("Apache-2.0 WITH LLVM-exception"), Some(true));
        assert_eq!(ask("MIT WITH Something"), Some(false));
    }

    #[test]
    fn what_cannot_be_read_is_not_allowed() {
        for text in ["", "(MIT", "MIT OR", "MIT)", "AND", "MIT Apache-2.0"] {
            assert_eq!(ask(text), None, "{text:?}");
        }
    }
}
