//! A socket that passes everything on to the engine's, counts the requests, and holds back those it is told to.

use std::io::{self, Read as _, Write as _};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// A socket in a new file, in front of an engine's. It ends when it is dropped.
pub struct Relay {
    path: PathBuf,
    stopped: Arc<AtomicBool>,
}

impl Relay {
    /// Hands every client that connects to `serve`, in the thread that accepts.
    ///
    /// # Errors
    /// When there can be no such file.
    pub fn start(serve: impl Fn(UnixStream) + Send + 'static) -> io::Result<Self> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path =
            std::env::temp_dir().join(format!("perry-proxy-{}-{number}.sock", std::process::id()));
        drop(std::fs::remove_file(&path));
        let listener = UnixListener::bind(&path)?;
        let stopped = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&stopped);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let (Ok(client), false) = (client, stop.load(Ordering::SeqCst)) else { return };
                serve(client);
            }
        });
        Ok(Self { path, stopped })
    }

    /// What `DOCKER_HOST` has to be.
    #[must_use]
    pub fn address(&self) -> String {
        format!("unix://{}", self.path.display())
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts.
        drop(UnixStream::connect(&self.path));
        drop(std::fs::remove_file(&self.path));
    }
}

/// A counting socket between a client and an engine. It ends when it is dropped.
pub struct Proxy {
    relay: Relay,
    calls: Arc<AtomicU64>,
}

impl Proxy {
    /// Listens on a socket in a new file and passes on to the engine's.
    ///
    /// # Errors
    /// When there can be no such file.
    pub fn start(engine: &str) -> io::Result<Self> {
        Self::holding(engine, &[], Duration::ZERO)
    }

    /// The same; a request whose first line holds one of these texts reaches the engine so much later.
    ///
    /// # Errors
    /// When there can be no such file.
    pub fn holding(engine: &str, texts: &[&str], delay: Duration) -> io::Result<Self> {
        let texts: Arc<[String]> = texts.iter().map(|text| (*text).to_owned()).collect();
        let calls = Arc::new(AtomicU64::new(0));
        let (count, engine) = (Arc::clone(&calls), engine.to_owned());
        let relay = Relay::start(move |client| {
            if let Ok(server) = UnixStream::connect(&engine) {
                join(client, server, &count, Arc::clone(&texts), delay);
            }
        })?;
        Ok(Self { relay, calls })
    }

    /// What `DOCKER_HOST` has to be.
    #[must_use]
    pub fn address(&self) -> String {
        self.relay.address()
    }

    /// Requests so far.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::SeqCst)
    }
}

fn join(
    client: UnixStream,
    server: UnixStream,
    calls: &Arc<AtomicU64>,
    texts: Arc<[String]>,
    delay: Duration,
) {
    let (Ok(client_too), Ok(server_too)) = (client.try_clone(), server.try_clone()) else { return };
    let calls = Arc::clone(calls);
    std::thread::spawn(move || {
        let mut heads = Heads::default();
        copy(client, server, |bytes| {
            calls.fetch_add(heads.count(bytes), Ordering::SeqCst);
            // A client sends a request in one piece, its first line first.
            let head = bytes.split(|byte| *byte == b'\r').next().unwrap_or_default();
            let head = String::from_utf8_lossy(head);
            if texts.iter().any(|text| head.contains(text)) {
                std::thread::sleep(delay);
            }
        });
    });
    std::thread::spawn(move || copy(server_too, client_too, |_| {}));
}

fn copy(mut from: UnixStream, mut to: UnixStream, mut see: impl FnMut(&[u8])) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(n) = from.read(&mut buffer) {
        if n == 0 {
            break;
        }
        see(&buffer[..n]);
        if to.write_all(&buffer[..n]).is_err() {
            break;
        }
    }
    drop(to.shutdown(Shutdown::Write));
}

/// Finds request lines in what a client sends. Bodies here are JSON, in which no line ends with ` HTTP/1.1\r\n`.
#[derive(Default)]
struct Heads {
    /// The end of the current line.
    line: Vec<u8>,
}

impl Heads {
    fn count(&mut self, bytes: &[u8]) -> u64 {
        let mut found = 0;
        for byte in bytes {
            if self.line.len() == 64 {
                self.line.drain(..32);
            }
            self.line.push(*byte);
            if *byte == b'\n' {
                found += u64::from(self.line.ends_with(b" HTTP/1.1\r\n"));
                self.line.clear();
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_however_they_are_cut() {
        let text = b"GET /v1.45/containers/json?all=1 HTTP/1.1\r\nHost: d\r\n\r\nPOST /x HTTP/1.1\r\n\r\n{\"a\": \"GET / HTTP/1.1\"}";
        for size in [1, 7, 1000] {
            let mut heads = Heads::default();
            assert_eq!(text.chunks(size).map(|chunk| heads.count(chunk)).sum::<u64>(), 2);
        }
    }

    #[test]
    fn what_is_sent_comes_through() {
        let path =
            std::env::temp_dir().join(format!("perry-proxy-test-{}.sock", std::process::id()));
        drop(std::fs::remove_file(&path));
        let engine = UnixListener::bind(&path).unwrap();
        let proxy = Proxy::start(path.to_str().unwrap()).unwrap();
        let mut client =
            UnixStream::connect(proxy.address().strip_prefix("unix://").unwrap()).unwrap();
        client.write_all(b"GET /_ping HTTP/1.1\r\n\r\n").unwrap();
        let (mut served, _) = engine.accept().unwrap();
        let mut got = [0; 24];
        served.read_exact(&mut got[..23]).unwrap();
        served.write_all(b"OK").unwrap();
        let mut reply = [0; 2];
        client.read_exact(&mut reply).unwrap();
        assert_eq!((&got[..4], &reply, proxy.calls()), (&b"GET "[..], b"OK", 1));
        drop(std::fs::remove_file(&path));
    }
}
