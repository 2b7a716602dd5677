//! Serves a snapshot of a registry until its standard input ends: `registry SNAPSHOT [FROM TO]...` copies repositories
//! first. Its address is the first line that it prints.
#![expect(clippy::print_stdout, reason = "a program of its own")]

use perry_container_testkit::registry::{RegistryServer, Store};
use std::io::Read as _;

fn main() -> std::io::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [snapshot, copies @ ..] = args.as_slice() else {
        return Err(std::io::Error::other("registry SNAPSHOT [FROM TO]..."));
    };
    let mut store = Store::from_snapshot(&std::fs::read_to_string(snapshot)?);
    for pair in copies.chunks_exact(2) {
        store.copy(&pair[0], &pair[1]);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let server = RegistryServer::start(store).await;
        println!("{}", server.host());
        tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
        Ok(())
    })
}
