//! Detection with real programs.
#![expect(clippy::disallowed_methods, reason = "real programs need real files")]

use perry_container_probe::{Candidate, Detector, Os, PROBE_LIMIT, ProbeError, ThisMachine};
use perry_container_process::Environment;
use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

/// A directory with programs of these candidates' names that do this.
struct Bin(PathBuf);

impl Bin {
    fn new(name: &str, script: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("perry-probe-{}-{name}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        for candidate in Candidate::ALL {
            let file = dir.join(candidate.program());
            fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        }
        Self(dir)
    }

    /// Only these programs, and a home without anything.
    fn detector(&self) -> Detector {
        let here = self.0.display().to_string();
        let env: Environment = [("PATH", format!("{here}:/usr/bin:/bin")), ("HOME", here)]
            .into_iter()
            .chain([("DOCKER_HOST", "unix:///nowhere/docker.sock".to_owned())])
            .collect();
        Detector::new(Arc::new(ThisMachine::new(env.clone())), env, Os::MacOs)
    }

    /// Processes that were started from here and still are.
    fn alive(&self) -> usize {
        let mark = self.0.display().to_string();
        let lines = fs::read_dir("/proc").unwrap().filter_map(|one| {
            let text = fs::read(one.ok()?.path().join("cmdline")).ok()?;
            String::from_utf8_lossy(&text).contains(&mark).then_some(())
        });
        lines.count()
    }
}

impl Drop for Bin {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

#[tokio::test]
async fn eight_that_hang_cost_two_seconds_and_leave_nothing_behind() {
    let bin = Bin::new("hang", "sleep 600 & wait");
    let (detector, began) = (bin.detector(), Instant::now());
    let error = detector.detect(&detector.choice().unwrap()).await.unwrap_err();
    let took = began.elapsed();
    assert!(took < PROBE_LIMIT + Duration::from_millis(1500), "{took:?}");
    let ProbeError::NoBackendFound { probed, .. } = &error else { panic!("{error}") };
    assert_eq!(probed.len(), 8, "{error}");
    let slow = probed.iter().filter(|info| info.reason.as_deref() == Some("no answer within 2 s"));
    let drivable = probed
        .iter()
        .filter(|info| !info.reason.as_deref().unwrap_or("").contains("not supported"));
    assert_eq!(slow.count(), drivable.count(), "{error}");
    if Path::new("/proc/self/cmdline").exists() {
        let until = Instant::now() + Duration::from_secs(5);
        while bin.alive() > 0 {
            assert!(Instant::now() < until, "{} processes are left", bin.alive());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

#[tokio::test]
async fn eight_that_talk_nonsense_are_told_apart() {
    let bin = Bin::new("noise", "head -c 3000000 /dev/zero | tr '\\0' x; exit 0");
    let (detector, began) = (bin.detector(), Instant::now());
    let error = detector.detect(&detector.choice().unwrap()).await.unwrap_err();
    assert!(began.elapsed() < PROBE_LIMIT + Duration::from_millis(1500));
    let text = error.to_string();
    assert!(text.len() < 4000, "{} bytes of error", text.len());
    assert_eq!(error.code(), 503);
}
