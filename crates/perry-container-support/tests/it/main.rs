//! Tables, and what comes of them.
#![cfg(test)]

mod fitting;
mod full;
mod needs;
mod properties;
mod tables;
