//! What will be done, in what order, why, and how it is taken back. It knows no containers and performs nothing.
