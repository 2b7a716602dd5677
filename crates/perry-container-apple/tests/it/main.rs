//! Command lines and what comes back.
#![cfg(test)]

mod argv;
mod common;
mod dialogues;
mod errors;
mod properties;
