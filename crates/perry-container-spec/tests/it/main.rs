//! The nouns as JSON and text.
#![cfg(test)]

mod round_trip;
mod text;
