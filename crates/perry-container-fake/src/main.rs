//! See the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    perry_container_fake::main()
}
