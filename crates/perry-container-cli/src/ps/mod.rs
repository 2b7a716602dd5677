//! What `ps` shows.

mod human;
mod ports;
mod row;
mod table;
mod template;

pub(crate) use row::Row;
pub(crate) use table::columns;
pub(crate) use template::Format;

#[cfg(test)]
mod tests;
