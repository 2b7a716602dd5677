//! What sessions do, on a simulated runtime in virtual time.
#![cfg(test)]

mod attach;
mod budget;
mod compose_engine_test;
mod create;
mod exec;
mod failures;
mod faults;
mod halt;
mod health;
mod keeper;
mod kept;
mod life;
mod lock;
mod logs;
mod matrix;
mod signals;
mod supervise;
mod views;
mod world;
