//! The commands that list, watch and wait, over a runtime in memory.

use super::stage::Stage;
use perry_container_testkit::{Fault, Script, Sim};
use snapbox::{IntoData as _, assert_data_eq, str};
use std::{fmt::Write as _, time::Duration};

const STACK: &str = "\
name: shop
services:
  web:
    image: web:1
    command: [serve, --all]
    scale: 2
    ports: ['8080', '127.0.0.1::81/udp']
    expose: ['9000']
  job:
    image: job:1
  db:
    image: registry.example:5000/lab/db
";

fn sim() -> Sim {
    let job = Script::new().exits_after(Duration::from_secs(5), 3);
    Sim::new().with_any_image().with_registry("job:1", job)
}

async fn up() -> Stage {
    let stage = Stage::over(STACK, sim());
    assert_eq!(stage.run("up -d").await.status, 0);
    stage.runtime.clear();
    stage
}

async fn later() {
    tokio::time::sleep(Duration::from_secs(10)).await;
}

#[tokio::test(start_paused = true)]
async fn ls_is_across_projects() {
    let stage = up().await;
    stage.run("-p apart up -d db").await;
    stage.run("-p apart stop").await;
    later().await;
    stage.runtime.clear();
    assert_data_eq!(
        stage.text("ls").await,
        str![[r#"
status 0
NAME                STATUS              CONFIG FILES
shop                running(3)          [DIR]/compose.yaml
---

"#]]
    );
    assert_eq!(stage.runtime.text(), "observe C\n");
    assert_data_eq!(
        stage.text("ls -a").await,
        str![[r#"
status 0
NAME                STATUS                  CONFIG FILES
apart               exited(1)               [DIR]/compose.yaml
shop                exited(1), running(3)   [DIR]/compose.yaml
---

"#]]
    );
    assert_data_eq!(stage.text("ls -a --format json").await, str![[r#"
status 0
[{"Name":"apart","Status":"exited(1)","ConfigFiles":"[DIR]/compose.yaml"},{"Name":"shop","Status":"exited(1), running(3)","ConfigFiles":"[DIR]/compose.yaml"}]
---

"#]].raw());
    assert_data_eq!(
        stage.text("ls -aq --filter name=^sh --filter name=xyz").await,
        str![[r#"
status 0
shop
---

"#]]
    );
    assert_data_eq!(
        stage.text("ls --filter name=xyz").await,
        str![[r#"
status 0
NAME                STATUS              CONFIG FILES
---

"#]]
    );
    assert_data_eq!(
        stage.text("ls --filter name=xyz --format json").await,
        str![[r#"
status 0
[]
---

"#]]
    );
    assert_data_eq!(
        stage.text("ls --format yaml").await,
        str![[r#"
status 1
---
error: format value "yaml" could not be parsed: parsing failed

"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn images_of_the_containers() {
    let stage = up().await;
    let text = stage.run("images").await.out;
    // The simulation's time is long past.
    let text: Vec<&str> = text.lines().map(|line| line.split("  1MB ").next().unwrap()).collect();
    assert_data_eq!(
        text.join("\n"),
        str![[r#"
CONTAINER           REPOSITORY                     TAG                 PLATFORM            IMAGE ID            SIZE                CREATED
shop-db-1           registry.example:5000/lab/db   latest              linux/amd64         cc07be880f4b      
shop-job-1          job                            1                   linux/amd64         941ccad5e0d0      
shop-web-1          web                            1                   linux/amd64         b6b7259ab264      
shop-web-2          web                            1                   linux/amd64         b6b7259ab264      
"#]]
    );
    assert_eq!(
        stage.runtime.counts().into_iter().collect::<Vec<_>>(),
        [("inspect_images", 1), ("observe", 1)]
    );
    assert_data_eq!(
        stage.text("images -q db web").await,
        str![[r#"
status 0
cc07be880f4b89f910f4cce3fe38c8920e62002a686cb983a9fba8e3a16d90cc
b6b7259ab264d435bc83c6d36697567ec7151eaac0007c4feb7cd197e46348e0
---

"#]]
    );
    assert_data_eq!(stage.text("images --format json db").await, str![[r#"
status 0
[{"ID":"sha256:cc07be880f4b89f910f4cce3fe38c8920e62002a686cb983a9fba8e3a16d90cc","ContainerName":"shop-db-1","Repository":"registry.example:5000/lab/db","Tag":"latest","Platform":"linux/amd64","Size":1000000,"LastTagTime":"2026-01-01T00:00:00.220000000Z"}]

---

"#]].raw());
    assert_data_eq!(
        stage.text("images --format json nosuch").await,
        str![[r#"
status 0
null

---

"#]]
    );
    assert_data_eq!(
        stage.text("images nosuch").await,
        str![[r#"
status 0
CONTAINER           REPOSITORY          TAG                 PLATFORM            IMAGE ID            SIZE                CREATED
---

"#]]
    );
}

/// The name goes to a newer image, and the simulation keeps no image without one.
#[tokio::test(start_paused = true)]
async fn images_that_have_lost_their_names() {
    let stage = up().await;
    stage.runtime.inner().publish("web:1", Script::new());
    stage.runtime.inner().publish("web:1", Script::new());
    assert_eq!(stage.run("pull --policy always web").await.status, 0);
    stage.runtime.clear();
    let text = stage.run("images web job").await.out;
    let text: Vec<&str> = text.lines().map(|line| line.split("MB ").next().unwrap()).collect();
    assert_data_eq!(
        text.join("\n"),
        str![[r#"
CONTAINER           REPOSITORY          TAG                 PLATFORM            IMAGE ID            SIZE                CREATED
shop-job-1          job                 1                   linux/amd64         941ccad5e0d0        1
shop-web-1          <none>              <none>                                  b6b7259ab264        0B                  N/A
shop-web-2          <none>              <none>                                  b6b7259ab264        0B                  N/A
"#]]
    );
    assert_eq!(stage.runtime.count("inspect_images"), 2);
}

#[tokio::test(start_paused = true)]
async fn ports() {
    let stage = up().await;
    later().await;
    let first = stage.run("port web 8080").await;
    assert!(first.status == 0 && first.out.starts_with("0.0.0.0:"), "{first:?}");
    assert_ne!(first, stage.run("port web 8080 --index 2").await);
    assert_eq!(first, stage.run("port web 8080 --index 0").await);
    assert!(stage.run("port web 81 --protocol UDP").await.out.starts_with("127.0.0.1:"));
    let lines = [
        "port web 9000",
        "port web 81",
        "port db 80",
        "port web 8080 --index 3",
        "port nosuch 80",
        "port job 80",
        "port web x",
        "port web 70000",
        "port web",
        "port web 1 2",
    ];
    let mut text = String::new();
    for line in lines {
        let done = stage.run(line).await;
        assert_eq!((done.status, done.out.as_str()), (1, ""), "{line}");
        write!(text, "{line}\n    {}", done.err).unwrap();
    }
    assert_data_eq!(
        without_ports(&text),
        str![[r#"
port web 9000
    error: no port 9000/tcp for container shop-web-1: 127.0.0.1:[PORT]->81/udp, 0.0.0.0:[PORT]->8080/tcp
port web 81
    error: no port 81/tcp for container shop-web-1: 127.0.0.1:[PORT]->81/udp, 0.0.0.0:[PORT]->8080/tcp
port db 80
    error: no port 80/tcp for container shop-db-1; it publishes none
port web 8080 --index 3
    error: service "web" has no container number 3
port nosuch 80
    error: service "nosuch" is not running
port job 80
    error: service "job" is not running
port web x
    invalid port "x": a number up to 65535
port web 70000
    invalid port "70000": a number up to 65535
port web
    requires 2 arguments, SERVICE and PRIVATE_PORT, not 1
port web 1 2
    requires 2 arguments, SERVICE and PRIVATE_PORT, not 3

"#]]
    );
}

/// Without the numbers that the runtime chose.
fn without_ports(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("->") {
        let end = before.rfind(':').map_or(before.len(), |at| at + 1);
        plain.push_str(&before[..end]);
        plain.push_str("[PORT]->");
        rest = after;
    }
    plain + rest
}

#[tokio::test(start_paused = true)]
async fn top_is_one_table() {
    let stage = up().await;
    assert_data_eq!(
        stage.text("top web db").await,
        str![[r#"
status 0
SERVICE  #   PID  CMD
db       1   1    
web      1   1    serve --all
web      2   1    serve --all
---

"#]]
    );
    assert_eq!((stage.runtime.count("observe"), stage.runtime.count("top")), (1, 3));
    assert_eq!(stage.text("top nosuch").await, "status 0\n---\n");
    // One that ends between the look and the question.
    stage.runtime.fail_nth(
        stage.runtime.count("") + 1,
        Fault::Refused(perry_container_spec::ErrorKind::NotRunning, "not running".to_owned()),
    );
    assert_eq!(stage.run("top db").await.text(), "status 0\n---\n");
}

#[tokio::test(start_paused = true)]
async fn wait_gives_the_status_of_the_last() {
    let stage = up().await;
    let begun = tokio::time::Instant::now();
    let done = stage.run("wait job").await;
    assert_eq!((done.status, done.err.as_str()), (3, ""));
    assert!(
        done.out.starts_with("container \"") && done.out.ends_with("exited with status code 3\n")
    );
    assert!(begun.elapsed() > Duration::from_secs(3), "{:?}", begun.elapsed());
    assert_data_eq!(
        stage.text("wait job").await,
        str![[r#"
status 1
---
error: no containers for project "shop"

"#]]
    );
    assert_data_eq!(
        stage.text("wait").await,
        str![[r#"
status 1
---
requires at least 1 argument: SERVICE

"#]]
    );

    // The one that ends last counts, whichever it is.
    let done = stage
        .during("wait db web", |_| async {
            later().await;
            stage.run("stop -t 1 db").await;
            stage.run("stop -t 1 web").await;
        })
        .await;
    assert_eq!((done.status, done.out.lines().count()), (143, 3));
}

#[tokio::test(start_paused = true)]
async fn wait_takes_the_project_down_when_it_is_asked_to() {
    let stage = up().await;
    let done = stage.run("--progress quiet wait --down-project job").await;
    assert_eq!((done.status, done.err.as_str()), (3, ""));
    assert_eq!(stage.runtime.inner().text(), "");
}

#[tokio::test(start_paused = true)]
async fn signals_end_what_waits() {
    for (line, terminate, status) in [
        ("wait web", false, 130),
        ("wait web", true, 143),
        ("events", false, 130),
        ("events", true, 143),
    ] {
        let stage = up().await;
        let done = stage
            .during(line, |outside| async move {
                later().await;
                let signals = outside.signals.unwrap();
                if terminate { signals.terminate() } else { signals.interrupt() }
            })
            .await;
        assert_eq!((done.status, done.err.as_str()), (status, ""), "{line}");
        assert!(stage.runtime.inner().text().contains("shop-web-1 web:1 running"));
    }
}

#[tokio::test(start_paused = true)]
async fn events_of_the_past_and_to_come() {
    let stage = &up().await;
    let window = "--since 2026-01-01T00:00:00Z --until 2026-01-01T00:00:20Z";
    assert_data_eq!(
        stage.text(&format!("events {window} job")).await,
        str![[r#"
status 0
2026-01-01 00:00:00.490000 container create shop-job-1@3 (image=job:1, name=shop-job-1)

2026-01-01 00:00:00.565000 container start shop-job-1@3 (image=job:1, name=shop-job-1)

2026-01-01 00:00:05.565000 container die shop-job-1@3 (exitCode=3, image=job:1, name=shop-job-1)

---

"#]]
    );
    assert_data_eq!(stage.text(&format!("events --json {window} db")).await, str![[r#"
status 0
{"action":"create","attributes":{"image":"registry.example:5000/lab/db","name":"shop-db-1"},"id":"shop-db-1@4","service":"db","time":"2026-01-01T00:00:00.49Z","type":"container"}
{"action":"start","attributes":{"image":"registry.example:5000/lab/db","name":"shop-db-1"},"id":"shop-db-1@4","service":"db","time":"2026-01-01T00:00:00.565Z","type":"container"}
---

"#]].raw());
    assert_eq!(stage.text(&format!("events {window} nosuch")).await, "status 0\n---\n");
    assert_data_eq!(
        stage.text("events --since foo").await,
        str![[r#"
status 1
---
invalid argument "foo" for "--since" flag: a time like 2013-01-02T13:23:37Z, or how long ago, like 42m

"#]]
    );

    // What comes is told at once.
    let done = stage
        .during("events --json db", |outside| async move {
            later().await;
            assert_eq!(outside.out.text(), "");
            stage.run("stop db").await;
            later().await;
            let told = outside.out.text();
            assert!(
                told.contains("\"action\":\"die\"") && told.contains("\"exitCode\":\"143\""),
                "{told}"
            );
            outside.signals.unwrap().interrupt();
        })
        .await;
    assert_eq!(done.status, 130);
}

/// A runtime that ends its events without being asked to is asked again; one that goes on so is an error.
#[tokio::test(start_paused = true)]
async fn events_that_the_runtime_ends() {
    let stage = &up().await;
    stage.runtime.answer_next(Some("events"), Some(Fault::EndsAtOnce));
    let done = stage
        .during("events --json db", |outside| async move {
            later().await;
            stage.run("stop db").await;
            later().await;
            outside.signals.unwrap().interrupt();
        })
        .await;
    assert_eq!((done.status, done.out.lines().count()), (130, 3), "{}", done.out);
    assert_eq!(stage.runtime.count("events"), 2);
    stage.runtime.fail_matching("events", Fault::EndsAtOnce);
    assert_data_eq!(
        stage.text("events").await,
        str![[r#"
status 1
---
error: could not watch `events`: the runtime keeps ending them

"#]]
    );
}

/// What a look costs does not grow with the number of services.
#[tokio::test(start_paused = true)]
async fn calls_do_not_grow_with_services() {
    let mut counts = Vec::new();
    for n in [1, 40] {
        let services: String =
            (0..n).map(|n| format!("  s{n}: {{image: app:{n}, ports: ['80']}}\n")).collect();
        let stage = Stage::new(&format!("name: many\nservices:\n{services}"));
        assert_eq!(stage.run("up -d").await.status, 0);
        let mut text = String::new();
        for line in ["ls", "images", "port s0 80", "events --until 2026-01-01T00:00:00Z"] {
            stage.runtime.clear();
            assert_eq!(stage.run(line).await.status, 0, "{line}");
            let made = stage.runtime.counts();
            let made: Vec<String> = made.iter().map(|(name, n)| format!("{name} {n}")).collect();
            writeln!(text, "{line}: {}", made.join(", ")).unwrap();
        }
        counts.push(text);
    }
    assert_eq!(counts[0], counts[1]);
    assert_data_eq!(
        counts.remove(0),
        str![[r#"
ls: observe 1
images: inspect_images 1, observe 1
port s0 80: observe 1
events --until 2026-01-01T00:00:00Z: events 1

"#]]
    );
}
