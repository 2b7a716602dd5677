//! `config` with the digests of images, over a runtime in memory.

use super::stage::Stage;
use perry_container_testkit::Fault;
use snapbox::{assert_data_eq, str};

const STACK: &str = "\
name: shop
services:
  web: {image: web:1, environment: {A: \"1\"}}
  twin: {image: docker.io/library/web:1}
  own: {build: .}
  done: {image: \"reg.example/x:1@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}
";

#[tokio::test(start_paused = true)]
async fn each_registry_is_asked_once() {
    let stage = Stage::new(STACK);
    assert_data_eq!(
        stage.text("config --lock-image-digests").await,
        str![[r#"
status 0
services:
  done:
    image: reg.example/x@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
  own: {}
  twin:
    image: docker.io/library/web:1@sha256:48d35abcecb4bd7d47e7023749f1b95a1fd531ae0a85fab38a2adf60477b9e88
  web:
    image: docker.io/library/web:1@sha256:48d35abcecb4bd7d47e7023749f1b95a1fd531ae0a85fab38a2adf60477b9e88
---

"#]]
    );
    assert_data_eq!(
        stage.text("config --resolve-image-digests web --format json").await,
        str![[r#"
status 0
{
  "name": "shop",
  "networks": {
    "default": {
      "name": "shop_default",
      "ipam": {}
    }
  },
  "services": {
    "web": {
      "command": null,
      "entrypoint": null,
      "environment": {
        "A": "1"
      },
      "image": "docker.io/library/web:1@sha256:48d35abcecb4bd7d47e7023749f1b95a1fd531ae0a85fab38a2adf60477b9e88",
      "networks": {
        "default": null
      }
    }
  }
}
---

"#]]
    );
    // A list has no digests, so nobody is asked.
    assert_eq!(stage.text("config --lock-image-digests --services").await.lines().count(), 6);
    assert_eq!(stage.runtime.count("registry_digest"), 2, "{}", stage.runtime.text());
}

#[tokio::test(start_paused = true)]
async fn what_has_no_digest_is_named() {
    let stage = Stage::new(STACK);
    stage.runtime.fail_matching("registry_digest", Fault::refused());
    assert_data_eq!(
        stage.text("config --resolve-image-digests").await,
        str![[r#"
status 1
---
error: failed to resolve digest for docker.io/library/web:1: injected

"#]]
    );
    let stage = Stage::new("services: {a: {image: \"Up/Per:1\"}}");
    assert_data_eq!(
        stage.text("config --resolve-image-digests").await,
        str![[r#"
status 1
---
error: invalid reference of an image: `Up/Per:1`

"#]]
    );
}
