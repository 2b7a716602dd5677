//! The command line under the name that the reference documents give it.

fn main() -> std::process::ExitCode {
    perry_container_cli::main()
}
