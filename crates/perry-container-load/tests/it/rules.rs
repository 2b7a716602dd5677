//! Rules the recorded cases do not reach, or that we keep better.

use perry_container_load::{Input, Loaded, Memory, Options, load, load_tree};
use snapbox::{assert_data_eq, str};

fn loaded(texts: &[&str], change: impl FnOnce(&mut Options)) -> Loaded {
    let mut options = Options::new("/p");
    change(&mut options);
    let inputs: Vec<Input> = texts
        .iter()
        .enumerate()
        .map(|(number, text)| Input::yaml(format!("/p/{number}.yaml"), *text))
        .collect();
    load(&inputs, &options, &Memory::default()).unwrap()
}

fn json(loaded: &Loaded) -> String {
    serde_json::to_string(&loaded.spec.config_json()["services"]).unwrap()
}

#[test]
fn null_over_logging_keeps_it() {
    let done = loaded(
        &["services: {a: {image: x, logging: {driver: local}}}", "services: {a: {logging: null}}"],
        |_| {},
    );
    assert_eq!(done.spec.services["a"].logging.as_ref().unwrap().driver.as_deref(), Some("local"));
}

#[test]
fn ssh_keys_of_two_files_are_joined() {
    let done = loaded(
        &[
            "services: {a: {build: {context: ., ssh: [default]}}}",
            "services: {a: {build: {ssh: [git=~/.ssh/id]}}}",
        ],
        |options| options.env.set("HOME", "/home/u"),
    );
    let keys: Vec<String> = done.spec.services["a"]
        .build
        .as_ref()
        .unwrap()
        .ssh
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(keys, ["default", "git=/home/u/.ssh/id"]);
}

#[test]
fn selection_keeps_dependencies_and_disables_the_rest() {
    let text = "services:\n  web: {image: x, depends_on: [db], networks: [front]}\n  db: {image: x}\n  other: {image: x, volumes: ['v:/v']}\n  debug: {image: x, profiles: [debug], depends_on: [web]}\nnetworks: {front: {}}\nvolumes: {v: {}}\n";
    let names = |done: &Loaded| {
        let on: Vec<&str> = done.spec.services.keys().map(String::as_str).collect();
        let off: Vec<&str> = done.disabled.keys().map(String::as_str).collect();
        let networks: Vec<&str> = done.spec.networks.keys().map(String::as_str).collect();
        format!("on {on:?} off {off:?} networks {networks:?} volumes {}", done.spec.volumes.len())
    };
    let mut out = String::new();
    for (services, dependencies) in
        [(&[][..], true), (&["web"], true), (&["web"], false), (&["debug"], true)]
    {
        let done = loaded(&[text], |options| {
            options.services = services.iter().map(|&name| name.to_owned()).collect();
            options.steps.with_dependencies = dependencies;
        });
        out += &names(&done);
        out.push('\n');
    }
    assert_data_eq!(
        out,
        str![[r#"
on ["web", "db", "other"] off ["debug"] networks ["front", "default"] volumes 0
on ["web", "db"] off ["debug", "other"] networks ["front", "default"] volumes 0
on ["web"] off ["debug", "db", "other"] networks ["front"] volumes 0
on ["web", "db", "debug"] off ["other"] networks ["front", "default"] volumes 0

"#]]
    );
}

#[test]
fn a_file_without_interpolation_keeps_its_variables() {
    let text = "services:\n  web:\n    image: x:${TAG}\n    ports: [\"${PORT}:80\", 443]\n    scale: ${N}\n";
    let mut options = Options::new("/p");
    options.steps.interpolate = false;
    options.steps.normalize = false;
    options.steps.resolve_paths = false;
    let tree = load_tree(&[Input::yaml("/p/c.yaml", text)], &options, &Memory::default()).unwrap();
    assert_data_eq!(
        perry_container_yaml::to_yaml(&tree.root),
        str![[r#"
services:
  web:
    image: x:${TAG}
    ports:
      - ${PORT}:80
      - 443
    scale: ${N}

"#]]
    );
}

#[test]
fn includes_have_an_environment_and_a_directory_of_their_own() {
    let files: Memory = [
        ("/p/sub/compose.yaml", "name: ignored\nservices:\n  part:\n    image: p:${TAG}\n    volumes: ['./d:/d']\n    environment: [TAG, UP]\n    env_file: e\n"),
        ("/p/sub/.env", "TAG=sub\nUP=sub\n"),
        ("/p/sub/e", "E=1\n"),
        ("/p/other.env", "TAG=other\n"),
    ]
    .into_iter()
    .collect();
    let mut out = String::new();
    for include in
        ["sub/compose.yaml", "{path: sub/compose.yaml, env_file: other.env, project_directory: x}"]
    {
        let text =
            format!("include: [{include}]\nservices: {{main: {{image: m, depends_on: [part]}}}}\n");
        let mut options = Options::new("/p");
        options.env.set("UP", "parent");
        options.steps.resolve_env = include.starts_with("sub");
        let done = load(&[Input::yaml("/p/c.yaml", text)], &options, &files).unwrap();
        out += &serde_json::to_string(&done.spec.config_json()["services"]["part"]).unwrap();
        out.push('\n');
    }
    assert_data_eq!(
        out,
        str![[r#"
{"command":null,"entrypoint":null,"environment":{"E":"1","TAG":"sub","UP":"parent"},"image":"p:sub","networks":{"default":null},"volumes":[{"type":"bind","source":"/p/sub/d","target":"/d","bind":{"create_host_path":true}}]}
{"command":null,"entrypoint":null,"environment":{"TAG":"other","UP":"parent"},"env_file":["/p/x/e"],"image":"p:other","networks":{"default":null},"volumes":[{"type":"bind","source":"/p/x/d","target":"/d","bind":{"create_host_path":true}}]}

"#]]
    );
}

#[test]
fn documents_of_one_file_are_merged_and_reset() {
    let done = loaded(
        &[
            "services:\n  a:\n    image: x\n    ports: ['80:80']\n    environment: {A: 1, B: 2}\n---\nservices:\n  a:\n    ports: !override ['81:81']\n    environment: {B: !reset null, C: 3}\n",
        ],
        |_| {},
    );
    assert_data_eq!(
        json(&done),
        str![[
            r#"{"a":{"command":null,"entrypoint":null,"environment":{"A":"1","C":"3"},"image":"x","networks":{"default":null},"ports":[{"mode":"ingress","target":81,"published":"81","protocol":"tcp"}]}}"#
        ]]
    );
}

#[test]
fn extends_of_other_files_resolves_paths_there() {
    let files: Memory = [
        ("/p/common/base.yaml", "services:\n  base:\n    extends: {file: ../root.yaml, service: root}\n    volumes: ['./d:/d']\n    build: {context: ctx}\n"),
        ("/p/root.yaml", "services:\n  root: {env_file: r.env, labels: {l: '1'}}\n"),
        ("/p/r.env", "R=1\n"),
    ]
    .into_iter()
    .collect();
    let text = "services:\n  web: {extends: {file: common/base.yaml, service: base}, image: w}\n  db: {extends: {file: common/base.yaml, service: base}}\n";
    let done = load(&[Input::yaml("/p/c.yaml", text)], &Options::new("/p"), &files).unwrap();
    assert_data_eq!(
        json(&done),
        str![[
            r#"{"db":{"build":{"context":"/p/common/ctx","dockerfile":"Dockerfile"},"command":null,"entrypoint":null,"environment":{"R":"1"},"labels":{"l":"1"},"networks":{"default":null},"volumes":[{"type":"bind","source":"/p/common/d","target":"/d","bind":{"create_host_path":true}}]},"web":{"build":{"context":"/p/common/ctx","dockerfile":"Dockerfile"},"command":null,"entrypoint":null,"environment":{"R":"1"},"image":"w","labels":{"l":"1"},"networks":{"default":null},"volumes":[{"type":"bind","source":"/p/common/d","target":"/d","bind":{"create_host_path":true}}]}}"#
        ]]
    );
}
