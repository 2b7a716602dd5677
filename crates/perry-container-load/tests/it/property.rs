use perry_container_load::{Input, Memory, Options, load};
use proptest::prelude::*;

const SEEDS: [&str; 4] = [
    "name: p\nservices:\n  web:\n    image: x:${TAG:-1}\n    command: run 'a b'\n    ports: [\"80:80\", {target: 1, published: 2-3}]\n    volumes: ['./a:/b:ro', 'v:/v', {type: tmpfs, target: /t, tmpfs: {size: 1m}}]\n    depends_on: {db: {condition: service_healthy}}\n    networks: {front: {aliases: [a]}}\n    environment: [A=1, B]\n    env_file: [e, {path: f, required: false}]\n  db:\n    build: {context: ., args: {A: 1}, ssh: [default]}\n    healthcheck: {test: echo, interval: 1m30s}\n    deploy: {resources: {limits: {cpus: '0.5', memory: 1g}}}\nnetworks: {front: {driver: bridge}}\nvolumes: {v: }\n",
    "include: [i.yaml, {path: [i.yaml], env_file: e}]\nservices:\n  a: {extends: {file: i.yaml, service: i}, secrets: [s], configs: [{source: c, mode: 0440}]}\nsecrets: {s: {environment: S}}\nconfigs: {c: {content: \"x\"}}\n",
    "x-c: &c {restart: always, logging: {driver: none}}\nservices:\n  a: {<<: *c, image: x, extra_hosts: [h=1.2.3.4], ulimits: {nofile: 5, core: {soft: 1, hard: 2}}, gpus: all}\n---\nservices: {a: {ports: !override [80], labels: !reset {}}}\n",
    "{\"services\": {\"a\": {\"image\": \"x\", \"develop\": {\"watch\": [{\"path\": \".\", \"action\": \"sync\", \"target\": \"/x\"}]}}}}",
];

fn files() -> Memory {
    [("/p/i.yaml", "services: {i: {image: i}}\n"), ("/p/e", "E=1\n")].into_iter().collect()
}

/// Words that make a difference somewhere.
const WORDS: [&str; 24] = [
    "null",
    "[]",
    "{}",
    "-1",
    "'x'",
    "${",
    "$V",
    ": ",
    "- ",
    "!reset ",
    "!override ",
    "*c",
    "<<: ",
    "extends: a",
    "true",
    "1e400",
    "\"\"",
    "services: ",
    "\n  ",
    "external: true",
    "2024-01-02",
    "x-y: ",
    "profiles: [p]",
    "/",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn mutated_projects_load_or_are_refused(
        seed in 0..SEEDS.len(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..WORDS.len(), 0..12usize), 1..5),
        interpolate in any::<bool>(),
    ) {
        let mut chars: Vec<char> = SEEDS[seed].chars().collect();
        for (at, word, cut) in edits {
            let at = at.index(chars.len().max(1));
            let end = (at + cut).min(chars.len());
            chars.splice(at.min(end)..end, WORDS[word].chars());
        }
        let text: String = chars.into_iter().collect();
        let mut options = Options::new("/p");
        options.steps.interpolate = interpolate;
        match load(&[Input::yaml("/p/compose.yaml", text)], &options, &files()) {
            Ok(loaded) => {
                // What came out goes in again and stays as it is.
                let json = serde_json::to_string(&loaded.spec.config_json()).unwrap();
                prop_assume!(interpolate);
                let mut again = options.clone();
                again.steps.all_resources = true;
                again.project_name = Some(loaded.name.clone());
                let second = load(&[Input::json("/p/compose.yaml", json.clone())], &again, &files());
                if let Ok(second) = second {
                    prop_assert_eq!(serde_json::to_string(&second.spec.config_json()).unwrap(), json);
                }
            }
            Err(error) => {
                prop_assert!(!error.problems().is_empty());
                drop(error.to_string());
            }
        }
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn merging_a_file_with_nothing_changes_nothing(seed in 0..SEEDS.len()) {
        let options = Options::new("/p");
        let one = Input::yaml("/p/compose.yaml", SEEDS[seed]);
        let nothing = Input::yaml("/p/nothing.yaml", "services: {}\n");
        let alone = load(std::slice::from_ref(&one), &options, &files()).map(|loaded| loaded.spec);
        let both = load(&[one, nothing], &options, &files()).map(|loaded| loaded.spec);
        prop_assert_eq!(alone.map_err(|error| error.to_string()), both.map_err(|error| error.to_string()));
    }
}
