//! Command lines out, their output in, as dialogues. It starts no process.
