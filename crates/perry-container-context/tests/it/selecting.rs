//! Which runtime a spec gets, asked of nobody.

use perry_container_context::{select_backend_for, spec_needs};
use perry_container_probe::{Accept, Candidate, Os};
use proptest::prelude::*;
use snapbox::{assert_data_eq, str};

fn best(os: Os, spec: &str, mode: &str) -> Option<Candidate> {
    select_backend_for(os, spec, Accept::named(mode))
}

const MODES: [&str; 4] = ["strict-native", "accept-emulated", "accept-partial", "no such mode"];

#[test]
fn the_references_examples() {
    let trivial = r#"{"services": {"web": {"image": "nginx"}}}"#;
    let privileged = r#"{"services": {"web": {"image": "nginx", "privileged": true}}}"#;
    for mode in MODES {
        assert_eq!(best(Os::MacOs, trivial, mode), Some(Candidate::AppleContainer));
        assert_eq!(best(Os::MacOs, privileged, mode), Some(Candidate::Orbstack));
        for os in [Os::Linux, Os::Windows] {
            assert_eq!(best(os, trivial, mode), Some(Candidate::Podman));
            assert_eq!(best(os, privileged, mode), Some(Candidate::Podman));
        }
        for nothing in ["{}", r#"{"services": {}}"#] {
            assert_eq!(best(Os::MacOs, nothing, mode), Some(Candidate::AppleContainer));
        }
        for none in ["null", "", "[1]", "3", "services:", r#"{"services": 3}"#] {
            assert_eq!(best(Os::Linux, none, mode), None, "{none}");
        }
    }
}

/// Restarts and health checks are done in apple/container's place: who accepts that gets it.
#[test]
fn what_is_emulated_is_accepted_by_default() {
    let spec = r#"{"services": {"web": {"image": "nginx", "restart": "always",
        "healthcheck": {"test": ["CMD", "true"]}}}}"#;
    assert_eq!(best(Os::MacOs, spec, "strict-native"), Some(Candidate::Orbstack));
    assert_eq!(best(Os::MacOs, spec, "accept-emulated"), Some(Candidate::AppleContainer));
    let internal = r#"{"services": {"web": {"image": "nginx", "networks": ["back"]}},
        "networks": {"back": {"internal": true}}}"#;
    assert_eq!(best(Os::MacOs, internal, "accept-emulated"), Some(Candidate::Orbstack));
    assert_eq!(best(Os::MacOs, internal, "accept-partial"), Some(Candidate::AppleContainer));
}

/// Every property of the references' list and what it needs.
#[test]
fn needs_of_a_stack() {
    let spec = r#"{"services": {"web": {"image": "nginx", "privileged": true, "restart": "always", "read_only": true,
        "user": "1000", "pid": "host", "cap_add": ["NET_ADMIN"], "tmpfs": ["/tmp"], "volumes": ["./src:/src:Z", "data:/data"],
        "security_opt": ["no-new-privileges:true", "seccomp=unconfined"], "networks": ["back"],
        "healthcheck": {"test": "true"}, "environment": {"A": "${UNSET}"}, "env_file": ["missing.env"]},
        "job": {"build": "."}},
        "networks": {"back": {"internal": true}}, "volumes": {"data": {}}}"#;
    let needs = spec_needs(spec).unwrap();
    let text: String = needs.iter().map(|n| format!("{:24}{}\n", n.feature, n.path)).collect();
    assert_data_eq!(
        text,
        str![[r#"
privileged              services.web.privileged
seccomp_profile         services.web.security_opt
no_new_privileges       services.web.security_opt
linux_capabilities      services.web.cap_add, cap_drop
read_only_rootfs        services.web.read_only
run_as_user             services.web.user
pid_namespace_share     services.web.pid
restart_policy          services.web.restart
healthcheck_native      services.web.healthcheck
named_volumes           services.web.volumes
bind_mounts             services.web.volumes
selinux_mount_labels    services.web.volumes.bind.selinux
tmpfs_mounts            services.web.tmpfs
build                   services.job.build
internal_network        networks.back.internal

"#]]
    );
}

/// The spec of one container is one too.
#[test]
fn needs_of_a_container() {
    let needs = spec_needs(r#"{"image": "nginx", "capDrop": ["ALL"], "rm": true}"#).unwrap();
    let text: String = needs.iter().map(|n| format!("{:24}{}\n", n.feature, n.path)).collect();
    assert_data_eq!(
        text,
        str![[r#"
linux_capabilities      cap_add, cap_drop
rm_on_exit              rm

"#]]
    );
    assert_eq!(spec_needs(r#"{"image": "nginx", "imgae": 1}"#), None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    /// On Linux it is podman, whatever of the references' list is asked for; on macOS it is apple's runtime or the first
    /// with docker inside.
    #[test]
    fn linux_is_always_podman(
        of in prop::collection::vec(any::<bool>(), 12),
        mode in prop::sample::select(&MODES[..]),
    ) {
        let all = [
            r#""privileged": true"#, r#""restart": "unless-stopped""#, r#""read_only": true"#,
            r#""user": "nobody""#, r#""pid": "host""#, r#""cap_drop": ["ALL"]"#,
            r#""tmpfs": "/tmp""#, r#""volumes": ["/home/a:/a:z"]"#,
            r#""security_opt": ["seccomp:unconfined"]"#, r#""healthcheck": {"test": "true"}"#,
        ];
        let some: Vec<_> = all.iter().zip(&of).filter(|(_, of)| **of).map(|(text, _)| *text).collect();
        let some = some.iter().map(|text| format!(", {text}")).collect::<String>();
        let internal = of[11];
        let spec = format!(
            r#"{{"services": {{"a": {{"image": "x"{some}}}}}, "networks": {{"default": {{"internal": {internal}}}}}}}"#
        );
        prop_assert_eq!(best(Os::Linux, &spec, mode), Some(Candidate::Podman));
        let mac = best(Os::MacOs, &spec, mode);
        prop_assert!(matches!(mac, Some(Candidate::AppleContainer | Candidate::Orbstack)));
    }
}
