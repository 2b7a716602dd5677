//! What is left out where, and what is said of it.

use crate::full::{everything, everything_of_a_network, everything_of_a_volume};
use perry_container_spec::{ContainerSpec, Late, NetworkSpec, VolumeSpec};
use perry_container_support::{
    Act, Capabilities, Feature, Level, Mode, fit, fit_network, fit_volume,
};
use snapbox::{assert_data_eq, str};

fn text(can: &Capabilities) -> String {
    let (_, notes) = fit(everything(), can, Mode::Lenient).unwrap();
    notes.iter().map(|note| format!("{note}\n")).collect()
}

#[test]
fn docker_can_nearly_everything() {
    assert_data_eq!(
        text(&Capabilities::docker("28.5.2+dfsg4")),
        str![[r#"
userns_mode: docker knows the mode `host` only
isolation, credential_spec, cpu_count, cpu_percent: works on Windows hosts only
storage_opt: needs a store on xfs with project quotas

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
domainname: podman has no domain name of its own
isolation, credential_spec, cpu_count, cpu_percent: works on Windows hosts only
networks.*.driver_opts: podman has no options of endpoints
networks.*.gw_priority: podman has no gateway priority
networks.*.interface_name: podman 4 names interfaces at the command line only
networks.*.link_local_ips: podman gives no link-local addresses
extra_hosts: podman 4 has no host-gateway; host.containers.internal is the host
links: podman has no links; the service's names are found through its networks
volumes.bind.recursive: podman binds are always recursive
tmpfs: podman's tmpfs belongs to root
volumes.volume.nocopy: podman always fills an empty volume from the image
volumes.volume.subpath: needs podman 5
volumes.volume.labels: podman gives no labels to anonymous volumes
gpus: podman 4 accepts --gpus and does nothing; name a CDI device
storage_opt: needs a store on xfs with project quotas

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
    assert_data_eq!(
        refused.to_string().replace("; ", "\n"),
        str![[r#"
healthcheck.start_interval (podman has no start interval
the interval is used)
domainname (podman has no domain name of its own)
isolation, credential_spec, cpu_count, cpu_percent (works on Windows hosts only)
networks.*.driver_opts (podman has no options of endpoints)
networks.*.gw_priority (podman has no gateway priority)
networks.*.link_local_ips (podman gives no link-local addresses)
links (podman has no links
the service's names are found through its networks)
volumes.bind.recursive (podman binds are always recursive)
tmpfs (podman's tmpfs belongs to root)
volumes.volume.nocopy (podman always fills an empty volume from the image)
volumes.volume.labels (podman gives no labels to anonymous volumes)
"#]]
    );
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

#[test]
fn volumes_are_fitted_too() {
    let (fitted, notes) =
        fit_volume(everything_of_a_volume(), &Capabilities::nerdctl("2.1.6"), Mode::Lenient)
            .unwrap();
    assert_eq!(fitted, VolumeSpec { name: "p_data".to_owned(), ..VolumeSpec::default() });
    assert_eq!(notes.len(), 2);
}

/// Half a CPU is no CPU of apple/container's: it is rounded up, once, and said.
#[test]
fn what_can_be_translated_is_translated() {
    let mut spec = ContainerSpec::new(Late::known("lab/base:1"));
    spec.resources.nano_cpus = Some(1_500_000_000);
    let apple = Capabilities::apple("1.2.2");
    let (fitted, notes) = fit(spec, &apple, Mode::Lenient).unwrap();
    assert_eq!(fitted.resources.nano_cpus, Some(2_000_000_000));
    let act = Act::Translated { from: "1.5".to_owned(), to: "2".to_owned() };
    assert_eq!(notes[0].act, act);
    assert_data_eq!(
        notes[0].to_string(),
        str!["cpus: apple/container gives whole CPUs; `1.5` is taken as `2`"]
    );
    assert_eq!(fit(fitted, &apple, Mode::Lenient).unwrap().1, []);
}

/// Lenient tells what is lost or changed; warn tells also what is done in the runtime's place.
#[test]
fn warn_tells_whatever_is_not_native() {
    let podman = Capabilities::podman("5.8.6");
    let notes = |mode| {
        let (_, notes) = fit(everything(), &podman, mode).unwrap();
        notes.iter().map(|note| format!("{:?} {}", note.act, note.path)).collect::<Vec<_>>()
    };
    let lenient = notes(Mode::Lenient);
    let more: Vec<_> =
        notes(Mode::Warn).into_iter().filter(|note| !lenient.contains(note)).collect();
    assert_data_eq!(
        more.join("\n"),
        str![[r#"
Differs restart
EmulatedHost healthcheck
Differs logging.driver
Differs platform
"#]]
    );
}

#[test]
fn a_hint_is_no_reason_to_refuse() {
    let network = NetworkSpec { attachable: true, ..NetworkSpec::default() };
    let podman = Capabilities::podman("5.0");
    let (_, notes) = fit_network(network, &podman, Mode::Strict).unwrap();
    assert_eq!(notes.len(), 1);
    let network = everything_of_a_network();
    assert!(fit_network(network, &podman, Mode::Strict).is_err());
}

/// nerdctl warns of what it does not know and goes on; what it leaves out is left out beforehand, and said.
#[test]
fn what_nerdctl_would_leave_out_in_silence() {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let mut spec = ContainerSpec::new(Late::known("lab/base:1"));
    spec.cap_add = words(&["net_admin", "CAP_SYS_TIME", "BOGUS"]);
    spec.cap_drop = words(&["ALL"]);
    spec.security_opt = words(&["label=disable", "apparmor=unconfined", "bogus=x"]);
    let (fitted, notes) = fit(spec, &Capabilities::nerdctl("2.1.6"), Mode::Lenient).unwrap();
    assert_eq!(fitted.cap_add, ["net_admin", "CAP_SYS_TIME"]);
    assert_eq!(fitted.cap_drop, ["ALL"]);
    assert_eq!(fitted.security_opt, ["apparmor=unconfined"]);
    let text: Vec<_> = notes.iter().map(ToString::to_string).collect();
    assert_data_eq!(
        text.join("\n"),
        str![[r#"
cap_add, cap_drop: nerdctl accepts capabilities that nobody knows and leaves them out; `net_admin, CAP_SYS_TIME, BOGUS, ALL` is taken as `net_admin, CAP_SYS_TIME, ALL`
security_opt: nerdctl leaves out security options that it does not know, `label` among them; `label=disable, apparmor=unconfined, bogus=x` is taken as `apparmor=unconfined`
"#]]
    );
}
