//! What is needed, with the property that needs it.

use crate::full::{everything, everything_of_a_network, everything_of_a_volume};
use perry_container_spec::{ContainerSpec, HealthTest, Healthcheck, Late, Namespace, Network};
use perry_container_support::{Feature, Group, Need, needs, network_needs, volume_needs};
use snapbox::{assert_data_eq, str};
use std::collections::BTreeSet;

fn text(needs: &[Need]) -> String {
    needs.iter().map(|need| format!("{:24}{}\n", need.feature, need.path)).collect()
}

/// Every property of a container has a rule: nothing is dropped for which there is none.
#[test]
fn every_feature_of_a_container_is_needed_by_something() {
    let mut needed: BTreeSet<_> = needs(&everything()).iter().map(|need| need.feature).collect();
    for network in [Network::Host, Network::Container(Late::known("a"))] {
        needed.extend(needs(&ContainerSpec { network, ..everything() }).iter().map(|n| n.feature));
    }
    let all = Feature::ALL.iter().filter(|feature| feature.group() == Group::Container);
    let missing: Vec<_> = all.filter(|feature| !needed.contains(feature)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn what_networks_and_volumes_need() {
    assert_data_eq!(
        text(&network_needs(&everything_of_a_network())),
        str![[r#"
internal_network        internal
attachable              attachable
aux_addresses           ipam.config.aux_addresses
ipv4_switch             enable_ipv4
ipv6                    enable_ipv6
ipam_driver             ipam.driver
ipam_pools              ipam.config
network_driver          driver
network_options         driver_opts

"#]]
    );
    assert_data_eq!(
        text(&volume_needs(&everything_of_a_volume())),
        str![[r#"
volume_driver           driver
volume_options          driver_opts

"#]]
    );
}

/// The references' list: which property needs which axis.
#[test]
fn which_property_needs_which_axis() {
    let spec = |change: fn(&mut ContainerSpec<Late>)| {
        let mut spec = ContainerSpec::new(Late::known("lab/base:1"));
        change(&mut spec);
        text(&needs(&spec))
    };
    let check = |test| Healthcheck {
        test,
        interval: None,
        timeout: None,
        start_period: None,
        start_interval: None,
        retries: None,
    };
    let all = [
        spec(|s| s.privileged = true),
        spec(|s| s.seccomp = Some("default".to_owned())),
        spec(|s| s.no_new_privileges = true),
        spec(|s| s.cap_drop.push("ALL".to_owned())),
        spec(|s| s.read_only = true),
        spec(|s| s.user = Some("nobody".to_owned())),
        spec(|s| s.restart = Some(perry_container_spec::RestartPolicy::UnlessStopped)),
        spec(|s| s.pid = Some(Namespace::Mode("host".to_owned()))),
    ];
    assert_data_eq!(
        all.concat(),
        str![[r#"
privileged              privileged
seccomp_profile         security_opt
no_new_privileges       security_opt
linux_capabilities      cap_add, cap_drop
read_only_rootfs        read_only
run_as_user             user
restart_policy          restart
pid_namespace_share     pid

"#]]
    );
    let none = [
        spec(|_| ()),
        spec(|s| s.restart = Some(perry_container_spec::RestartPolicy::No)),
        spec(|s| s.pid = Some(Namespace::Mode("private".to_owned()))),
        spec(|s| s.pid = Some(Namespace::Mode(String::new()))),
        spec(|s| s.user = Some(String::new())),
    ];
    assert_eq!(none.concat(), "");
    let with = |test| {
        text(&needs(&ContainerSpec {
            healthcheck: Some(check(test)),
            ..ContainerSpec::new(Late::known("lab/base:1"))
        }))
    };
    assert_eq!(with(HealthTest::Disabled), "healthcheck_native      healthcheck\n");
}
