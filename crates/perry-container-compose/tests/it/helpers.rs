//! Credential helpers as docker runs them.

use perry_container_compose::{
    HelperPrograms,
    process::{Environment, SystemHost},
    registry::Helpers as _,
};
use std::{os::unix::fs::PermissionsExt as _, sync::Arc};

#[test]
fn a_helper_gets_the_server_on_its_input() {
    let dir = tempfile::tempdir().unwrap();
    for (name, script) in [
        (
            "good",
            "read server; printf '{\"ServerURL\":\"%s\",\"Username\":\"%s\",\"Secret\":\"s\"}' \"$server\" \"$1\"",
        ),
        ("bad", "echo 'credentials not found in native keychain'; exit 1"),
    ] {
        let path = dir.path().join(format!("docker-credential-{name}"));
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let path = format!("{}:/usr/bin:/bin", dir.path().display());
    let environment = Environment::from_iter([("PATH", path)]);
    let helpers = HelperPrograms::new(Arc::new(SystemHost::new(environment)));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let get = |name| runtime.block_on(helpers.get(name, "r.example"));
    let told = get("good").unwrap();
    assert_eq!(
        String::from_utf8_lossy(told.expose()),
        r#"{"ServerURL":"r.example","Username":"get","Secret":"s"}"#
    );
    assert_eq!(
        get("bad").unwrap_err(),
        "docker-credential-bad has no login for r.example (exit code 1)"
    );
    assert_eq!(get("none").unwrap_err(), "docker-credential-none is not on the PATH");
}
