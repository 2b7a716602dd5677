//! Scalars with a grammar of their own, and how each is printed.

mod bytes;
mod decimal;
mod duration;
mod file_mode;

pub use self::bytes::{ByteSize, ByteSizeError};
pub use self::decimal::{Decimal, go_float};
pub use self::duration::{Duration, DurationError};
pub use self::file_mode::{FileMode, FileModeError};
