//! What is left out where, and what is said of it.

use perry_container_spec::{
    Attachment, ContainerSpec, HealthTest, Healthcheck, Late, Link, Mount, MountKind, Network,
    NetworkSpec,
};
use perry_container_support::{Capabilities, Feature, Level, Mode, fit, fit_network};
use snapbox::{assert_data_eq, str};
use std::time::Duration;

fn everything() -> ContainerSpec<Late> {
    let attachment = Attachment {
        aliases: vec!["db".to_owned()],
        gw_priority: Some(1),
        ..Attachment::new("p_default")
    };
    ContainerSpec {
        network: Network::Attached(vec![attachment]),
        links: vec![Link { container: Late::known("a"), alias: "a".to_owned() }],
        extra_hosts: vec![
            ("host".to_owned(), "host-gateway".to_owned()),
            ("a".to_owned(), "10.0.0.1".to_owned()),
        ],
        mounts: vec![
            Mount {
                no_copy: true,
                ..Mount::new(MountKind::Volume, Some("data".to_owned()), "/data")
            },
            Mount { options: vec!["uid=5".to_owned()], ..Mount::new(MountKind::Tmpfs, None, "/t") },
        ],
        healthcheck: Some(Healthcheck {
            test: HealthTest::Shell("true".to_owned()),
            interval: None,
            timeout: None,
            start_period: None,
            start_interval: Some(Duration::from_secs(1)),
            retries: None,
        }),
        domainname: Some("example".to_owned()),
        isolation: Some("hyperv".to_owned()),
        ..ContainerSpec::new(Late::known("lab/base:1"))
    }
}

fn text(can: &Capabilities) -> String {
    let (_, notes) = fit(everything(), can, Mode::Lenient).unwrap();
    notes.iter().map(|note| format!("{note}\n")).collect()
}

#[test]
fn docker_can_nearly_everything() {
    assert_data_eq!(
        text(&Capabilities::docker("28.5.2+dfsg4")),
        str![[r#"
isolation, credential_spec, cpu_count, cpu_percent: works on Windows hosts only

"#]]
    );
    assert!(
        text(&Capabilities::docker("27.1")).contains("networks.*.gw_priority: needs docker 28")
    );
}

#[test]
fn podman_4_says_what_it_leaves_out() {
    let can = Capabilities::podman("4.3.1");
    assert_data_eq!(
        text(&can),
        str![[r#"
healthcheck.start_interval: podman has no start interval; the interval is used
networks.*.gw_priority: podman has no gateway priority
extra_hosts: podman 4 has no host-gateway; host.containers.internal is the host
domainname: podman has no domain name of its own
links: podman has no links; the service's names are found through its networks
volumes.volume.nocopy: podman always fills an empty volume from the image
tmpfs: podman's tmpfs belongs to root
isolation, credential_spec, cpu_count, cpu_percent: works on Windows hosts only

"#]]
    );
    let (fitted, _) = fit(everything(), &can, Mode::Lenient).unwrap();
    assert_eq!(fitted.extra_hosts, [("a".to_owned(), "10.0.0.1".to_owned())]);
    assert_eq!(fitted.network.attachments()[0].aliases, ["db"]);
    assert!(can.emulated(Feature::Health));
    assert_eq!(Capabilities::podman("5.8.6").level(Feature::HostGateway), Level::Native);
}

#[test]
fn strict_refuses_and_names_all_of_it() {
    let refused = fit(everything(), &Capabilities::podman("5.0"), Mode::Strict).unwrap_err();
    assert!(refused.to_string().contains("; domainname: "), "{refused}");
    let plain = ContainerSpec::new(Late::known("lab/base:1"));
    assert_eq!(
        fit(plain.clone(), &Capabilities::podman("5.0"), Mode::Strict).unwrap(),
        (plain, vec![])
    );
}

#[test]
fn networks_are_fitted_too() {
    let network = NetworkSpec { attachable: true, ipv4: Some(false), ..NetworkSpec::default() };
    let (fitted, notes) =
        fit_network(network, &Capabilities::podman("5.0"), Mode::Lenient).unwrap();
    assert!(!fitted.attachable && fitted.ipv4.is_none());
    assert_eq!(notes.len(), 2);
}

#[test]
fn all_can_everything() {
    assert_eq!(text(&Capabilities::all("sim")), "");
}
