//! What can go wrong with a process.

use std::{io, time::Duration};

/// Why a program could not be run, or not to its end. Its text never holds a value of an environment.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HostError {
    /// There is no such program.
    #[error("`{program}` is not installed, or not on the PATH")]
    Missing {
        /// Its name.
        program: String,
    },
    /// It is there, but must not be run.
    #[error("`{program}` is not executable")]
    NotExecutable {
        /// Its path.
        program: String,
    },
    /// A directory that the call needs could not be made.
    #[error("could not make the directory `{path}`")]
    Directory {
        /// The directory.
        path: String,
        /// What the system says.
        source: io::Error,
    },
    /// It could not be started.
    #[error("could not start `{program}`")]
    Start {
        /// Its name.
        program: String,
        /// What the system says.
        source: io::Error,
    },
    /// Its output could not be read, or its end not be waited for.
    #[error("lost `{program}` while it ran")]
    Lost {
        /// Its name.
        program: String,
        /// What the system says.
        source: io::Error,
    },
    /// It took too long and was ended.
    #[error("`{program}` gave no answer within {} s", .limit.as_secs_f32())]
    TimedOut {
        /// Its name.
        program: String,
        /// How long it had.
        limit: Duration,
    },
    /// It printed nothing for too long and was ended.
    #[error("`{program}` gave no sign of life for {} s", .limit.as_secs_f32())]
    Silent {
        /// Its name.
        program: String,
        /// How long it was waited for.
        limit: Duration,
    },
    /// Its answer is too large; it was ended.
    #[error("`{program}` printed more than {limit} bytes where one answer was expected")]
    TooLarge {
        /// Its name.
        program: String,
        /// Bytes.
        limit: usize,
    },
}
