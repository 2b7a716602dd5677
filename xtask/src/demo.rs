//! `cargo xtask demo`: from nothing to a running stack and back, on real runtimes, to look at.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;

use crate::engine::Engine;
use crate::run::Cmd;
use crate::ui::{bold, cyan, dim, green, heading, red, took};
use crate::{lab, run, workspace};

const PROJECT: &str = "perry-demo";
const PORT: u16 = 18080;
const STEP: Duration = Duration::from_secs(180);

#[derive(Args)]
pub(crate) struct Options {
    /// Only this engine: docker or podman
    #[arg(long, value_name = "NAME", value_parser = ["docker", "podman"])]
    engine: Option<String>,
    /// Take the engines as they are, set nothing up
    #[arg(long)]
    no_lab: bool,
    /// Show this binary instead of building one
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
}

pub(crate) fn main(options: &Options) -> Result<()> {
    let start = Instant::now();
    println!(
        "{}",
        bold("perry-container: a compose file, real containers, and nothing left behind")
    );
    if !options.no_lab {
        heading("The lab: engines, registry and images of this machine");
        lab::up()?;
    }
    let binary = match &options.binary {
        Some(binary) => binary.clone(),
        None => {
            heading("Building perry-compose");
            build()?
        }
    };
    println!(
        "{}",
        dim(&format!("   {}", binary.strip_prefix(workspace::root()).unwrap_or(&binary).display()))
    );

    let mut shown = 0;
    for engine in [Engine::docker(), Engine::podman()] {
        if options.engine.as_deref().is_some_and(|name| name != engine.name) {
            continue;
        }
        if !engine.answers() {
            println!("\n{} {} does not answer here", red("skipped:"), engine.name);
            continue;
        }
        heading(&format!("fixtures/demo on {}", engine.name));
        let show = Show { engine, binary: &binary, port: free_port()? };
        let result = show.all();
        engine.sweep(PROJECT);
        result.with_context(|| format!("on {}", engine.name))?;
        shown += 1;
    }
    ensure!(shown > 0, "no container engine answers on this machine");
    println!(
        "\n{} {}",
        green("done"),
        dim(&format!("in {}; nothing is left but the lab's daemons", took(start.elapsed())))
    );
    Ok(())
}

/// The quickest way to a first binary: without optimisation.
pub(crate) fn build() -> Result<PathBuf> {
    workspace::cargo().args(["build", "--quiet", "--package", "perry-container-cli"]).run()?;
    Ok(workspace::target().join("debug/perry-compose"))
}

struct Show<'a> {
    engine: Engine,
    binary: &'a Path,
    port: u16,
}

impl Show<'_> {
    fn all(&self) -> Result<()> {
        let engine = self.engine;
        engine.sweep(PROJECT);

        self.compose(&["up", "-d", "--wait"])?;
        self.compose(&["ps"])?;

        let address = format!("127.0.0.1:{}", self.port);
        println!("\n{} curl http://{address}/", cyan("$"));
        let page = page(&address)?;
        println!("{}", page.trim_end());
        ensure!(
            page.contains("cache answers +PONG"),
            "the page does not say that the cache answers"
        );
        ensure!(page.contains("db is open"), "the page does not say that the database is open");

        let before = engine.lives(PROJECT)?;
        let again = Instant::now();
        self.compose(&["up", "-d", "--wait"])?;
        let after = engine.lives(PROJECT)?;
        ensure!(before == after, "the second up touched a container:\n{before:#?}\n{after:#?}");
        ok(&format!(
            "the second up touched none of {} containers, in {}",
            after.len(),
            took(again.elapsed())
        ));

        self.compose(&["down"])?;
        let left = engine.objects(PROJECT)?;
        ensure!(left.containers.is_empty(), "down left containers: {}", left.containers.join(" "));
        ensure!(left.networks.is_empty(), "down left networks: {}", left.networks.join(" "));
        ensure!(
            left.volumes == [format!("{PROJECT}_data")],
            "down left these volumes: {:?}",
            left.volumes
        );
        ok(&format!("down kept the data: volume {}", left.volumes.join(" ")));

        self.compose(&["down", "-v"])?;
        ensure!(engine.objects(PROJECT)?.is_empty(), "down -v left something of {PROJECT}");
        let processes = processes_of(self.binary);
        ensure!(processes.is_empty(), "processes of perry-compose are still there: {processes:?}");
        ok("no container, network, volume or process of the demo is left");
        Ok(())
    }

    fn compose(&self, args: &[&str]) -> Result<()> {
        let file = Path::new("fixtures/demo/compose.yaml");
        println!(
            "\n{} perry-compose -f {} -p {PROJECT} {}",
            cyan("$"),
            file.display(),
            args.join(" ")
        );
        self.command(file, args).run()
    }

    fn command(&self, file: &Path, args: &[&str]) -> Cmd {
        Cmd::new(self.binary)
            .arg("-f")
            .arg(file)
            .args(["-p", PROJECT])
            .args(args.iter().copied())
            .dir(workspace::root())
            .env("PATH", lab::path())
            .env("PERRY_CONTAINER_BACKEND", self.engine.name)
            .env("DEMO_PORT", self.port.to_string())
            .limit(STEP)
    }
}

fn ok(text: &str) {
    println!("{} {text}", green("✓"));
}

/// The demo's usual port, or any other where that is taken.
fn free_port() -> Result<u16> {
    let listener =
        TcpListener::bind(("127.0.0.1", PORT)).or_else(|_| TcpListener::bind(("127.0.0.1", 0)))?;
    Ok(listener.local_addr()?.port())
}

/// The web page, asked for until it comes: a published port may answer a moment after the container does.
fn page(address: &str) -> Result<String> {
    let until = Instant::now() + Duration::from_secs(10);
    loop {
        match get(address) {
            Ok(page) => return Ok(page),
            Err(error) if Instant::now() > until || run::interrupted() => {
                return Err(error.context(format!("asking http://{address}/")));
            }
            Err(_) => std::thread::sleep(Duration::from_millis(100)),
        }
    }
}

fn get(address: &str) -> Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    stream.write_all(b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n")?;
    let mut reply = String::new();
    stream.read_to_string(&mut reply)?;
    let Some((head, body)) = reply.split_once("\r\n\r\n") else { bail!("no HTTP reply") };
    let status = head.lines().next().unwrap_or_default();
    ensure!(status.contains(" 200 "), "the page answers {status}");
    Ok(body.to_owned())
}

/// Processes that run this binary.
pub(crate) fn processes_of(binary: &Path) -> Vec<String> {
    let Ok(binary) = binary.canonicalize() else { return vec![] };
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let runs = |pid: &Path| std::fs::read_link(pid.join("exe")).is_ok_and(|exe| exe == binary);
    entries
        .filter(|entry| runs(&entry.path()))
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect()
}
