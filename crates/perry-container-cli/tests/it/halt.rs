//! `kill`, `rm`, `pause`, `unpause`, `create`, `scale` as they are typed.

use super::stage::{Done, Stage};
use perry_container_testkit::Fault;
use snapbox::{assert_data_eq, str};

const STACK: &str = "\
name: shop
services:
  web:
    image: web:1
    depends_on: [db]
  db:
    image: db:1
  tools:
    image: web:1
    profiles: [tools]
";

async fn up() -> Stage {
    let stage = Stage::new(STACK);
    assert_eq!(stage.run("up -d").await.status, 0);
    stage
}

/// `web-1 running, db-1 exited`.
fn states(stage: &Stage) -> String {
    let text = stage.runtime.inner().text();
    let containers = text.lines().filter_map(|line| line.strip_prefix("container "));
    let state = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        format!("{} {}", words[1].trim_start_matches("shop-"), words[3])
    };
    containers.map(state).collect::<Vec<_>>().join(", ")
}

async fn typed(stage: &Stage, line: &str, typed: &str) -> Done {
    let mut outside = stage.outside();
    outside.typed = Some(typed.to_owned());
    let (out, err) = (outside.out.clone(), outside.err.clone());
    let status = perry_container_cli::run(line.split(' '), outside).await;
    Done { status, out: out.text(), err: err.text() }
}

#[tokio::test(start_paused = true)]
async fn kill() {
    let stage = up().await;
    assert_data_eq!(
        stage.text("kill -s HUP web").await,
        str![[r#"
status 0
---
 Container shop-web-1  Killing
 Container shop-web-1  Killed

"#]]
    );
    assert_data_eq!(
        stage.text("kill --dry-run").await,
        str![[r#"
status 0
#0 kill shop-web-1 with SIGKILL (requested)
#1 kill shop-db-1 with SIGKILL (requested)
---

"#]]
    );
    assert_eq!(states(&stage), "db-1 running, web-1 running");
    assert_data_eq!(
        stage.text("kill").await,
        str![[r#"
status 0
---
 Container shop-web-1  Killing
 Container shop-db-1  Killing
 Container shop-web-1  Killed
 Container shop-db-1  Killed

"#]]
    );
    assert_data_eq!(
        stage.text("kill").await,
        str![[r#"
status 0
---
level=warning msg="no container to kill"

"#]]
    );
    assert_data_eq!(
        stage.text("kill nobody").await,
        str![[r#"
status 1
---
error: no such service: nobody

"#]]
    );
    assert_eq!(states(&stage), "db-1 exited, web-1 exited");
}

#[tokio::test(start_paused = true)]
async fn pause_and_unpause() {
    let stage = up().await;
    assert_data_eq!(
        stage.text("pause web").await,
        str![[r#"
status 0
---
 Container shop-web-1  Pausing
 Container shop-web-1  Paused

"#]]
    );
    assert_data_eq!(
        stage.text("pause").await,
        str![[r#"
status 0
---
 Container shop-web-1  Paused
 Container shop-db-1  Pausing
 Container shop-db-1  Paused

"#]]
    );
    assert_eq!(states(&stage), "db-1 paused, web-1 paused");
    assert_data_eq!(
        stage.text("unpause --dry-run").await,
        str![[r#"
status 0
#0 unpause shop-db-1 (requested)
#1 unpause shop-web-1 (requested) follows 0
---

"#]]
    );
    assert_data_eq!(
        stage.text("unpause").await,
        str![[r#"
status 0
---
 Container shop-db-1  Unpausing
 Container shop-db-1  Unpaused
 Container shop-web-1  Unpausing
 Container shop-web-1  Unpaused

"#]]
    );
    assert_data_eq!(
        stage.text("-p nothing pause").await,
        str![[r#"
status 0
---
level=warning msg="no container to pause"

"#]]
    );
    stage.runtime.fail_matching("pause shop-db-1", Fault::refused());
    assert_data_eq!(
        stage.text("pause").await,
        str![[r#"
status 1
---
 Container shop-web-1  Pausing
 Container shop-web-1  Paused
 Container shop-db-1  Pausing
 Container shop-db-1  Error  could not pause `shop-db-1`: injected
error: service `db`: could not pause `shop-db-1`: injected

"#]]
    );
    assert_eq!(states(&stage), "db-1 running, web-1 paused");
}

#[tokio::test(start_paused = true)]
async fn rm_asks() {
    let stage = up().await;
    assert_data_eq!(
        stage.text("rm").await,
        str![[r#"
status 0
---
level=warning msg="No stopped containers"

"#]]
    );
    assert_eq!(stage.run("kill web").await.status, 0);
    assert_data_eq!(
        stage.text("rm --dry-run -s").await,
        str![[r#"
status 0
#0 remove shop-web-1 (requested)
#1 stop shop-db-1 (requested) follows 0
#2 remove shop-db-1 (requested) needs 1
---

"#]]
    );
    // Nobody answers; somebody says no; each before anything is stopped.
    assert_data_eq!(
        stage.text("rm -s").await,
        str![[r#"
status 0
Going to remove shop-web-1, shop-db-1
Are you sure? [yN] 
---
level=warning msg="nothing was removed: nobody answered, and only `rm -f` does not ask"

"#]]
    );
    assert_data_eq!(
        typed(&stage, "rm -s", "n\n").await.text(),
        str![[r#"
status 0
Going to remove shop-web-1, shop-db-1
Are you sure? [yN] ---

"#]]
    );
    assert_eq!(states(&stage), "db-1 running, web-1 exited");
    assert_data_eq!(
        typed(&stage, "rm", "y\n").await.text(),
        str![[r#"
status 0
Going to remove shop-web-1
Are you sure? [yN] ---
 Container shop-web-1  Removing
 Container shop-web-1  Removed

"#]]
    );
    assert_eq!(states(&stage), "db-1 running");
    assert_data_eq!(
        stage.text("rm -fsv").await,
        str![[r#"
status 0
---
 Container shop-db-1  Stopping
 Container shop-db-1  Stopped
 Container shop-db-1  Removing
 Container shop-db-1  Removed

"#]]
    );
    assert_eq!(states(&stage), "");
}

#[tokio::test(start_paused = true)]
async fn create() {
    let stage = Stage::new(STACK);
    assert_data_eq!(
        stage.text("create --dry-run").await,
        str![[r#"
status 0
#0 create network shop_default (missing)
#1 pull db:1 (missing)
#2 pull web:1 (missing)
#3 create shop-db-1 (missing) needs 0 1
#4 create shop-web-1 (missing) needs 0 2
---

"#]]
    );
    assert_data_eq!(
        stage.text("create --scale web=2 --quiet-pull").await,
        str![[r#"
status 0
---
 Image db:1  Pulling
 Image web:1  Pulling
 Network shop_default  Creating
 Network shop_default  Created
 Image db:1  Pulled
 Container shop-db-1  Creating
 Image web:1  Pulled
 Container shop-web-1  Creating
 Container shop-web-2  Creating
 Container shop-db-1  Created
 Container shop-web-1  Created
 Container shop-web-2  Created

"#]]
    );
    assert_eq!(states(&stage), "db-1 created, web-1 created, web-2 created");
    assert_data_eq!(
        stage.text("create").await,
        str![[r#"
status 0
---
 Container shop-db-1  Created
 Container shop-web-1  Created
 Container shop-web-2  Removing
 Container shop-web-2  Removed

"#]]
    );
    let refused = [
        "--build --no-build",
        "--force-recreate --no-recreate",
        "--scale web",
        "nobody",
        "--scale nobody=1",
    ];
    for line in refused {
        assert_eq!(stage.run(&format!("create {line}")).await.status, 1, "{line}");
    }
    stage.runtime.fail_matching("create shop-db-1", Fault::refused());
    assert_data_eq!(
        stage.text("create --force-recreate db").await,
        str![[r#"
status 1
---
 Container shop-db-1  Renaming
 Container shop-db-1  Renamed
 Container shop-db-1  Creating
 Container shop-db-1  Error  could not create `shop-db-1`: injected
 taking back what was done
 Container shop-db-1@1_shop-db-1  Renaming
 Container shop-db-1@1_shop-db-1  Renamed
error: service `db`: could not create `shop-db-1`: injected

"#]]
    );
    assert_eq!(states(&stage), "db-1 created, web-1 created");
}

#[tokio::test(start_paused = true)]
async fn scale() {
    let stage = up().await;
    assert_data_eq!(
        stage.text("scale web=2").await,
        str![[r#"
status 0
---
 Container shop-db-1  Running
 Container shop-web-1  Running
 Container shop-web-2  Creating
 Container shop-web-2  Created
 Container shop-web-2  Starting
 Container shop-web-2  Started

"#]]
    );
    assert_data_eq!(
        stage.text("scale web=1 --dry-run").await,
        str![[r#"
status 0
#0 stop shop-web-2 (more than wanted)
#1 commit needs 0
#2 remove shop-web-2 (more than wanted) needs 1
---

"#]]
    );
    assert_eq!(stage.run("scale db=2 web=0").await.status, 0);
    assert_eq!(states(&stage), "db-1 running, db-2 running");
    // Whoever depends on it has no container, and still it is as the file says.
    assert_eq!(stage.run("scale web=0").await.status, 0);
    assert_eq!(states(&stage), "db-1 running");
    assert_eq!(stage.run("scale tools=1").await.status, 0);
    assert_eq!(states(&stage), "db-1 running, tools-1 running");
    assert_data_eq!(
        stage.text("scale nobody=1").await,
        str![[r#"
status 1
---
error: no such service: nobody

"#]]
    );
    stage.runtime.fail_matching("start shop-web-1", Fault::refused());
    assert_data_eq!(
        stage.text("--progress quiet scale web=1").await,
        str![[r#"
status 1
---
error: service `web`: could not start `shop-web-1`: injected

"#]]
    );
    assert_eq!(states(&stage), "db-1 running, tools-1 running");
}

/// Another command of the project is waited for.
#[tokio::test(start_paused = true)]
async fn they_take_the_lock() {
    for line in ["kill", "pause", "unpause", "rm -f", "create", "scale web=1"] {
        let stage = up().await;
        stage.runtime.delay("stop", std::time::Duration::from_secs(3));
        let first = stage.run("restart db");
        let (first, second) = tokio::join!(first, stage.run(line));
        assert_eq!((first.status, second.status), (0, 0), "{line}");
        assert!(second.err.contains("waiting for"), "{line}: {}", second.err);
    }
}
