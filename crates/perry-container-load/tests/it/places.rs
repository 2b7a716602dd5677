//! Where values were written, after everything that happened to them.

use perry_container_load::{Input, Loaded, Memory, Options, load, load_variables};
use snapbox::{assert_data_eq, str};

fn places(loaded: &Loaded, paths: &[&str]) -> String {
    let mut out = String::new();
    for path in paths {
        let place =
            loaded.place(path).map_or_else(|| "nowhere".to_owned(), |place| place.to_string());
        out = out + path + " " + &place + "\n";
    }
    out
}

#[test]
fn places_survive_merging_and_canonical_form() {
    let files: Memory = [
        ("/p/base.yaml", "services:\n  base:\n    image: base\n    labels: [a=1]\n"),
        ("/p/part.yaml", "services:\n  part:\n    image: part\n"),
        ("/p/app.env", "FROM_FILE=1\n"),
    ]
    .into_iter()
    .collect();
    let inputs = [
        Input::yaml(
            "/p/compose.yaml",
            "x-common: &c\n  restart: always\ninclude: [part.yaml]\nservices:\n  web:\n    <<: *c\n    extends: {file: base.yaml, service: base}\n    ports:\n      - \"80\"\n      - 8080-8081:80-81\n    blkio_config: {weight: 5}\n    env_file: app.env\n    environment: [A=1]\n  a.b:\n    image: x\nvolumes:\n  v:\n",
        ),
        Input::yaml(
            "/p/over.yaml",
            "services:\n  web:\n    environment:\n      B: 2\n    command: a b\n",
        ),
    ];
    let loaded = load(&inputs, &Options::new("/p"), &files).unwrap();
    assert_data_eq!(
        places(
            &loaded,
            &[
                "services.web",
                "services.web.image",
                "services.web.restart",
                "services.web.labels.a",
                "services.web.ports.0",
                "services.web.ports.1.target",
                "services.web.ports.2",
                "services.web.blkio_config",
                "services.web.blkio_config.weight",
                "services.web.environment.A",
                "services.web.environment.B",
                "services.web.environment.FROM_FILE",
                "services.web.command.1",
                "services.web.not.there",
                "services.part.image",
                "services.a.b.image",
                "services.a.b",
                "volumes.v.name",
                "networks.default",
                "nothing",
            ]
        ),
        str![[r#"
services.web /p/over.yaml:2:3
services.web.image /p/base.yaml:3:12
services.web.restart /p/compose.yaml:2:12
services.web.labels.a /p/base.yaml:4:14
services.web.ports.0 /p/compose.yaml:9:9
services.web.ports.1.target /p/compose.yaml:10:9
services.web.ports.2 /p/compose.yaml:10:9
services.web.blkio_config /p/compose.yaml:11:5
services.web.blkio_config.weight /p/compose.yaml:11:28
services.web.environment.A /p/compose.yaml:13:19
services.web.environment.B /p/over.yaml:4:10
services.web.environment.FROM_FILE /p/compose.yaml:12:15
services.web.command.1 /p/over.yaml:5:14
services.web.not.there /p/over.yaml:2:3
services.part.image /p/part.yaml:3:12
services.a.b.image /p/compose.yaml:15:12
services.a.b /p/compose.yaml:14:3
volumes.v.name /p/compose.yaml:17:3
networks.default nowhere
nothing nowhere

"#]]
    );
}

#[test]
fn warnings_know_their_places() {
    let text = "version: '3'\nservices:\n  web:\n    image: x${NOPE}\n    privileged: \"yes\"\n    user: $NOPE\nvolumes:\n  v: {external: {name: w}}\n";
    let loaded =
        load(&[Input::yaml("/p/compose.yaml", text)], &Options::new("/p"), &Memory::default())
            .unwrap();
    let warnings: Vec<String> = loaded.warnings.iter().map(ToString::to_string).collect();
    assert_data_eq!(
        warnings.join("\n"),
        str![[r#"
/p/compose.yaml:4:12: The "NOPE" variable is not set. Defaulting to a blank string.
/p/compose.yaml:5:17: "yes" for boolean is not supported by YAML 1.2, please use `true`
/p/compose.yaml:1:1: the attribute `version` is obsolete, it will be ignored, please remove it
/p/compose.yaml:8:24: volumes.v: external.name is deprecated. Please set name and external: true
"#]]
    );
    let names: Vec<&str> = loaded.variables.iter().map(|variable| variable.name.as_str()).collect();
    assert_eq!(names, ["NOPE"]);
}

#[test]
fn what_nobody_can_have_meant_is_said() {
    let text = "\
services:
  a:
    image: !img x
    extends: {service: b, servce: c}
    restart: bogus
    stop_signal: SIGTREM
    mem_limit: 1e9
    healthcheck: {test: x, retries: 1.5}
    deploy: {mode: global}
    ports: [{target: 80, protocol: tpc, mode: hots}]
    volumes: ['v1:/a:roo', 'v:/b:ro', './s:/c:ro,z']
    gpus: [{cont: 1}]
  b: {image: y, restart: 'on-failure:3', stop_signal: RTMIN+3, deploy: {mode: globl}}
volumes: {v1: }
include: [{path: [], porject_directory: x}]
";
    let loaded =
        load(&[Input::yaml("/p/compose.yaml", text)], &Options::new("/p"), &Memory::default())
            .unwrap();
    let restart = serde_json::to_value(&loaded.spec.services["a"].restart).unwrap();
    assert_eq!(restart, "bogus");
    let warnings: Vec<String> = loaded.warnings.iter().map(ToString::to_string).collect();
    assert_data_eq!(
        warnings.join("\n"),
        str![[r#"
/p/compose.yaml:3:12: services.a.image: the tag `!img` is not known and is ignored
/p/compose.yaml:4:27: services.a.extends.servce: unknown property `servce` is ignored
/p/compose.yaml:15:22: include.0: unknown property `porject_directory` is ignored
/p/compose.yaml:15:11: include.0: names no file and is ignored
/p/compose.yaml:11:15: services.a.volumes.0: the option "roo" of "v1:/a:roo" is ignored
/p/compose.yaml:11:28: services.a.volumes.1: "v:/b" in "v:/b:ro" is read as a path on a Windows drive; a volume's name needs two letters here
/p/compose.yaml:5:14: services.a.restart: "bogus" is nothing that is known here (no, always, on-failure, unless-stopped)
/p/compose.yaml:6:18: services.a.stop_signal: "SIGTREM" is nothing that is known here (a name such as SIGTERM, or a number)
/p/compose.yaml:10:36: services.a.ports.0.protocol: "tpc" is nothing that is known here (tcp, udp, sctp)
/p/compose.yaml:10:47: services.a.ports.0.mode: "hots" is nothing that is known here (ingress, host)
/p/compose.yaml:13:79: services.b.deploy.mode: "globl" is nothing that is known here (replicated, global, replicated-job, global-job)
/p/compose.yaml:12:13: services.a.gpus.0: unknown property `cont` is ignored
/p/compose.yaml:7:16: services.a.mem_limit: 1000000000 is read as 0; write a whole number, or a text such as "1g"
/p/compose.yaml:8:37: services.a.healthcheck.retries: 1.5 is read as 1
"#]]
    );
}

#[test]
fn json_specs_have_places() {
    let text = "{\n  \"services\": {\n    \"web\": {\"image\": \"x:${TAG:-1}\", \"ports\": [\"80:99999\"]}\n  }\n}";
    let error =
        load(&[Input::json("spec", text)], &Options::new("/p"), &Memory::default()).unwrap_err();
    assert_data_eq!(
        error.to_string(),
        str![[
            r#"spec:3:47: services.web.ports.0: invalid port "80:99999": invalid container port "99999" (write `[[ip:]host:]container[/protocol]`, such as "8080:80")"#
        ]]
    );
}

#[test]
fn variables_are_listed_though_required_ones_are_unset() {
    let text = "services:\n  web: {image: \"x:${TAG:?set it}\", scale: \"${N:-2}\", ports: [\"${PORT}:80\"]}\n";
    let input = Input::yaml("/p/compose.yaml", text);
    let variables = load_variables(&[input], &Options::new("/p"), &Memory::default()).unwrap();
    let shown: Vec<String> =
        variables.iter().map(|v| format!("{} {:?} {}", v.name, v.default, v.required)).collect();
    assert_eq!(shown, ["TAG \"\" true", "N \"2\" false", "PORT \"\" false"]);
}

#[test]
fn debug_shows_no_values() {
    let text = "services: {web: {image: x, environment: {PASSWORD: hunter2}}}";
    let input = Input::yaml("/p/compose.yaml", text);
    let shown = format!(
        "{input:?}{:?}",
        load(std::slice::from_ref(&input), &Options::new("/p"), &Memory::default())
    );
    assert!(!shown.contains("hunter2"), "{shown}");
}
