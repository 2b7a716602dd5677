//! What is refused, with the words people see.

use perry_container_load::{Input, Memory, Options, ProblemKind, load};
use snapbox::{assert_data_eq, str};

fn refused(text: &str) -> String {
    refused_with(text, &Memory::default())
}

fn refused_with(text: &str, files: &Memory) -> String {
    let input = Input::yaml("/p/compose.yaml", text);
    match load(&[input], &Options::new("/p"), files) {
        Ok(_) => "accepted\n".to_owned(),
        Err(error) => format!("{error}\n"),
    }
}

fn all(texts: &[&str]) -> String {
    texts.iter().map(|text| refused(text)).collect()
}

#[test]
fn unknown_properties_name_the_nearest_known_one() {
    assert_data_eq!(
        all(&[
            "services:\n  web:\n    imagge: x\n",
            "services:\n  web:\n    image: x\n    enviroment: {A: 1}\n",
            "services:\n  web:\n    image: x\n    foo: 1\n",
            "service:\n  web: {image: x}\n",
            "services:\n  web:\n    image: x\n    healthcheck: {test: x, intervall: 5s}\n",
            "services:\n  web:\n    image: x\n    ports: [{traget: 80}]\n",
            "services:\n  'my web': {image: x}\n",
        ]),
        str![[r#"
/p/compose.yaml:3:5: services.web: additional property `imagge` is not allowed (did you mean `image`?)
/p/compose.yaml:4:5: services.web: additional property `enviroment` is not allowed (did you mean `environment`?)
/p/compose.yaml:4:5: services.web: additional property `foo` is not allowed (no such property is known; name your own with `x-` in front)
/p/compose.yaml:1:1: additional property `service` is not allowed (did you mean `services`?)
/p/compose.yaml:4:28: services.web.healthcheck: additional property `intervall` is not allowed (did you mean `interval`?)
/p/compose.yaml:4:13: services.web.ports.0: a target port is missing (add `target: 80`)
/p/compose.yaml:2:3: services: additional property `my web` is not allowed (names hold letters, digits, `.`, `_` and `-` only)

"#]]
    );
}

#[test]
fn wrong_types_say_what_would_be_right() {
    assert_data_eq!(
        all(&[
            "services:\n  web:\n    image: [x]\n",
            "services:\n  web:\n    image: 5\n",
            "services:\n  web: x\n",
            "services: [web]\n",
            "services:\n  web:\n    image: x\n    ports: 80\n",
            "services:\n  web:\n    image: x\n    environment: A=1\n",
            "services:\n  web:\n    image: x\n    environment: {A: 2024-01-02}\n",
            "services:\n  web:\n    image: x\n    command: {a: b}\n",
            "services:\n  web:\n    image: x\n    depends_on: {db: {condition: service_helthy}}\n",
            "services:\n  web:\n    image: x\n    depends_on: {db: {}}\n",
            "services:\n  web:\n    image: x\n    cap_add: [A, B, A]\n    security_opt: [a, b, a]\n",
            "services:\n  web:\n    image: x\n    oom_score_adj: 2000\n",
            "services:\n  web:\n    image: x\n    container_name: x\n",
            "services:\n  web:\n    image: x\n    volumes: [{type: bnd, target: /x}]\n",
            "- a\n",
            "services:\n  web:\n    image:\n",
        ]),
        str![[r#"
/p/compose.yaml:3:12: services.web.image: must be a string, found a list
/p/compose.yaml:3:12: services.web.image: must be a string, found an integer (put it in quotes)
/p/compose.yaml:2:8: services.web: must be a mapping, found a string (write `name: value` on the lines below, indented)
/p/compose.yaml:1:11: services: must be a mapping, found a list (write `name: value`, without `- `)
/p/compose.yaml:4:12: services.web.ports: must be a list, found an integer (write a list: `[value]`, or `- value` on a line of its own)
/p/compose.yaml:4:18: services.web.environment: must be a mapping or a list, found a string (write a list: `[value]`, or `- value` on a line of its own)
/p/compose.yaml:4:22: services.web.environment.A: must be a string, a number, a boolean or null, found a timestamp (put it in quotes: "2024-01-02")
/p/compose.yaml:4:14: services.web.command: must be null, a string or a list, found a mapping (begin each item with `- `)
/p/compose.yaml:4:34: services.web.depends_on.db.condition: "service_helthy" is not allowed here (did you mean `service_healthy`?)
/p/compose.yaml:4:22: services.web.depends_on.db: the property `condition` is missing
/p/compose.yaml:5:26: services.web.security_opt: items at 0 and 2 are equal
/p/compose.yaml:4:20: services.web.oom_score_adj: must not be more than 1000
/p/compose.yaml:4:21: services.web.container_name: "x" is not allowed here (write two or more letters, digits, `_`, `.` or `-`, beginning with a letter or digit)
/p/compose.yaml:4:22: services.web.volumes.0.type: "bnd" is not allowed here (did you mean `bind`?)
/p/compose.yaml:1:1: top-level object must be a mapping, found a list (begin with `services:`)
/p/compose.yaml:3:10: services.web.image: must be a string, found nothing

"#]]
    );
}

#[test]
fn several_problems_come_together() {
    assert_data_eq!(
        refused(
            "services:\n  web:\n    imagge: x\n    ports: 80\n  db:\n    image: 5\nvolumes:\n  v: {drivr: x}\n"
        ),
        str![[r#"
/p/compose.yaml:3:5: services.web: additional property `imagge` is not allowed (did you mean `image`?)
/p/compose.yaml:4:12: services.web.ports: must be a list, found an integer (write a list: `[value]`, or `- value` on a line of its own)
/p/compose.yaml:6:12: services.db.image: must be a string, found an integer (put it in quotes)
/p/compose.yaml:8:7: volumes.v: additional property `drivr` is not allowed (did you mean `driver`?)

"#]]
    );
    assert_data_eq!(
        refused(
            "services:\n  a: {image: \"${A:?set A}\", user: \"${B?}\", labels: {x: \"${\"}, scale: \"two\"}\n"
        ),
        str![[r#"
/p/compose.yaml:2:14: services.a.image: required variable A is missing a value: set A
/p/compose.yaml:2:35: services.a.user: required variable B is missing a value
/p/compose.yaml:2:56: services.a.labels.x: invalid interpolation format: "${" (write `${NAME}` or `${NAME:-default}`; escape any other $ with another $)
/p/compose.yaml:2:70: services.a.scale: "two" is no whole number (write digits only)

"#]]
    );
}

#[test]
fn values_that_are_none() {
    assert_data_eq!(
        all(&[
            "services:\n  web:\n    image: x\n    ports: [\"a:80\", \"80-81:8080-8082\", 80.5]\n",
            "services:\n  web:\n    image: x\n    volumes: [\"/a:/b:ro:rw\"]\n",
            "services:\n  web:\n    image: x\n    mem_limit: 5q\n",
            "services:\n  web:\n    image: x\n    stop_grace_period: '10'\n",
            "services:\n  web:\n    image: x\n    command: \"echo 'x\"\n",
            "services:\n  web:\n    image: x\n    extra_hosts: [foo]\n",
            "services:\n  web:\n    image: x\n    devices: ['a:b:c:d']\n",
            "services:\n  web:\n    image: x\n    healthcheck: {test: [echo, x]}\n",
            "services:\n  web:\n    image: x\n    volumes: [{type: bind, target: /x}]\n",
            "services:\n  web:\n    image: x\n    mem_limit: '-1'\n",
        ]),
        str![[r#"
/p/compose.yaml:4:13: services.web.ports.0: invalid port "a:80": invalid host port "a" (write `[[ip:]host:]container[/protocol]`, such as "8080:80")
/p/compose.yaml:4:21: services.web.ports.1: invalid port "80-81:8080-8082": 8080-8082 and 80-81 are ranges of different length (write `[[ip:]host:]container[/protocol]`, such as "8080:80")
/p/compose.yaml:4:40: services.web.ports.2: invalid port (write a whole number, or put the text in quotes)
/p/compose.yaml:4:15: services.web.volumes.0: invalid volume "/a:/b:ro:rw": too many colons (write `[source:]target[:options]`, such as "./data:/data:ro")
/p/compose.yaml:4:16: services.web.mem_limit: invalid suffix: `q`
/p/compose.yaml:4:24: services.web.stop_grace_period: missing unit in duration `10`
/p/compose.yaml:4:14: services.web.command: invalid command line: "echo 'x" (close every quote)
/p/compose.yaml:4:5: services.web.extra_hosts: invalid additional host `foo`, expected `name=address`
/p/compose.yaml:4:15: services.web.devices.0: confusing device mapping "a:b:c:d" (use the long form: source, target, permissions)
/p/compose.yaml:4:19: services.web.healthcheck.test: must not begin with "echo" (begin with CMD, CMD-SHELL or NONE, or write one text)
/p/compose.yaml:4:15: services.web.volumes.0: a bind mount needs a source (add `source: ./path`)
/p/compose.yaml:4:16: services.web.mem_limit: invalid size "-1" (write -1 without quotes)

"#]]
    );
}

#[test]
fn references_and_contradictions() {
    assert_data_eq!(
        all(&[
            "services:\n  web: {}\n",
            "services:\n  web: {image: x, networks: [front], volumes: ['data:/d'], secrets: [s], configs: [c], depends_on: [db]}\n",
            "services:\n  web: {image: x, network_mode: host, networks: [default]}\n",
            "services:\n  web: {image: x, container_name: ab, scale: 2}\n  db: {image: x, container_name: ab}\n",
            "services:\n  web: {image: x, volumes: ['/a:/x', '/b:/y'], tmpfs: /y}\n",
            "services:\n  web: {image: x, mem_limit: 1g, deploy: {resources: {limits: {memory: 2g}}}}\n",
            "services:\n  web: {image: x, depends_on: [db]}\n  db: {image: x, profiles: [debug]}\n",
            "services:\n  web: {image: x}\nsecrets: {s: {}}\nvolumes: {v: {external: true, driver: local}}\nconfigs: {c: {file: a, content: b}}\n",
            "services:\n  web: {image: x, build: {context: ., dockerfile_inline: FROM x, dockerfile: y}}\n",
            "services:\n  web: {image: x, network_mode: 'service:gone'}\n",
        ]),
        str![[r#"
/p/compose.yaml:2:3: services.web: has neither an image nor a build context (add `image: name` or `build: ./directory`)
/p/compose.yaml:2:30: services.web.networks.front: refers to undefined network `front` (define it at the top level: `networks: {front: {}}`)
/p/compose.yaml:2:48: services.web.volumes.0: refers to undefined volume `data` (define it at the top level: `volumes: {data: {}}`)
/p/compose.yaml:2:70: services.web.secrets.0: refers to undefined secret `s` (define it at the top level: `secrets: {s: {}}`)
/p/compose.yaml:2:84: services.web.configs.0: refers to undefined config `c` (define it at the top level: `configs: {c: {}}`)
/p/compose.yaml:2:101: services.web.depends_on.db: depends on undefined service `db`
/p/compose.yaml:2:33: services.web.network_mode: `network_mode` and `networks` exclude each other
/p/compose.yaml:2:35: services.web.container_name: a service with `container_name` cannot have several containers (remove `container_name`, or the scale)
/p/compose.yaml:3:34: services.db.container_name: container name `ab` is in use by service `web`
/p/compose.yaml:2:38: services.web.volumes.1: target /y is already mounted by services.web.tmpfs.0
/p/compose.yaml:2:30: services.web.mem_limit: `mem_limit` and `deploy.resources.limits.memory` must not differ
/p/compose.yaml:2:32: services.web.depends_on.db: depends on service `db`, which is not enabled (activate one of its profiles (debug), or say `required: false`)
/p/compose.yaml:4:31: volumes.v: conflicting parameters `external` and `driver` (an external volume is used as it is)
/p/compose.yaml:5:11: configs.c: file, environment, content exclude each other
/p/compose.yaml:3:11: secrets.s: one of file, environment must be set
/p/compose.yaml:2:58: services.web.build.dockerfile_inline: `dockerfile` and `dockerfile_inline` exclude each other
/p/compose.yaml:2:33: services.web.depends_on.gone: depends on undefined service `gone`

"#]]
    );
}

#[test]
fn a_cycle_is_shown_as_a_path() {
    let text = "services:\n  a: {image: x, depends_on: [b]}\n  b: {image: x, depends_on: [c]}\n  c: {image: x, links: [a]}\n  d: {image: x}\n";
    assert_data_eq!(
        refused(text),
        str![[r#"
/p/compose.yaml:2:30: services.a.depends_on.b: dependency cycle: a -> b -> c -> a

"#]]
    );
    let input = Input::yaml("/p/compose.yaml", text);
    let error = load(&[input], &Options::new("/p"), &Memory::default()).unwrap_err();
    assert_eq!(error.kind(), ProblemKind::Cycle);
}

#[test]
fn texts_that_are_no_yaml() {
    assert_data_eq!(
        all(&[
            "services:\n  web: {image: x\n",
            "services:\n\tweb: x\n",
            "a: 1\nb: 2\na: 3\n",
            "",
            "x: *y\n",
            "5: a\n",
            "# nothing\n"
        ]),
        str![[r#"
/p/compose.yaml:3:1: while parsing a flow mapping, did not find expected ',' or '}'
/p/compose.yaml:2:2: tabs disallowed within this context (block indentation)
/p/compose.yaml:3:1: mapping key "a" already defined at line 1
empty compose file (a project needs `services:`)
/p/compose.yaml:1:4: unknown anchor 'y' referenced
/p/compose.yaml:1:1: non-string key at top level: 5
empty compose file (a project needs `services:`)

"#]]
    );
}

#[test]
fn files_that_are_not_there() {
    let files: Memory = [
        ("/p/base.yaml", "services:\n  base: {image: x}\n"),
        ("/p/loop.yaml", "include: [compose.yaml]\n"),
        ("/p/empty.yaml", "volumes: {}\n"),
        ("/p/bad.env", "A B=1\n"),
        ("/p/dir/x", ""),
    ]
    .into_iter()
    .collect();
    let texts = [
        "services:\n  web: {extends: {service: a, file: gone.yaml}}\n",
        "services:\n  web: {extends: {service: a, file: base.yaml}}\n",
        "services:\n  web: {extends: {service: a, file: empty.yaml}}\n",
        "services:\n  web: {extends: gone}\n",
        "services:\n  web: {image: x, extends: db}\n  db: {extends: web}\n",
        "include: [gone.yaml]\nservices: {web: {image: x}}\n",
        "include: [loop.yaml]\nservices: {web: {image: x}}\n",
        "include: base.yaml\n",
        "include: [base.yaml]\nservices: {base: {image: y}}\n",
        "services:\n  web: {image: x, env_file: gone.env}\n",
        "services:\n  web: {image: x, env_file: bad.env}\n",
        "services:\n  web: {image: x, env_file: dir}\n",
        "services:\n  web: {image: x, env_file: [{path: bad.env, format: toml}]}\n",
        "services:\n  web: {image: x, label_file: gone}\n",
        "include: ['https://example.com/compose.yaml']\nservices: {web: {image: x}}\n",
        "services:\n  web: {extends: {service: a, file: 'git@example.com:a.git'}}\n",
    ];
    let out: String = texts.iter().map(|text| refused_with(text, &files)).collect();
    assert_data_eq!(
        out,
        str![[r#"
/p/compose.yaml:2:37: services.web.extends.file: /p/gone.yaml does not exist
/p/compose.yaml:2:18: services.web.extends: cannot extend service `a`: /p/base.yaml has none (it has base)
/p/compose.yaml:2:37: services.web.extends.file: /p/empty.yaml has no services section
/p/compose.yaml:2:18: services.web.extends: cannot extend service `gone`: /p/compose.yaml has none (it has web)
/p/compose.yaml:2:28: services.web.extends: circular reference: web in /p/compose.yaml extends db in /p/compose.yaml extends web in /p/compose.yaml
/p/compose.yaml:1:11: include.0: cannot read /p/gone.yaml: no such file or directory
/p/loop.yaml:1:11: include.0: include cycle: /p/compose.yaml includes /p/loop.yaml includes /p/compose.yaml
/p/compose.yaml:1:1: include: must be a list, found a string (write `- path/to/compose.yaml`)
/p/compose.yaml:2:12: services.base: conflicts with the included one of the same name (an override file given with -f may change what was included)
/p/compose.yaml:2:29: services.web.env_file.0: env file /p/gone.env not found (create it, or say `required: false`)
/p/compose.yaml:2:29: services.web.env_file.0: failed to read /p/bad.env: line 1: key cannot contain a space
/p/compose.yaml:2:29: services.web.env_file.0: failed to read /p/dir: is a directory
/p/compose.yaml:2:30: services.web.env_file.0: unsupported env_file format "toml" (leave it out, or write `raw`)
/p/compose.yaml:2:31: services.web.label_file.0: label file /p/gone not found
/p/compose.yaml:1:11: include.0: https://example.com/compose.yaml is no file of this machine (fetch it first and name the file)
/p/compose.yaml:2:37: services.web.extends.file: git@example.com:a.git is no file of this machine (fetch it first and name the file)

"#]]
    );
}

#[test]
fn what_a_merge_would_swallow_is_refused_in_a_second_file() {
    let first = Input::yaml(
        "/p/a.yaml",
        "services: {a: {image: x, labels: {k: v}, depends_on: [b], build: .}, b: {image: y}}\nnetworks: {n: {ipam: {config: [{subnet: 10.0.0.0/24}]}}}\n",
    );
    let overs = [
        "services: {a: {labels: {k: {l: m}}}}",
        "services: {a: {labels: true}}",
        "services: {a: {depends_on: b}}",
        "services: {a: {depends_on: [{b: c}]}}",
        "services: {a: {build: [.]}}",
        "networks: {n: {ipam: {config: {subnet: 10.0.0.0/24}}}}",
        "services: {a: {extends: {service: b, file: 1}}}",
    ];
    let refused = |over: &&str| {
        let inputs = [first.clone(), Input::yaml("/p/b.yaml", *over)];
        load(&inputs, &Options::new("/p"), &Memory::default()).unwrap_err().to_string() + "\n"
    };
    let out: String = overs.iter().map(refused).collect();
    assert_data_eq!(
        out,
        str![[r#"
/p/b.yaml:1:28: services.a.labels.k: a mapping where a single value belongs
/p/b.yaml:1:24: services.a.labels: a boolean where a list or a mapping belongs
/p/b.yaml:1:28: services.a.depends_on: a string where a list or a mapping belongs
/p/b.yaml:1:29: services.a.depends_on.0: a mapping where a name belongs
/p/b.yaml:1:23: services.a.build: a list where a mapping or a path belongs
/p/b.yaml:1:31: networks.n.ipam.config: cannot override a list with a mapping (write a list, or `!override` to replace what was there)
/p/b.yaml:1:44: services.a.extends.file: must be a string, found an integer

"#]]
    );
}

#[test]
fn merges_that_do_not_fit() {
    let inputs = [
        Input::yaml("/p/a.yaml", "services:\n  web:\n    image: x\n    ports: [\"80\"]\n"),
        Input::yaml("/p/b.yaml", "services:\n  web:\n    ports: {a: b}\n"),
    ];
    let error = load(&inputs, &Options::new("/p"), &Memory::default()).unwrap_err();
    assert_data_eq!(
        error.to_string(),
        str![
            "/p/b.yaml:3:12: services.web.ports: cannot override a list with a mapping (write a list, or `!override` to replace what was there)"
        ]
    );
    let (place, what) = error.problems()[0].related.as_ref().unwrap();
    assert_eq!(
        (place.to_string(), what.as_str()),
        ("/p/a.yaml:4:12".to_owned(), "the first value")
    );
    assert_eq!(error.files().line(place), Some("    ports: [\"80\"]"));
}

#[test]
fn names_that_are_none() {
    let load = |name: Option<&str>, directory: &str| {
        let mut options = Options::new(directory);
        options.project_name = name.map(str::to_owned);
        let input = Input::yaml("/p/compose.yaml", "services: {web: {image: x}}");
        load(&[input], &options, &Memory::default())
            .map(|loaded| loaded.name)
            .map_err(|e| e.to_string())
    };
    assert_eq!(load(None, "/srv/My.Shop"), Ok("myshop".to_owned()));
    assert_data_eq!(
        load(Some("My.Shop"), "/p").unwrap_err(),
        str![[
            r#"name: invalid project name "My.Shop" (it must consist only of lowercase alphanumeric characters, hyphens, and underscores as well as start with a letter or number)"#
        ]]
    );
    assert_data_eq!(
        load(None, "/").unwrap_err(),
        str![
            "name: project name must not be empty (give one with `name:` in the file, or with -p; only a-z, 0-9, _ and - count)"
        ]
    );
}
