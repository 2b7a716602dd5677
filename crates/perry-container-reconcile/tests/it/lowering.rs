//! From the model to containers.

use perry_container_model::ComposeSpec;
use perry_container_reconcile::{Context, Mode, fit, lower};
use perry_container_spec::{Sensitive, UnitId};
use perry_container_support::Capabilities;
use snapbox::{assert_data_eq, str};

const EVERYTHING: &str = r#"{"name": "p", "services": {"web": {
    "image": "lab/httpd:1", "command": ["serve", "-v"], "entrypoint": null,
    "environment": {"A": "1", "UNSET": null}, "labels": {"team": "x"}, "hostname": "h",
    "ports": [{"mode": "ingress", "target": 80, "published": "8080", "protocol": "tcp", "host_ip": "127.0.0.1"},
              {"mode": "ingress", "target": 53, "published": "5300-5301", "protocol": "udp"}, {"target": 9, "protocol": "tcp"}],
    "expose": ["81", "90-91/udp"], "networks": {"back": {"aliases": ["x"], "priority": 5}, "default": null},
    "volumes": [{"type": "volume", "source": "data", "target": "/data", "volume": {"nocopy": true}},
                {"type": "bind", "source": "/src", "target": "/app", "read_only": true, "bind": {"create_host_path": true, "propagation": "rslave"}},
                {"type": "tmpfs", "target": "/t", "tmpfs": {"size": "1048576", "mode": 448}}],
    "tmpfs": ["/run:size=64m,uid=5"], "secrets": [{"source": "token"}, {"source": "env_token", "target": "t", "mode": "0400"}],
    "configs": [{"source": "conf", "target": "/etc/conf"}],
    "healthcheck": {"test": ["CMD-SHELL", "true || false"], "interval": "5s", "retries": 3},
    "restart": "on-failure:3", "stop_grace_period": "1m30s", "user": "1000", "read_only": false, "cpus": 1.5,
    "deploy": {"resources": {"limits": {"memory": "67108864", "pids": 7}}, "placement": {}},
    "security_opt": ["no-new-privileges:true", "seccomp=unconfined", "label=disable"], "ulimits": {"nofile": {"soft": 1, "hard": 2}},
    "extra_hosts": ["a=10.0.0.1"], "gpus": [{"count": -1}], "logging": {"driver": "json-file", "options": {"max-size": "1m"}}
  }}, "networks": {"back": {}, "default": {}}, "volumes": {"data": {}},
  "secrets": {"token": {"file": "/s/token"}, "env_token": {"environment": "TOKEN"}}, "configs": {"conf": {"content": "x=1"}}}"#;

fn context() -> Context {
    Context {
        project: "p".to_owned(),
        working_dir: "/src".to_owned(),
        config_files: vec!["/src/compose.yaml".to_owned()],
        secrets: [("env_token".to_owned(), Sensitive::new(b"s3cret".to_vec()))].into(),
        ..Context::default()
    }
}

#[test]
fn every_property_reaches_the_container() {
    let spec: ComposeSpec = serde_json::from_str(EVERYTHING).unwrap();
    let (desired, notes) = lower(&spec, &context()).unwrap();
    let unit = &desired.units[&UnitId::new("web", 1)];
    assert!(notes.is_empty(), "{notes:?}");
    assert!(!format!("{unit:?}").contains("s3cret"));
    let mut template = unit.template.clone();
    // Not part of what is compared here: they change with every property above.
    template.labels.retain(|key, _| !key.contains("hash"));
    assert_data_eq!(
        serde_json::to_string_pretty(&template).unwrap(),
        str![[r#"
{
  "image": "lab/httpd:1",
  "name": "p-web-1",
  "cmd": [
    "serve",
    "-v"
  ],
  "env": {
    "A": "1"
  },
  "labels": {
    "team": "x",
    "com.docker.compose.project": "p",
    "com.docker.compose.service": "web",
    "com.docker.compose.oneoff": "False",
    "com.docker.compose.depends_on": "",
    "com.docker.compose.project.working_dir": "/src",
    "com.docker.compose.project.config_files": "/src/compose.yaml",
    "com.docker.compose.version": "0.1.0",
    "perry.compose.project": "p",
    "perry.compose.service": "web",
    "com.docker.compose.container-number": "1"
  },
  "user": "1000",
  "hostname": "h",
  "network": [
    {
      "network": "p_back",
      "aliases": [
        "web",
        "x"
      ]
    },
    {
      "network": "p_default",
      "aliases": [
        "web"
      ]
    }
  ],
  "ports": [
    "127.0.0.1:8080:80",
    "5300-5301:53/udp",
    "9"
  ],
  "expose": [
    "81/tcp",
    "90/udp",
    "91/udp"
  ],
  "extra_hosts": [
    [
      "a",
      "10.0.0.1"
    ]
  ],
  "volumes": [
    {
      "type": "volume",
      "source": "p_data",
      "target": "/data",
      "no_copy": true
    },
    {
      "type": "bind",
      "source": "/src",
      "target": "/app",
      "read_only": true,
      "propagation": "rslave",
      "create_host_path": true
    },
    {
      "type": "tmpfs",
      "target": "/t",
      "size": 1048576,
      "mode": 448
    },
    {
      "type": "tmpfs",
      "target": "/run",
      "options": [
        "size=64m",
        "uid=5"
      ]
    },
    {
      "type": "bind",
      "source": "/s/token",
      "target": "/run/secrets/token",
      "read_only": true
    }
  ],
  "files": [
    {
      "target": "/run/secrets/t",
      "content": [
        115,
        51,
        99,
        114,
        101,
        116
      ],
      "uid": 0,
      "gid": 0,
      "mode": 256
    },
    {
      "target": "/etc/conf",
      "content": [
        120,
        61,
        49
      ],
      "uid": 0,
      "gid": 0,
      "mode": 292
    }
  ],
  "seccomp": "unconfined",
  "no_new_privileges": true,
  "security_opt": [
    "label=disable"
  ],
  "device_requests": [
    {
      "driver": null,
      "count": -1,
      "device_ids": [],
      "capabilities": [
        "gpu"
      ],
      "options": {}
    }
  ],
  "resources": {
    "nano_cpus": 1500000000,
    "memory": 67108864,
    "pids": 7
  },
  "ulimits": {
    "nofile": {
      "soft": 1,
      "hard": 2
    }
  },
  "restart": {
    "on-failure": 3
  },
  "stop_timeout": 90000000000,
  "healthcheck": {
    "test": {
      "shell": "true || false"
    },
    "interval": 5000000000,
    "retries": 3
  },
  "logging": {
    "driver": "json-file",
    "options": {
      "max-size": "1m"
    }
  }
}
"#]]
    );
}

#[test]
fn what_is_not_honoured_is_said_with_its_path() {
    let spec: ComposeSpec = serde_json::from_str(
        r#"{"services": {"a": {"image": "a", "use_api_socket": true, "pull_policy": "daily", "restart": "sometimes",
            "deploy": {"placement": {"constraints": ["x"]}, "resources": {}, "endpoint_mode": "vip"},
            "domainname": "d", "provider": null}, "b": {"provider": {"type": "cloud"}}}}"#,
    )
    .unwrap();
    let (desired, notes) = lower(&spec, &context()).unwrap();
    let (_, more) = fit(desired, &Capabilities::podman("4.3.1"), Mode::Lenient).unwrap();
    let text: String = notes.iter().chain(&more).map(|note| format!("{note}\n")).collect();
    assert_data_eq!(
        text,
        str![[r#"
services.a.pull_policy: `daily` is taken as `missing`: the age of an image is not looked at yet
services.a.deploy.placement: only a cluster honours this; it has no effect here
services.a.deploy.endpoint_mode: only a cluster honours this; it has no effect here
services.a.use_api_socket: this is not honoured yet
services.a.restart: `sometimes` is no restart policy and is left out; no, always, unless-stopped and on-failure[:n] are
services.b.provider: provider services are not run yet; `cloud` is left out
services.a.domainname: podman has no domain name of its own

"#]]
    );
}

#[test]
fn what_no_runtime_can_be_given_is_refused_with_its_path() {
    let refused = |service: &str| {
        let json = format!(
            r#"{{"services": {{"a": {service}}}, "secrets": {{"s": {{"external": true}}, "e": {{"environment": "NOT_SET"}}}}}}"#
        );
        lower(&serde_json::from_str(&json).unwrap(), &context()).unwrap_err().to_string()
    };
    let all = [
        r#"{"image": "a", "secrets": [{"source": "s"}]}"#,
        r#"{"image": "a", "secrets": [{"source": "e"}]}"#,
        r#"{"image": "a", "ports": [{"target": 80, "published": "90-80"}]}"#,
        r#"{"image": "a", "ports": [{"target": 80, "host_ip": "localhost"}]}"#,
        r#"{"image": "a", "ports": [{"target": 80, "protocol": "quic"}]}"#,
        r#"{"image": "a", "expose": ["http"]}"#,
        r#"{"image": "a", "networks": {"gone": null}}"#,
    ];
    assert_data_eq!(
        all.map(refused).join("\n"),
        str![[r#"
services.a.secrets.0: secret `s` is external, and only a Swarm keeps those; give it a file or content
services.a.secrets.0: environment variable "NOT_SET" required by secret "e" is not set
services.a.ports.0: `90-80` is no host port; a number from 1 to 65535 or a range such as 8000-8010 is
services.a.ports.0: `localhost` is no IP address
services.a.ports.0: `quic` is no protocol; tcp, udp and sctp are
services.a.expose.0: `http` is no port; write port[-port][/protocol]
services.a.networks.gone: the network is not defined at the top level
"#]]
    );
}
