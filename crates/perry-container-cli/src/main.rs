//! perry-compose: the command line.
fn main() {}
