//! What policies come to.
#![cfg(test)]

mod profile;
mod properties;
mod tiers;
