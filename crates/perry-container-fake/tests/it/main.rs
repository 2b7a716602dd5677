//! The fake is as strict as what it stands for.
#![cfg(test)]

mod apple;
mod common;
mod contract;
mod golden;
mod guests;
mod switches;
