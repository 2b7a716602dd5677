//! Names, networks, volumes, images, selectors.

use crate::life::{named, sim};
use perry_container_backend::{ContainerBackend as _, ContainerBackendExt as _};
use perry_container_spec::{
    Attachment, ContainerSpec, ErrorKind, ImagePull, Network, NetworkSpec, Parts, Removal,
    Selector, VolumeSpec,
};
use perry_container_testkit::{Script, Sim};
use snapbox::{assert_data_eq, str};

fn network(name: &str) -> NetworkSpec {
    NetworkSpec { name: name.to_owned(), ..NetworkSpec::default() }
}

#[tokio::test(start_paused = true)]
async fn names_are_taken_once() {
    let sim = sim(Script::new());
    sim.create(&named("web")).await.unwrap();
    assert_eq!(sim.create(&named("web")).await.unwrap_err().kind, ErrorKind::Conflict);
    assert_eq!(sim.create(&named("-web")).await.unwrap_err().kind, ErrorKind::Invalid);
    sim.create(&named("db")).await.unwrap();
    assert_eq!(sim.rename("db", "web").await.unwrap_err().kind, ErrorKind::Conflict);
    sim.rename("db", "old").await.unwrap();
    sim.create_network(&network("net")).await.unwrap();
    assert_eq!(sim.create_network(&network("net")).await.unwrap_err().kind, ErrorKind::Conflict);
}

#[tokio::test(start_paused = true)]
async fn networks_must_be_there_and_stay_while_used() {
    let sim = sim(Script::new());
    let web = ContainerSpec {
        network: Network::Attached(vec![Attachment::new("front"), Attachment::new("back")]),
        ..named("web")
    };
    assert_eq!(sim.create(&web).await.unwrap_err().kind, ErrorKind::NotFound);
    sim.create_network(&network("front")).await.unwrap();
    sim.create_network(&network("back")).await.unwrap();
    sim.run(&web).await.unwrap();
    let info = sim.peek("web").unwrap();
    assert_eq!(info.networks.keys().collect::<Vec<_>>(), ["front", "back"]);
    assert_ne!(info.networks["front"].ipv4, info.networks["back"].ipv4);
    assert_eq!(sim.inspect_network("front").await.unwrap().containers, ["web@1"]);
    assert_eq!(sim.remove_network("front").await.unwrap_err().kind, ErrorKind::InUse);
    sim.connect_network("front", "web", &[], false).await.unwrap();
    sim.remove_network("front").await.unwrap();
    assert_eq!(sim.remove_network("front").await.unwrap_err().kind, ErrorKind::NotFound);
    assert_eq!(sim.remove_network("bridge").await.unwrap_err().kind, ErrorKind::Permission);
}

#[tokio::test(start_paused = true)]
async fn volumes_stay_while_used_and_anonymous_ones_go_along() {
    let sim = sim(Script::new());
    let web = ContainerSpec {
        mounts: vec!["data:/data".parse().unwrap(), "/cache".parse().unwrap()],
        ..named("web")
    };
    sim.create(&web).await.unwrap();
    let volumes = || sim.text().lines().filter(|line| line.starts_with("volume")).count();
    assert_eq!(volumes(), 2);
    assert_eq!(sim.remove_volume("data").await.unwrap_err().kind, ErrorKind::InUse);
    let how = Removal { force: true, volumes: true };
    let each = sim.remove_each(&["web".to_owned(), "other".to_owned()], &how).await.unwrap();
    assert!(each[0].1.is_ok());
    assert_eq!(each[1].1.as_ref().unwrap_err().kind, ErrorKind::NotFound);
    assert_data_eq!(
        sim.text(),
        str![[r#"
volume data

"#]]
    );
    sim.create_volume(&VolumeSpec { name: "data".to_owned(), ..VolumeSpec::default() })
        .await
        .unwrap();
    sim.remove_volume("data").await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn images_are_missing_until_they_are_pulled_and_newer_when_published_again() {
    let sim = Sim::new().with_registry("app:1", Script::new());
    let pull = |reference: &str| ImagePull { reference: reference.to_owned(), platform: None };
    assert_eq!(sim.create(&named("web")).await.unwrap_err().kind, ErrorKind::ImageMissing);
    assert_eq!(sim.pull_image(&pull("nope:1")).await.unwrap_err().kind, ErrorKind::ImageMissing);
    sim.pull_image(&pull("app:1")).await.unwrap();
    sim.create(&named("web")).await.unwrap();
    let first = sim.inspect_image("docker.io/library/app:1").await.unwrap();
    sim.publish("app:1", Script::new());
    sim.pull_image(&pull("app:1")).await.unwrap();
    let second = sim.inspect_image("app:1").await.unwrap();
    assert_ne!(first.id, second.id);
    assert_eq!(sim.peek("web").unwrap().image_id, first.id);
    sim.create(&named("web2")).await.unwrap();
    assert_eq!(sim.remove_image("app:1", false).await.unwrap_err().kind, ErrorKind::InUse);
}

#[tokio::test(start_paused = true)]
async fn what_is_observed_is_what_was_asked_for() {
    let sim = sim(Script::new());
    let mut web = named("web");
    web.labels.insert("project".to_owned(), "a=1,b".to_owned());
    sim.create(&web).await.unwrap();
    sim.create(&named("other")).await.unwrap();
    sim.create_network(&network("office")).await.unwrap();
    let mut of = Selector::label("project", "a=1,b");
    of.networks.push("office".to_owned());
    of.images = vec!["app:1".to_owned(), "nope:1".to_owned()];
    let seen = sim.observe(&of, Parts::ALL).await.unwrap();
    assert_eq!(seen.containers.keys().collect::<Vec<_>>(), ["web@1"]);
    assert_eq!(seen.networks.keys().collect::<Vec<_>>(), ["office"]);
    assert_eq!(seen.images.keys().collect::<Vec<_>>(), ["app:1"]);
    let only = sim.observe(&of, Parts::NETWORKS).await.unwrap();
    assert!(only.containers.is_empty() && only.images.is_empty());
}
