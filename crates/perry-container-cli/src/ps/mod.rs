//! How `ps` prints its rows.

mod table;
mod template;

pub(crate) use table::columns;
pub(crate) use template::{Format, go_json};

#[cfg(test)]
mod tests;
