use super::Folder;
use snapbox::{assert_data_eq, str};
use std::time::{Duration, Instant};

const STACK: (&str, &str) = (
    "compose.yaml",
    "\
name: shop
services:
  web:
    image: ${IMAGE:-httpd:1}
    depends_on: [db]
    environment: {NOTE: $UNSET}
  db:
    image: postgres:16
    volumes: [data:/var/lib/postgresql/data]
  debug:
    image: busybox
    profiles: [tools]
volumes:
  data:
",
);

#[test]
fn the_whole_project() {
    let here = Folder::new(&[STACK]);
    assert_data_eq!(
        here.text("config", &[("IMAGE", "nginx")]),
        str![[r#"
status 0
name: shop
services:
  db:
    image: postgres:16
    networks:
      default: null
    volumes:
      - type: volume
        source: data
        target: /var/lib/postgresql/data
        volume: {}
  web:
    depends_on:
      db:
        condition: service_started
        required: true
    environment:
      NOTE: ""
    image: nginx
    networks:
      default: null
networks:
  default:
    name: shop_default
volumes:
  data:
    name: shop_data
---
level=warning msg="compose.yaml:6:25: The /"UNSET/" variable is not set. Defaulting to a blank string."

"#]]
    );
    assert_data_eq!(
        here.text("config db --format json", &[("UNSET", "")]),
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
    "db": {
      "command": null,
      "entrypoint": null,
      "image": "postgres:16",
      "networks": {
        "default": null
      },
      "volumes": [
        {
          "type": "volume",
          "source": "data",
          "target": "/var/lib/postgresql/data",
          "volume": {}
        }
      ]
    }
  },
  "volumes": {
    "data": {
      "name": "shop_data"
    }
  }
}
---

"#]]
    );
}

#[test]
fn lists() {
    let here = Folder::new(&[STACK]);
    let set = [("UNSET", "")];
    for (flag, lines) in [
        ("--services", "db\nweb\n"),
        ("--volumes", "data\n"),
        ("--networks", "default\n"),
        ("--images", "httpd:1\npostgres:16\n"),
        ("--profiles", "tools\n"),
        ("--models", ""),
        ("--services --profile ignored", ""),
    ] {
        let line = format!("config {flag}");
        if flag.ends_with("ignored") {
            assert!(here.text(&line, &set).contains("unknown flag: --profile"));
        } else {
            assert_eq!(here.text(&line, &set), format!("status 0\n{lines}---\n"), "{flag}");
        }
    }
    let tools = here.text("--profile tools config --services", &set);
    assert_eq!(tools, "status 0\ndb\ndebug\nweb\n---\n");
    assert_data_eq!(
        here.text("config --variables", &[]),
        str![[r#"
status 0
NAME                REQUIRED            DEFAULT VALUE       ALTERNATE VALUE
IMAGE               false               httpd:1             
UNSET               false                                   
---

"#]]
    );
    assert_data_eq!(
        here.text("config --environment", &set),
        str![[r#"
status 0
COMPOSE_PROJECT_NAME=shop
PWD=[DIR]
UNSET=
---

"#]]
    );
    let hash = here.text("config --hash db", &set);
    assert!(
        hash.starts_with("status 0\ndb ") && hash.lines().nth(1).unwrap().len() == 67,
        "{hash}"
    );
}

#[test]
fn into_a_file_or_nowhere() {
    let here = Folder::new(&[STACK]);
    let set = [("UNSET", "")];
    assert_eq!(here.text("config -q", &set), "status 0\n---\n");
    assert_eq!(here.text("config -o out.yaml", &set), "status 0\n---\n");
    let written = std::fs::read_to_string(here.path().join("out.yaml")).unwrap();
    assert!(written.starts_with("name: shop\nservices:\n"), "{written}");
    assert_data_eq!(
        here.text("config -o no/such/place", &set),
        str![[r#"
status 1
---
error: could not write no/such/place: No such file or directory (os error 2)

"#]]
    );
}

#[test]
fn raw() {
    let here = Folder::new(&[STACK]);
    let text = here.text("config --no-interpolate", &[]);
    assert!(text.contains("image: ${IMAGE:-httpd:1}"), "{text}");
}

#[test]
fn files_from_the_environment_and_from_above() {
    let here =
        Folder::new(&[STACK, ("sub/.keep", ""), ("other.yaml", "services: {x: {image: y}}\n")]);
    let text = here.text("config --services", &[("COMPOSE_FILE", "other.yaml")]);
    assert_eq!(text, "status 0\nx\n---\n");
    let text = here
        .text("--project-directory sub -f compose.yaml -p mine config --images", &[("UNSET", "")]);
    assert_eq!(text, "status 0\nhttpd:1\npostgres:16\n---\n");
}

/// Must hold 6, for the part that needs no runtime; the release build has a second.
#[test]
fn three_hundred_services_with_ten_dependencies_each() {
    let service = |n: i32| {
        let on: Vec<String> = (n - 10..n).filter(|n| *n >= 0).map(|n| format!("s{n}")).collect();
        format!("  s{n}:\n    image: x\n    depends_on: [{}]\n", on.join(", "))
    };
    let text = format!("services:\n{}", (0..300).map(service).collect::<String>());
    let here = Folder::new(&[("compose.yaml", &text)]);
    let begun = Instant::now();
    assert!(here.run("config -q", &[]).status.success());
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}

/// Asked of docker compose 2.40.3: the first of these that is given counts.
#[test]
fn several_lists_at_once() {
    let here = Folder::new(&[STACK]);
    let set = [("UNSET", "")];
    let flags = [
        "--services",
        "--volumes",
        "--networks",
        "--models",
        "--hash=db",
        "--profiles",
        "--images",
        "--variables",
        "--environment",
    ];
    for (number, first) in flags.iter().enumerate() {
        let alone = here.text(&format!("config {first}"), &set);
        for second in &flags[number + 1..] {
            let both = here.text(&format!("config {second} {first}"), &set);
            assert_eq!(both, alone, "{second} {first}");
        }
        let quiet = here.text(&format!("config -q {first}"), &set);
        // Nothing but the environment goes where `-q` sends it.
        let expected = if *first == "--environment" { "status 0\n---\n" } else { &alone };
        assert_eq!(quiet, expected, "-q {first}");
    }
}

/// Asked of docker compose 2.40.3.
#[test]
fn formats_that_are_none() {
    let here = Folder::new(&[STACK]);
    let set = [("UNSET", "")];
    let refused = "status 1\n---\nerror: unsupported format \"toml\"\n";
    for flags in ["", "-q", "--variables", "--no-interpolate"] {
        assert_eq!(here.text(&format!("config --format toml {flags}"), &set), refused, "{flags}");
    }
    // A list of names has one form.
    for flags in ["--services", "--images", "--hash *", "--environment"] {
        let text = here.text(&format!("config --format toml {flags}"), &set);
        assert_eq!(text, here.text(&format!("config {flags}"), &set), "{flags}");
        assert!(text.starts_with("status 0\n"), "{text}");
    }
    // No names are no list: the whole.
    assert_eq!(here.text("config --hash= ", &set), here.text("config", &set));
}

#[test]
fn from_standard_input() {
    let here = Folder::new(&[("web.env", "FROM=file\n")]);
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_perry-compose"));
    command.args(["-f", "-", "config", "--format", "json"]).current_dir(here.path()).env_clear();
    let mut child = command
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let text = b"name: in\nservices: {web: {image: x, env_file: web.env}}\n";
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), text).unwrap();
    let done = child.wait_with_output().unwrap();
    let value: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert!(done.status.success());
    assert_eq!(value["services"]["web"]["environment"]["FROM"], "file");
}

#[test]
fn services_are_selected_with_what_they_need() {
    let here = Folder::new(&[STACK]);
    let set = [("UNSET", "")];
    let of = |line: &str| {
        let text = here.text(line, &set);
        let names = text.lines().filter(|l| l.starts_with("  ") && !l.starts_with("   "));
        names.map(|line| line.trim().trim_end_matches(':').to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(of("config web"), ["db", "web", "default", "data"]);
    assert_eq!(of("config db"), ["db", "default", "data"]);
    // Naming a service makes its profiles active.
    assert_eq!(of("config debug"), ["debug", "default"]);
    assert_eq!(here.text("config gone", &set), "status 1\n---\nerror: no such service: gone\n",);
}
