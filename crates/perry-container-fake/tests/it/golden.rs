//! What is printed, byte by byte. Composed from the source of `container` 1.2.2, its encoders.

use crate::common::{bench, call};
use snapbox::{assert_data_eq, str};
use std::fmt::Write as _;

#[test]
fn everything_of_a_container() {
    let bench = bench();
    std::fs::write(bench.store().root().join("now"), "2026-01-02T03:04:05Z").unwrap();
    call(
        &bench,
        "run -d --name=web --label=a=b --env=X=y --publish=127.0.0.1:8080:80 --volume=data:/data --tmpfs=/tmp --user=1000:1000 --memory=512M --cpus=2 waits",
    );
    let said = call(&bench, "inspect web").out;
    let image = bench.store().image("docker.io/library/waits:latest").unwrap();
    assert_data_eq!(
        said.replace(&image.digest, "<digest>"),
        str![[r#"
[
  {
    "configuration" : {
      "capAdd" : [

      ],
      "capDrop" : [

      ],
      "creationDate" : "2026-01-02T03:04:05Z",
      "dns" : {
        "nameservers" : [

        ],
        "options" : [

        ],
        "searchDomains" : [

        ]
      },
      "id" : "web",
      "image" : {
        "descriptor" : {
          "digest" : "<digest>",
          "mediaType" : "application/vnd.oci.image.index.v1+json",
          "size" : 1024
        },
        "reference" : "docker.io/library/waits:latest"
      },
      "initProcess" : {
        "arguments" : [

        ],
        "environment" : [
          "PATH=/usr/local/bin:/usr/bin:/bin",
          "X=y"
        ],
        "executable" : "main",
        "rlimits" : [

        ],
        "supplementalGroups" : [

        ],
        "terminal" : false,
        "user" : {
          "id" : {
            "gid" : 1000,
            "uid" : 1000
          }
        },
        "workingDirectory" : "/"
      },
      "labels" : {
        "a" : "b"
      },
      "mounts" : [
        {
          "destination" : "/data",
          "options" : [

          ],
          "source" : "/volumes/data/volume.img",
          "type" : {
            "volume" : {
              "cache" : "on",
              "format" : "ext4",
              "name" : "data",
              "sync" : "fsync"
            }
          }
        },
        {
          "destination" : "/tmp",
          "options" : [

          ],
          "source" : "tmpfs",
          "type" : {
            "tmpfs" : {

            }
          }
        }
      ],
      "networks" : [
        {
          "network" : "default",
          "options" : {
            "hostname" : "web"
          }
        }
      ],
      "platform" : {
        "architecture" : "arm64",
        "os" : "linux"
      },
      "publishedPorts" : [
        {
          "containerPort" : 80,
          "count" : 1,
          "hostAddress" : "127.0.0.1",
          "hostPort" : 8080,
          "proto" : "tcp"
        }
      ],
      "publishedSockets" : [

      ],
      "readOnly" : false,
      "resources" : {
        "cpuOverhead" : 1,
        "cpus" : 2,
        "memoryInBytes" : 536870912
      },
      "rosetta" : false,
      "runtimeHandler" : "container-runtime-linux",
      "ssh" : false,
      "sysctls" : {

      },
      "useInit" : false,
      "virtualization" : false
    },
    "id" : "web",
    "status" : {
      "networks" : [
        {
          "hostname" : "web",
          "ipv4Address" : "192.168.64.2/24",
          "ipv4Gateway" : "192.168.64.1",
          "network" : "default"
        }
      ],
      "startedDate" : "2026-01-02T03:04:05Z",
      "state" : "running"
    }
  }
]

"#]]
    );
    let list = call(&bench, "list --format json").out;
    assert_eq!(list.lines().count(), 1);
    let parsed = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    assert_eq!(parsed(&list), parsed(&said));
    assert_eq!(call(&bench, "list --format json").out, list, "two looks see the same");
}

#[test]
fn everything_else() {
    let bench = bench();
    std::fs::write(bench.store().root().join("now"), "2026-01-02T03:04:05Z").unwrap();
    call(&bench, "network create --label=a.b=c --internal net");
    call(&bench, "volume create --label=a=b -s 1G data");
    let state = bench.store().root().display().to_string();
    let mut text = String::new();
    for line in [
        "network list --format json",
        "network inspect net",
        "volume list --format json",
        "image inspect brief",
        "system status --format json",
        "system version --format json",
        "--version",
        "list --format json",
        "stats --format json --no-stream",
    ] {
        write!(text, "$ {line}\n{}", call(&bench, line).out).unwrap();
    }
    let image = bench.store().image("docker.io/library/brief:latest").unwrap();
    let digest = image.digest.trim_start_matches("sha256:");
    assert_data_eq!(
        text.replace(&state, "<state>").replace(digest, "<digest>"),
        str![[r#"
$ network list --format json
[{"configuration":{"creationDate":"2026-01-02T03:04:05Z","labels":{},"mode":"nat","name":"default","options":{},"plugin":"container-network-vmnet"},"id":"default","status":{"ipv4Gateway":"192.168.64.1","ipv4Subnet":"192.168.64.0/24"}},{"configuration":{"creationDate":"2026-01-02T03:04:05Z","labels":{"a.b":"c"},"mode":"hostOnly","name":"net","options":{},"plugin":"container-network-vmnet"},"id":"net","status":{"ipv4Gateway":"192.168.65.1","ipv4Subnet":"192.168.65.0/24"}}]
$ network inspect net
[
  {
    "configuration" : {
      "creationDate" : "2026-01-02T03:04:05Z",
      "labels" : {
        "a.b" : "c"
      },
      "mode" : "hostOnly",
      "name" : "net",
      "options" : {

      },
      "plugin" : "container-network-vmnet"
    },
    "id" : "net",
    "status" : {
      "ipv4Gateway" : "192.168.65.1",
      "ipv4Subnet" : "192.168.65.0/24"
    }
  }
]
$ volume list --format json
[{"configuration":{"creationDate":"2026-01-02T03:04:05Z","driver":"local","format":"ext4","labels":{"a":"b"},"name":"data","options":{},"sizeInBytes":1073741824,"source":"<state>/volumes/data"},"id":"data"}]
$ image inspect brief
[
  {
    "configuration" : {
      "creationDate" : "2026-01-01T00:00:00Z",
      "descriptor" : {
        "digest" : "sha256:<digest>",
        "mediaType" : "application/vnd.oci.image.index.v1+json",
        "size" : 1024
      },
      "name" : "docker.io/library/brief:latest"
    },
    "id" : "<digest>",
    "variants" : [
      {
        "config" : {
          "architecture" : "arm64",
          "config" : {
            "Cmd" : [
              "main"
            ],
            "Entrypoint" : [

            ],
            "Env" : [
              "PATH=/usr/local/bin:/usr/bin:/bin"
            ],
            "Labels" : {

            },
            "User" : "",
            "WorkingDir" : "/"
          },
          "created" : "2026-01-01T00:00:00Z",
          "os" : "linux"
        },
        "digest" : "sha256:<digest>",
        "platform" : {
          "architecture" : "arm64",
          "os" : "linux"
        },
        "size" : 1000000
      }
    ]
  }
]
$ system status --format json
{"apiServerVersion":"container-apiserver version 1.2.2","status":"running"}
$ system version --format json
[{"appName":"container","buildType":"release","commit":"abc1234","version":"1.2.2"},{"appName":"container-apiserver","buildType":"release","commit":"abc1234","version":"1.2.2"}]
$ --version
container CLI version 1.2.2 (build: release, commit: abc1234)
$ list --format json
[]
$ stats --format json --no-stream
[]

"#]]
    );
}
