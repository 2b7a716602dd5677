//! The registry's HTTP, as much as clients that read need.

use super::Store;
use serde_json::{Value, json};
use std::{
    fmt::Write as _,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// The ways in which repositories below `fault` and `bad` misbehave.
pub const FAULTS: [&str; 17] = [
    "500",
    "404html",
    "429",
    "slow",
    "drip",
    "hang",
    "huge",
    "notjson",
    "truncated",
    "empty",
    "array",
    "deep",
    "wrongdigest",
    "many",
    "loop",
    "cut",
    "endless",
];
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// `sig:bed`.
const LOGIN: &str = "Basic c2lnOmJlZA==";

/// A registry that listens on a port of this machine until it is dropped.
#[derive(Debug)]
pub struct RegistryServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    store: Mutex<Store>,
    log: Mutex<Vec<String>>,
    elsewhere: Mutex<Option<String>>,
}

impl RegistryServer {
    /// Serves this content.
    ///
    /// # Panics
    /// When this machine gives no port.
    pub async fn start(store: Store) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (store, log, elsewhere) = (Mutex::new(store), Mutex::default(), Mutex::default());
        let shared = Arc::new(Shared { store, log, elsewhere });
        let serving = Arc::clone(&shared);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = Arc::clone(&serving);
                // A client that hangs up is no fault of the registry.
                tokio::spawn(async move { drop(connection(stream, &shared).await) });
            }
        });
        Self { address, shared, task }
    }

    /// Host and port, as a reference names them.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// Changes the content.
    pub fn edit<T>(&self, change: impl FnOnce(&mut Store) -> T) -> T {
        change(&mut locked(&self.shared.store))
    }

    /// From now on, manifests of repositories below `elsewhere` are redirected there, with their path after it.
    pub fn redirect(&self, to: &str) {
        *locked(&self.shared.elsewhere) = Some(to.to_owned());
    }

    /// Every request so far (`GET /v2/...`), and forgets them.
    pub fn log(&self) -> Vec<String> {
        std::mem::take(&mut *locked(&self.shared.log))
    }
}

impl Drop for RegistryServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Request {
    method: String,
    target: String,
    host: String,
    authorization: String,
    body: String,
}

async fn connection(mut stream: TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::new();
    while let Some(request) = read(&mut stream, &mut buffer).await? {
        locked(&shared.log).push(format!("{} {}", request.method, request.target));
        let answer = answer(&request, shared);
        if !write(&mut stream, &request, answer).await? {
            return Ok(());
        }
    }
    Ok(())
}

async fn read(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<Option<Request>> {
    let end = loop {
        if let Some(at) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    };
    let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
    let header = |name: &str| {
        let mut lines = head.lines().filter_map(|line| line.split_once(':'));
        let found = lines.find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    let length = header("content-length").parse::<usize>().unwrap_or(0);
    while buffer.len() < end + length {
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    }
    let body = String::from_utf8_lossy(&buffer[end..end + length]).into_owned();
    buffer.drain(..end + length);
    let mut words = head.split_whitespace().map(str::to_owned);
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (host, authorization) = (header("host"), header("authorization"));
    Ok(Some(Request { method, target, host, authorization, body }))
}

enum Answer {
    /// Status, content type, more headers, body.
    Whole(u16, &'static str, Vec<(&'static str, String)>, bytes::Bytes),
    /// An announced length (none: chunked), and spaces in pieces so large, with pauses between.
    Spaces(Option<u64>, usize, Duration),
    /// Says that much comes, sends one byte and hangs up.
    Cut,
    /// Nothing, for so long.
    Silence(Duration),
}

fn whole(status: u16, body: &Value) -> Answer {
    Answer::Whole(status, "application/json", vec![], body.to_string().into())
}

fn error(status: u16, code: &str) -> Answer {
    whole(status, &json!({"errors": [{"code": code, "message": code.to_lowercase()}]}))
}

async fn write(stream: &mut TcpStream, request: &Request, answer: Answer) -> io::Result<bool> {
    let head = |status: u16, media: &str, rest: &str| {
        format!("HTTP/1.1 {status} Status\r\nContent-Type: {media}\r\n{rest}\r\n")
    };
    match answer {
        Answer::Whole(status, media, headers, body) => {
            let mut rest = format!("Content-Length: {}\r\n", body.len());
            for (name, value) in headers {
                let _ = write!(rest, "{name}: {value}\r\n");
            }
            stream.write_all(head(status, media, &rest).as_bytes()).await?;
            if request.method != "HEAD" {
                stream.write_all(&body).await?;
            }
            Ok(true)
        }
        Answer::Spaces(length, piece, pause) => {
            let rest = match length {
                Some(length) => format!("Content-Length: {length}\r\n"),
                None => "Transfer-Encoding: chunked\r\n".to_owned(),
            };
            stream.write_all(head(200, INDEX, &rest).as_bytes()).await?;
            let spaces = vec![b' '; piece];
            let mut left = length.unwrap_or(u64::MAX);
            while left > 0 {
                if length.is_none() {
                    stream.write_all(format!("{piece:x}\r\n").as_bytes()).await?;
                }
                stream.write_all(&spaces).await?;
                if length.is_none() {
                    stream.write_all(b"\r\n").await?;
                }
                left = left.saturating_sub(piece as u64);
                tokio::time::sleep(pause).await;
            }
            Ok(true)
        }
        Answer::Cut => {
            let rest = "Content-Length: 1000\r\n";
            stream.write_all((head(200, INDEX, rest) + "{").as_bytes()).await?;
            Ok(false)
        }
        Answer::Silence(pause) => {
            tokio::time::sleep(pause).await;
            Ok(false)
        }
    }
}

fn fault(kind: &str, request: &Request) -> Option<Answer> {
    let text = |status, media, body: &str| {
        Some(Answer::Whole(status, media, vec![], body.to_owned().into()))
    };
    let spaces =
        |length, piece, millis| Some(Answer::Spaces(length, piece, Duration::from_millis(millis)));
    match kind {
        "500" => Some(error(500, "UNKNOWN")),
        "404html" => text(404, "text/html", "<html>not here</html>"),
        "429" => {
            let body = json!({"errors": [{"code": "TOOMANYREQUESTS"}]}).to_string();
            let headers = vec![("Retry-After", "3600".to_owned())];
            Some(Answer::Whole(429, "application/json", headers, body.into()))
        }
        "notjson" => text(200, INDEX, "\0\u{1}\u{2} not json"),
        "truncated" => text(200, INDEX, r#"{"schemaVersion":2,"manifests":[{"digest":"sha"#),
        "empty" => text(200, INDEX, ""),
        "array" => text(200, INDEX, "[]"),
        "deep" => {
            let (open, close) = ("[".repeat(200_000), "]".repeat(200_000));
            text(200, INDEX, &format!(r#"{{"schemaVersion":2,"manifests":{open}{close}}}"#))
        }
        "loop" => {
            let headers = vec![("Location", request.target.clone())];
            Some(Answer::Whole(307, "text/plain", headers, bytes::Bytes::new()))
        }
        "slow" => Some(Answer::Silence(Duration::from_secs(90))),
        "hang" => Some(Answer::Silence(Duration::from_secs(3600))),
        "many" => {
            let entry = |n: u32| {
                json!({"mediaType": "application/vnd.oci.image.manifest.v1+json", "size": 1000,
                    "artifactType": "application/vnd.dev.sigstore.bundle.v0.3+json",
                    "digest": format!("sha256:{n:064x}")})
            };
            let all: Vec<Value> = (0..10_000).map(entry).collect();
            text(200, INDEX, &json!({"schemaVersion": 2, "manifests": all}).to_string())
        }
        "huge" => spaces(Some(2 << 30), 1 << 20, 0),
        "endless" => spaces(None, 1 << 16, 1),
        "drip" => spaces(Some(1 << 20), 1, 1000),
        "cut" => Some(Answer::Cut),
        _ => None,
    }
}

fn answer(request: &Request, shared: &Shared) -> Answer {
    let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
    if path == "/token" {
        return token(request, query);
    }
    if path == "/v2/" {
        return whole(200, &json!({}));
    }
    let Some(rest) = path.strip_prefix("/v2/") else { return error(404, "NOT_FOUND") };
    let kinds = ["/manifests/", "/blobs/", "/referrers/"];
    let Some((repo, kind, last)) = kinds.into_iter().find_map(|kind| {
        rest.rsplit_once(kind).map(|(repo, last)| (repo, kind.trim_matches('/'), last))
    }) else {
        return error(404, "NOT_FOUND");
    };
    let (top, second) = repo.split_once('/').unwrap_or((repo, ""));
    let second = second.split('/').next().unwrap_or_default();
    let authorization = request.authorization.as_str();
    match top {
        "auth" if authorization != "Bearer anon" => return challenge(request, repo),
        "private" if authorization != "Bearer private" => return challenge(request, repo),
        "basic" if authorization != LOGIN => {
            let headers = vec![("WWW-Authenticate", r#"Basic realm="bed""#.to_owned())];
            return Answer::Whole(401, "text/plain", headers, bytes::Bytes::new());
        }
        _ => {}
    }
    let signature = kind == "referrers" || kind == "manifests" && last.starts_with("sha256-");
    let misbehaves = top == "fault" && signature || top == "bad" && kind != "blobs";
    if let Some(answer) = fault(second, request).filter(|_| misbehaves) {
        return answer;
    }
    let moved =
        |to: String| Answer::Whole(307, "text/plain", vec![("Location", to)], bytes::Bytes::new());
    if top == "elsewhere"
        && kind != "blobs"
        && let Some(to) = &*locked(&shared.elsewhere)
    {
        return moved(format!("{to}{path}"));
    }
    let store = locked(&shared.store);
    if kind == "referrers" {
        return match top {
            "noref" => error(404, "NOT_FOUND"),
            // With another type, cosign takes it for no list of referrers.
            _ => Answer::Whole(200, INDEX, vec![], store.referrers(repo, last).to_string().into()),
        };
    }
    let Some(found) = store.repo(repo) else { return error(404, "NAME_UNKNOWN") };
    if kind == "manifests" {
        let digest = found.tags.get(last).map_or(last, String::as_str);
        let Some(media) = found.manifests.get(digest) else {
            return error(404, "MANIFEST_UNKNOWN");
        };
        let Some(body) = store.content(digest) else { return error(404, "MANIFEST_UNKNOWN") };
        let body = if second == "wrongdigest" && top == "bad" { flipped(&body) } else { body };
        let headers =
            vec![("Docker-Content-Digest", digest.to_owned()), ("X-Media-Type", media.clone())];
        return Answer::Whole(200, media_type(media), headers, body);
    }
    let known = found.blobs.iter().any(|blob| blob == last);
    let Some(body) = store.content(last).filter(|_| known) else {
        return error(404, "BLOB_UNKNOWN");
    };
    if top == "redir" && !query.contains("at=store") {
        return moved(format!("{path}?at=store"));
    }
    let body = if second == "wrongdigest" { flipped(&body) } else { body };
    let headers = vec![("Docker-Content-Digest", last.to_owned())];
    Answer::Whole(200, "application/octet-stream", headers, body)
}

/// With one bit that is wrong.
fn flipped(body: &bytes::Bytes) -> bytes::Bytes {
    let mut bytes = body.to_vec();
    if let Some(last) = bytes.last_mut() {
        *last ^= 1;
    }
    bytes.into()
}

fn media_type(of: &str) -> &'static str {
    const KNOWN: [&str; 4] = [
        INDEX,
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
    ];
    KNOWN.into_iter().find(|known| *known == of).unwrap_or("application/octet-stream")
}

fn challenge(request: &Request, repo: &str) -> Answer {
    let body = json!({"errors": [{"code": "UNAUTHORIZED"}]}).to_string();
    let realm = format!(
        r#"Bearer realm="http://{}/token",service="bed",scope="repository:{repo}:pull""#,
        request.host
    );
    let headers = vec![("WWW-Authenticate", realm)];
    Answer::Whole(401, "application/json", headers, body.into())
}

fn token(request: &Request, query: &str) -> Answer {
    let query = format!("{query}&{}", request.body).replace("%3A", ":").replace("%2F", "/");
    if !query.contains("scope=repository:private/") {
        return whole(200, &json!({"token": "anon", "expires_in": 300}));
    }
    if request.authorization == LOGIN || query.contains("refresh_token=sig-bed") {
        return whole(200, &json!({"access_token": "private", "expires_in": 300}));
    }
    error(401, "UNAUTHORIZED")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn referrers_are_labelled_as_an_index() {
        let server = RegistryServer::start(Store::default()).await;
        let mut stream = TcpStream::connect(server.host()).await.unwrap();
        stream.write_all(b"GET /v2/a/referrers/sha256:0 HTTP/1.1\r\n\r\n").await.unwrap();
        let mut bytes = Vec::new();
        while !bytes.ends_with(b"}") {
            stream.read_buf(&mut bytes).await.unwrap();
        }
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains(&format!("Content-Type: {INDEX}\r\n")), "{text}");
    }
}
