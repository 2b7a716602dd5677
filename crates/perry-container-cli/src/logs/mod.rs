//! What containers print, side by side.

mod colour;
mod lines;
mod options;

pub(crate) use colour::Colours;
pub(crate) use lines::{Printer, Sink, short_name};
pub(crate) use options::{point, tail};

#[cfg(test)]
mod tests;
