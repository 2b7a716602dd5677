//! What a tool accepts, as data, and the parser that refuses the rest.

use std::collections::BTreeMap;

/// A whole tool: what it accepts of each command.
#[derive(Debug)]
pub struct Grammar {
    /// Flags before the command.
    pub globals: &'static [Flag],
    /// Commands by their words.
    pub commands: &'static [Command],
    /// A flag's value in the next word may begin with a dash (Go's tools; not Swift's).
    pub dashed_values: bool,
}

/// One command.
#[derive(Debug)]
pub struct Command {
    /// Its words: `image list`.
    pub name: &'static str,
    /// Other spellings of the whole: `image ls`.
    pub aliases: &'static [&'static str],
    /// Its flags, in groups that commands share.
    pub flags: &'static [&'static [Flag]],
    /// What stands beside the flags.
    pub operands: Operands,
}

/// What stands beside the flags.
#[derive(Debug, Clone, Copy)]
pub enum Operands {
    /// Nothing.
    None,
    /// These, one word each.
    Exactly(&'static [&'static str]),
    /// At most one.
    Optional(&'static str),
    /// At least so many of this name.
    Many(&'static str, usize),
    /// These, one word each; whatever follows the last is passed through, flags too.
    Then(&'static [&'static str]),
}

/// One flag.
#[derive(Debug)]
pub struct Flag {
    /// `--env`, `-e`: the first is the one that errors name.
    pub names: &'static [&'static str],
    /// Whether it takes a value, and which.
    pub takes: Takes,
    /// Whether it may be given more than once; the last one counts where it may not.
    pub repeats: bool,
}

/// What a flag takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// Nothing: it is a switch.
    Nothing,
    /// Text, by this name in errors.
    Text(&'static str),
    /// A whole number that is not negative.
    Number(&'static str),
    /// One of these.
    OneOf(&'static str, &'static [&'static str]),
}

/// A switch.
pub const fn switch(names: &'static [&'static str]) -> Flag {
    Flag { names, takes: Takes::Nothing, repeats: false }
}

/// A flag with a value.
pub const fn value(names: &'static [&'static str], name: &'static str) -> Flag {
    Flag { names, takes: Takes::Text(name), repeats: false }
}

/// A flag with a whole number.
pub const fn number(names: &'static [&'static str], name: &'static str) -> Flag {
    Flag { names, takes: Takes::Number(name), repeats: false }
}

/// A flag with one of some values.
pub const fn one_of(
    names: &'static [&'static str],
    name: &'static str,
    of: &'static [&'static str],
) -> Flag {
    Flag { names, takes: Takes::OneOf(name, of), repeats: false }
}

/// A flag with a value that may be given more than once.
pub const fn each(names: &'static [&'static str], name: &'static str) -> Flag {
    Flag { names, takes: Takes::Text(name), repeats: true }
}

/// A call that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The command's own words: `image list`.
    pub command: &'static str,
    /// Values by the first name of their flag; a switch that is on has one empty value.
    flags: BTreeMap<&'static str, Vec<String>>,
    /// Operands.
    pub operands: Vec<String>,
    /// What is passed through.
    pub rest: Vec<String>,
}

impl Call {
    /// Whether a switch is on.
    pub fn on(&self, flag: &str) -> bool {
        self.flags.contains_key(flag)
    }

    /// The value of a flag: the last one.
    pub fn value(&self, flag: &str) -> Option<&str> {
        self.flags.get(flag)?.last().map(String::as_str)
    }

    /// All values of a flag.
    pub fn values(&self, flag: &str) -> &[String] {
        self.flags.get(flag).map_or(&[], Vec::as_slice)
    }

    /// The operand at this place; empty where there is none.
    pub fn operand(&self, at: usize) -> &str {
        self.operands.get(at).map_or("", String::as_str)
    }
}

/// A call that is none. Each tool has its own words for it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "named after what is wrong; each with the words that are wrong")]
pub enum Misuse {
    NoCommand,
    UnknownCommand {
        word: String,
    },
    UnknownFlag {
        command: &'static str,
        flag: String,
    },
    MissingValue {
        command: &'static str,
        flag: String,
        name: &'static str,
    },
    UnwantedValue {
        command: &'static str,
        flag: String,
        value: String,
    },
    BadValue {
        command: &'static str,
        flag: String,
        name: &'static str,
        value: String,
    },
    MissingOperand {
        command: &'static str,
        name: &'static str,
    },
    UnwantedOperand {
        command: &'static str,
        word: String,
    },
    /// The tool would take it, but this table does not know how.
    NotModelled,
}

impl Misuse {
    /// The command that was meant, where it is known.
    pub const fn command(&self) -> &'static str {
        match self {
            Self::NoCommand | Self::UnknownCommand { .. } | Self::NotModelled => "",
            Self::UnknownFlag { command, .. }
            | Self::MissingValue { command, .. }
            | Self::UnwantedValue { command, .. }
            | Self::BadValue { command, .. }
            | Self::MissingOperand { command, .. }
            | Self::UnwantedOperand { command, .. } => command,
        }
    }
}

impl Grammar {
    /// Understands a call, or says why it is none.
    ///
    /// # Errors
    /// [`Misuse`]
    pub fn parse(&self, words: &[String]) -> Result<Call, Misuse> {
        let mut at = 0;
        while let Some(word) = words.get(at).filter(|word| word.starts_with('-')) {
            if !self.globals.iter().any(|flag| flag.names.contains(&word.as_str())) {
                return Err(Misuse::UnknownFlag { command: "", flag: word.clone() });
            }
            at += 1;
        }
        let words = &words[at..];
        let Some(first) = words.first() else { return Err(Misuse::NoCommand) };
        let (command, length) =
            self.find(words).ok_or_else(|| Misuse::UnknownCommand { word: first.clone() })?;
        Reading { grammar: self, command, call: Call::of(command) }.read(&words[length..])
    }

    /// The command with the most words.
    fn find(&self, words: &[String]) -> Option<(&'static Command, usize)> {
        let named = self.commands.iter().flat_map(|command| {
            std::iter::once(&command.name).chain(command.aliases).map(move |name| (command, name))
        });
        let fits = named.filter_map(|(command, name)| {
            let own: Vec<&str> = name.split(' ').collect();
            let fits =
                own.len() <= words.len() && own.iter().zip(words).all(|(own, word)| own == word);
            fits.then_some((command, own.len()))
        });
        fits.max_by_key(|(_, length)| *length)
    }
}

impl Call {
    const fn of(command: &'static Command) -> Self {
        Self {
            command: command.name,
            flags: BTreeMap::new(),
            operands: Vec::new(),
            rest: Vec::new(),
        }
    }

    fn add(&mut self, flag: &'static Flag, value: String) {
        let values = self.flags.entry(flag.names[0]).or_default();
        if !flag.repeats {
            values.clear();
        }
        values.push(value);
    }
}

struct Reading<'a> {
    grammar: &'a Grammar,
    command: &'static Command,
    call: Call,
}

impl Reading<'_> {
    fn read(mut self, words: &[String]) -> Result<Call, Misuse> {
        let command = self.command.name;
        let mut words = words.iter();
        let passes = match self.command.operands {
            Operands::Then(names) => names.len(),
            _ => usize::MAX,
        };
        while let Some(word) = words.next() {
            if word == "--" {
                if passes != usize::MAX {
                    return Err(Misuse::NotModelled); // what becomes of it there is not established
                }
                self.call.operands.extend(words.by_ref().cloned());
            } else if let Some(long) = word.strip_prefix("--") {
                let (name, value) = match long.split_once('=') {
                    Some((name, value)) => (name, Some(value.to_owned())),
                    None => (long, None),
                };
                self.flag(&format!("--{name}"), value, &mut words)?;
            } else if word.len() > 1 && word.starts_with('-') {
                self.shorts(&word[1..], &mut words)?;
            } else {
                self.call.operands.push(word.clone());
                if self.call.operands.len() == passes {
                    self.call.rest.extend(words.by_ref().cloned());
                }
            }
        }
        let given = self.call.operands.len();
        let missing = |name| Err(Misuse::MissingOperand { command, name });
        let (least, most, names): (usize, usize, &[&'static str]) = match self.command.operands {
            Operands::None => (0, 0, &[]),
            Operands::Exactly(names) | Operands::Then(names) => (names.len(), names.len(), names),
            Operands::Optional(_) => (0, 1, &[]),
            Operands::Many(name, least) if given < least => return missing(name),
            Operands::Many(_, least) => (least, usize::MAX, &[]),
        };
        if given < least {
            return missing(names[given]);
        }
        match self.call.operands.get(most) {
            Some(word) => Err(Misuse::UnwantedOperand { command, word: word.clone() }),
            None => Ok(self.call),
        }
    }

    /// `-it`: each a switch, but the last may take a value.
    fn shorts(
        &mut self,
        letters: &str,
        words: &mut std::slice::Iter<'_, String>,
    ) -> Result<(), Misuse> {
        let (letters, mut value) = match letters.split_once('=') {
            Some((letters, value)) => (letters, Some(value.to_owned())),
            None => (letters, None),
        };
        let count = letters.chars().count();
        for (n, letter) in letters.chars().enumerate() {
            let value = if n + 1 == count { value.take() } else { None };
            self.flag(&format!("-{letter}"), value, words)?;
        }
        Ok(())
    }

    fn flag(
        &mut self,
        name: &str,
        value: Option<String>,
        words: &mut std::slice::Iter<'_, String>,
    ) -> Result<(), Misuse> {
        let command = self.command.name;
        let all = self.command.flags.iter().copied().flatten();
        let Some(flag) = all.chain(self.grammar.globals).find(|flag| flag.names.contains(&name))
        else {
            return Err(Misuse::UnknownFlag { command, flag: name.to_owned() });
        };
        let (wanted, flag_name) = match flag.takes {
            Takes::Nothing => {
                if let Some(value) = value {
                    let flag = name.to_owned();
                    return Err(Misuse::UnwantedValue { command, flag, value });
                }
                self.call.add(flag, String::new());
                return Ok(());
            }
            Takes::Text(name) | Takes::Number(name) | Takes::OneOf(name, _) => {
                (name, flag.names[0].to_owned())
            }
        };
        let value = match value {
            Some(value) => value,
            None => {
                let next = words.clone().next();
                let dashed = next.is_some_and(|next| next.len() > 1 && next.starts_with('-'));
                match next {
                    Some(next) if self.grammar.dashed_values || !dashed => {
                        words.next();
                        next.clone()
                    }
                    _ => {
                        let flag = name.to_owned();
                        return Err(Misuse::MissingValue { command, flag, name: wanted });
                    }
                }
            }
        };
        let good = match flag.takes {
            Takes::Number(_) => value.parse::<u64>().is_ok(),
            Takes::OneOf(_, of) => of.contains(&value.as_str()),
            Takes::Nothing | Takes::Text(_) => true,
        };
        if !good {
            return Err(Misuse::BadValue { command, flag: flag_name, name: wanted, value });
        }
        self.call.add(flag, value);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRAMMAR: Grammar = Grammar {
        globals: &[switch(&["--debug"])],
        commands: &[
            Command {
                name: "run",
                aliases: &[],
                flags: &[&[
                    each(&["--env", "-e"], "env"),
                    switch(&["--tty", "-t"]),
                    number(&["--cpus", "-c"], "cpus"),
                ]],
                operands: Operands::Then(&["image"]),
            },
            Command {
                name: "image list",
                aliases: &["image ls"],
                flags: &[],
                operands: Operands::None,
            },
            Command {
                name: "stop",
                aliases: &[],
                flags: &[&[value(&["--signal", "-s"], "signal")]],
                operands: Operands::Many("container", 1),
            },
        ],
        dashed_values: false,
    };

    fn parse(line: &str) -> Result<Call, Misuse> {
        GRAMMAR.parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn flags_stand_anywhere_before_what_is_passed_through() {
        let call = parse("--debug run -te A=b --env=-x img sh -c true --env").unwrap();
        assert_eq!(call.values("--env"), ["A=b", "-x"]);
        assert!(call.on("--tty"));
        assert_eq!(
            (call.operand(0), &call.rest[..]),
            ("img", &["sh", "-c", "true", "--env"].map(str::to_owned)[..])
        );
        assert_eq!(parse("image ls").unwrap().command, "image list");
        assert_eq!(parse("stop a -s INT b --signal=TERM").unwrap().value("--signal"), Some("TERM"));
    }

    #[test]
    fn the_rest_is_refused() {
        let of = |line: &str| format!("{:?}", parse(line).unwrap_err());
        assert_eq!(of("run -x img"), r#"UnknownFlag { command: "run", flag: "-x" }"#);
        assert_eq!(of("run"), r#"MissingOperand { command: "run", name: "image" }"#);
        assert_eq!(
            of("run -e -t img"),
            r#"MissingValue { command: "run", flag: "-e", name: "env" }"#
        );
        assert_eq!(
            of("run --tty=1 img"),
            r#"UnwantedValue { command: "run", flag: "--tty", value: "1" }"#
        );
        assert_eq!(
            of("run -c 1.5 img"),
            r#"BadValue { command: "run", flag: "--cpus", name: "cpus", value: "1.5" }"#
        );
        assert_eq!(of("image list x"), r#"UnwantedOperand { command: "image list", word: "x" }"#);
        assert_eq!(of("wait a"), r#"UnknownCommand { word: "wait" }"#);
        assert_eq!(of("run -- img"), "NotModelled");
        assert_eq!(of("stop"), r#"MissingOperand { command: "stop", name: "container" }"#);
    }
}
