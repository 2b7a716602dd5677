//! Images are verified before anything is made of them: what cosign signed, served by a registry of this process, under a
//! runtime in memory.

use super::stage::Stage;
use perry_container_testkit::{
    Sim,
    registry::{FAULTS, RegistryServer, Store},
};
use snapbox::{assert_data_eq, str};
use std::{fmt::Write as _, path::PathBuf, time::Duration};

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/sigs").join(name)
}

const IDENTITY: &str =
    "https://github.com/chainguard-images/images/.github/workflows/release.yaml@refs/heads/main";
const ISSUER: &str = "https://token.actions.githubusercontent.com";

struct Bed {
    server: RegistryServer,
    stage: Stage,
}

impl Bed {
    /// A stack of one service an image, and the policy's rules.
    async fn new(images: &[&str], rules: &str) -> Self {
        let text = std::fs::read_to_string(fixture("registry.json")).unwrap();
        let server = RegistryServer::start(Store::from_snapshot(&text)).await;
        let mut file = "name: p\nservices:\n".to_owned();
        for (n, image) in images.iter().enumerate() {
            let host = server.host();
            let _ = writeln!(file, "  s{n}: {{image: '{host}/{image}', network_mode: none}}");
        }
        let mut bed = Self { server, stage: Stage::over(&file, Sim::new().with_any_image()) };
        let login =
            format!(r#"{{"auths": {{"{}": {{"auth": "c2lnOmJlZA=="}}}}}}"#, bed.server.host());
        bed.stage.write("config.json", &login);
        bed.stage.write("policy.yaml", &rules.replace("REG", &bed.server.host()));
        let path = |name: &str| fixture(name).display().to_string();
        let here = bed.stage.path().display().to_string();
        bed.stage.env = vec![
            ("PERRY_CONTAINER_TRUSTED_ROOT", path("trust/good.json")),
            ("PERRY_CONTAINER_VERIFY_POLICY", "policy.yaml".to_owned()),
            ("DOCKER_CONFIG", here),
        ];
        bed
    }

    fn enforced(mut self, mode: &str) -> Self {
        self.stage.env.push(("PERRY_CONTAINER_VERIFY_IMAGES", mode.to_owned()));
        self
    }

    /// Status and outputs, `REG` for the registry.
    async fn text(&self, line: &str) -> String {
        let text = self.stage.text(line).await;
        text.replace(&self.server.host(), "REG")
    }

    /// What the runtime holds.
    fn there(&self) -> String {
        self.stage.runtime.inner().text().replace(&self.server.host(), "REG")
    }

    /// The images of its containers.
    fn images(&self) -> Vec<String> {
        let there = self.there();
        let containers = there.lines().filter(|line| line.starts_with("container "));
        containers.filter_map(|line| line.split(' ').nth(3).map(str::to_owned)).collect()
    }

    /// What the runtime was asked to do.
    fn calls(&self) -> String {
        let calls = self.stage.runtime.text().replace(&self.server.host(), "REG");
        let does = |line: &&str| {
            ["pull", "create", "start", "tag"].iter().any(|verb| line.starts_with(verb))
        };
        calls.lines().filter(does).map(|line| format!("{line}\n")).collect()
    }
}

fn by_identity() -> String {
    format!(
        "rules: [{{images: 'REG/**', keyless: {{identity: '{IDENTITY}', issuer: '{ISSUER}'}}}}]\n"
    )
}

fn by_either() -> String {
    let key = std::fs::read_to_string(fixture("trust/k1.pub")).unwrap().replace('\n', "\\n");
    format!(
        "rules: [{{images: 'REG/**', any-of: [{{keyless: {{identity: '{IDENTITY}', issuer: '{ISSUER}'}}}}, {{key: {{pem: \"{key}\"}}}}]}}]\n"
    )
}

/// A sample of each layout and each kind of registry.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_layout_comes_up_by_its_digest() {
    let images = [
        "pos/kl-v1:1",
        "pos/kl-v2:1",
        "pos/key-v1:1",
        "pos/key-v2:1",
        "pos/kl-old:1",
        "pos/kl-old-tsa:1",
        "pos/key-old:1",
        "pos/kl-old-oci11:1",
        "noref/new:1",
        "noref/old:1",
        "auth/new:1",
        "private/old:1",
        "redir/new:1",
        "pos/index:1",
        "pos/docker2:1",
    ];
    let bed = Bed::new(&images, &by_either()).await;
    let text = bed.text("--progress quiet up -d --verify").await;
    assert_eq!(text, "status 0\n---\n");
    let calls = bed.calls();
    for image in images {
        let (name, tag) = image.split_once(':').unwrap();
        let digest = bed.server.edit(|store| store.tag(name, tag).unwrap().to_owned());
        for line in [format!("pull REG/{name}@{digest}"), format!("tag_image REG/{name}@{digest}")]
        {
            assert!(calls.contains(&line), "{line}: {calls}");
        }
    }
    let by_tag = |line: &&str| line.starts_with("pull") && !line.contains('@');
    assert_eq!(calls.lines().find(by_tag), None);
    let images = bed.images();
    assert_eq!(images.len(), 15);
    assert!(images.iter().all(|image| image.contains("@sha256:")), "{images:?}");
}

/// And one of each kind of what is refused: nothing is there afterwards.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_names_rule_and_image_and_makes_nothing() {
    let images = [
        "pos/unsigned:1",
        "pos/att:1",
        "neg/n-otherimage:1",
        "neg/n-badset:1",
        "neg/n-evilca:1",
        "neg/n-otherworkflow:1",
        "neg/o-tamper-sig:1",
        "pos/key-v1:1",
        "pos/nowhere:1",
    ];
    for image in images {
        let bed = Bed::new(&["pos/kl-v1:1", image], &by_identity()).await.enforced("enforce");
        let done = bed.stage.run("up -d").await;
        let err = done.err.replace(&bed.server.host(), "REG");
        assert_eq!(done.status, 1, "{image}: {err}");
        assert!(
            err.contains("image verification failed: ") && err.contains(&format!("REG/{image}")),
            "{err}"
        );
        if image != "pos/nowhere:1" {
            assert!(err.contains("rule 1 of the policy"), "{err}");
        }
        assert_eq!(bed.there(), "", "{image}");
        assert_eq!(bed.calls(), "", "{image}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn create_and_pull_are_gated_too() {
    let bed = Bed::new(&["pos/unsigned:1"], &by_identity()).await;
    for line in ["create --verify", "pull --verify"] {
        assert_eq!(bed.stage.run(line).await.status, 1, "{line}");
        assert_eq!((bed.there(), bed.calls()), (String::new(), String::new()), "{line}");
    }
    let bed = Bed::new(&["pos/kl-v1:1"], &by_identity()).await.enforced("1");
    assert_eq!(bed.stage.run("pull").await.status, 0);
    assert_eq!(bed.stage.run("create").await.status, 0);
    assert!(bed.calls().starts_with("pull REG/pos/kl-v1@sha256:"), "{}", bed.calls());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_variable_says_how_strictly() {
    let bed = Bed::new(&["pos/unsigned:1"], &by_identity()).await.enforced("warn");
    let text = bed.text("--progress plain up -d").await;
    assert!(text.starts_with("status 0\n"), "{text}");
    assert!(text.contains("image verification failed: REG/pos/unsigned:1 is not signed"), "{text}");
    for off in ["", "0", "off", "false", "no"] {
        let bed = Bed::new(&["pos/unsigned:1"], &by_identity()).await.enforced(off);
        assert_eq!(bed.stage.run("up -d").await.status, 0, "{off:?}");
        assert!(bed.server.log().is_empty());
    }
    let bed = Bed::new(&["pos/unsigned:1"], &by_identity()).await.enforced("perhaps");
    assert_data_eq!(
        bed.text("up -d").await,
        str![[r#"
status 1
---
error: PERRY_CONTAINER_VERIFY_IMAGES: "perhaps" is not a mode of verification: enforce (or 1, on, true, yes, strict), warn, or off (or 0, false, no)

"#]]
    );
    assert_eq!(bed.there(), "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_no_rule_is_for_is_refused() {
    let bed = Bed::new(&["pos/kl-v1:1"], "rules: []\n").await.enforced("enforce");
    assert_data_eq!(
        bed.text("--progress quiet up -d").await,
        str![[r#"
status 1
---
error: service `s0`: image verification failed: no rule of the policy is for REG/pos/kl-v1:1, and what no rule is for is refused

"#]]
    );
    assert_eq!(bed.there(), "");
}

/// A service's own demand counts without any flag; beside a machine's policy it can only add to it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_says_what_its_image_needs() {
    let file = |bed: &Bed, demand: &str| {
        bed.stage.write(
            "compose.yaml",
            &format!(
                "name: p\nservices:\n  a: {{image: '{0}/pos/key-v1:1', network_mode: none, x-perry-verify: {demand}}}\n  b: {{image: '{0}/pos/unsigned:1', network_mode: none}}\n",
                bed.server.host()
            ),
        );
        std::fs::copy(fixture("trust/k1.pub"), bed.stage.path().join("k1.pub")).unwrap();
        std::fs::copy(fixture("trust/k2.pub"), bed.stage.path().join("k2.pub")).unwrap();
    };
    for (demand, status) in [
        ("{key: {file: k1.pub}}", 0),
        ("{key: {file: k2.pub}}", 1),
        ("{key: {file: none.pub}}", 1),
        ("{kee: 1}", 1),
        ("true", 1), // the policy wants an identity
        ("{skip: true}", 0),
    ] {
        let bed = Bed::new(&[], &by_identity()).await;
        file(&bed, demand);
        let text = bed.text("--progress quiet up -d").await;
        assert!(text.starts_with(&format!("status {status}\n")), "{demand}: {text}");
        if status == 1 {
            assert_eq!(bed.there(), "", "{demand}");
        }
    }
    let policy = "rules: [{images: REG/pos/unsigned, skip: true}, {images: 'REG/**', key: {file: k1.pub}}]\n";
    for (demand, status) in [("{skip: true}", 0), ("{key: {file: k2.pub}}", 1)] {
        let bed = Bed::new(&[], policy).await.enforced("enforce");
        file(&bed, demand);
        let text = bed.text("--progress quiet up -d").await;
        assert!(text.starts_with(&format!("status {status}\n")), "{demand}: {text}");
    }
    // Skipping what the machine's policy wants signed is no way around it.
    let bed = Bed::new(&[], &by_identity()).await.enforced("enforce");
    file(&bed, "{skip: true}");
    assert_eq!(bed.stage.run("up -d").await.status, 1);
    assert_eq!(bed.there(), "");
}

/// What runs is what was verified, whatever the tag says meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tag_that_moves_meanwhile_changes_nothing() {
    let bed = Bed::new(&["pos/kl-v1:1"], &by_identity()).await.enforced("enforce");
    let signed = bed.server.edit(|store| store.tag("pos/kl-v1", "1").unwrap().to_owned());
    let moving = async {
        // As soon as the registry was asked for the tag, it names something else.
        loop {
            if bed.server.log().iter().any(|line| line.ends_with("/manifests/1")) {
                break bed.server.edit(|store| store.put_image("pos/kl-v1", "evil", "1"));
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    let (text, evil) = tokio::join!(bed.text("--progress quiet up -d"), moving);
    assert_eq!(text, "status 0\n---\n");
    let calls = bed.calls();
    assert!(
        calls.contains(&format!("pull REG/pos/kl-v1@{signed}")) && !calls.contains(&evil),
        "{calls}"
    );
    assert_eq!(bed.images(), [format!("REG/pos/kl-v1@{signed}")]);
    // The next container would be of what the tag names now: refused.
    bed.stage.write(
        "compose.yaml",
        &format!("name: q\nservices: {{s0: {{image: '{}/pos/kl-v1:1', network_mode: none, pull_policy: always}}}}\n", bed.server.host()),
    );
    let text = bed.text("--progress quiet up -d").await;
    assert!(text.starts_with("status 1\n") && text.contains("is not signed"), "{text}");
}

/// Slow, endless, huge, wrong, sent elsewhere: refused within bounds, nothing started.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn registries_that_misbehave() {
    let mut store = Store::default();
    for kind in FAULTS {
        store.put_image(&format!("bad/{kind}"), "x", "1");
    }
    store.put_image("elsewhere/a", "x", "1");
    let images: Vec<String> = FAULTS.iter().map(|kind| format!("bad/{kind}:1")).collect();
    let all = images.iter().map(String::as_str).chain(["elsewhere/a:1"]);
    let beds = all.map(async |image| {
        let bed = Bed::new(&[image], &by_identity()).await.enforced("enforce");
        bed.server.edit(|content| *content = store.clone());
        bed.server.redirect("file:///etc/passwd");
        let limit = Duration::from_secs(60);
        let text = tokio::time::timeout(limit, bed.text("--progress quiet up -d")).await;
        let text = text.unwrap_or_else(|_| panic!("{image}: not within {limit:?}"));
        assert!(text.starts_with("status 1\n"), "{image}: {text}");
        assert!(text.contains("image verification failed"), "{image}: {text}");
        assert_eq!((bed.there(), bed.calls()), (String::new(), String::new()), "{image}");
    });
    futures_util::future::join_all(beds).await;
}

/// A second command looks at nothing that stays as it is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_runs_already_is_left_alone() {
    let bed = Bed::new(&["pos/kl-v1:1"], &by_identity()).await.enforced("enforce");
    assert_eq!(bed.stage.run("up -d").await.status, 0);
    bed.server.log();
    assert_eq!(bed.stage.run("up -d").await.status, 0);
    assert_eq!(bed.server.log(), [""; 0]);
    assert_data_eq!(
        bed.text("--dry-run up -d --force-recreate").await,
        str![[r#"
status 0
#0 verify REG/pos/kl-v1:1 (requested)
#1 barrier needs 0
#2 stop p-s0-1 (requested) needs 1
#3 rename p-s0-1 to p-s0-1@1_p-s0-1 (requested) needs 2
#4 create p-s0-1 (requested) needs 3
#5 start p-s0-1 (requested) needs 4
#6 commit needs 5
#7 remove p-s0-1@1_p-s0-1 (replaced) needs 1 6
---

"#]]
    );
}
