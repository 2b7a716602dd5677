use super::Folder;
use snapbox::{assert_data_eq, str};

const FILES: [(&str, &str); 6] = [
    (
        "compose.yaml",
        "\
name: shop
include: [more/part.yaml]
x-common: &common
  restart: always
services:
  web:
    <<: *common
    extends: {file: base.yaml, service: base}
    image: httpd:${TAG:-2}
    ports: [\"8080:80\", \"9000-9001:9000-9001\"]
    command: serve ${MODE}
    env_file: web.env
    environment: [MODE=dev, PASSED, OWN=1]
    labels: {a: \"1\", b: \"2\"}
    healthcheck: {test: [CMD, \"true\"]}
    volumes: [\"data:/data\"]
volumes: {data: }
",
    ),
    (
        "compose.override.yaml",
        "\
services:
  web:
    image: nginx:${TAG}-$TAG
    ports: !override [\"80:80\"]
    environment: {MODE: \"${MODE}\"}
    labels: {b: !reset }
    healthcheck: !reset
",
    ),
    (
        "base.yaml",
        "services:\n  base:\n    image: base\n    user: \"1000\"\n    labels: {a: \"0\"}\n",
    ),
    ("more/part.yaml", "services:\n  part:\n    image: part:${PART}\n"),
    (".env", "# tags\nTAG=1.27\n"),
    ("web.env", "OWN=2\nFROM_FILE=$TAG\n"),
];

const ENV: [(&str, &str); 2] = [("MODE", "prod"), ("PASSED", "p")];

fn explained(path: &str) -> String {
    Folder::new(&FILES).text(&format!("config --explain {path}"), &ENV)
}

#[test]
fn where_a_value_is_from_what_it_overrode_and_what_went_into_it() {
    assert_data_eq!(
        explained("services.web.image"),
        str![[r#"
status 0
services.web.image: nginx:1.27-1.27
  from compose.override.yaml:3:12: nginx:${TAG}-$TAG
  with TAG=1.27 of .env:2
  over compose.yaml:9:12: httpd:1.27
  over base.yaml:3:12: base
---
level=warning msg="more/part.yaml:3:12: The /"PART/" variable is not set. Defaulting to a blank string."

"#]]
    );
}

#[test]
fn all_below_a_path() {
    assert_data_eq!(
        explained("services.web"),
        str![[r#"
status 0
services.web.image: nginx:1.27-1.27
  from compose.override.yaml:3:12: nginx:${TAG}-$TAG
  with TAG=1.27 of .env:2
  over compose.yaml:9:12: httpd:1.27
  over base.yaml:3:12: base
services.web.user: 1000
  from base.yaml:4:11
services.web.labels.a: 1
  from compose.yaml:14:17
  over base.yaml:5:17: 0
services.web.command: ["serve","prod"]
  from compose.yaml:11:14: serve ${MODE}
  with MODE=prod
services.web.environment.MODE: prod
  from compose.override.yaml:5:25: ${MODE}
  with MODE=prod
  over compose.yaml:13:19: dev
services.web.environment.PASSED: p
  from compose.yaml:13:29
  with PASSED=p
services.web.environment.OWN: 1
  from compose.yaml:13:37
  over web.env:1, by compose.yaml:12:15: 2
services.web.environment.FROM_FILE: 1.27
  from web.env:2, by compose.yaml:12:15
services.web.volumes.0: {"type":"volume","source":"data","target":"/data","volume":{}}
  from compose.yaml:16:15
services.web.restart: always
  from compose.yaml:4:12
services.web.ports: [{"mode":"ingress","target":80,"published":"80","protocol":"tcp"}]
  from compose.override.yaml:4:12
  !override over compose.yaml:10:12: [{"mode":"ingress","target":80,"published":"8080","protocol":"tcp"},{"mode":"ingress","target":9000,"published":"9000","protocol":"tcp"},{"mode":"ingress","target":9001,"published":"9001","protocol":"tcp"}]
services.web.ports.0: {"mode":"ingress","target":80,"published":"80","protocol":"tcp"}
  from compose.override.yaml:4:23
services.web.networks: {"default":null}
  a default: it is written nowhere
services.web.labels.b: not set
  !reset at compose.override.yaml:6:17 took away compose.yaml:14:25: 2
services.web.healthcheck: not set
  !reset at compose.override.yaml:7:18 took away compose.yaml:15:18: {"test":["CMD","true"]}
---
level=warning msg="more/part.yaml:3:12: The /"PART/" variable is not set. Defaulting to a blank string."

"#]]
    );
}

#[test]
fn what_an_override_took_away_whole() {
    assert_data_eq!(
        explained("services.web.ports"),
        str![[r#"
status 0
services.web.ports: [{"mode":"ingress","target":80,"published":"80","protocol":"tcp"}]
  from compose.override.yaml:4:12
  !override over compose.yaml:10:12: [{"mode":"ingress","target":80,"published":"8080","protocol":"tcp"},{"mode":"ingress","target":9000,"published":"9000","protocol":"tcp"},{"mode":"ingress","target":9001,"published":"9001","protocol":"tcp"}]
services.web.ports.0: {"mode":"ingress","target":80,"published":"80","protocol":"tcp"}
  from compose.override.yaml:4:23
---
level=warning msg="more/part.yaml:3:12: The /"PART/" variable is not set. Defaulting to a blank string."

"#]]
    );
}

#[test]
fn a_part_of_what_took_the_place_of_something_else() {
    assert_data_eq!(
        explained("services.web.ports.0.target"),
        str![[r#"
status 0
services.web.ports: [{"mode":"ingress","target":80,"published":"80","protocol":"tcp"}]
  from compose.override.yaml:4:12
  !override over compose.yaml:10:12: [{"mode":"ingress","target":80,"published":"8080","protocol":"tcp"},{"mode":"ingress","target":9000,"published":"9000","protocol":"tcp"},{"mode":"ingress","target":9001,"published":"9001","protocol":"tcp"}]
services.web.ports.0.target: 80
  from compose.override.yaml:4:23
---
level=warning msg="more/part.yaml:3:12: The /"PART/" variable is not set. Defaulting to a blank string."

"#]]
    );
}

#[test]
fn what_was_reset() {
    assert_data_eq!(
        explained("services.web.healthcheck"),
        str![[r#"
status 0
services.web.healthcheck: not set
  !reset at compose.override.yaml:7:18 took away compose.yaml:15:18: {"test":["CMD","true"]}
---
level=warning msg="more/part.yaml:3:12: The /"PART/" variable is not set. Defaulting to a blank string."

"#]]
    );
    assert_data_eq!(
        explained("services.web.labels"),
        str![[r#"
status 0
services.web.labels.a: 1
  from compose.yaml:14:17
  over base.yaml:5:17: 0
services.web.labels.b: not set
  !reset at compose.override.yaml:6:17 took away compose.yaml:14:25: 2
---
level=warning msg="more/part.yaml:3:12: The /"PART/" variable is not set. Defaulting to a blank string."

"#]]
    );
}

#[test]
fn files_with_variables() {
    assert_data_eq!(
        explained("services.web.environment"),
        str![[r#"
status 0
services.web.environment.MODE: prod
  from compose.override.yaml:5:25: ${MODE}
  with MODE=prod
  over compose.yaml:13:19: dev
services.web.environment.PASSED: p
  from compose.yaml:13:29
  with PASSED=p
services.web.environment.OWN: 1
  from compose.yaml:13:37
  over web.env:1, by compose.yaml:12:15: 2
services.web.environment.FROM_FILE: 1.27
  from web.env:2, by compose.yaml:12:15
---
level=warning msg="more/part.yaml:3:12: The /"PART/" variable is not set. Defaulting to a blank string."

"#]]
    );
}

#[test]
fn what_follows_from_something_else() {
    assert_data_eq!(
        explained("volumes"),
        str![[r#"
status 0
volumes.data.name: shop_data
  from compose.yaml:17:11
---
level=warning msg="more/part.yaml:3:12: The /"PART/" variable is not set. Defaulting to a blank string."

"#]]
    );
    assert_data_eq!(
        explained("networks"),
        str![[r#"
status 0
networks: {"default":{"name":"shop_default","ipam":{}}}
  a default: it is written nowhere
---
level=warning msg="more/part.yaml:3:12: The /"PART/" variable is not set. Defaulting to a blank string."

"#]]
    );
}

#[test]
fn included() {
    assert_data_eq!(
        explained("services.part"),
        str![[r#"
status 0
services.part.image: part:
  from more/part.yaml:3:12: part:${PART}
  with PART, which is not set
services.part.networks: {"default":null}
  a default: it is written nowhere
---
level=warning msg="more/part.yaml:3:12: The /"PART/" variable is not set. Defaulting to a blank string."

"#]]
    );
}

#[test]
fn for_programs() {
    let here = Folder::new(&FILES);
    assert_data_eq!(
        here.text("config --explain services.web.image --format json", &ENV),
        str![[r#"
status 0
[
  {
    "path": "services.web.image",
    "set": true,
    "value": "nginx:1.27-1.27",
    "from": {
      "file": "compose.override.yaml",
      "line": 3,
      "column": 12
    },
    "file": null,
    "written": "nginx:${TAG}-$TAG",
    "variables": [
      {
        "name": "TAG",
        "value": "1.27",
        "file": {
          "file": ".env",
          "line": 2
        }
      }
    ],
    "before": [
      {
        "value": "httpd:1.27",
        "from": {
          "file": "compose.yaml",
          "line": 9,
          "column": 12
        },
        "file": null,
        "how": "overridden"
      },
      {
        "value": "base",
        "from": {
          "file": "base.yaml",
          "line": 3,
          "column": 12
        },
        "file": null,
        "how": "overridden"
      }
    ]
  }
]
---
level=warning msg="more/part.yaml:3:12: The /"PART/" variable is not set. Defaulting to a blank string."

"#]]
    );
}

#[test]
fn nothing_there() {
    assert_data_eq!(
        explained("services.web.imgae"),
        str![[r#"
status 1
---
error: `services.web.imgae` is not set, and nothing took it away

"#]]
    );
}
