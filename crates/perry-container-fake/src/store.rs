//! The state: a directory that any number of calls share.

use crate::record::{Container, Image, Machine, Network, Volume};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest as _, Sha256};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

/// One kind of objects: where they are.
pub trait Object: Serialize + DeserializeOwned {
    /// The directory.
    const DIR: &'static str;
    /// The name under which it is kept.
    fn key(&self) -> &str;
}

impl Object for Container {
    const DIR: &'static str = "containers";
    fn key(&self) -> &str {
        &self.id
    }
}

impl Object for Network {
    const DIR: &'static str = "networks";
    fn key(&self) -> &str {
        &self.name
    }
}

impl Object for Machine {
    const DIR: &'static str = "machines";
    fn key(&self) -> &str {
        &self.name
    }
}

impl Object for Volume {
    const DIR: &'static str = "volumes";
    fn key(&self) -> &str {
        &self.name
    }
}

/// The state below one directory.
#[derive(Debug, Clone)]
pub struct Store {
    root: PathBuf,
}

/// Held as long as a call looks and changes.
#[derive(Debug)]
pub struct Locked(#[expect(dead_code, reason = "the lock goes with the file")] File);

/// A name as a file's: nothing in it leads elsewhere.
pub(crate) fn file_name(name: &str) -> String {
    let plain = name.replace('%', "%25").replace('/', "%2F").replace(':', "%3A");
    if plain.starts_with('.') { format!("%{plain}") } else { plain }
}

fn real_name(file: &str) -> String {
    let file = file.strip_prefix("%.").map_or_else(|| file.to_owned(), |rest| format!(".{rest}"));
    file.replace("%3A", ":").replace("%2F", "/").replace("%25", "%")
}

impl Store {
    /// The state in this directory, which is made.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn open(root: &Path) -> io::Result<Self> {
        let dirs = [
            "containers",
            "networks",
            "volumes",
            "machines",
            "images",
            "registry",
            "logs",
            "files",
        ];
        for dir in dirs {
            fs::create_dir_all(root.join(dir))?;
        }
        Ok(Self { root: root.to_owned() })
    }

    /// The directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The state of an instance (a virtual machine) in it.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn instance(&self, name: &str) -> io::Result<Self> {
        Self::open(&self.root.join("instances").join(file_name(name)))
    }

    /// Waits for everybody else and keeps them waiting.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn lock(&self) -> io::Result<Locked> {
        let path = self.root.join("lock");
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        file.lock()?;
        Ok(Locked(file))
    }

    fn path<T: Object>(&self, key: &str) -> PathBuf {
        self.root.join(T::DIR).join(format!("{}.json", file_name(key)))
    }

    /// An object.
    pub fn get<T: Object>(&self, key: &str) -> Option<T> {
        serde_json::from_slice(&fs::read(self.path::<T>(key)).ok()?).ok()
    }

    /// All objects of a kind, by name.
    pub fn all<T: Object>(&self) -> Vec<T> {
        let dir = fs::read_dir(self.root.join(T::DIR)).into_iter().flatten().flatten();
        let mut files: Vec<PathBuf> = dir.map(|file| file.path()).collect();
        files.retain(|path| path.extension().is_some_and(|kind| kind == "json"));
        files.sort();
        files.iter().filter_map(|path| serde_json::from_slice(&fs::read(path).ok()?).ok()).collect()
    }

    /// Keeps an object: whole, or as it was before.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn put<T: Object>(&self, object: &T) -> io::Result<()> {
        self.write(&self.path::<T>(object.key()), &serde_json::to_vec_pretty(object)?)
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(&self.root)?;
        file.write_all(bytes)?;
        file.persist(path)?;
        Ok(())
    }

    /// Forgets an object: whether it was there.
    pub fn remove<T: Object>(&self, key: &str) -> bool {
        fs::remove_file(self.path::<T>(key)).is_ok()
    }

    /// What a container printed.
    pub fn log(&self, id: &str) -> PathBuf {
        self.root.join("logs").join(file_name(id))
    }

    /// Files that outlive a run, as a tar archive: of a container's root, or of a volume.
    pub fn files(&self, kind: &str, name: &str) -> PathBuf {
        self.root.join("files").join(format!("{kind}-{}.tar", file_name(name)))
    }

    fn image_file(&self, dir: &str, reference: &str) -> PathBuf {
        self.root.join(dir).join(format!("{}.toml", file_name(reference)))
    }

    /// An image by its full reference.
    pub fn image(&self, reference: &str) -> Option<Image> {
        self.image_in("images", reference)
    }

    fn image_in(&self, dir: &str, reference: &str) -> Option<Image> {
        let text = fs::read_to_string(self.image_file(dir, reference)).ok()?;
        let mut image: Image = toml::from_str(&text).ok()?;
        if image.digest.is_empty() {
            image.digest = digest(reference);
        }
        Some(image)
    }

    /// All images with their full references.
    pub fn images(&self) -> Vec<(String, Image)> {
        let dir = fs::read_dir(self.root.join("images")).into_iter().flatten().flatten();
        let mut names: Vec<String> = dir
            .filter_map(|file| Some(file.file_name().to_str()?.strip_suffix(".toml")?.to_owned()))
            .collect();
        names.sort();
        let found = names.iter().map(|name| real_name(name));
        found.filter_map(|name| Some((name.clone(), self.image(&name)?))).collect()
    }

    /// Keeps an image under a full reference.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn put_image(&self, reference: &str, image: &Image) -> io::Result<()> {
        self.put_image_in("images", reference, image)
    }

    /// Makes an image known to the registry under a full reference.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn publish(&self, reference: &str, image: &Image) -> io::Result<()> {
        self.put_image_in("registry", reference, image)
    }

    fn put_image_in(&self, dir: &str, reference: &str, image: &Image) -> io::Result<()> {
        let text = toml::to_string(image).map_err(io::Error::other)?;
        self.write(&self.image_file(dir, reference), text.as_bytes())
    }

    /// Takes an image from the registry: whether it has one of this full reference.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn pull(&self, reference: &str) -> io::Result<bool> {
        match self.image_in("registry", reference) {
            Some(image) => self.put_image(reference, &image).map(|()| true),
            None => Ok(false),
        }
    }

    /// Forgets an image: whether it was there.
    pub fn remove_image(&self, reference: &str) -> bool {
        fs::remove_file(self.image_file("images", reference)).is_ok()
    }

    /// Now, in milliseconds since 1970: what the file `now` says, else the clock.
    pub fn now_ms(&self) -> u64 {
        let fixed = fs::read_to_string(self.root.join("now")).ok();
        let fixed = fixed.and_then(|text| text.trim().parse::<jiff::Timestamp>().ok());
        let fixed = fixed.and_then(|time| u64::try_from(time.as_millisecond()).ok());
        fixed.unwrap_or_else(|| {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            u64::try_from(since.as_millis()).unwrap_or_default()
        })
    }

    /// Now, in seconds since 1970.
    pub fn now(&self) -> i64 {
        i64::try_from(self.now_ms() / 1000).unwrap_or_default()
    }
}

/// `sha256:...` of a text.
pub fn digest(text: &str) -> String {
    let hash = Sha256::digest(text.as_bytes());
    hash.iter().fold("sha256:".to_owned(), |all, byte| format!("{all}{byte:02x}"))
}

/// Seconds since 1970 as ISO 8601 without a fraction.
pub fn iso(seconds: i64) -> String {
    let time = jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    format!("{time:.0}")
}

/// `redis` is `docker.io/library/redis:latest`.
pub fn full_reference(reference: &str) -> String {
    let (name, digest) = match reference.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (reference, None),
    };
    let (first, rest) = name.split_once('/').unwrap_or(("", name));
    let host = first.contains(['.', ':']) || first == "localhost";
    let full = match (host, first) {
        (true, _) => name.to_owned(),
        (false, "") => format!("docker.io/library/{rest}"),
        (false, _) => format!("docker.io/{name}"),
    };
    match digest {
        Some(digest) => format!("{full}@{digest}"),
        None if full.rsplit('/').next().is_some_and(|last| last.contains(':')) => full,
        None => format!("{full}:latest"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leads_out_of_the_state() {
        for name in ["../x", "a/../../b", "lab/base:1", "100%", "%2F", ".hidden", "-f"] {
            let file = file_name(name);
            assert!(!file.contains('/') && !file.starts_with('.'), "{file}");
        }
        assert_eq!(real_name(&file_name("127.0.0.1:5000/lab/base:1")), "127.0.0.1:5000/lab/base:1");
        assert_eq!(real_name(&file_name("a%2Fb")), "a%2Fb");
    }

    #[test]
    fn what_is_kept_is_found() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let _held = store.lock().unwrap();
        let volume = Volume { name: "data".to_owned(), ..Volume::default() };
        store.put(&volume).unwrap();
        assert_eq!(store.get::<Volume>("data"), Some(volume.clone()));
        assert_eq!(store.all::<Volume>(), [volume]);
        assert!(store.remove::<Volume>("data") && !store.remove::<Volume>("data"));

        store.publish("docker.io/lab/base:1", &Image::shell()).unwrap();
        assert!(store.image("docker.io/lab/base:1").is_none());
        assert!(store.pull("docker.io/lab/base:1").unwrap());
        assert!(!store.pull("docker.io/lab/other:1").unwrap());
        assert_eq!(store.images()[0].0, "docker.io/lab/base:1");
        assert!(store.image("docker.io/lab/base:1").unwrap().digest.len() == 71);
    }

    #[test]
    fn the_time_can_be_fixed() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        fs::write(dir.path().join("now"), "2026-01-02T03:04:05Z\n").unwrap();
        assert_eq!(iso(store.now()), "2026-01-02T03:04:05Z");
        assert_eq!(full_reference("redis"), "docker.io/library/redis:latest");
        assert_eq!(full_reference("127.0.0.1:5000/lab/base"), "127.0.0.1:5000/lab/base:latest");
    }
}
