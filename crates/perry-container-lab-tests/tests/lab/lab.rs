//! The lab itself.

use perry_container_lab_tests::{Engine, project, skip};

/// nerdctl comes from outside of Debian: without `PERRY_LAB_NERDCTL` it may be missing everywhere.
#[test]
fn nerdctl_has_the_images_of_the_lab() {
    if let Err(reason) = Engine::Nerdctl.available() {
        let optional = std::env::var_os("PERRY_LAB_NERDCTL").is_none();
        return skip("nerdctl_has_the_images_of_the_lab", &reason, optional);
    }
    for name in ["base", "httpd", "redis", "postgres"] {
        Engine::Nerdctl.call(&["image", "inspect", &project::image(name)]).ok();
    }
}

/// One registry feeds all engines, so an image is the same everywhere.
#[test]
fn docker_and_podman_have_the_same_images() {
    for engine in [Engine::Docker, Engine::Podman] {
        if let Err(reason) = engine.available() {
            return skip("docker_and_podman_have_the_same_images", &reason, false);
        }
    }
    let id = |engine: Engine| {
        let images = engine.json(&["image", "inspect", &project::image("httpd")]);
        images[0]["Id"].as_str().unwrap().trim_start_matches("sha256:").to_owned()
    };
    assert_eq!(id(Engine::Docker), id(Engine::Podman));
}
