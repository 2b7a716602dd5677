//! From what is wanted and what is there to what to do. It performs nothing and asks nobody.
