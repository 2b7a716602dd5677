//! What the tools are told, and what is understood of their answers.

mod argv;
mod common;
mod dialogues;
