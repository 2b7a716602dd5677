//! The same calls made raw: what an engine takes for them, whoever makes them.
//!
//! One run of ours is recorded on a socket of ours, and told again without us: a request is made as soon as all those
//! have ended that had ended when it was made the first time. Nobody decides anything meanwhile, so the time it takes
//! is the engine's, at the same concurrency.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use perry_container_lab_tests::Relay;

/// No call of a bench takes so long.
const LIMIT: Duration = Duration::from_secs(60);

/// One request and what came of it.
#[derive(Clone, Default)]
struct Exchange {
    /// Head and body, as they were sent.
    request: Vec<u8>,
    /// Its number among all beginnings and ends.
    began: usize,
    /// The same; none when the client went away first, as from a stream of events.
    ended: Option<usize>,
    status: u16,
    body: Vec<u8>,
}

/// What a client asked an engine.
pub(super) struct Recording {
    engine: String,
    exchanges: Vec<Exchange>,
}

#[derive(Default)]
struct Log {
    clock: usize,
    exchanges: Vec<Exchange>,
}

impl Log {
    fn tick(&mut self) -> usize {
        self.clock += 1;
        self.clock
    }
}

/// A socket between a client and an engine that keeps what goes through. It ends when it is dropped.
pub(super) struct Recorder {
    engine: String,
    relay: Relay,
    log: Arc<Mutex<Log>>,
}

impl Recorder {
    pub(super) fn start(engine: &str) -> Result<Self> {
        let log = Arc::new(Mutex::new(Log::default()));
        let (to, log_too) = (engine.to_owned(), Arc::clone(&log));
        let relay = Relay::start(move |client| {
            let (to, log) = (to.clone(), Arc::clone(&log_too));
            // A connection that breaks is the client's to complain about.
            thread::spawn(move || drop(pass_on(client, &to, &log)));
        })?;
        Ok(Self { engine: engine.to_owned(), relay, log })
    }

    /// What `DOCKER_HOST` has to be.
    pub(super) fn address(&self) -> String {
        self.relay.address()
    }

    /// What was recorded.
    pub(super) fn finish(self) -> Result<Recording> {
        let exchanges = held(&self.log).exchanges.clone();
        ensure!(!exchanges.is_empty(), "nothing was recorded");
        if let Some(failed) = exchanges.iter().find(|one| one.status >= 500) {
            let line = String::from_utf8_lossy(first_line(&failed.request)).into_owned();
            bail!("{line} failed with {} while it was recorded", failed.status);
        }
        Ok(Recording { engine: self.engine, exchanges })
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Serves one client until it closes.
fn pass_on(client: UnixStream, engine: &str, log: &Mutex<Log>) -> io::Result<()> {
    let server = UnixStream::connect(engine)?;
    let (mut to_client, mut to_server) = (client.try_clone()?, server.try_clone()?);
    let (mut from_client, mut from_server) = (BufReader::new(client), BufReader::new(server));
    while let Some(request) = Message::read_head(&mut from_client)? {
        let mut sent = request.head.clone();
        request.copy_body(&mut from_client, false, |bytes| {
            sent.extend_from_slice(bytes);
            Ok(())
        })?;
        let number = {
            let mut log = held(log);
            let began = log.tick();
            log.exchanges.push(Exchange { request: sent.clone(), began, ..Exchange::default() });
            log.exchanges.len() - 1
        };
        to_server.write_all(&sent)?;
        let Some(answer) = Message::read_head(&mut from_server)? else { break };
        held(log).exchanges[number].status = answer.status();
        to_client.write_all(&answer.head)?;
        let mut body = Vec::new();
        answer.copy_body(&mut from_server, answer.status() != 204, |bytes| {
            body.extend_from_slice(bytes);
            to_client.write_all(bytes)
        })?;
        let mut log = held(log);
        let ended = log.tick();
        let exchange = &mut log.exchanges[number];
        (exchange.ended, exchange.body) = (Some(ended), body);
    }
    drop(to_client.shutdown(Shutdown::Both));
    Ok(())
}

/// The head of a request or an answer, and how long what follows is.
struct Message {
    head: Vec<u8>,
    length: Option<usize>,
    chunked: bool,
}

impl Message {
    fn read_head(from: &mut impl io::BufRead) -> io::Result<Option<Self>> {
        let (mut head, mut length, mut chunked) = (Vec::new(), None, false);
        loop {
            let start = head.len();
            if from.take(64 * 1024).read_until(b'\n', &mut head)? == 0 {
                return if head.is_empty() {
                    Ok(None)
                } else {
                    Err(io::ErrorKind::UnexpectedEof.into())
                };
            }
            let line = String::from_utf8_lossy(&head[start..]).to_ascii_lowercase();
            if line == "\r\n" {
                return Ok(Some(Self { head, length, chunked }));
            }
            match line.split_once(':').map(|(name, value)| (name, value.trim())) {
                Some(("content-length", value)) => length = value.parse().ok(),
                Some(("transfer-encoding", value)) => chunked = value.contains("chunked"),
                _ => {}
            }
        }
    }

    fn status(&self) -> u16 {
        let line = String::from_utf8_lossy(first_line(&self.head)).into_owned();
        line.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or(0)
    }

    /// What follows, piece by piece; with `open`, to the end of the connection when no length is given.
    fn copy_body(
        &self,
        from: &mut impl io::BufRead,
        open: bool,
        mut to: impl FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        if self.chunked {
            loop {
                let mut line = Vec::new();
                from.take(64).read_until(b'\n', &mut line)?;
                let text = String::from_utf8_lossy(&line);
                let size = usize::from_str_radix(text.trim(), 16)
                    .map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
                to(&line)?;
                copy(from, size + 2, &mut to)?;
                if size == 0 {
                    return Ok(());
                }
            }
        }
        match self.length {
            Some(length) => copy(from, length, &mut to),
            None if open => copy(from, usize::MAX, &mut to),
            None => Ok(()),
        }
    }
}

fn copy(
    from: &mut impl io::BufRead,
    mut length: usize,
    to: &mut impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    while length > 0 {
        let buffer = from.fill_buf()?;
        if buffer.is_empty() {
            return if length > usize::MAX / 2 {
                Ok(())
            } else {
                Err(io::ErrorKind::UnexpectedEof.into())
            };
        }
        let n = buffer.len().min(length);
        to(&buffer[..n])?;
        from.consume(n);
        length -= n;
    }
    Ok(())
}

fn first_line(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == b'\r').next().unwrap_or_default()
}

/// The value of `"Id"`, where an answer is about something that was made.
fn made(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let (_, rest) = text.split_once("\"Id\":\"")?;
    let id: String = rest.chars().take_while(char::is_ascii_hexdigit).collect();
    (id.len() == 64).then_some(id)
}

/// How far a telling has come.
#[derive(Default)]
struct Told {
    ended: Vec<bool>,
    /// Ids of the recording, and what took their place.
    ids: Vec<(String, String)>,
    failed: Option<String>,
    idle: Vec<UnixStream>,
}

impl Recording {
    /// How many requests there are.
    pub(super) fn calls(&self) -> u64 {
        self.exchanges.len() as u64
    }

    /// Makes the same calls: the seconds it took.
    pub(super) fn replay(&self) -> Result<f64> {
        let told = Mutex::new(Told { ended: vec![false; self.exchanges.len()], ..Told::default() });
        let news = Condvar::new();
        let start = Instant::now();
        thread::scope(|scope| {
            for number in 0..self.exchanges.len() {
                let (told, news) = (&told, &news);
                scope.spawn(move || {
                    if let Err(error) = self.tell(number, told, news) {
                        held(told).failed.get_or_insert(format!("{error:#}"));
                        news.notify_all();
                    }
                });
            }
        });
        let wall = start.elapsed().as_secs_f64();
        match told.into_inner().unwrap_or_else(PoisonError::into_inner).failed {
            Some(why) => bail!("the calls could not be made again: {why}"),
            None => Ok(wall),
        }
    }

    fn wait<'a>(
        told: &'a Mutex<Told>,
        news: &Condvar,
        until: impl Fn(&Told) -> bool,
    ) -> Result<MutexGuard<'a, Told>> {
        let (now, late) = news
            .wait_timeout_while(held(told), LIMIT, |told| told.failed.is_none() && !until(told))
            .unwrap_or_else(PoisonError::into_inner);
        ensure!(!late.timed_out(), "it took longer than {} s", LIMIT.as_secs());
        ensure!(now.failed.is_none(), "another call failed");
        Ok(now)
    }

    fn tell(&self, number: usize, told: &Mutex<Told>, news: &Condvar) -> Result<()> {
        let exchange = &self.exchanges[number];
        let before: Vec<usize> = (0..self.exchanges.len())
            .filter(|at| self.exchanges[*at].ended.is_some_and(|ended| ended < exchange.began))
            .collect();
        let mut now = Self::wait(told, news, |told| before.iter().all(|at| told.ended[*at]))?;
        let (ids, idle) = (now.ids.clone(), now.idle.pop());
        drop(now);
        let line = String::from_utf8_lossy(first_line(&exchange.request)).into_owned();
        let mut stream = match idle {
            Some(stream) => stream,
            None => UnixStream::connect(&self.engine)?,
        };
        stream.set_read_timeout(Some(LIMIT))?;
        stream.write_all(&with_ids(&exchange.request, &ids))?;
        let mut from = BufReader::new(stream.try_clone()?);
        let answer =
            Message::read_head(&mut from)?.with_context(|| format!("{line}: no answer"))?;
        ensure!(
            answer.status() == exchange.status,
            "{line} gave {} and not {}",
            answer.status(),
            exchange.status
        );
        if exchange.ended.is_none() {
            // A stream: it is left open until all else has ended.
            let others = |told: &Told| {
                self.exchanges
                    .iter()
                    .zip(&told.ended)
                    .all(|(one, ended)| *ended || one.ended.is_none())
            };
            drop(Self::wait(told, news, others)?);
            return Ok(());
        }
        let mut body = Vec::new();
        answer.copy_body(&mut from, answer.status() != 204, |bytes| {
            body.extend_from_slice(bytes);
            Ok(())
        })?;
        let mut now = held(told);
        if let (Some(old), Some(new)) = (made(&exchange.body), made(&body)) {
            now.ids.push((old, new));
        }
        now.ended[number] = true;
        now.idle.push(stream);
        news.notify_all();
        Ok(())
    }
}

/// A request about other objects. Ids have one length, so lengths stay right.
fn with_ids(request: &[u8], ids: &[(String, String)]) -> Vec<u8> {
    let mut text = request.to_vec();
    for (old, new) in ids {
        let mut at = 0;
        while let Some(found) =
            text[at..].windows(old.len()).position(|window| window == old.as_bytes())
        {
            text[at + found..at + found + old.len()].copy_from_slice(new.as_bytes());
            at += found + old.len();
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_made_takes_the_place_of_what_was_recorded() {
        let (old, new) = ("a1".repeat(32), "b2".repeat(32));
        assert_eq!(
            made(format!("{{\"Id\":\"{old}\",\"Warnings\":[]}}").as_bytes()),
            Some(old.clone())
        );
        let request = format!("POST /containers/{old}/start HTTP/1.1\r\n\r\n{old}");
        let told = with_ids(request.as_bytes(), &[(old, new.clone())]);
        assert_eq!(
            String::from_utf8(told).unwrap(),
            format!("POST /containers/{new}/start HTTP/1.1\r\n\r\n{new}")
        );
    }

    #[test]
    fn a_body_ends_where_its_head_says() {
        let cases: [(&str, &str); 3] = [
            ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcREST", "abc"),
            (
                "HTTP/1.1 201 Made\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\nREST",
                "2\r\nab\r\n0\r\n\r\n",
            ),
            ("HTTP/1.1 204 Nothing\r\n\r\nREST", ""),
        ];
        for (text, expected) in cases {
            let mut from = text.as_bytes();
            let message = Message::read_head(&mut from).unwrap().unwrap();
            let mut body = Vec::new();
            message
                .copy_body(&mut from, message.status() != 204, |bytes| {
                    body.extend_from_slice(bytes);
                    Ok(())
                })
                .unwrap();
            assert_eq!((String::from_utf8(body).unwrap().as_str(), from), (expected, &b"REST"[..]));
        }
    }
}
