//! What a container may do, how it lives and what it is called.

use super::{Rule, Template, rule};
use crate::Feature;
use perry_container_spec::{Namespace, RestartPolicy, is_capability};

/// A namespace that is not the container's own.
fn shared<V>(namespace: Option<&Namespace<V>>) -> bool {
    match namespace {
        None => false,
        Some(Namespace::Mode(mode)) => !matches!(mode.as_str(), "" | "private"),
        Some(Namespace::Container(_)) => true,
    }
}

fn set(text: Option<&String>) -> bool {
    text.is_some_and(|text| !text.is_empty())
}

/// What lifts the masks of /proc and /sys, in docker's words and podman's.
fn unmasks(option: &str) -> bool {
    ["systempaths", "unmask"]
        .iter()
        .any(|name| option.strip_prefix(name).is_some_and(|rest| rest.starts_with(['=', ':'])))
}

/// Where unknown capabilities are accepted and left out, they are left out here, and said.
fn real_capabilities(spec: &mut Template) -> Option<(String, String)> {
    let all = |s: &Template| s.cap_add.iter().chain(&s.cap_drop).cloned().collect::<Vec<_>>();
    let before = all(spec);
    for list in [&mut spec.cap_add, &mut spec.cap_drop] {
        list.retain(|name| is_capability(name));
    }
    changed(&before, &all(spec))
}

/// Where unknown security options are accepted and left out, they are left out here, and said: what is known everywhere
/// is a profile of AppArmor.
fn profiles_only(spec: &mut Template) -> Option<(String, String)> {
    let before = spec.security_opt.clone();
    let known = |option: &String| unmasks(option) || option.starts_with("apparmor");
    spec.security_opt.retain(known);
    changed(&before, &spec.security_opt)
}

fn changed(before: &[String], after: &[String]) -> Option<(String, String)> {
    (before != after).then(|| (before.join(", "), after.join(", ")))
}

fn windows(spec: &Template) -> bool {
    spec.isolation.as_deref().is_some_and(|mode| !mode.is_empty() && mode != "default")
        || spec.credential_spec.is_some()
        || spec.resources.cpu_count.is_some()
        || spec.resources.cpu_percent.is_some()
}

pub(super) const RULES: &[Rule<Template>] = &[
    rule(Feature::Privileged, "privileged", |s| s.privileged, |s| s.privileged = false),
    rule(Feature::SeccompProfile, "security_opt", |s| s.seccomp.is_some(), |s| s.seccomp = None),
    rule(
        Feature::NoNewPrivileges,
        "security_opt",
        |s| s.no_new_privileges,
        |s| s.no_new_privileges = false,
    ),
    Rule {
        translate: Some(real_capabilities),
        ..rule(
            Feature::LinuxCapabilities,
            "cap_add, cap_drop",
            |s| !s.cap_add.is_empty() || !s.cap_drop.is_empty(),
            |s| (s.cap_add, s.cap_drop) = (Vec::new(), Vec::new()),
        )
    },
    Rule {
        translate: Some(profiles_only),
        ..rule(
            Feature::SecurityOptions,
            "security_opt",
            |s| s.security_opt.iter().any(|option| !unmasks(option)),
            |s| s.security_opt.retain(|option| unmasks(option)),
        )
    },
    rule(
        Feature::SystemPaths,
        "security_opt",
        |s| s.security_opt.iter().any(|option| unmasks(option)),
        |s| s.security_opt.retain(|option| !unmasks(option)),
    ),
    rule(Feature::ReadOnlyRootfs, "read_only", |s| s.read_only, |s| s.read_only = false),
    rule(Feature::RunAsUser, "user", |s| set(s.user.as_ref()), |s| s.user = None),
    rule(Feature::GroupAdd, "group_add", |s| !s.group_add.is_empty(), |s| s.group_add.clear()),
    rule(Feature::IpcNamespaceShare, "ipc", |s| shared(s.ipc.as_ref()), |s| s.ipc = None),
    rule(Feature::PidNamespaceShare, "pid", |s| shared(s.pid.as_ref()), |s| s.pid = None),
    rule(Feature::UtsNamespace, "uts", |s| set(s.uts.as_ref()), |s| s.uts = None),
    rule(Feature::CgroupNamespace, "cgroup", |s| set(s.cgroupns.as_ref()), |s| s.cgroupns = None),
    rule(
        Feature::CgroupParent,
        "cgroup_parent",
        |s| set(s.cgroup_parent.as_ref()),
        |s| s.cgroup_parent = None,
    ),
    rule(
        Feature::UserNamespace,
        "userns_mode",
        |s| s.userns.as_deref().is_some_and(|mode| !mode.is_empty() && mode != "host"),
        |s| s.userns = None,
    ),
    rule(
        Feature::Restart,
        "restart",
        |s| s.restart.as_ref().is_some_and(|policy| *policy != RestartPolicy::No),
        |s| s.restart = None,
    ),
    rule(Feature::Health, "healthcheck", |s| s.healthcheck.is_some(), |s| s.healthcheck = None),
    rule(
        Feature::StartInterval,
        "healthcheck.start_interval",
        |s| s.healthcheck.as_ref().is_some_and(|check| check.start_interval.is_some()),
        |s| {
            if let Some(check) = &mut s.healthcheck {
                check.start_interval = None;
            }
        },
    ),
    rule(Feature::RmOnExit, "rm", |s| s.auto_remove, |s| s.auto_remove = false),
    rule(Feature::Init, "init", |s| s.init == Some(true), |s| s.init = None),
    rule(
        Feature::StopSignal,
        "stop_signal",
        |s| set(s.stop_signal.as_ref()),
        |s| s.stop_signal = None,
    ),
    rule(
        Feature::StopTimeout,
        "stop_grace_period",
        |s| s.stop_timeout.is_some(),
        |s| s.stop_timeout = None,
    ),
    rule(Feature::Hostname, "hostname", |s| set(s.hostname.as_ref()), |s| s.hostname = None),
    rule(Feature::Domainname, "domainname", |s| s.domainname.is_some(), |s| s.domainname = None),
    rule(
        Feature::Annotations,
        "annotations",
        |s| !s.annotations.is_empty(),
        |s| s.annotations.clear(),
    ),
    rule(
        Feature::LogDriver,
        "logging.driver",
        |s| s.logging.as_ref().is_some_and(|logging| set(logging.driver.as_ref())),
        |s| s.logging = None,
    ),
    rule(Feature::OciRuntime, "runtime", |s| set(s.runtime.as_ref()), |s| s.runtime = None),
    rule(Feature::MultiArchPull, "platform", |s| set(s.platform.as_ref()), |s| s.platform = None),
    rule(Feature::Windows, "isolation, credential_spec, cpu_count, cpu_percent", windows, |s| {
        (s.isolation, s.credential_spec) = (None, None);
        (s.resources.cpu_count, s.resources.cpu_percent) = (None, None);
    }),
];
