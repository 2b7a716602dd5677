//! A small part of the shell's language: lists, groups, loops, quoting, variables, redirections.

/// A word, in parts that are expanded each in its way.
pub(super) type Word = Vec<Part>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Text(String),
    /// A variable; unquoted ones are split at blanks.
    Variable(String, bool),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    File(Word),
    Descriptor(u8),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Command {
    Simple { words: Vec<Word>, redirections: Vec<(u8, Target)> },
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    List(Vec<Self>),
    While(Box<Self>, Box<Self>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(Word),
    Operator(&'static str),
    Redirect(u8),
    Duplicate(u8, u8),
}

/// What cannot be read is said in the shell's words.
pub(super) fn parse(text: &str) -> Result<Command, String> {
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens: &tokens, at: 0, depth: 0 };
    let list = parser.list(&[])?;
    match parser.peek() {
        None => Ok(list),
        Some(_) => Err("syntax error: unexpected word".to_owned()),
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut chars = text.chars().peekable();
    let mut word: Option<Word> = None;
    let text_of = |word: &mut Option<Word>, c: char| match word.get_or_insert_default().last_mut() {
        Some(Part::Text(text)) => text.push(c),
        _ => word.get_or_insert_default().push(Part::Text(c.to_string())),
    };
    while let Some(c) = chars.next() {
        match c {
            '\'' => {
                word.get_or_insert_default();
                loop {
                    match chars.next() {
                        Some('\'') => break,
                        Some(c) => text_of(&mut word, c),
                        None => return Err("syntax error: unterminated quoted string".to_owned()),
                    }
                }
            }
            '"' => {
                word.get_or_insert_default().push(Part::Text(String::new()));
                loop {
                    match chars.next() {
                        Some('"') => break,
                        Some('\\') => text_of(&mut word, chars.next().unwrap_or('\\')),
                        Some('$') => variable(&mut chars, &mut word, true),
                        Some(c) => text_of(&mut word, c),
                        None => return Err("syntax error: unterminated quoted string".to_owned()),
                    }
                }
            }
            '\\' => text_of(&mut word, chars.next().unwrap_or('\\')),
            '$' => variable(&mut chars, &mut word, false),
            ' ' | '\t' => tokens.extend(word.take().map(Token::Word)),
            ';' | '\n' => {
                tokens.extend(word.take().map(Token::Word));
                tokens.push(Token::Operator(";"));
            }
            '&' | '|' if chars.peek() == Some(&c) => {
                chars.next();
                tokens.extend(word.take().map(Token::Word));
                tokens.push(Token::Operator(if c == '&' { "&&" } else { "||" }));
            }
            '>' => {
                let descriptor = match word.take() {
                    Some(number) if number == [Part::Text("2".to_owned())] => 2,
                    other => {
                        tokens.extend(other.map(Token::Word));
                        1
                    }
                };
                if chars.peek() == Some(&'&') {
                    chars.next();
                    let to = chars.next().and_then(|c| c.to_digit(10)).unwrap_or(1);
                    tokens.push(Token::Duplicate(descriptor, u8::try_from(to).unwrap_or(1)));
                } else {
                    tokens.push(Token::Redirect(descriptor));
                }
            }
            _ => text_of(&mut word, c),
        }
    }
    tokens.extend(word.take().map(Token::Word));
    Ok(tokens)
}

fn variable(
    chars: &mut std::iter::Peekable<std::str::Chars<'_>>,
    word: &mut Option<Word>,
    quoted: bool,
) {
    let mut name = String::new();
    while let Some(c) = chars.peek().filter(|c| c.is_ascii_alphanumeric() || **c == '_') {
        name.push(*c);
        chars.next();
    }
    let part =
        if name.is_empty() { Part::Text("$".to_owned()) } else { Part::Variable(name, quoted) };
    word.get_or_insert_default().push(part);
}

/// A word that the grammar knows, where it stands unquoted.
fn keyword(word: &Word) -> Option<&str> {
    match &word[..] {
        [Part::Text(text)] => Some(text),
        _ => None,
    }
}

struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn is_keyword(&self, wanted: &str) -> bool {
        matches!(self.peek(), Some(Token::Word(word)) if keyword(word) == Some(wanted))
    }

    fn expect(&mut self, wanted: &str) -> Result<(), String> {
        if !self.is_keyword(wanted) {
            return Err(format!("syntax error: expecting \"{wanted}\""));
        }
        self.at += 1;
        Ok(())
    }

    fn skip(&mut self, operator: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Operator(o)) if *o == operator);
        self.at += usize::from(found);
        found
    }

    /// Commands until one of these words stands where a command would.
    fn list(&mut self, until: &[&str]) -> Result<Command, String> {
        self.depth += 1;
        if self.depth > 50 {
            return Err("syntax error: nested too deeply".to_owned());
        }
        let mut all = Vec::new();
        loop {
            while self.skip(";") {}
            if self.peek().is_none() || until.iter().any(|word| self.is_keyword(word)) {
                break;
            }
            all.push(self.and_or()?);
            if !self.skip(";") {
                break;
            }
        }
        self.depth -= 1;
        Ok(Command::List(all))
    }

    fn and_or(&mut self) -> Result<Command, String> {
        let mut left = self.command()?;
        loop {
            if self.skip("&&") {
                left = Command::And(Box::new(left), Box::new(self.command()?));
            } else if self.skip("||") {
                left = Command::Or(Box::new(left), Box::new(self.command()?));
            } else {
                return Ok(left);
            }
        }
    }

    fn command(&mut self) -> Result<Command, String> {
        if self.is_keyword("{") {
            self.at += 1;
            let list = self.list(&["}"])?;
            self.expect("}")?;
            return Ok(list);
        }
        if self.is_keyword("while") {
            self.at += 1;
            let condition = self.list(&["do"])?;
            self.expect("do")?;
            let body = self.list(&["done"])?;
            self.expect("done")?;
            return Ok(Command::While(Box::new(condition), Box::new(body)));
        }
        let (mut words, mut redirections) = (Vec::new(), Vec::new());
        while let Some(token) = self.peek().cloned() {
            match token {
                Token::Word(word) => words.push(word),
                Token::Duplicate(from, to) => redirections.push((from, Target::Descriptor(to))),
                Token::Redirect(from) => {
                    self.at += 1;
                    let Some(Token::Word(file)) = self.peek() else {
                        return Err("syntax error: a redirection needs a file".to_owned());
                    };
                    redirections.push((from, Target::File(file.clone())));
                }
                Token::Operator(_) => break,
            }
            self.at += 1;
        }
        if words.is_empty() && redirections.is_empty() {
            return Err("syntax error: a command is missing".to_owned());
        }
        Ok(Command::Simple { words, redirections })
    }
}
