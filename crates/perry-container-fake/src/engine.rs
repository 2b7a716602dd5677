//! What calls do to the state, the same for every face. Each face has its own words for [`Trouble`].

use crate::{
    record::{Attached, Container, Mount, MountKind, Network, State, Volume},
    shim::{AWAITS, SHIM},
    store::{Store, digest},
    wire::{Kind, Request, receive, send},
};
use std::{
    collections::BTreeSet,
    fs,
    io::{self, BufRead as _, BufReader, Read, Write},
    net::{Shutdown, TcpStream},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Why something was not done.
#[derive(Debug)]
#[expect(missing_docs, reason = "named after what is wrong; with the names of the objects")]
pub enum Trouble {
    NoContainer(String),
    NoNetwork(String),
    NoVolume(String),
    NoImage(String),
    Exists(String),
    HostnameTaken(String),
    NetworkExists(String),
    VolumeExists(String),
    IsRunning(String),
    NotRunning(String),
    NetworkUsed(String, Vec<String>),
    VolumeUsed(String),
    PortTaken(String),
    Failed(String),
    Io(io::Error),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// What a call on the state comes to.
pub type Done<T> = Result<T, Trouble>;

/// In which points the tools differ.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// A volume serves one running container at a time.
    pub exclusive_volumes: bool,
    /// A missing network is told at creation, not at start.
    pub networks_at_create: bool,
    /// Host names are unique over all containers.
    pub unique_hostnames: bool,
    /// Published ports are bound.
    pub bind_ports: bool,
}

/// The state with the rules of a face.
#[derive(Debug)]
pub struct Engine {
    /// The state.
    pub store: Store,
    /// The rules.
    pub rules: Rules,
}

/// How long the end of a container takes to show in the state once it is known.
const SETTLE: Duration = Duration::from_secs(5);

impl Engine {
    /// A container.
    ///
    /// # Errors
    /// [`Trouble::NoContainer`]
    pub fn container(&self, id: &str) -> Done<Container> {
        self.store.get(id).ok_or_else(|| Trouble::NoContainer(id.to_owned()))
    }

    /// Makes a container; volumes that it names and that are not there are made.
    ///
    /// # Errors
    /// When its name is taken, or something that it needs is missing. Nothing is left then.
    pub fn create(&self, mut new: Container) -> Done<Container> {
        let _held = self.store.lock()?;
        if self.store.get::<Container>(&new.id).is_some() {
            return Err(Trouble::Exists(new.id));
        }
        let image = self.store.image(&new.image);
        let image = image.ok_or_else(|| Trouble::NoImage(new.image.clone()))?;
        if self.rules.networks_at_create {
            self.networks(&new)?;
        }
        if self.rules.unique_hostnames {
            let taken: BTreeSet<String> = (self.store.all::<Container>().into_iter())
                .flat_map(|other| other.networks.into_iter().map(|at| at.hostname))
                .collect();
            if let Some(at) = new.networks.iter().find(|at| taken.contains(&at.hostname)) {
                return Err(Trouble::HostnameTaken(at.hostname.clone()));
            }
        }
        for mount in new.mounts.iter_mut().filter(|mount| mount.kind == MountKind::Volume) {
            let anonymous = mount.source.is_empty();
            if anonymous {
                mount.source = format!("anon-{}", made_up(&mount.target));
            }
            if self.store.get::<Volume>(&mount.source).is_none() {
                let (name, created) = (mount.source.clone(), self.store.now());
                self.store.put(&Volume { name, created, anonymous, ..Volume::default() })?;
            }
        }
        (new.digest, new.created) = (image.digest, self.store.now());
        self.store.put(&new)?;
        Ok(new)
    }

    fn networks(&self, of: &Container) -> Done<Vec<Network>> {
        let find = |at: &Attached| {
            self.store.get(&at.network).ok_or_else(|| Trouble::NoNetwork(at.network.clone()))
        };
        of.networks.iter().map(find).collect()
    }

    /// Starts a container; one that runs is left alone. With `attached` it begins only when somebody has attached.
    ///
    /// # Errors
    /// When something that it needs is missing or taken.
    pub fn start(&self, id: &str, attached: bool) -> Done<()> {
        let _held = self.store.lock()?;
        let mut new = self.container(id)?;
        if new.state == State::Running {
            return Ok(());
        }
        let running: Vec<Container> = (self.store.all::<Container>().into_iter())
            .filter(|other| other.state == State::Running)
            .collect();
        let taken = new.ports.iter().find(|port| {
            running.iter().flat_map(|other| &other.ports).any(|other| port.clashes(other))
        });
        if let Some(port) = taken {
            return Err(Trouble::PortTaken(format!("{}:{}", port.address, port.host)));
        }
        let volumes = |of: &Container| -> BTreeSet<String> {
            let volumes = of.mounts.iter().filter(|mount| mount.kind == MountKind::Volume);
            volumes.map(|mount| mount.source.clone()).collect()
        };
        if self.rules.exclusive_volumes {
            let used: BTreeSet<String> = running.iter().flat_map(volumes).collect();
            if let Some(name) = volumes(&new).into_iter().find(|name| used.contains(name)) {
                return Err(Trouble::VolumeUsed(name));
            }
        }
        for (at, network) in self.networks(&new)?.into_iter().enumerate() {
            let used: BTreeSet<&str> = (running.iter().flat_map(|other| &other.networks))
                .filter(|other| other.network == network.name)
                .map(|other| other.address.as_str())
                .collect();
            let (base, length) =
                (network.base(), network.subnet.rsplit('/').next().unwrap_or("24"));
            let free = (2..255).map(|n| format!("{base}{n}/{length}"));
            let free = free.into_iter().find(|address| !used.contains(address.as_str()));
            new.networks[at].address = free.unwrap_or_default();
            new.networks[at].gateway = format!("{base}1");
        }
        self.store.put(&new)?;
        self.spawn(id, attached)
    }

    /// Starts the process that runs a container and waits until it says how that went.
    fn spawn(&self, id: &str, attached: bool) -> Done<()> {
        use std::os::unix::process::CommandExt as _;
        let mut child = Command::new(std::env::current_exe()?)
            .env_clear()
            .env(SHIM, id)
            .env("FAKE_STATE", self.store.root())
            .envs(attached.then_some((AWAITS, "1")))
            .env("FAKE_PORTS", if self.rules.bind_ports { "real" } else { "" })
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        let mut line = String::new();
        if let Some(out) = child.stdout.take() {
            BufReader::new(out).read_line(&mut line)?;
        }
        match line.trim() {
            "ready" => Ok(()),
            said if said.contains("Address already in use") => {
                Err(Trouble::PortTaken("127.0.0.1".to_owned()))
            }
            said => Err(Trouble::Failed(said.to_owned())),
        }
    }

    /// A connection to the process of a running container.
    fn connect(&self, id: &str, request: &Request) -> Done<TcpStream> {
        let record = self.container(id)?;
        let (State::Running, Some((_, port))) = (record.state, record.shim) else {
            return Err(Trouble::NotRunning(id.to_owned()));
        };
        let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) else {
            // it ended a moment ago, or was killed with everything it knew
            self.settle(id);
            return Err(Trouble::NotRunning(id.to_owned()));
        };
        let mut line = serde_json::to_vec(request).map_err(io::Error::other)?;
        line.push(b'\n');
        stream.write_all(&line)?;
        Ok(stream)
    }

    /// Waits until the end of a container stands in the state.
    fn settle(&self, id: &str) {
        let until = Instant::now() + SETTLE;
        while Instant::now() < until {
            match self.store.get::<Container>(id) {
                Some(record) if record.state == State::Running => {
                    let alive = record.shim.is_some_and(|(pid, _)| alive(pid));
                    if !alive {
                        let ended = Container {
                            state: State::Exited,
                            exit: Some(137),
                            shim: None,
                            ..record
                        };
                        drop(self.store.put(&ended));
                        return;
                    }
                }
                _ => return,
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Asks a running container for something to its end: its status, or why there is none. What comes back goes to
    /// `out` and `err`; `input` is passed on.
    pub(crate) fn ask(
        &self,
        id: &str,
        request: &Request,
        input: Option<Box<dyn Read + Send>>,
        out: &mut dyn Write,
        err: &mut dyn Write,
    ) -> Done<i32> {
        let stream = self.connect(id, request)?;
        if let Some(mut input) = input {
            let mut to = stream.try_clone()?;
            // ends with this process, or when nobody takes what it sends
            thread::spawn(move || {
                let mut piece = [0; 8192];
                while let Ok(n) = input.read(&mut piece) {
                    if send(&mut to, Kind::In, &piece[..n]).is_err() || n == 0 {
                        break;
                    }
                }
            });
        } else {
            drop(stream.shutdown(Shutdown::Write));
        }
        let mut from = BufReader::new(stream);
        // a connection that is cut is that of a process that ended
        while let Ok(Some((kind, bytes))) = receive(&mut from) {
            let text = || String::from_utf8_lossy(&bytes).into_owned();
            match kind {
                Kind::Out => out.write_all(&bytes).and_then(|()| out.flush())?,
                Kind::Err => err.write_all(&bytes).and_then(|()| err.flush())?,
                Kind::Exit => return Ok(text().parse().unwrap_or(-1)),
                Kind::Failed => return Err(Trouble::Failed(text())),
                Kind::In => {}
            }
        }
        self.settle(id);
        Ok(137) // it was ended with everything in it
    }

    /// A request whose output does not matter.
    fn tell(&self, id: &str, request: &Request) -> Done<i32> {
        self.ask(id, request, None, &mut io::sink(), &mut io::sink())
    }

    /// Stops a container; one that does not run is left alone.
    ///
    /// # Errors
    /// [`Trouble::NoContainer`]
    pub fn stop(&self, id: &str, signal: &str, seconds: u32) -> Done<()> {
        if self.container(id)?.state != State::Running {
            return Ok(());
        }
        let ended = match signal {
            "KILL" => self
                .tell(id, &Request::Kill { signal: signal.to_owned() })
                .and_then(|_| self.tell(id, &Request::Wait)),
            _ => self.tell(id, &Request::Stop { seconds }),
        };
        self.settle(id);
        match ended {
            Ok(_) | Err(Trouble::NotRunning(_)) => Ok(()),
            Err(trouble) => Err(trouble),
        }
    }

    /// Sends a signal.
    ///
    /// # Errors
    /// When it does not run.
    pub fn kill(&self, id: &str, signal: &str) -> Done<()> {
        self.tell(id, &Request::Kill { signal: signal.to_owned() })?;
        if signal == "KILL" {
            drop(self.tell(id, &Request::Wait)); // it may be over already
            self.settle(id);
        }
        Ok(())
    }

    /// Waits for the end of a container that runs.
    ///
    /// # Errors
    /// [`Trouble::NoContainer`]
    pub fn wait(&self, id: &str) -> Done<()> {
        if self.container(id)?.state == State::Running {
            drop(self.tell(id, &Request::Wait)); // it may be over already
            self.settle(id);
        }
        Ok(())
    }

    /// Removes a container, and with `force` one that runs.
    ///
    /// # Errors
    /// When it is not there, or runs.
    pub fn remove(&self, id: &str, force: bool) -> Done<()> {
        if self.container(id)?.state == State::Running {
            if !force {
                return Err(Trouble::IsRunning(id.to_owned()));
            }
            self.stop(id, "KILL", 0)?;
        }
        let _held = self.store.lock()?;
        if !self.store.remove::<Container>(id) {
            return Err(Trouble::NoContainer(id.to_owned()));
        }
        for file in [self.store.log(id), self.store.files("root", id)] {
            drop(fs::remove_file(file)); // it may never have run
        }
        Ok(())
    }

    /// Makes a network with addresses of its own unless it brings some.
    ///
    /// # Errors
    /// [`Trouble::NetworkExists`]
    pub fn create_network(&self, mut new: Network) -> Done<()> {
        let _held = self.store.lock()?;
        if self.store.get::<Network>(&new.name).is_some() {
            return Err(Trouble::NetworkExists(new.name));
        }
        if new.subnet.is_empty() {
            let used: BTreeSet<String> =
                self.store.all::<Network>().into_iter().map(|other| other.subnet).collect();
            let all = (64..255).map(|n| format!("192.168.{n}.0/24"));
            let free = all.into_iter().find(|subnet| !used.contains(subnet));
            new.subnet = free.ok_or_else(|| Trouble::Failed("no subnet is free".to_owned()))?;
        }
        new.created = self.store.now();
        Ok(self.store.put(&new)?)
    }

    /// Removes a network.
    ///
    /// # Errors
    /// When it is not there, is used, or comes with the tool.
    pub fn remove_network(&self, name: &str) -> Done<()> {
        let _held = self.store.lock()?;
        let network: Network =
            self.store.get(name).ok_or_else(|| Trouble::NoNetwork(name.to_owned()))?;
        let users: Vec<String> = (self.store.all::<Container>().into_iter())
            .filter(|container| container.networks.iter().any(|at| at.network == name))
            .map(|container| container.id)
            .collect();
        if network.builtin || !users.is_empty() {
            return Err(Trouble::NetworkUsed(name.to_owned(), users));
        }
        self.store.remove::<Network>(name);
        Ok(())
    }

    /// Makes a volume.
    ///
    /// # Errors
    /// [`Trouble::VolumeExists`]
    pub fn create_volume(&self, mut new: Volume) -> Done<()> {
        let _held = self.store.lock()?;
        if self.store.get::<Volume>(&new.name).is_some() {
            return Err(Trouble::VolumeExists(new.name));
        }
        new.created = self.store.now();
        Ok(self.store.put(&new)?)
    }

    /// Removes a volume.
    ///
    /// # Errors
    /// When it is not there, or a container has it.
    pub fn remove_volume(&self, name: &str) -> Done<()> {
        let _held = self.store.lock()?;
        let used = self.store.all::<Container>().into_iter().any(|container| {
            let mut mounts = container.mounts.into_iter();
            mounts.any(|mount: Mount| mount.kind == MountKind::Volume && mount.source == name)
        });
        if used {
            return Err(Trouble::VolumeUsed(name.to_owned()));
        }
        if !self.store.remove::<Volume>(name) {
            return Err(Trouble::NoVolume(name.to_owned()));
        }
        drop(fs::remove_file(self.store.files("volume", name))); // nobody may have written to it
        Ok(())
    }
}

/// A UUID that nobody gave.
pub fn made_up(salt: &str) -> String {
    let hash = digest(&format!("{salt} {:?} {}", Instant::now(), std::process::id()));
    let hex = &hash["sha256:".len()..];
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..32])
}

/// Whether a process is there.
fn alive(pid: u32) -> bool {
    let pid = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
    pid.is_some_and(|pid| rustix::process::test_kill_process(pid).is_ok())
}
