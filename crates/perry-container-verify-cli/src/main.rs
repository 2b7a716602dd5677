//! The command line.

fn main() -> std::process::ExitCode {
    perry_container_verify_cli::main()
}
