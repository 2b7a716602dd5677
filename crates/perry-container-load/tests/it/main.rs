//! Files in, a model or a message out.

mod differential;
mod discover;
