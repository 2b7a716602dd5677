//! What the reader takes, refuses and prints, as text.

mod emit;
mod property;
mod read;
