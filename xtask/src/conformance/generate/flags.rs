//! Every flag and every listing mode of `config`, on projects that have something for each.

use super::{case, modes, words};
use crate::conformance::case::Case;

const SHOP: &str = "\
name: ${NAME:-shop}
x-common: &common
  restart: unless-stopped
  x-note: kept in yaml
services:
  web:
    <<: *common
    build: {context: ./web, args: {REV: , TOKEN: $TOKEN}}
    ports: [\"${PORT:-8080}:80\", \"9000-9001:9000-9001\"]
    env_file: [./web.env, {path: ./gone.env, required: false}]
    environment: {MODE: $MODE, PASSED: , PRICE: 5$$}
    label_file: ./web.labels
    volumes: [./src:/src, data:/data, ~/.cache:/cache]
    depends_on: [db]
    networks: {front: {aliases: [w]}, back: }
    secrets: [token]
    configs: [{source: site, target: /site, mode: 0440}]
    models: [llm]
  db:
    image: postgres:${PG_VERSION:?set PG_VERSION}
    volumes: [\"data:/var/lib\"]
    networks: [back]
    scale: 2
  job:
    image: job
    profiles: [jobs, nightly]
    links: [db]
  worker:
    image: worker
    profiles: [jobs]
    network_mode: service:web
    deploy: {replicas: 3}
networks:
  front:
  back: {internal: true, driver_opts: {a: 1}}
  unused: {}
volumes:
  data: {labels: {keep: \"yes\"}}
  spare: {}
secrets:
  token: {environment: TOKEN}
  other: {file: ./other}
configs:
  site: {content: \"mode=$MODE\"}
models:
  llm: {model: ai/small, context_size: 1024}
  big: {model: ai/big}
x-top: {a: [\"$MODE\", 1, null]}
";

const PLAIN: &str = "services: {one: {image: x}, two: {build: .}}\n";

const ODD: &str = "\
services:
  a: {image: x, networks: [gone], volumes: [gone:/x], depends_on: {nobody: {condition: service_started}}}
";

const VIEWS: [&str; 14] = [
    "json",
    "yaml",
    "quiet",
    "services",
    "volumes",
    "networks",
    "models",
    "profiles",
    "images",
    "hash",
    "hash=web",
    "environment",
    "variables",
    "variables-json",
];

pub(super) fn cases() -> Vec<Case> {
    let mut all = Vec::new();
    let variants: [(&str, &[&str], &[&str]); 16] = [
        ("none", &[], &[]),
        ("no-interpolate", &[], &["--no-interpolate"]),
        ("no-normalize", &[], &["--no-normalize"]),
        ("no-path-resolution", &[], &["--no-path-resolution"]),
        ("no-consistency", &[], &["--no-consistency"]),
        ("no-env-resolution", &[], &["--no-env-resolution"]),
        (
            "nothing-done",
            &[],
            &[
                "--no-interpolate",
                "--no-normalize",
                "--no-path-resolution",
                "--no-consistency",
                "--no-env-resolution",
            ],
        ),
        ("raw-paths", &[], &["--no-interpolate", "--no-path-resolution"]),
        ("raw-names", &[], &["--no-interpolate", "--no-normalize"]),
        ("service", &[], &["db"]),
        ("service-with-needs", &[], &["web"]),
        ("service-disabled", &[], &["job"]),
        ("service-unknown", &[], &["gone"]),
        ("profile", &["--profile", "nightly"], &[]),
        ("profile-all", &["--profile", "*"], &[]),
        ("all-resources", &["--all-resources"], &[]),
    ];
    for (name, args, config_args) in variants {
        for view in VIEWS {
            let mut case = shop(&format!("flags-{name}-{}", view.replace('=', "-")), view);
            case.args = words(args);
            case.config_args = words(config_args);
            all.push(case);
        }
    }
    for (name, text) in [("plain", PLAIN), ("odd", ODD)] {
        for view in VIEWS.iter().filter(|view| **view != "hash=web") {
            let id = format!("flags-{name}-{view}");
            let mut made = case(id, &["flags", "view"], &[("compose.yaml", text)]);
            made.expect = modes(&[view]);
            all.push(made);
        }
    }
    for view in ["json", "yaml", "quiet"] {
        for flag in ["--no-consistency", "--no-normalize"] {
            let id = format!("flags-odd{flag}-{view}").replace("--", "-");
            let mut made = case(id, &["flags", "view"], &[("compose.yaml", ODD)]);
            made.config_args = words(&[flag]);
            made.expect = modes(&[view]);
            all.push(made);
        }
    }
    for (name, config_args) in [
        ("format-json", ["--format", "json"]),
        ("format-yaml", ["--format", "yaml"]),
        ("format-toml", ["--format", "toml"]),
        ("format-upper", ["--format", "JSON"]),
    ] {
        // JSON is compared as a value elsewhere; here to the letter.
        let mut case = shop(&format!("flags-{name}"), "yaml");
        case.config_args = words(&config_args);
        all.push(case);
    }
    // Without what `web` and `db` need.
    for view in VIEWS {
        let mut case = shop(&format!("flags-unset-{}", view.replace('=', "-")), view);
        case.env.clear();
        all.push(case);
        let mut case = shop(&format!("flags-unset-raw-{}", view.replace('=', "-")), view);
        case.env.clear();
        case.config_args = words(&["--no-interpolate"]);
        all.push(case);
    }
    all
}

fn shop(id: &str, view: &str) -> Case {
    let files = [
        ("compose.yaml", SHOP),
        ("web.env", "A=1\nB=$MODE-$A\nMODE=file\n"),
        ("web.labels", "l=1\n"),
        (".env", "NAME=from-dotenv\nPORT=9090\n"),
        ("other", "o"),
    ];
    let mut case = case(id, &["flags", "view"], &files);
    for (name, value) in [("MODE", "dev"), ("TOKEN", "t0p"), ("PG_VERSION", "16"), ("PASSED", "p")]
    {
        case.env.insert(name.to_owned(), value.to_owned());
    }
    case.expect = modes(&[view]);
    case
}
