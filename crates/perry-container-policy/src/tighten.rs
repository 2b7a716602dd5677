//! A container's spec under a policy.

use crate::{ContainerFlags, NOBODY, STRICT};
use perry_container_spec::{ContainerSpec, Mount, MountKind, Namespace, Network};
use std::fmt;

/// A property that would have loosened a policy, and was left out or changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overridden {
    /// The property's path below its node, as JSON has it (`capAdd`).
    pub path: String,
    /// What happens instead.
    pub text: String,
}

impl Overridden {
    pub(crate) fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into() }
    }
}

impl fmt::Display for Overridden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.text)
    }
}

/// Where a read-only container can still write, in memory.
const WRITABLE: [&str; 2] = ["/tmp", "/run"];
const WRITABLE_SIZE: u64 = 64 * 1024 * 1024;
/// With these a container can reach what its namespaces keep from it.
const POWERS: [&str; 8] = [
    "ALL",
    "SYS_ADMIN",
    "SYS_MODULE",
    "SYS_PTRACE",
    "SYS_RAWIO",
    "NET_ADMIN",
    "BPF",
    "DAC_READ_SEARCH",
];

impl ContainerFlags {
    /// Puts these settings on a container and takes off what would undo them. What was stricter already stays. Each
    /// property that had to be changed against what was asked for is told; doing it twice changes nothing.
    pub fn tighten<V>(self, spec: &mut ContainerSpec<V>) -> Vec<Overridden> {
        let mut told = Told(Vec::new());
        if self.is_none() {
            return told.0;
        }
        self.no_way_round(spec, &mut told);
        self.network(spec, &mut told);
        self.files(spec, &mut told);
        self.identity(spec, &mut told);
        self.limits(spec, &mut told);
        told.0
    }

    /// Whatever is demanded: nothing that gives a container the host.
    fn no_way_round<V>(self, spec: &mut ContainerSpec<V>, told: &mut Told) {
        if std::mem::take(&mut spec.privileged) {
            told.add("privileged", "ignored: it would undo the policy");
        }
        told.emptied("devices", &mut spec.devices, "are left out: they would undo the policy");
        told.emptied("deviceCgroupRules", &mut spec.device_cgroup_rules, "are left out");
        let shared = |of: &Option<Namespace<V>>| match of {
            Some(Namespace::Mode(mode)) => {
                !matches!(mode.as_str(), "private" | "none" | "shareable")
            }
            Some(Namespace::Container(_)) => true,
            None => false,
        };
        for (path, namespace) in [("pid", &mut spec.pid), ("ipc", &mut spec.ipc)] {
            if shared(namespace) {
                *namespace = None;
                told.add(path, "ignored: the namespace is its own");
            }
        }
        let host = |mode: &Option<String>| mode.as_deref() == Some("host");
        for (path, mode) in
            [("uts", &mut spec.uts), ("userns", &mut spec.userns), ("cgroupns", &mut spec.cgroupns)]
        {
            if host(mode) {
                *mode = None;
                told.add(path, "ignored: the namespace is its own");
            }
        }
        let before = spec.cap_add.len();
        // Without any capability these go with the others.
        spec.cap_add
            .retain(|name| self.no_capabilities || !POWERS.contains(&capability(name).as_str()));
        if spec.cap_add.len() < before {
            told.add("capAdd", "capabilities that would undo the policy are not added");
        }
        let before = spec.security_opt.len();
        spec.security_opt.retain(|option| !loosens(option));
        if spec.security_opt.len() < before {
            told.add("securityOpt", "options that would undo the policy are left out");
        }
        if spec.seccomp.as_deref() == Some("unconfined") {
            spec.seccomp = None;
            told.add("seccomp", "`unconfined` is ignored: it would undo the policy");
        }
    }

    fn network<V>(self, spec: &mut ContainerSpec<V>, told: &mut Told) {
        if !self.no_network {
            return;
        }
        if matches!(spec.network, Network::Host | Network::Container(_) | Network::Named(_)) {
            told.add("networkMode", "ignored: it has no network");
        }
        spec.network = Network::None;
        told.emptied("ports", &mut spec.ports, "are not published: it has no network");
    }

    fn files<V>(self, spec: &mut ContainerSpec<V>, told: &mut Told) {
        if self.read_only {
            spec.read_only = true;
            for target in WRITABLE {
                let trimmed = |mount: &Mount| mount.target.trim_end_matches('/') == target;
                if !spec.mounts.iter().any(trimmed) {
                    spec.mounts.push(Mount {
                        size: Some(WRITABLE_SIZE),
                        mode: Some(0o1777),
                        options: ["nosuid", "nodev", "noexec"].map(str::to_owned).to_vec(),
                        ..Mount::new(MountKind::Tmpfs, None, target)
                    });
                }
            }
        }
        if self.read_only_binds {
            for mount in spec.mounts.iter_mut().filter(|mount| mount.kind == MountKind::Bind) {
                if !mount.read_only {
                    let text = format!("{} is mounted read-only", mount.target);
                    told.add("volumes", text);
                }
                mount.read_only = true;
                mount.recursive = None; // `writable` below a read-only bind
            }
        }
    }

    fn identity<V>(self, spec: &mut ContainerSpec<V>, told: &mut Told) {
        if self.no_capabilities {
            told.emptied("capAdd", &mut spec.cap_add, "are not added: it has no capability");
            spec.cap_drop = vec!["ALL".to_owned()];
        }
        spec.no_new_privileges |= self.no_new_privileges;
        if self.strict_seccomp {
            if spec.seccomp.as_deref().is_some_and(|name| !matches!(name, STRICT | "default" | ""))
            {
                told.add("seccomp", "ignored: the profile is the strict one");
            }
            spec.seccomp = Some(STRICT.to_owned());
            spec.security_opt.retain(|option| !option.starts_with("seccomp"));
        }
        if self.non_root && !spec.user.as_deref().is_some_and(is_numbered) {
            if let Some(user) = &spec.user {
                told.add("user", format!(
                    "`{user}` is not taken: only a number other than 0 is surely not root; it runs as {NOBODY}"
                ));
            }
            spec.user = Some(NOBODY.to_owned());
        }
        if self.non_root {
            let root = spec.group_add.iter().filter(|group| !is_numbered(group)).count();
            spec.group_add.retain(|group| is_numbered(group));
            if root > 0 {
                told.add("groupAdd", "only numbers other than 0 are taken");
            }
        }
    }

    fn limits<V>(self, spec: &mut ContainerSpec<V>, told: &mut Told) {
        let all = &mut spec.resources;
        least(&mut all.pids, self.pids, "resources.pids", told);
        least(&mut all.nano_cpus, self.nano_cpus, "resources.cpu", told);
        if self.nano_cpus.is_some() {
            (all.cpu_quota, all.cpu_period) = (None, None); // the same limit in other words
        }
        least(&mut all.memory, self.memory, "resources.memory", told);
        if self.memory.is_some() {
            all.memory_swap = all.memory;
            all.oom_kill_disable = None;
            all.oom_score_adj = all.oom_score_adj.filter(|adjust| *adjust >= 0);
        }
    }
}

struct Told(Vec<Overridden>);

impl Told {
    fn add(&mut self, path: &str, text: impl Into<String>) {
        self.0.push(Overridden::new(path, text));
    }

    fn emptied<T>(&mut self, path: &str, list: &mut Vec<T>, text: &str) {
        if !std::mem::take(list).is_empty() {
            self.add(path, text);
        }
    }
}

/// The smaller of two limits; less than one is none.
fn least(own: &mut Option<i64>, demanded: Option<i64>, path: &str, told: &mut Told) {
    let Some(most) = demanded else { return };
    if own.is_some_and(|own| own > most || own < 1) {
        told.add(path, format!("more than the policy's {most}, which holds"));
    }
    *own = Some(own.filter(|own| *own >= 1).map_or(most, |own| own.min(most)));
}

/// `cap_net_admin` is NET_ADMIN.
fn capability(name: &str) -> String {
    let name = name.to_ascii_uppercase();
    name.strip_prefix("CAP_").map(str::to_owned).unwrap_or(name)
}

fn loosens(option: &str) -> bool {
    let (key, value) = option.split_once(['=', ':']).unwrap_or((option, ""));
    matches!(
        (key, value),
        ("apparmor" | "seccomp" | "systempaths", "unconfined")
            | ("label", "disable")
            | ("no-new-privileges", "false")
            | ("unmask" | "proc-opts" | "credentialspec", _)
    )
}

/// `1000`, `1000:1000`: numbers other than 0, the group's too.
fn is_numbered(user: &str) -> bool {
    let number = |part: &str| part.parse::<u32>().is_ok_and(|number| number > 0);
    match user.split_once(':') {
        Some((user, group)) => number(user) && number(group),
        None => number(user),
    }
}

/// Whether a mount puts something that can be written to over the whole root.
///
/// ```
/// # use perry_container_policy::over_root;
/// assert!(over_root(&"data:/".parse().unwrap()));
/// assert!(over_root(&"data:/.//".parse().unwrap()));
/// assert!(!over_root(&"data:/:ro".parse().unwrap()) && !over_root(&"data:/data".parse().unwrap()));
/// ```
pub fn over_root(mount: &Mount) -> bool {
    !mount.read_only && mount.target.split('/').all(|part| matches!(part, "" | "." | ".."))
}

/// Whether a mount gives a container the engine that runs it, and with it everything.
///
/// ```
/// # use perry_container_policy::is_engine_socket;
/// assert!(is_engine_socket(&"/var/run/docker.sock:/docker.sock:ro".parse().unwrap()));
/// assert!(!is_engine_socket(&"/srv:/srv".parse().unwrap()));
/// ```
pub fn is_engine_socket(mount: &Mount) -> bool {
    const SOCKETS: [&str; 4] = ["docker.sock", "podman.sock", "containerd.sock", "crio.sock"];
    let name = mount.source.as_deref().and_then(|source| source.rsplit('/').next());
    mount.kind == MountKind::Bind && name.is_some_and(|name| SOCKETS.contains(&name))
}
