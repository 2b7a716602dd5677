//! Verbs of more than one call, and what comes back in both generations.

use crate::common::{TOOL, talk};
use perry_container_protocol::CliProtocol as _;
use perry_container_spec::{ContainerInfo, ErrorKind, Parts, Removal, Selector};
use snapbox::{assert_data_eq, str};

const NEW: &str = r#"[{"configuration":{"creationDate":"2026-01-02T03:04:05Z","id":"web","image":{"descriptor":{"digest":"sha256:aa","mediaType":"m","size":1},"reference":"docker.io/lab/httpd:1"},"initProcess":{"arguments":["-f"],"environment":["A=b"],"executable":"httpd","terminal":false,"workingDirectory":"/"},"labels":{"app":"shop","odd":"%:a%3D1","dev.perry.apple":"{\"image\":\"lab/httpd:1\",\"restart\":\"always\",\"stop_signal\":\"INT\",\"stop_timeout\":3}"},"mounts":[{"destination":"/d","options":["ro"],"source":"/v/data.img","type":{"volume":{"cache":"on","format":"ext4","name":"data","sync":"fsync"}}},{"destination":"/b","options":[],"source":"/srv","type":{"virtiofs":{}}}],"networks":[{"network":"default","options":{"hostname":"web"}}],"publishedPorts":[{"containerPort":80,"count":2,"hostAddress":"127.0.0.1","hostPort":8080,"proto":"tcp"}]},"id":"web","status":{"networks":[{"hostname":"web","ipv4Address":"192.168.64.3/24","ipv4Gateway":"192.168.64.1","network":"default"}],"startedDate":"2026-01-02T03:04:06Z","state":"running"}}]"#;

/// The same container as 0.12 tells it.
fn old() -> String {
    NEW.replace(r#""id":"web","status":{"networks""#, r#""networks""#)
        .replace(r#","state":"running"}}]"#, r#","status":"running"}]"#)
        .replace("ipv4Address", "address")
        .replace("ipv4Gateway", "gateway")
}

fn seen(text: &str) -> ContainerInfo {
    let (_, done) = talk(TOOL.inspect_each(&["web".to_owned()]), &[&[(0, text, "")]]);
    done.unwrap().unwrap().remove(0).1.unwrap()
}

#[test]
fn both_generations_tell_the_same() {
    let info = seen(NEW);
    assert_eq!(seen(&old()), info);
    assert_data_eq!(
        serde_json::to_string_pretty(&info).unwrap(),
        str![[r#"
{
  "id": "web",
  "name": "web",
  "image": "lab/httpd:1",
  "imageId": "sha256:aa",
  "status": "running",
  "restart": "always",
  "ports": [
    "127.0.0.1:8080->80/tcp",
    "127.0.0.1:8081->81/tcp"
  ],
  "created": "2026-01-02T03:04:05Z",
  "started": "2026-01-02T03:04:06Z",
  "restartCount": 0,
  "labels": {
    "app": "shop",
    "odd": "a=1"
  },
  "networks": {
    "default": {
      "networkId": "default",
      "ipv4": "192.168.64.3",
      "ipv6": "",
      "mac": "",
      "aliases": []
    }
  },
  "mounts": [
    {
      "type": "volume",
      "name": "data",
      "source": "/v/data.img",
      "target": "/d",
      "writable": false
    },
    {
      "type": "bind",
      "source": "/srv",
      "target": "/b",
      "writable": true
    }
  ],
  "command": [
    "httpd",
    "-f"
  ]
}
"#]]
    );
}

#[test]
fn states() {
    let state = |word: &str, started: &str| {
        let text = NEW
            .replace(r#""state":"running""#, &format!(r#""state":"{word}""#))
            .replace(r#""startedDate":"2026-01-02T03:04:06Z","#, started);
        let info = seen(&text);
        format!("{} {:?}", info.state, info.exit_code)
    };
    assert_eq!(state("stopped", ""), "created None");
    assert_eq!(state("stopped", r#""startedDate":"2026-01-02T03:04:06Z","#), "exited None");
    assert_eq!(state("stopping", ""), "running None");
    assert_eq!(state("unknown", ""), "dead None");
}

#[test]
fn a_look_at_everything_is_one_round() {
    let of = Selector {
        networks: vec!["named".to_owned()],
        images: vec!["lab/httpd:1".to_owned(), "missing".to_owned()],
        ..Selector::label("app", "shop")
    };
    let networks = r#"[{"configuration":{"labels":{"app":"shop","dev.perry.key.615f62":"1"},"mode":"nat","name":"mine"},"id":"mine","status":{"ipv4Gateway":"10.0.0.1","ipv4Subnet":"10.0.0.0/24"}},{"configuration":{"labels":{},"name":"named"},"id":"named"},{"configuration":{"labels":{},"name":"other"},"id":"other"}]"#;
    let volumes = r#"[{"configuration":{"driver":"local","labels":{"app":"shop"},"name":"data","source":"/v"},"id":"data"}]"#;
    let images = r#"[{"configuration":{"creationDate":"2026-01-01T00:00:00Z","descriptor":{"digest":"sha256:aa"},"name":"docker.io/lab/httpd:1"},"id":"aa","variants":[{"config":{"config":{"Entrypoint":["httpd"]}},"digest":"sha256:bb","platform":{"architecture":"arm64","os":"linux"},"size":7}]}]"#;
    let answers = [(0, NEW, ""), (0, networks, ""), (0, volumes, ""), (0, images, "")];
    let (calls, done) = talk(TOOL.observe(&of, Parts::ALL), &[&answers]);
    assert_eq!(
        calls,
        [
            "list --all --format=json",
            "network list --format=json",
            "volume list --format=json",
            "image list --format=json"
        ]
    );
    let seen = done.unwrap().unwrap();
    assert_eq!(seen.containers.keys().collect::<Vec<_>>(), ["web"]);
    assert_eq!(seen.networks.keys().collect::<Vec<_>>(), ["mine", "named"]);
    assert_eq!(seen.networks["mine"].labels["a_b"], "1");
    assert_eq!(seen.volumes.keys().collect::<Vec<_>>(), ["data"]);
    assert_eq!(seen.images.keys().collect::<Vec<_>>(), ["lab/httpd:1"]);
    assert_eq!(seen.images["lab/httpd:1"].id, "sha256:aa");

    // macOS 15 has no networks of one's own
    let none = (64, "", "Error: Plugin 'container-network' not found.\n");
    let (_, done) = talk(TOOL.observe(&of, Parts::NETWORKS), &[&[none]]);
    assert!(done.unwrap().unwrap().networks.is_empty());
    let (calls, _) = talk(TOOL.observe(&Selector::default(), Parts::IMAGES), &[]);
    assert_eq!(calls, [""; 0]);
}

#[test]
fn what_stops_it_stands_in_its_notes() {
    let (calls, done) = talk(TOOL.stop("web", None), &[&[(0, NEW, "")], &[(0, "web\n", "")]]);
    assert_eq!(calls[1], "stop --signal=INT --time=3 web");
    assert!(done.unwrap().is_ok());
    let (calls, _) = talk(TOOL.stop("web", Some(7)), &[&[(0, NEW, "")]]);
    assert_eq!(calls[1], "stop --signal=INT --time=7 web");
    let bare = NEW.replace("dev.perry.apple", "nothing");
    let (calls, _) = talk(TOOL.stop("web", None), &[&[(0, &bare, "")]]);
    assert_eq!(calls[1], "stop --time=10 web");
    let (_, done) = talk(TOOL.stop("gone", None), &[&[(0, NEW, "")]]);
    assert_eq!(done.unwrap().unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn of_several_each_is_judged() {
    let ids = ["a", "a-1", "b"].map(str::to_owned);
    let err = "Error: internalError: \"failed to delete container\" (cause: \"notFound: \"container with ID a-1 not found\"\")\ninternalError: \"failed to delete container\" (cause: \"invalidState: \"container b is running and can not be deleted\"\")\n";
    let (_, done) = talk(
        TOOL.remove_each(&ids, &Removal { force: false, volumes: false }),
        &[&[(1, "a\n", err)]],
    );
    let kinds: Vec<_> = (done.unwrap().unwrap().into_iter())
        .map(|(id, one)| (id, one.err().map(|error| error.kind())))
        .collect();
    assert_eq!(
        kinds,
        [
            ("a".to_owned(), None),
            ("a-1".to_owned(), Some(ErrorKind::NotFound)),
            ("b".to_owned(), Some(ErrorKind::InUse))
        ]
    );
}

#[test]
fn anonymous_volumes_go_with_their_container() {
    let anonymous =
        NEW.replace(r#""name":"data""#, r#""name":"anon-0b1c2d3e-0000-4000-8000-0123456789ab""#);
    let all = Removal { force: true, volumes: true };
    let (calls, done) = talk(
        TOOL.remove_each(&["web".to_owned()], &all),
        &[&[(0, &anonymous, "")], &[(0, "web\n", "")], &[(0, "", "")]],
    );
    assert_eq!(
        calls,
        [
            "list --all --format=json",
            "delete --force web",
            "volume delete anon-0b1c2d3e-0000-4000-8000-0123456789ab"
        ]
    );
    assert!(done.unwrap().unwrap()[0].1.is_ok());
    let named =
        talk(TOOL.remove_each(&["web".to_owned()], &all), &[&[(0, NEW, "")], &[(0, "web\n", "")]]);
    assert_eq!(named.0.len(), 2);
}

#[test]
fn why_a_network_stays_is_found_out() {
    let failed = (1, "", "Error: failed to delete one or more networks: [\"n\"]\n");
    let there = r#"[{"configuration":{"name":"n"},"id":"n"}]"#;
    let kind = |answers: &[&[crate::common::Said<'_>]]| {
        talk(TOOL.remove_network("n"), answers).1.unwrap().unwrap_err().kind()
    };
    assert_eq!(kind(&[&[failed], &[(0, there, "")]]), ErrorKind::InUse);
    assert_eq!(kind(&[&[failed], &[(0, "[]", "")]]), ErrorKind::NotFound);
    let logged = (
        1,
        "",
        "cannot delete subnet n with referring containers: a\nError: failed to delete one or more networks: [\"n\"]\n",
    );
    assert_eq!(kind(&[&[logged]]), ErrorKind::InUse);
}

#[test]
fn nothing_is_pulled_by_a_creation() {
    let spec = perry_container_spec::ContainerSpec::new("far".to_owned());
    let (calls, done) = talk(TOOL.create(&spec), &[&[(0, "[]", "")]]);
    assert_eq!(calls, ["image list --format=json"]);
    assert_eq!(done.unwrap().unwrap_err().kind(), ErrorKind::ImageMissing);
}
