//! What must not be printed.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A value that `Debug`, and so no event, no error and no log, ever shows.
///
/// There is no `Display`: a place that has to write the value calls [`Sensitive::expose`] and is easy to find.
/// Serialising does write it, because a value crosses process boundaries that way; never serialise one into a log.
///
/// ```
/// # use perry_container_spec::Sensitive;
/// let password = Sensitive::new("hunter2".to_owned());
/// assert_eq!(format!("{password:?}"), "***");
/// assert_eq!(password.expose(), "hunter2");
/// ```
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sensitive<T = String>(T);

impl<T> Sensitive<T> {
    /// Wraps a value.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself.
    pub const fn expose(&self) -> &T {
        &self.0
    }

    /// The value itself, without the wrapper.
    pub fn into_inner(self) -> T {
        self.0
    }

    /// Wraps what `f` makes of the value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Sensitive<U> {
        Sensitive(f(self.0))
    }
}

impl<T> From<T> for Sensitive<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T> fmt::Debug for Sensitive<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
