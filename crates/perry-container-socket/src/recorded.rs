//! What engines answered, and what is read from it (`fixtures/engine-api`).

use crate::{
    containers::{inspected, listed},
    fault::Flavour,
    images, look,
    shape::{ImageShape, ImageSummary, Inspect, NetworkShape, PodSummary, Summary, VolumeList},
};
use perry_container_spec::{ContainerInfo, ImageInfo, State};
use proptest::prelude::*;
use serde::{Serialize, de::DeserializeOwned};
use snapbox::{IntoData as _, assert_data_eq, str};

macro_rules! recorded {
    ($name:literal) => {
        serde_json::from_str(include_str!(concat!("../../../fixtures/engine-api/", $name, ".json")))
            .unwrap()
    };
}

/// The clock of docker's list.
const NOW: i64 = 1_795_558_270;

fn same(actual: impl Into<String>, expected: snapbox::data::Inline) {
    assert_data_eq!(actual.into(), expected.raw());
}

/// Everything that does not differ from one recording to the next, a line per field.
fn text(value: &impl Serialize) -> String {
    let value = serde_json::to_value(value).unwrap();
    let lines = value
        .as_object()
        .unwrap()
        .iter()
        .filter(|(key, _)| *key != "id")
        .map(|(key, value)| format!("{key}: {value}\n"));
    lines.collect()
}

fn short(info: &ContainerInfo) -> String {
    format!(
        "{} {} {:?} {:?} created {} started {} finished {} restarts {} tty {} {:?}\n",
        info.name,
        info.state,
        info.exit_code,
        info.health,
        !info.created.is_empty(),
        !info.started.is_empty(),
        !info.finished.is_empty(),
        info.restart_count,
        info.tty,
        info.command,
    )
}

fn docker_list() -> Vec<ContainerInfo> {
    let rows: Vec<Summary> = recorded!("docker-list");
    rows.into_iter().map(|row| listed(row, None, NOW)).collect()
}

fn podman_list() -> Vec<ContainerInfo> {
    let rows: Vec<Summary> = recorded!("podman-list");
    let own: Vec<PodSummary> = recorded!("podman-own-list");
    rows.into_iter()
        .map(|row| {
            let own = own.iter().find(|own| own.id == row.id);
            listed(row, own, NOW)
        })
        .collect()
}

fn docker_inspect() -> Vec<ContainerInfo> {
    let all: Vec<Inspect> = recorded!("docker-inspect");
    all.into_iter().map(|one| inspected(one, Flavour::Docker)).collect()
}

fn podman_inspect() -> Vec<ContainerInfo> {
    let all: Vec<Inspect> = recorded!("podman-inspect");
    all.into_iter().map(|one| inspected(one, Flavour::Podman)).collect()
}

fn named<'a>(all: &'a [ContainerInfo], name: &str) -> &'a ContainerInfo {
    all.iter().find(|info| info.name == name).unwrap()
}

#[test]
fn a_container_in_dockers_list() {
    same(
        text(named(&docker_list(), "so-run")),
        str![[r#"
name: "so-run"
image: "lab/httpd:1"
imageId: "sha256:b66d20e59baac6dfc0693b50c9058adcc65a34757713a6ad568ca0630454d400"
status: "running"
health: "healthy"
ports: ["127.0.0.1:18080->80/tcp","0.0.0.0:18081->81/udp","[::]:18081->81/udp","8080/tcp","9000/tcp"]
created: "2026-11-24T22:11:03Z"
started: "2026-11-24T22:11:05Z"
restartCount: 0
labels: {"dev.perry.lab":"httpd","so.x":"a=1,b=2"}
networks: {"so-n1":{"networkId":"71b9873112b87a27f2f01b4c3bb84f526ee36c8f1d502276e225a6b2948fac16","ipv4":"172.19.0.2","ipv6":"","mac":"e6:c4:b8:cc:71:dc","aliases":[]},"so-n2":{"networkId":"d8d09aec57b4a7228b3d76e252eb49b3e457f28cc125f7227241e4b0d6a87af6","ipv4":"172.20.0.2","ipv6":"","mac":"7e:b2:ab:c1:17:39","aliases":[]}}
mounts: [{"type":"bind","source":"/tmp","target":"/h","writable":false},{"type":"volume","name":"so-v","source":"/var/lib/docker/volumes/so-v/_data","target":"/v","writable":true}]
command: ["sleep","1000"]

"#]],
    );
}

#[test]
fn a_container_in_podmans_lists() {
    same(
        text(named(&podman_list(), "so-run")),
        str![[r#"
name: "so-run"
image: "127.0.0.1:5000/lab/httpd:1"
imageId: "sha256:b66d20e59baac6dfc0693b50c9058adcc65a34757713a6ad568ca0630454d400"
status: "running"
health: "healthy"
ports: ["127.0.0.1:18090->80/tcp","0.0.0.0:18092->81/udp"]
created: "2026-11-24T22:11:43.459174183Z"
started: "2026-11-24T22:11:43Z"
restartCount: 0
labels: {"dev.perry.lab":"httpd","so.x":"a=1,b=2"}
networks: {"so-n1":{"networkId":"so-n1","ipv4":"10.89.0.3","ipv6":"","mac":"b6:6f:02:3f:4a:a7","aliases":["al1","e1e14ffb4f22"]},"so-n2":{"networkId":"so-n2","ipv4":"10.89.1.2","ipv6":"","mac":"0e:4d:be:fe:b5:08","aliases":["al2","e1e14ffb4f22"]}}
mounts: [{"type":"bind","source":"/tmp","target":"/h","writable":false},{"type":"volume","name":"so-v","source":"/var/lib/containers/storage/volumes/so-v/_data","target":"/v","writable":true}]
command: []

"#]],
    );
}

#[test]
fn a_container_inspected_by_docker() {
    same(
        text(named(&docker_inspect(), "so-run")),
        str![[r#"
name: "so-run"
image: "lab/httpd:1"
imageId: "sha256:b66d20e59baac6dfc0693b50c9058adcc65a34757713a6ad568ca0630454d400"
status: "running"
health: "healthy"
healthOutput: "fine"
healthcheck: {"test":{"shell":"echo fine"},"interval":1000000000,"timeout":2000000000,"start_period":30000000000,"retries":3}
ports: ["127.0.0.1:18080->80/tcp","0.0.0.0:18081->81/udp","[::]:18081->81/udp","8080/tcp","9000/tcp"]
created: "2026-11-24T22:11:03.342514876Z"
started: "2026-11-24T22:11:03.530545809Z"
restartCount: 0
labels: {"dev.perry.lab":"httpd","so.x":"a=1,b=2"}
networks: {"so-n1":{"networkId":"71b9873112b87a27f2f01b4c3bb84f526ee36c8f1d502276e225a6b2948fac16","ipv4":"172.19.0.2","ipv6":"","mac":"e6:c4:b8:cc:71:dc","aliases":["al1"]},"so-n2":{"networkId":"d8d09aec57b4a7228b3d76e252eb49b3e457f28cc125f7227241e4b0d6a87af6","ipv4":"172.20.0.2","ipv6":"","mac":"7e:b2:ab:c1:17:39","aliases":["al2"]}}
mounts: [{"type":"bind","source":"/tmp","target":"/h","writable":false},{"type":"volume","name":"so-v","source":"/var/lib/docker/volumes/so-v/_data","target":"/v","writable":true}]
command: ["sleep","1000"]

"#]],
    );
}

#[test]
fn a_container_inspected_by_podman() {
    same(
        text(named(&podman_inspect(), "so-run")),
        str![[r#"
name: "so-run"
image: "127.0.0.1:5000/lab/httpd:1"
imageId: "sha256:b66d20e59baac6dfc0693b50c9058adcc65a34757713a6ad568ca0630454d400"
status: "running"
health: "healthy"
healthOutput: "fine"
healthcheck: {"test":{"shell":"echo fine"},"interval":1000000000,"timeout":30000000000,"retries":3}
ports: ["127.0.0.1:18090->80/tcp","0.0.0.0:18092->81/udp","8080/tcp","9000/tcp"]
created: "2026-11-24T22:11:43.459174183Z"
started: "2026-11-24T22:11:43.72389064Z"
restartCount: 0
labels: {"dev.perry.lab":"httpd","so.x":"a=1,b=2"}
networks: {"so-n1":{"networkId":"so-n1","ipv4":"10.89.0.3","ipv6":"","mac":"b6:6f:02:3f:4a:a7","aliases":["al1","e1e14ffb4f22"]},"so-n2":{"networkId":"so-n2","ipv4":"10.89.1.2","ipv6":"","mac":"0e:4d:be:fe:b5:08","aliases":["al2","e1e14ffb4f22"]}}
mounts: [{"type":"bind","source":"/tmp","target":"/h","writable":false},{"type":"volume","name":"so-v","source":"/var/lib/containers/storage/volumes/so-v/_data","target":"/v","writable":true}]
command: ["sleep","1000"]

"#]],
    );
}

#[test]
fn states_of_lists() {
    same(
        docker_list().iter().map(short).collect::<String>(),
        str![[r#"
so-restart restarting Some(4) None created true started true finished true restarts 0 tty false ["sh", "-c", "sleep 0.3; exit 4"]
so-paused paused None None created true started true finished false restarts 0 tty false ["sleep", "1000"]
so-created created None None created true started false finished false restarts 0 tty false ["true"]
so-exit3 exited Some(3) None created true started true finished true restarts 0 tty false ["sh", "-c", "exit 3"]
so-run running None Some(Healthy) created true started true finished false restarts 0 tty false ["sleep", "1000"]

"#]],
    );
    same(
        podman_list().iter().map(short).collect::<String>(),
        str![[r#"
so-created created None None created true started false finished false restarts 0 tty false []
so-exit3 exited Some(3) None created true started true finished true restarts 0 tty false []
so-paused paused None None created true started true finished false restarts 0 tty false []
so-run running None Some(Healthy) created true started true finished false restarts 0 tty false []
so-restart running None None created true started true finished true restarts 0 tty false []

"#]],
    );
}

#[test]
fn states_of_inspections() {
    same(
        docker_inspect().iter().map(short).collect::<String>(),
        str![[r#"
so-run running None Some(Healthy) created true started true finished false restarts 0 tty false ["sleep", "1000"]
so-exit3 exited Some(3) None created true started true finished true restarts 0 tty false ["sh", "-c", "exit 3"]
so-created created None None created true started false finished false restarts 0 tty false ["true"]
so-paused paused None None created true started true finished false restarts 0 tty true ["sleep", "1000"]
so-restart running None None created true started true finished true restarts 5 tty false ["sh", "-c", "sleep 0.3; exit 4"]

"#]],
    );
    same(
        podman_inspect().iter().map(short).collect::<String>(),
        str![[r#"
so-run running None Some(Healthy) created true started true finished false restarts 0 tty false ["sleep", "1000"]
so-exit3 exited Some(3) None created true started true finished true restarts 0 tty false ["sh", "-c", "exit 3"]
so-created created None None created true started false finished false restarts 0 tty false ["true"]
so-paused paused None None created true started true finished false restarts 0 tty true ["sleep", "1000"]
so-restart running None None created true started true finished true restarts 5 tty false ["sh", "-c", "sleep 0.3; exit 4"]

"#]],
    );
}

#[test]
fn networks_and_volumes() {
    let networks = |all: Vec<NetworkShape>| {
        let all = all.into_iter().map(look::network);
        all.map(|n| {
            format!(
                "{} {} {} {:?} {:?} {}\n",
                n.name,
                n.driver,
                n.internal,
                n.pools,
                n.labels,
                n.containers.len()
            )
        })
        .collect::<String>()
    };
    same(
        networks(recorded!("docker-networks")),
        str![[r#"
so-n1 bridge false [IpamPool { subnet: Some("172.19.0.0/16"), ip_range: None, gateway: Some("172.19.0.1"), aux_addresses: {} }] {"so.x": "1"} 0
so-n2 bridge false [IpamPool { subnet: Some("172.20.0.0/16"), ip_range: None, gateway: Some("172.20.0.1"), aux_addresses: {} }] {"so.x": "1"} 0

"#]],
    );
    same(
        networks(recorded!("podman-networks")),
        str![[r#"
so-n1 bridge false [IpamPool { subnet: Some("10.89.0.0/24"), ip_range: None, gateway: Some("10.89.0.1"), aux_addresses: {} }] {"so.x": "1"} 1
so-n2 bridge false [IpamPool { subnet: Some("10.89.1.0/24"), ip_range: None, gateway: Some("10.89.1.1"), aux_addresses: {} }] {"so.x": "1"} 2

"#]],
    );
    let volumes = |all: VolumeList| {
        all.volumes.into_iter().map(|v| text(&look::volume(v))).collect::<String>()
    };
    same(
        volumes(recorded!("docker-volumes")),
        str![[r#"
name: "so-v"
driver: "local"
mountpoint: "/var/lib/docker/volumes/so-v/_data"
labels: {"so.x":"1"}

"#]],
    );
    same(
        volumes(recorded!("podman-volumes")),
        str![[r#"
name: "so-v"
driver: "local"
mountpoint: "/var/lib/containers/storage/volumes/so-v/_data"
labels: {"so.x":"1"}

"#]],
    );
}

#[test]
fn images_inspected() {
    let one = |shape: ImageShape| text(&images::info(shape, "lab/sick:1"));
    same(
        one(recorded!("docker-image")),
        str![[r#"
repository: "docker.io/lab/sick"
tag: "1"
size: 1984343
created: "2026-11-24T20:33:24.552816258Z"
tagged: "2026-11-24T20:33:24.583064785Z"
digests: ["127.0.0.1:5000/lab/sick@sha256:766bb1486570af7cb2cecbd88f84907ee6efddfcbef9404894ed8bc03cbacd73"]
platform: "linux/amd64"
hasHealthcheck: true
entrypoint: []
labels: {"dev.perry.lab":"sick"}

"#]],
    );
    same(
        one(recorded!("podman-image")),
        str![[r#"
repository: "127.0.0.1:5000/lab/sick"
tag: "1"
size: 2147865
created: "2026-11-24T20:33:24.552816258Z"
digests: ["127.0.0.1:5000/lab/sick@sha256:766bb1486570af7cb2cecbd88f84907ee6efddfcbef9404894ed8bc03cbacd73"]
platform: "linux/amd64"
hasHealthcheck: true
entrypoint: []
labels: {"dev.perry.lab":"sick"}

"#]],
    );
}

#[test]
fn images_of_lists() {
    let all = |rows: Vec<ImageSummary>| {
        let one = |i: ImageInfo| format!("{} {} {} {:?}\n", i.repository, i.tag, i.size, i.digests);
        images::all(&rows).into_iter().map(one).collect::<String>()
    };
    same(
        all(recorded!("docker-images")),
        str![[r#"
127.0.0.1:5000/lab/sick 1 1984343 ["127.0.0.1:5000/lab/sick@sha256:766bb1486570af7cb2cecbd88f84907ee6efddfcbef9404894ed8bc03cbacd73"]
docker.io/lab/sick 1 1984343 ["127.0.0.1:5000/lab/sick@sha256:766bb1486570af7cb2cecbd88f84907ee6efddfcbef9404894ed8bc03cbacd73"]

"#]],
    );
    same(
        all(recorded!("podman-images")),
        str![[r#"
127.0.0.1:5000/lab/sick 1 2147865 ["127.0.0.1:5000/lab/sick@sha256:766bb1486570af7cb2cecbd88f84907ee6efddfcbef9404894ed8bc03cbacd73"]

"#]],
    );
}

/// Which image a reference means: podman also takes one of another registry for a name without one.
#[test]
fn references_and_images() {
    let image = |id: &str, tags: &[&str], digests: &[&str]| ImageSummary {
        id: format!("sha256:{id}"),
        tags: tags.iter().map(|t| (*t).to_owned()).collect(),
        digests: digests.iter().map(|t| (*t).to_owned()).collect(),
        ..ImageSummary::default()
    };
    let all = [
        image("aaaaaaaaaaaa11", &["redis:7", "localhost/web:1"], &["redis@sha256:d1"]),
        image(
            "bbbbbbbbbbbb22",
            &["r.example:5000/lab/base:1", "docker.io/library/web:1"],
            &["r.example:5000/lab/base@sha256:d2"],
        ),
        image("cccccccccccc33", &[], &[]),
    ];
    let asked = [
        "redis:7",
        "docker.io/library/redis:7",
        "redis",
        "redis@sha256:d1",
        "redis:7@sha256:d1",
        "redis@sha256:d2",
        "web:1",
        "lab/base:1",
        "r.example:5000/lab/base:1",
        "base:1",
        "sha256:cccc",
        "cccccccccccc",
        "sha256:dddd",
        "deadbeef",
    ];
    let found = |flavour| {
        asked
            .iter()
            .map(|asked| {
                let found = images::lookup(asked, &all, flavour);
                let text = found.map_or("-".to_owned(), |(image, name)| {
                    format!("{} as {name}", &image.id[7..8])
                });
                format!("{asked}: {text}\n")
            })
            .collect::<String>()
    };
    same(
        found(Flavour::Docker),
        str![[r#"
redis:7: a as redis:7
docker.io/library/redis:7: a as redis:7
redis: -
redis@sha256:d1: a as docker.io/library/redis@sha256:d1
redis:7@sha256:d1: a as docker.io/library/redis@sha256:d1
redis@sha256:d2: -
web:1: b as docker.io/library/web:1
lab/base:1: -
r.example:5000/lab/base:1: b as r.example:5000/lab/base:1
base:1: -
sha256:cccc: c as 
cccccccccccc: c as 
sha256:dddd: -
deadbeef: -

"#]],
    );
    same(
        found(Flavour::Podman),
        str![[r#"
redis:7: a as redis:7
docker.io/library/redis:7: a as redis:7
redis: -
redis@sha256:d1: a as docker.io/library/redis@sha256:d1
redis:7@sha256:d1: a as docker.io/library/redis@sha256:d1
redis@sha256:d2: -
web:1: a as localhost/web:1
lab/base:1: b as r.example:5000/lab/base:1
r.example:5000/lab/base:1: b as r.example:5000/lab/base:1
base:1: b as r.example:5000/lab/base:1
sha256:cccc: c as 
cccccccccccc: c as 
sha256:dddd: -
deadbeef: -

"#]],
    );
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        ".{0,12}".prop_map(Into::into),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let key = prop_oneof![
            "[A-Z][a-zA-Z]{0,8}",
            Just("State".to_owned()),
            Just("Status".to_owned()),
            Just("Config".to_owned()),
            Just("NetworkSettings".to_owned()),
            Just("Networks".to_owned()),
            Just("Ports".to_owned()),
            Just("Names".to_owned()),
        ];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            proptest::collection::vec((key, inner), 0..4)
                .prop_map(|pairs| pairs.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

fn read<T: DeserializeOwned>(json: &serde_json::Value) -> Option<T> {
    serde_json::from_value(json.clone()).ok()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Whatever an engine answers is read or refused, and nothing that is read makes trouble.
    #[test]
    fn any_answer_is_read_or_refused(json in any_json()) {
        if let Some(shape) = read::<Inspect>(&json) {
            inspected(shape.clone(), Flavour::Docker);
            inspected(shape, Flavour::Podman);
        }
        if let Some(row) = read::<Summary>(&json) {
            listed(row.clone(), None, NOW);
            listed(row, Some(&PodSummary::default()), NOW);
        }
        if let Some(shape) = read::<ImageShape>(&json) {
            images::info(shape, "x");
        }
        if let Some(shape) = read::<NetworkShape>(&json) {
            look::network(shape);
        }
    }
}

/// podman's lists are asked for at the same time and are of two moments: one that was still running in the list with the
/// exit codes has not ended with code 0.
#[test]
fn a_container_that_ends_between_podmans_two_lists_has_no_exit_code_yet() {
    let row = || Summary { id: "a".to_owned(), state: "exited".to_owned(), ..Summary::default() };
    let own = |state: &str, exit_code| PodSummary {
        id: "a".to_owned(),
        state: state.to_owned(),
        exit_code,
        ..PodSummary::default()
    };
    let seen = |own| {
        let info = listed(row(), Some(&own), NOW);
        (info.state, info.exit_code)
    };
    assert_eq!(seen(own("running", 0)), (State::Running, None));
    assert_eq!(seen(own("exited", 4)), (State::Exited, Some(4)));
}
