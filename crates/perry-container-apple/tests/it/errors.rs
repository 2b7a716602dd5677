//! What the tool's texts mean.

use crate::common::TOOL;
use perry_container_protocol::{CliProtocol as _, Output};
use snapbox::{assert_data_eq, str};

#[test]
fn each_has_a_kind_and_the_tools_words() {
    let mut text = String::new();
    for said in [
        "Error: Unknown option '--x'\nUsage: container run [<options>] <image>\n  See 'container run --help' for more information.\n",
        "Error: Missing expected argument '<image>'\nUsage: container run\n",
        "Error: Plugin 'container-wait' not found.\n",
        "Error: Plugins are unavailable. Start the container system services and retry:\n\n    container system start\n",
        "Error: container not found: a, b\n",
        "Error: get failed: container a not found\n",
        "Error: internalError: \"failed to stop container\" (cause: \"notFound: \"container with ID a not found\"\")\n",
        "Error: failed to get logs for container a (cause: \"notFound: \"container with ID a not found\"\")\n",
        "Error: container with id a already exists\n",
        "Error: failed to create container (cause: \"exists: \"container already exists: a\"\")\n",
        "Error: internalError: \"failed to delete container\" (cause: \"invalidState: \"container a is running and can not be deleted\"\")\n",
        "Error: container a is not running\n",
        "Error: image not found: a\n",
        "Error: failed to delete one or more images: [\"a\"]\n",
        "Error: network not found: a\n",
        "Error: network a already exists\n",
        "Error: volume not found: a\n",
        "Error: volume 'a' already exists\n",
        "Error: volume 'a' is currently in use and cannot be accessed by another container, or deleted\n",
        "Error: internalError: \"XPC connection error: Connection invalid\"\nEnsure container system service has been started with `container system start`.\n",
        "Error: failed to bootstrap container (cause: \"bind(0.0.0.0:80): Address already in use (errno: 48)\")\n",
        "Error: invalid label format: a=b=c\n",
        "time=\"x\" level=warning msg=\"noise\"\nError: path '/no' does not exist\n",
        "",
    ] {
        let out = Output { code: 1, stdout: b"", stderr: said.as_bytes() };
        let error = TOOL.accepted(&out).unwrap_err();
        text.extend([&format!("{}: {error}\n", error.kind())[..]]);
    }
    assert_data_eq!(
        text,
        str![[r#"
not supported: Unknown option '--x'
invalid: Missing expected argument '<image>'
not supported: Plugin 'container-wait' not found.
engine down: Plugins are unavailable. Start the container system services and retry: container system start
not found: container not found: a, b
not found: get failed: container a not found
not found: internalError: "failed to stop container" (cause: "notFound: "container with ID a not found"")
not found: failed to get logs for container a (cause: "notFound: "container with ID a not found"")
name taken: container with id a already exists
name taken: failed to create container (cause: "exists: "container already exists: a"")
in use: internalError: "failed to delete container" (cause: "invalidState: "container a is running and can not be deleted"")
not running: container a is not running
image missing: image not found: a
image missing: failed to delete one or more images: ["a"]
not found: network not found: a
name taken: network a already exists
not found: volume not found: a
name taken: volume 'a' already exists
in use: volume 'a' is currently in use and cannot be accessed by another container, or deleted
engine down: internalError: "XPC connection error: Connection invalid" Ensure container system service has been started with `container system start`.
port in use: failed to bootstrap container (cause: "bind(0.0.0.0:80): Address already in use (errno: 48)")
invalid: invalid label format: a=b=c
invalid: path '/no' does not exist
failed: container failed and said nothing about it

"#]]
    );
}

#[test]
fn a_command_is_not_the_tool() {
    let exit = |code, stderr: &str| {
        let said = TOOL.exec_exit(&Output { code, stdout: b"", stderr: stderr.as_bytes() });
        said.map_err(|error| error.kind().to_string())
    };
    assert_eq!(exit(42, ""), Ok(42));
    assert_eq!(exit(1, "Error: disk full\n"), Ok(1));
    assert_eq!(exit(1, "Error: container a is not running\n"), Err("not running".to_owned()));
    assert_eq!(exit(1, "Error: get failed: container a not found\n"), Err("not found".to_owned()));
    let missing = "Error: failed to exec process (cause: \"internalError: \"failed to find target executable x\"\")\n";
    assert_eq!(exit(1, missing), Err("invalid".to_owned()));
}
