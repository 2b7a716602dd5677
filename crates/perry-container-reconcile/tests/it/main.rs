//! Plans as text: what is wanted and what is there in, what to do out.
#![cfg(test)]

mod adopt;
mod create;
mod down;
mod gate;
mod half;
mod halt;
mod life;
mod lowering;
mod properties;
mod recreate;
mod tend;
mod up;
mod world;
