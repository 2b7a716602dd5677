//! Demo, tests, lab, checks and benchmarks of this workspace.
fn main() {}
