//! What a run looks like, as timelines.
#![cfg(test)]

mod brakes;
mod order;
mod work;
