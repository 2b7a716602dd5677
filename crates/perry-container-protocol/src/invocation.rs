//! A command as data.

use perry_container_spec::Sensitive;
use std::fmt;

/// A command of a tool: its arguments without the program.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Invocation {
    /// The arguments.
    pub args: Vec<Arg>,
    /// Variables of the child's environment, over what it inherits. Values never travel in arguments, where every user
    /// of the machine can read them.
    pub env: Vec<(String, Sensitive<String>)>,
    /// What goes into its standard input.
    pub input: Input,
    /// How long it may take.
    pub deadline: Deadline,
    /// Directories of this machine that are made before, with parents, where they are missing: sources of binds, which
    /// podman does not make. Only where the engine is local; nothing undoes it.
    pub make_dirs: Vec<String>,
}

/// An argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arg {
    /// Itself.
    Text(String),
    /// The prefix and the path of a file with this content, which is written with mode 0600 before the command and
    /// removed after it.
    File {
        /// `--env-file=`.
        prefix: String,
        /// The file's bytes.
        content: Sensitive<Vec<u8>>,
    },
}

/// What goes into a command.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Input {
    /// Nothing.
    #[default]
    Null,
    /// These bytes, then the end.
    Bytes(Sensitive<Vec<u8>>),
    /// What the caller gives, as it comes.
    Stream,
    /// These bytes, then what the caller gives.
    After(Sensitive<Vec<u8>>),
}

/// How long a command may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Deadline {
    /// The caller's limit for one call.
    #[default]
    Call,
    /// No end to it as long as it prints something within the caller's limit (pull, build).
    Silence,
    /// None (follow, attach, wait, an interactive command).
    None,
}

impl Invocation {
    /// A command of plain arguments.
    pub fn new(args: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            args: args.into_iter().map(|arg| Arg::Text(arg.into())).collect(),
            ..Self::default()
        }
    }

    /// Adds an argument.
    pub fn arg(&mut self, arg: impl Into<String>) -> &mut Self {
        self.args.push(Arg::Text(arg.into()));
        self
    }

    /// Adds arguments.
    pub fn args(&mut self, args: impl IntoIterator<Item = impl Into<String>>) -> &mut Self {
        self.args.extend(args.into_iter().map(|arg| Arg::Text(arg.into())));
        self
    }

    /// Adds `--flag=value`: the value cannot become a flag.
    pub fn flag(&mut self, flag: &str, value: impl fmt::Display) -> &mut Self {
        self.arg(format!("{flag}={value}"))
    }

    /// Adds `--flag=value` where there is a value.
    pub fn maybe(&mut self, flag: &str, value: Option<impl fmt::Display>) -> &mut Self {
        if let Some(value) = value {
            self.flag(flag, value);
        }
        self
    }

    /// Adds `--flag=value` for each value.
    pub fn each(
        &mut self,
        flag: &str,
        values: impl IntoIterator<Item = impl fmt::Display>,
    ) -> &mut Self {
        for value in values {
            self.flag(flag, value);
        }
        self
    }

    /// Adds `--flag` when it is on.
    pub fn switch(&mut self, flag: &str, on: bool) -> &mut Self {
        if on {
            self.arg(flag);
        }
        self
    }

    /// With this limit.
    #[must_use]
    pub const fn within(mut self, deadline: Deadline) -> Self {
        self.deadline = deadline;
        self
    }

    /// With this input.
    #[must_use]
    pub fn input(mut self, input: Input) -> Self {
        self.input = input;
        self
    }

    /// The arguments as text, a file as `prefix<file>`.
    pub fn texts(&self) -> Vec<String> {
        let text = |arg: &Arg| match arg {
            Arg::Text(text) => text.clone(),
            Arg::File { prefix, .. } => format!("{prefix}<file>"),
        };
        self.args.iter().map(text).collect()
    }
}

/// As a shell would take it, without any value of the environment.
impl fmt::Display for Invocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_=/.,:@%+<>[]{}".contains(c);
        for (n, arg) in self.texts().iter().enumerate() {
            let space = if n == 0 { "" } else { " " };
            if !arg.is_empty() && arg.chars().all(plain) {
                write!(f, "{space}{arg}")?;
            } else {
                write!(f, "{space}'{}'", arg.replace('\'', r"'\''"))?;
            }
        }
        Ok(())
    }
}
