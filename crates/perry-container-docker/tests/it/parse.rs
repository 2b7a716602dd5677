//! What the tools print about objects, in our words.

use crate::{
    common::{docker, podman4, podman5},
    recorded::{CALLS, Call},
};
use perry_container_protocol::{CliProtocol as _, Dialogue, Output, Step, ToolError, values};
use perry_container_spec::{ContainerInfo, State};
use serde_json::json;
use snapbox::{IntoData as _, assert_data_eq, str};
use std::collections::BTreeSet;

/// A dialogue of one call, answered by a recording.
fn answered<R>(mut dialogue: impl Dialogue<Reply = R>, call: &Call) -> Result<R, ToolError> {
    assert!(matches!(dialogue.next(&[]), Step::Run(_)));
    match dialogue.next(&[call.output()]) {
        Step::Done(reply) => reply,
        // one that is missing hides the others there, and it is asked again
        Step::Run(_) if call.engine == "nerdctl" && call.code() == Some(1) => {
            Err(ToolError::Unstable)
        }
        Step::Run(calls) => panic!("it goes on with {calls:?}"),
    }
}

/// All containers that were ever inspected.
fn inspected() -> Vec<(&'static Call, Vec<ContainerInfo>)> {
    let calls = CALLS.iter().filter(|call| {
        let inspects = call.is(&["inspect"]) || call.is(&["container", "inspect"]);
        inspects
            && !call.argv.iter().any(|arg| arg.starts_with("--format") || arg.starts_with("--type"))
    });
    calls
        .map(|call| {
            let ids = call.operands(if call.is(&["inspect"]) { 1 } else { 2 });
            let each = answered(call.tool().inspect_each(&ids), call);
            let each = match each {
                Err(ToolError::Unstable) => Vec::new(),
                each => each.expect("a look"),
            };
            (call, each.into_iter().filter_map(|(_, info)| info.ok()).collect())
        })
        .collect()
}

#[test]
fn every_recorded_container_is_understood() {
    let (mut count, mut states) = (0, BTreeSet::new());
    for (call, infos) in inspected() {
        let printed = call.stdout.matches("\"RestartCount\"").count();
        let distinct: BTreeSet<_> = infos.iter().map(|info| &info.id).collect();
        assert!(distinct.len() <= printed && (printed == 0) == infos.is_empty(), "{:?}", call.argv);
        for info in infos {
            count += 1;
            states.insert(info.state.as_str());
            assert!(!info.name.starts_with('/') && !info.name.is_empty());
            // nerdctl's own containers tell none
            let told = info.image_id.starts_with("sha256:");
            assert_eq!(told, call.engine != "nerdctl", "{}", info.image_id);
            assert!(info.created.ends_with('Z') && !info.created.starts_with("0001"));
            assert!(!info.started.starts_with("0001") && !info.finished.starts_with("0001"));
            assert_eq!(info.exit_code.is_some(), info.state == State::Exited);
            assert!(info.ports.is_sorted());
            assert!(
                !info.labels.keys().any(|key| key.starts_with("io.") || key.starts_with("nerdctl"))
            );
        }
    }
    assert!(count >= 18, "{count}");
    assert_eq!(states.into_iter().collect::<Vec<_>>(), ["created", "exited", "running"]);
}

/// Recorded `.State`s alone, each in a container around it.
#[test]
fn states_exit_codes_and_health() {
    let mut all = BTreeSet::new();
    for call in CALLS.iter().filter(|call| call.argv.iter().any(|arg| arg == "{{json .State}}")) {
        for state in values(call.stdout.as_bytes()).expect("JSON") {
            let whole = json!([{"Id": "x", "State": state, "Config": {"Image": "i"}}]).to_string();
            let out = Output { code: 0, stdout: whole.as_bytes(), stderr: b"" };
            let mut look = call.tool().inspect_each(&["x".to_owned()]);
            assert!(matches!(look.next(&[]), Step::Run(_)));
            let Step::Done(Ok(each)) = look.next(&[out]) else { panic!("a look") };
            let info = each[0].1.as_ref().expect("a container");
            all.insert(format!(
                "{}: {} -> {} exit {:?} oom {} health {:?} started {} finished {}{}\n",
                call.title(),
                state["Status"],
                info.state,
                info.exit_code,
                info.oom_killed,
                info.health,
                !info.started.is_empty(),
                !info.finished.is_empty(),
                info.error
                    .as_ref()
                    .map(|error| format!(" {}", &error[..error.len().min(40)]))
                    .unwrap_or_default(),
            ));
        }
    }
    assert_data_eq!(all.into_iter().collect::<String>(), str![[r#"
docker 28: "created" -> created exit None oom false health None started false finished false failed to create task for container: fai
docker 28: "exited" -> exited exit Some(137) oom false health None started true finished true
docker 28: "exited" -> exited exit Some(137) oom true health None started true finished true
docker 28: "running" -> running exit None oom false health Some(Starting) started true finished false
docker 28: "running" -> running exit None oom false health Some(Unhealthy) started true finished false
nerdctl 2: "" -> created exit None oom false health None started false finished false failed to create shim task: OCI runtime 
nerdctl 2: "exited" -> exited exit Some(137) oom false health None started true finished true
nerdctl 2: "exited" -> exited exit Some(42) oom false health None started true finished true
nerdctl 2: "running" -> running exit None oom false health None started true finished false
nerdctl 2: "running" -> running exit None oom false health Some(Healthy) started true finished false
podman 4: "created" -> created exit None oom false health None started false finished false
podman 4: "exited" -> exited exit Some(137) oom false health None started true finished true
podman 4: "running" -> running exit None oom false health Some(Healthy) started true finished false
podman 4: "running" -> running exit None oom false health Some(Starting) started true finished false
podman 4: "running" -> running exit None oom false health Some(Unhealthy) started true finished false
podman 5: "created" -> created exit None oom false health None started false finished false crun: executable file `nosuch` not found
podman 5: "exited" -> exited exit Some(137) oom false health None started true finished true
podman 5: "exited" -> exited exit Some(137) oom true health None started true finished true
podman 5: "running" -> running exit None oom false health Some(Healthy) started true finished false
podman 5: "running" -> running exit None oom false health Some(Starting) started true finished false
podman 5: "running" -> running exit None oom false health Some(Unhealthy) started true finished false

"#]].raw());
}

/// The same container, as far as a file of compose would say, is the same on every tool but for the values that are its
/// own.
#[test]
fn one_container_on_three_tools() {
    let mut text = String::new();
    for tool in [docker(), podman4(), podman5()] {
        let (call, info) = inspected()
            .into_iter()
            .filter(|(call, _)| call.tool() == tool)
            .find_map(|(call, infos)| {
                Some((call, infos.into_iter().find(|info| info.name == "rf-full")?))
            })
            .expect("a container of this name");
        let mut value = serde_json::to_value(&info).expect("JSON");
        for own in ["id", "imageId", "created", "started", "finished"] {
            value[own] = "<own>".into();
        }
        text.extend([format!("{} {value:#}\n", call.title())]);
    }
    assert_data_eq!(
        text,
        str![[r#"
docker 28 {
  "id": "<own>",
  "name": "rf-full",
  "image": "lab/httpd:1",
  "imageId": "<own>",
  "status": "created",
  "healthcheck": {
    "test": {
      "shell": "wget -q -O /dev/null http://127.0.0.1:8080/healthz"
    },
    "interval": 1000000000,
    "timeout": 2000000000,
    "start_period": 5000000000,
    "retries": 2
  },
  "restart": {
    "on-failure": 3
  },
  "ports": [],
  "created": "<own>",
  "restartCount": 0,
  "labels": {
    "dev.perry.lab": "httpd",
    "l1": "v1",
    "l2": "a=b",
    "l3": ""
  },
  "networks": {
    "rf-n1": {
      "networkId": "",
      "ipv4": "",
      "ipv6": "",
      "mac": "",
      "aliases": [
        "svc",
        "svc2"
      ]
    }
  },
  "mounts": [
    {
      "type": "volume",
      "name": "rf-v1",
      "source": "/var/lib/docker/volumes/rf-v1/_data",
      "target": "/data",
      "writable": false
    },
    {
      "type": "bind",
      "source": "/root",
      "target": "/mnt/root",
      "writable": false
    }
  ],
  "command": [
    "web"
  ],
  "started": "<own>",
  "finished": "<own>"
}
podman 4 {
  "id": "<own>",
  "name": "rf-full",
  "image": "REG:5000/lab/httpd:1",
  "imageId": "<own>",
  "status": "created",
  "healthcheck": {
    "test": {
      "shell": "wget -q -O /dev/null http://127.0.0.1:8080/healthz"
    },
    "interval": 1000000000,
    "timeout": 2000000000,
    "start_period": 5000000000,
    "retries": 2
  },
  "restart": {
    "on-failure": 3
  },
  "ports": [],
  "created": "<own>",
  "restartCount": 0,
  "labels": {
    "dev.perry.lab": "httpd",
    "l1": "v1",
    "l2": "a=b",
    "l3": ""
  },
  "networks": {
    "rf-n1": {
      "networkId": "rf-n1",
      "ipv4": "",
      "ipv6": "",
      "mac": "",
      "aliases": [
        "svc",
        "svc2"
      ]
    }
  },
  "mounts": [
    {
      "type": "volume",
      "name": "rf-v1",
      "source": "/var/lib/containers/storage/volumes/rf-v1/_data",
      "target": "/data",
      "writable": false
    },
    {
      "type": "bind",
      "source": "/root",
      "target": "/mnt/root",
      "writable": false
    }
  ],
  "command": [
    "web"
  ],
  "started": "<own>",
  "finished": "<own>"
}
podman 5 {
  "id": "<own>",
  "name": "rf-full",
  "image": "REG:5000/lab/httpd:1",
  "imageId": "<own>",
  "status": "created",
  "healthcheck": {
    "test": {
      "shell": "wget -q -O /dev/null http://127.0.0.1:8080/healthz"
    },
    "interval": 1000000000,
    "timeout": 2000000000,
    "start_period": 5000000000,
    "retries": 2
  },
  "restart": {
    "on-failure": 3
  },
  "ports": [],
  "created": "<own>",
  "restartCount": 0,
  "labels": {
    "dev.perry.lab": "httpd",
    "l1": "v1",
    "l2": "a=b",
    "l3": ""
  },
  "networks": {
    "rf-n1": {
      "networkId": "5d9005c923881cb34c31437b47a9b643b36add3af3c3ec715f20509ae8d1a62b",
      "ipv4": "",
      "ipv6": "",
      "mac": "",
      "aliases": [
        "svc",
        "svc2",
        "hn"
      ]
    }
  },
  "mounts": [
    {
      "type": "volume",
      "name": "rf-v1",
      "source": "/var/lib/containers/storage/volumes/rf-v1/_data",
      "target": "/data",
      "writable": false
    },
    {
      "type": "bind",
      "source": "/root",
      "target": "/mnt/root",
      "writable": false
    }
  ],
  "command": [
    "web"
  ],
  "started": "<own>",
  "finished": "<own>"
}

"#]]
        .raw()
    );
}

#[test]
fn networks_and_volumes() {
    let mut text = String::new();
    for call in
        CALLS.iter().filter(|call| call.is(&["network", "inspect"]) && call.code() == Some(0))
    {
        let name = &call.operands(2)[0];
        let info = answered(call.tool().inspect_network(name), call).expect("a network");
        assert_eq!(&info.name, name);
        let pools: Vec<_> =
            info.pools.iter().map(|pool| pool.subnet.clone().unwrap_or_default()).collect();
        text.extend([format!(
            "{}: {} {} internal={} {pools:?} {:?}\n",
            call.title(),
            info.name,
            info.driver,
            info.internal,
            info.labels
        )]);
    }
    assert_data_eq!(
        text,
        str![[r#"
docker 28: rf-n2 bridge internal=true ["10.199.0.0/24"] {}
podman 4: rf-n2 bridge internal=true ["10.199.0.0/24"] {}
docker 28: rg-n1 bridge internal=false ["10.201.1.0/24"] {"com.docker.compose.project": "rg"}
podman 4: rg-n1 bridge internal=false ["10.201.1.0/24"] {"com.docker.compose.project": "rg"}
nerdctl 2: rg-n1 bridge internal=false ["10.201.1.0/24"] {"com.docker.compose.project": "rg"}
nerdctl 2: rg-n1 bridge internal=false ["10.201.1.0/24"] {"com.docker.compose.project": "rg"}
podman 5: rg-n1 bridge internal=false ["10.201.1.0/24"] {"com.docker.compose.project": "rg"}
nerdctl 2: rf-n2 bridge internal=false ["10.199.0.0/24"] {}
nerdctl 2: ri-n1 bridge internal=false ["10.4.3.0/24"] {"com.docker.compose.project": "ri"}
podman 5: rf-n2 bridge internal=true ["10.199.0.0/24"] {}

"#]]
        .raw()
    );
}

#[test]
fn images() {
    let mut text = String::new();
    for call in CALLS.iter().filter(|call| call.is(&["image", "inspect"])) {
        if call.argv.iter().any(|arg| arg.starts_with("--")) {
            continue;
        }
        for (asked, info) in
            answered(call.tool().inspect_images(&call.operands(2)), call).expect("a look")
        {
            let info = match info {
                Ok(info) => format!(
                    "{} {} {} check={:?}",
                    info.repository, info.tag, info.platform, info.has_healthcheck
                ),
                Err(error) => error.kind().to_string(),
            };
            text.extend([format!("{}: {asked}: {info}\n", call.title())]);
        }
    }
    assert_data_eq!(
        text,
        str![[r#"
docker 28: lab/httpd:1: docker.io/lab/httpd 1 linux/amd64 check=Some(true)
docker 28: nope:1: image missing
podman 4: lab/httpd:1: REG:5000/lab/httpd 1 linux/amd64 check=None
podman 4: nope:1: image missing
docker 28: lab/exit:1: docker.io/lab/exit 1 linux/amd64 check=Some(false)
docker 28: nope:1: image missing
podman 4: lab/exit:1: REG:5000/lab/exit 1 linux/amd64 check=None
podman 4: nope:1: image missing
nerdctl 2: lab/exit:1: image missing
podman 5: lab/exit:1: REG:5000/lab/exit 1 linux/amd64 check=None
podman 5: nope:1: image missing
nerdctl 2: lab/httpd:1: docker.io/lab/httpd 1 linux/amd64 check=Some(true)
nerdctl 2: nope:1: image missing
nerdctl 2: lab/base:1: image missing
podman 5: lab/httpd:1: REG:5000/lab/httpd 1 linux/amd64 check=None
podman 5: nope:1: image missing

"#]]
        .raw()
    );
}

#[test]
fn processes() {
    for call in CALLS.iter().filter(|call| call.is(&["top"]) && call.code() == Some(0)) {
        let (titles, rows) = answered(call.tool().top("x", &[]), call).expect("a table");
        assert!(titles.len() >= 2 && !rows.is_empty());
        assert!(rows.iter().all(|row| row.len() == titles.len()), "{rows:?}");
    }
}

#[test]
fn exit_codes_of_commands() {
    let mut text = String::new();
    for call in
        CALLS.iter().filter(|call| call.is(&["exec"]) && call.code().is_some_and(|code| code != 0))
    {
        let exit = match call.tool().exec_exit(&call.output()) {
            Ok(code) => format!("exit {code}"),
            Err(error) => format!("{} {} {error}", error.code().unwrap_or_default(), error.kind()),
        };
        text.extend([format!(
            "{}: {}: {exit}\n",
            call.title(),
            call.argv[1..].join(" ").replace('\n', " ")
        )]);
    }
    assert_data_eq!(text, str![[r#"
docker 28: -e X=9 -w /data rf-full sh -c echo $X; pwd; echo err >&2; exit 7: exit 7
docker 28: rf-full nosuchcmd: 127 invalid OCI runtime exec failed: exec failed: unable to start container process: exec: "nosuchcmd": executable file not found in $PATH
docker 28: rf-full /etc/passwd: 126 invalid OCI runtime exec failed: exec failed: unable to start container process: exec: "/etc/passwd": permission denied
docker 28: nope true: 1 not found No such container: nope
docker 28: rf-full true: 1 not running Container rf-full is paused, unpause the container before exec
docker 28: rf-full true: 1 not running container 58c389c8eb6aee58ab944e30c3080e7c14d6ef041ca570f0e1c036381703b3d7 is not running
podman 4: -e X=9 -w /data rf-full sh -c echo $X; pwd; echo err >&2; exit 7: exit 7
podman 4: rf-full nosuchcmd: 127 invalid crun: executable file `nosuchcmd` not found in $PATH: No such file or directory: OCI runtime attempted to invoke a command that was not found
podman 4: rf-full /etc/passwd: 126 invalid crun: open executable: Permission denied: OCI permission denied
podman 4: nope true: 125 not found no container with name or ID "nope" found: no such container
podman 4: rf-full true: 255 not running can only create exec sessions on running containers: container state improper
podman 4: rf-full true: 255 not running can only create exec sessions on running containers: container state improper
docker 28: -it rg-lv true: exit 1
docker 28: : exit 1
podman 4: -it rg-lv true: 255 not running can only create exec sessions on running containers: container state improper
podman 4: : 125 invalid exec requires the name or ID of a container or the --latest flag
nerdctl 2: -it rg-lv true: 1 invalid provided file is not a console
nerdctl 2: : 1 invalid requires at least 2 arg(s), only received 0
podman 5: -it rg-lv true: 255 not running can only create exec sessions on running containers: container state improper
podman 5: : 125 invalid exec requires the name or ID of a container or the --latest or --cidfile flag
docker 28: --env-file /home/u/rf3/env rh-big env: exit 1
docker 28: -w /nodir rh-big pwd: 127 invalid OCI runtime exec failed: exec failed: unable to start container process: chdir to cwd ("/nodir") set in config.json failed: no such file or directory
docker 28: -u nosuch rh-big id: 1 invalid unable to find user nosuch: no matching entries in passwd file
podman 4: -w /nodir rh-big pwd: 127 invalid crun: chdir `/nodir`: No such file or directory: OCI runtime attempted to invoke a command that was not found
podman 4: -u nosuch rh-big id: 255 invalid unable to find user nosuch: no matching entries in passwd file
nerdctl 2: -w /nodir rh-big pwd: 1 invalid OCI runtime exec failed: exec failed: unable to start container process: chdir to cwd ("/nodir") set in config.json failed: no such file or directory
nerdctl 2: -u nosuch rh-big id: 1 invalid mount callback failed on /tmp/containerd-mount40751660: no users found
podman 5: -w /nodir rh-big pwd: 127 invalid crun: chdir to `/nodir`: No such file or directory: OCI runtime attempted to invoke a command that was not found
podman 5: -u nosuch rh-big id: 255 invalid unable to find user nosuch: no matching entries in passwd file
nerdctl 2: -e X=9 -w /data rf-full sh -c echo $X; pwd; echo err >&2; exit 7: exit 7
nerdctl 2: rf-full nosuchcmd: 1 invalid OCI runtime exec failed: exec failed: unable to start container process: exec: "nosuchcmd": executable file not found in $PATH
nerdctl 2: rf-full /etc/passwd: 1 invalid OCI runtime exec failed: exec failed: unable to start container process: exec: "/etc/passwd": permission denied
nerdctl 2: nope true: 1 not found no such container nope
nerdctl 2: rf-full true: 1 not running cannot exec in a paused state
nerdctl 2: rf-full true: 1 not running cannot exec in a stopped state
nerdctl 2: -t rf-l true: 1 invalid provided file is not a console
nerdctl 2: ri-a sh -c exit 42: exit 42
podman 5: -e X=9 -w /data rf-full sh -c echo $X; pwd; echo err >&2; exit 7: 127 invalid crun: chdir to `/data`: No such file or directory: OCI runtime attempted to invoke a command that was not found
podman 5: rf-full nosuchcmd: 127 invalid crun: executable file `nosuchcmd` not found in $PATH: No such file or directory: OCI runtime attempted to invoke a command that was not found
podman 5: rf-full /etc/passwd: 126 invalid crun: the path `/etc/passwd` exists but it is not executable: Operation not permitted: OCI permission denied
podman 5: nope true: 125 not found no container with name or ID "nope" found: no such container
podman 5: rf-full true: 255 not running can only create exec sessions on running containers: container state improper
podman 5: rf-full true: 255 not running can only create exec sessions on running containers: container state improper

"#]].raw());
}

/// podman resolves short names, and shows the result; what was asked for stands in the command line that it keeps.
#[test]
fn the_image_as_it_was_asked_for() {
    let look = |line: serde_json::Value| {
        let whole = json!([{"Id": "x", "Config": {"Image": "localhost/web:latest", "CreateCommand": line}}]).to_string();
        let mut look = podman4().inspect_each(&["x".to_owned()]);
        assert!(matches!(look.next(&[]), Step::Run(_)));
        match look.next(&[Output { code: 0, stdout: whole.as_bytes(), stderr: b"" }]) {
            Step::Done(Ok(mut each)) => each.remove(0).1.expect("a container").image,
            _ => panic!("a look"),
        }
    };
    assert_eq!(
        look(json!(["podman", "create", "--pull=never", "--name=a", "--", "web", "--", "x"])),
        "web"
    );
    assert_eq!(look(json!(["podman", "run", "web", "--", "x"])), "localhost/web:latest");
    assert_eq!(look(json!(null)), "localhost/web:latest");
}

/// podman 4.3.1 shows a program without arguments as its own argument.
#[test]
fn a_command_of_one_word() {
    let look = |path: &str, args: &[&str], cmd: &[&str]| {
        let whole = json!([{"Id": "x", "Path": path, "Args": args, "Config": {"Entrypoint": "", "Cmd": cmd}}]).to_string();
        let mut look = podman4().inspect_each(&["x".to_owned()]);
        assert!(matches!(look.next(&[]), Step::Run(_)));
        match look.next(&[Output { code: 0, stdout: whole.as_bytes(), stderr: b"" }]) {
            Step::Done(Ok(mut each)) => each.remove(0).1.expect("a container").command,
            _ => panic!("a look"),
        }
    };
    assert_eq!(look("web", &["web"], &["web"]), ["web"]);
    assert_eq!(look("web", &["web"], &["web", "web"]), ["web", "web"]);
    assert_eq!(look("web", &[], &["web"]), ["web"]);
}
