//! JSON text to nodes. JSON is YAML, but this needs no YAML reader and has no anchors to expand.

use crate::{Entry, FileId, Kind, MAX_DEPTH, MAX_NODES, Map, Node, Span, YamlError};

/// One JSON value.
///
/// ```
/// let node = perry_container_yaml::parse_json("{\"a\": [1, 2.5]}", None)?;
/// assert_eq!(node.get("a").map(|a| a.span.column), Some(7));
/// # Ok::<(), perry_container_yaml::YamlError>(())
/// ```
///
/// # Errors
/// What breaks JSON's grammar, a key that stands twice in one object, more than
/// [`MAX_DEPTH`] levels or [`MAX_NODES`] values.
pub fn parse_json(text: &str, file: Option<FileId>) -> Result<Node, YamlError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader { rest: text, file, line: 1, column: 1, room: MAX_NODES };
    reader.blanks();
    let node = reader.value(0)?;
    reader.blanks();
    if reader.rest.is_empty() { Ok(node) } else { Err(reader.expected("the end of the text")) }
}

struct Reader<'a> {
    rest: &'a str,
    file: Option<FileId>,
    line: u32,
    column: u32,
    /// Values that may still come.
    room: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.rest = &self.rest[next.len_utf8()..];
        if next == '\n' {
            (self.line, self.column) = (self.line.saturating_add(1), 1);
        } else {
            self.column = self.column.saturating_add(1);
        }
        Some(next)
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(' ' | '\t' | '\r' | '\n')) {
            self.next();
        }
    }

    fn here(&self) -> Span {
        let (line, column) = (self.line, self.column);
        let end_column = column.saturating_add(1);
        Span { file: self.file, line, column, end_line: line, end_column }
    }

    fn since(&self, start: Span) -> Span {
        Span { end_line: self.line, end_column: self.column, ..start }
    }

    fn expected(&self, what: &str) -> YamlError {
        let found = self.peek().map_or_else(|| "the end".to_owned(), |c| format!("{c:?}"));
        YamlError::Syntax { span: self.here(), message: format!("expected {what}, found {found}") }
    }

    fn eat(&mut self, wanted: char, what: &str) -> Result<(), YamlError> {
        if self.peek() == Some(wanted) {
            self.next();
            return Ok(());
        }
        Err(self.expected(what))
    }

    fn value(&mut self, depth: usize) -> Result<Node, YamlError> {
        let start = self.here();
        if depth >= MAX_DEPTH {
            return Err(YamlError::TooDeep { span: start, limit: MAX_DEPTH });
        }
        let too_many = YamlError::TooMany { span: start, limit: MAX_NODES };
        self.room = self.room.checked_sub(1).ok_or(too_many)?;
        let kind = match self.peek() {
            Some('{') => self.object(depth)?,
            Some('[') => self.array(depth)?,
            Some('"') => Kind::Str(self.string()?),
            Some('-' | '0'..='9') => self.number()?,
            _ => self.word()?,
        };
        Ok(Node::new(kind, self.since(start)))
    }

    fn object(&mut self, depth: usize) -> Result<Kind, YamlError> {
        let mut map = Map::new();
        self.next();
        self.blanks();
        if self.peek() == Some('}') {
            self.next();
            return Ok(Kind::Map(map));
        }
        loop {
            let start = self.here();
            if self.peek() != Some('"') {
                return Err(self.expected("a key in double quotes"));
            }
            let key = self.string()?;
            let span = self.since(start);
            if let Some(entry) = map.get(&key) {
                return Err(YamlError::DuplicateKey { span, first: entry.key, key });
            }
            self.blanks();
            self.eat(':', "`:`")?;
            self.blanks();
            let value = self.value(depth + 1)?;
            map.insert(key, Entry { key: span, value });
            self.blanks();
            if self.peek() == Some(',') {
                self.next();
                self.blanks();
                continue;
            }
            self.eat('}', "`,` or `}`")?;
            return Ok(Kind::Map(map));
        }
    }

    fn array(&mut self, depth: usize) -> Result<Kind, YamlError> {
        let mut items = Vec::new();
        self.next();
        self.blanks();
        if self.peek() == Some(']') {
            self.next();
            return Ok(Kind::Seq(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.blanks();
            if self.peek() == Some(',') {
                self.next();
                self.blanks();
                continue;
            }
            self.eat(']', "`,` or `]`")?;
            return Ok(Kind::Seq(items));
        }
    }

    fn string(&mut self) -> Result<String, YamlError> {
        let mut text = String::new();
        self.next();
        loop {
            match self.peek() {
                Some('"') => {
                    self.next();
                    return Ok(text);
                }
                Some('\\') => {
                    self.next();
                    let escape = self.peek();
                    let plain = match escape {
                        Some(c @ ('"' | '\\' | '/')) => c,
                        Some('b') => '\u{8}',
                        Some('f') => '\u{c}',
                        Some('n') => '\n',
                        Some('r') => '\r',
                        Some('t') => '\t',
                        Some('u') => {
                            self.next();
                            text.push(self.unicode()?);
                            continue;
                        }
                        _ => return Err(self.expected("an escape sequence")),
                    };
                    self.next();
                    text.push(plain);
                }
                Some(c) if c >= ' ' => {
                    self.next();
                    text.push(c);
                }
                _ => return Err(self.expected("the closing `\"`")),
            }
        }
    }

    /// Four hex digits, or two times four of a surrogate pair; half a pair is U+FFFD.
    fn unicode(&mut self) -> Result<char, YamlError> {
        let first = self.hex()?;
        if (0xd800..0xdc00).contains(&first) && self.rest.starts_with("\\u") {
            let before = (self.rest, self.line, self.column);
            self.next();
            self.next();
            let second = self.hex()?;
            if (0xdc00..0xe000).contains(&second) {
                let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            (self.rest, self.line, self.column) = before;
        }
        Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn hex(&mut self) -> Result<u32, YamlError> {
        let mut value = 0;
        for _ in 0..4 {
            let Some(digit) = self.peek().and_then(|c| c.to_digit(16)) else {
                return Err(self.expected("four hexadecimal digits"));
            };
            self.next();
            value = value * 16 + digit;
        }
        Ok(value)
    }

    fn number(&mut self) -> Result<Kind, YamlError> {
        let all = self.rest;
        let mut whole = true;
        if self.peek() == Some('-') {
            self.next();
        }
        if self.peek() == Some('0') {
            self.next();
        } else {
            self.digits()?;
        }
        if self.peek() == Some('.') {
            whole = false;
            self.next();
            self.digits()?;
        }
        if matches!(self.peek(), Some('e' | 'E')) {
            whole = false;
            self.next();
            if matches!(self.peek(), Some('+' | '-')) {
                self.next();
            }
            self.digits()?;
        }
        let text = &all[..all.len() - self.rest.len()];
        let int = crate::scalar::int(text).filter(|_| whole);
        Ok(int.map_or_else(|| Kind::Float(text.parse().unwrap_or(f64::NAN)), Kind::Int))
    }

    fn digits(&mut self) -> Result<(), YamlError> {
        if !matches!(self.peek(), Some('0'..='9')) {
            return Err(self.expected("a digit"));
        }
        while matches!(self.peek(), Some('0'..='9')) {
            self.next();
        }
        Ok(())
    }

    fn word(&mut self) -> Result<Kind, YamlError> {
        for (word, kind) in
            [("true", Kind::Bool(true)), ("false", Kind::Bool(false)), ("null", Kind::Null)]
        {
            if let Some(rest) = self.rest.strip_prefix(word) {
                self.rest = rest;
                self.column = self.column.saturating_add(u32::try_from(word.len()).unwrap_or(0));
                return Ok(kind);
            }
        }
        Err(self.expected("a JSON value"))
    }
}
