//! What the reference accepts in silence and nobody can have meant: it stays what it is, and is said with its place.

use perry_container_yaml::{Kind, Node};

use crate::{PropertyPath, problem::Notices};

/// Looks at the services of a canonical document.
pub(crate) fn look(root: &Node, notices: &mut Notices) {
    let services = root.get("services").and_then(Node::as_map);
    for (name, entry) in services.into_iter().flatten() {
        let path = PropertyPath::from_iter(["services", name]);
        let mut doubts = Doubts { notices, path };
        doubts.service(&entry.value);
    }
}

struct Doubts<'a> {
    notices: &'a mut Notices,
    path: PropertyPath,
}

impl Doubts<'_> {
    fn service(&mut self, service: &Node) {
        self.text(service, "restart", is_restart, "no, always, on-failure, unless-stopped");
        self.text(service, "stop_signal", is_signal, "a name such as SIGTERM, or a number");
        let deploy = service.get("deploy");
        self.below("deploy", deploy, |doubts, deploy| {
            let modes = "replicated, global, replicated-job, global-job";
            doubts.text(deploy, "mode", |text| listed(text, modes), modes);
        });
        for (number, port) in items(service, "ports") {
            self.path.push("ports");
            self.below(&number.to_string(), Some(port), |doubts, port| {
                let protocols = "tcp, udp, sctp";
                doubts.text(port, "protocol", |text| listed(text, protocols), protocols);
                let modes = "ingress, host";
                doubts.text(port, "mode", |text| listed(text, modes), modes);
            });
            self.path.pop();
        }
    }

    fn below(&mut self, key: &str, node: Option<&Node>, look: impl FnOnce(&mut Self, &Node)) {
        self.path.push(key);
        if let Some(node) = node {
            look(self, node);
        }
        self.path.pop();
    }

    /// Says that a text is none of what is known.
    fn text(&mut self, of: &Node, key: &str, good: impl Fn(&str) -> bool, known: &str) {
        let Some(node) = of.get(key) else { return };
        let Kind::Str(text) = &node.kind else { return };
        if !text.is_empty() && !text.contains('$') && !good(text) {
            let path = self.path.join(key);
            let message = format!("{path}: {text:?} is nothing that is known here ({known})");
            self.notices.add(&path, node.span, message);
        }
    }
}

fn items<'a>(of: &'a Node, key: &str) -> impl Iterator<Item = (usize, &'a Node)> {
    of.get(key).and_then(Node::as_seq).into_iter().flatten().enumerate()
}

fn listed(text: &str, list: &str) -> bool {
    list.split(", ").any(|known| known == text)
}

fn is_restart(text: &str) -> bool {
    let (policy, times) = text.split_once(':').unwrap_or((text, "0"));
    match policy {
        "on-failure" => times.parse::<u32>().is_ok(),
        "no" | "always" | "unless-stopped" => !text.contains(':'),
        _ => false,
    }
}

/// Names with and without `SIG`, real-time ones with an offset, numbers.
fn is_signal(text: &str) -> bool {
    let name = text.to_ascii_uppercase();
    let name = name.strip_prefix("SIG").unwrap_or(&name);
    let known = "HUP INT QUIT ILL TRAP ABRT IOT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CLD CONT STOP \
                 TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO POLL PWR SYS UNUSED RTMIN RTMAX";
    let base = name.split(['+', '-']).next().unwrap_or(name);
    known.split_whitespace().any(|known| known == base) || text.parse::<u8>().is_ok()
}
