//! Tables, and what comes of them.
#![cfg(test)]

mod fitting;
mod tables;
