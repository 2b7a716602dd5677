//! What is going on, as it goes on.

mod json;
mod show;
mod step;
mod tty;

pub(crate) use show::{Quiet, Show};
pub(crate) use step::{Phase, Said, Step};

#[cfg(test)]
mod tests;
