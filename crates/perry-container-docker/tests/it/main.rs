//! What the tools are told, and what is understood of their answers.

mod argv;
mod common;
mod dialogues;
mod errors;
mod lines;
mod nerdctl;
mod parse;
mod properties;
mod recorded;
mod refusals;
mod strategies;
mod streams;
