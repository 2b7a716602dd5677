//! The simulated runtime is as strict as real ones, and the tap does what it says.
#![cfg(test)]

mod contract;
mod life;
mod objects;
mod streams;
mod tap;
