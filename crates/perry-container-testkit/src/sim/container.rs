//! One container: its state as a function of time.

use super::{Script, clock::stamp, shell::files::Files};
use indexmap::IndexMap;
use perry_container_spec::{
    ContainerInfo, ContainerSpec, Endpoint, Health, HealthTest, Id, LogSource, MountInfo,
    PublishedPort, RestartPolicy, RuntimeEventKind, State,
};
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;

/// A line of output.
pub(crate) struct Printed {
    pub(crate) at: Instant,
    pub(crate) source: LogSource,
    /// With its end, where it has one.
    pub(crate) text: String,
}

pub(crate) struct Container {
    pub(crate) id: Id,
    /// How many were made before it, and it.
    pub(crate) born: u64,
    pub(crate) name: String,
    pub(crate) spec: ContainerSpec,
    /// Those of its spec, as its events share them.
    pub(crate) labels: Arc<IndexMap<String, String>>,
    pub(crate) image_id: Id,
    pub(crate) script: Script,
    pub(crate) state: State,
    pub(crate) created: Instant,
    pub(crate) started: Option<Instant>,
    pub(crate) finished: Option<Instant>,
    pub(crate) exit_code: Option<i32>,
    pub(crate) error: Option<String>,
    pub(crate) restarts: u32,
    /// Stopped by somebody: not started again.
    pub(crate) stopped: bool,
    /// How it ends because it was asked to.
    pub(crate) ending: Option<(Instant, i32)>,
    pub(crate) restart_at: Option<Instant>,
    pub(crate) health: Option<Health>,
    pub(crate) next_probe: Option<Instant>,
    pub(crate) failures: u32,
    pub(crate) logs: Vec<Printed>,
    pub(crate) printed: usize,
    pub(crate) networks: IndexMap<String, Endpoint>,
    pub(crate) mounts: Vec<MountInfo>,
    /// Published ports while it runs.
    pub(crate) ports: Vec<PublishedPort>,
    pub(crate) files: Files,
    /// What was printed without an end of a line, on stdout and stderr.
    pub(crate) partial: [Vec<u8>; 2],
    /// Input that its main process has not read yet.
    pub(crate) stdin: Vec<u8>,
    pub(crate) stdin_closed: bool,
    /// A signal that its main process may catch.
    pub(crate) asked_to_stop: bool,
}

/// What comes next by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Next {
    Print,
    Probe,
    Exit(i32),
    Restart,
}

impl Container {
    /// Whether it has a health check: its own, else the image's.
    pub(crate) fn has_check(&self) -> bool {
        match self.spec.healthcheck.as_ref().map(|check| &check.test) {
            Some(HealthTest::Disabled) => false,
            Some(HealthTest::Shell(_) | HealthTest::Command(_)) => true,
            Some(HealthTest::Inherit) | None => self.script.has_healthcheck,
        }
    }

    fn check_time(
        &self,
        of: fn(&perry_container_spec::Healthcheck) -> Option<Duration>,
        or: Duration,
    ) -> Duration {
        self.spec.healthcheck.as_ref().and_then(of).filter(|time| !time.is_zero()).unwrap_or(or)
    }

    fn probe_gap(&self, now: Instant) -> Duration {
        let interval = self.check_time(|c| c.interval, Duration::from_secs(30));
        let starting = self.started.is_some_and(|at| now < at + self.start_period());
        if starting {
            self.check_time(|c| c.start_interval, interval.min(Duration::from_secs(5)))
        } else {
            interval
        }
    }

    fn start_period(&self) -> Duration {
        self.check_time(|c| c.start_period, Duration::ZERO)
    }

    /// Begins to run.
    pub(crate) fn begin(&mut self, now: Instant, native_health: bool) {
        (self.state, self.started, self.finished) = (State::Running, Some(now), None);
        (self.exit_code, self.error) = (Some(0), None);
        (self.stopped, self.ending, self.restart_at) = (false, None, None);
        (self.failures, self.printed) = (0, 0);
        (self.asked_to_stop, self.stdin_closed) = (false, !self.spec.stdin_open);
        self.health = self.has_check().then_some(Health::Starting);
        self.next_probe = (self.has_check() && native_health).then(|| now + self.probe_gap(now));
    }

    /// The next thing that happens by itself.
    pub(crate) fn next(&self) -> Option<(Instant, Next)> {
        match self.state {
            State::Running => {
                let started = self.started?;
                let print = self.script.prints.get(self.printed);
                let print = print.map(|(after, ..)| (started + *after, Next::Print));
                let probe = self.next_probe.map(|at| (at, Next::Probe));
                let exit =
                    self.script.exits.map(|(after, code)| (started + after, Next::Exit(code)));
                let ending = self.ending.map(|(at, code)| (at, Next::Exit(code)));
                [print, probe, ending, exit].into_iter().flatten().min()
            }
            State::Restarting => self.restart_at.map(|at| (at, Next::Restart)),
            _ => None,
        }
    }

    pub(crate) fn print(&mut self, at: Instant) {
        if let Some((_, source, line)) = self.script.prints.get(self.printed) {
            self.logs.push(Printed { at, source: *source, text: format!("{line}\n") });
            self.printed += 1;
        }
    }

    /// Runs a probe as the engine does; the new health if it changed.
    pub(crate) fn probe(&mut self, now: Instant) -> Option<Health> {
        let started = self.started?;
        self.next_probe = Some(now + self.probe_gap(now));
        let before = self.health;
        if self.script.is_healthy(now - started) {
            (self.health, self.failures) = (Some(Health::Healthy), 0);
        } else if now >= started + self.start_period() {
            self.failures += 1;
            let retries =
                self.spec.healthcheck.as_ref().and_then(|check| check.retries).unwrap_or(3);
            if self.failures >= retries {
                self.health = Some(Health::Unhealthy);
            }
        }
        self.health.filter(|_| self.health != before)
    }

    /// Output of its main process.
    pub(crate) fn log(&mut self, source: LogSource, bytes: &[u8]) {
        let partial = &mut self.partial[usize::from(source == LogSource::Stderr)];
        partial.extend_from_slice(bytes);
        let at = Instant::now();
        while let Some(end) = partial.iter().position(|byte| *byte == b'\n') {
            let rest = partial.split_off(end + 1);
            let line = std::mem::replace(partial, rest);
            let text = String::from_utf8_lossy(&line).into_owned();
            self.logs.push(Printed { at, source, text });
        }
    }

    /// Ends; whether it will be started again.
    pub(crate) fn exit(&mut self, now: Instant, code: i32, can_restart: bool) -> bool {
        (self.state, self.finished, self.exit_code) = (State::Exited, Some(now), Some(code));
        (self.ending, self.next_probe) = (None, None);
        for source in [LogSource::Stdout, LogSource::Stderr] {
            let rest = std::mem::take(&mut self.partial[usize::from(source == LogSource::Stderr)]);
            if !rest.is_empty() {
                let text = String::from_utf8_lossy(&rest).into_owned();
                self.logs.push(Printed { at: now, source, text });
            }
        }
        if self.health.is_some() {
            self.health = Some(Health::Unhealthy);
        }
        let again = can_restart
            && !self.stopped
            && match &self.spec.restart {
                None | Some(RestartPolicy::No) => false,
                Some(RestartPolicy::Always | RestartPolicy::UnlessStopped) => true,
                Some(RestartPolicy::OnFailure(most)) => {
                    code != 0 && most.is_none_or(|most| most == 0 || self.restarts < most)
                }
            };
        if again {
            self.state = State::Restarting;
            let wait = Duration::from_millis(100 << self.restarts.min(9));
            self.restart_at = Some(now + wait.min(Duration::from_secs(60)));
            self.restarts += 1;
        }
        again
    }

    /// As the runtime shows it.
    pub(crate) fn info(&self, begin: Instant) -> ContainerInfo {
        let time = |at: Option<Instant>| at.map(|at| stamp(begin, at)).unwrap_or_default();
        let mut ports = self.ports.clone();
        for port in &self.spec.ports {
            if !ports.iter().any(|p| (p.container, p.protocol) == (port.container, port.protocol)) {
                let (container, protocol) = (port.container, port.protocol);
                ports.push(PublishedPort { container, protocol, ip: None, host: None });
            }
        }
        ports.extend(self.spec.expose.iter().filter_map(|text| text.parse().ok()));
        ports.sort();
        ports.dedup();
        let mut command = self.spec.entrypoint.clone().unwrap_or_default();
        command.extend(self.spec.command.clone().unwrap_or_default());
        if command.is_empty() {
            command.push("main".to_owned()); // the image's own
        }
        ContainerInfo {
            image_id: self.image_id.clone(),
            state: self.state,
            health: self.health.filter(|_| self.state.is_up()),
            healthcheck: (self.spec.healthcheck.clone()).filter(|check| {
                matches!(check.test, HealthTest::Shell(_) | HealthTest::Command(_))
            }),
            restart: self.spec.restart.clone().filter(|policy| *policy != RestartPolicy::No),
            exit_code: self.exit_code.filter(|_| !self.state.is_up() && self.started.is_some()),
            error: self.error.clone(),
            ports,
            created: stamp(begin, self.created),
            started: time(self.started),
            finished: time(self.finished),
            restart_count: self.restarts,
            labels: self.spec.labels.clone(),
            networks: self.networks.clone(),
            mounts: self.mounts.clone(),
            command,
            tty: self.spec.tty,
            ..ContainerInfo::new(&self.id, &self.name, &self.spec.image)
        }
    }

    /// The other containers it cannot be without.
    pub(crate) fn leans_on(spec: &ContainerSpec) -> impl Iterator<Item = &str> {
        use perry_container_spec::{Namespace, Network};
        let network = match &spec.network {
            Network::Container(id) => Some(id.as_str()),
            _ => None,
        };
        let spaces = [&spec.pid, &spec.ipc].into_iter().filter_map(|space| match space {
            Some(Namespace::Container(id)) => Some(id.as_str()),
            _ => None,
        });
        let from = spec.volumes_from.iter().map(|from| from.container.as_str());
        let links = spec.links.iter().map(|link| link.container.as_str());
        network.into_iter().chain(spaces).chain(from).chain(links)
    }
}

/// An event that a transition tells.
pub(crate) type Told = RuntimeEventKind;
