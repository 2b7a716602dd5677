//! `--trace` and `--log-level`.

use super::{Folder, stage::Stage};
use perry_container_testkit::{Fault, Script, Sim};
use serde_json::Value;
use snapbox::{IntoData as _, assert_data_eq, str};
use std::{
    collections::BTreeMap, fmt::Write as _, os::unix::fs::PermissionsExt as _, time::Duration,
};

/// Every value that must not be seen holds this.
const SECRET: &str = "hunter2";

const STACK: &str = "\
name: shop
services:
  web:
    image: web:1
    environment: {PASSWORD: hunter2-plain, OTHER: '${FROM_OUTSIDE}'}
    env_file: [web.env]
    secrets: [token]
    configs: [page]
    depends_on: {db: {condition: service_healthy}}
    post_start: [{command: [login], environment: {KEY: hunter2-hook}}]
  db:
    image: db:1
    environment: [DB_PASSWORD=hunter2-list]
    healthcheck: {test: [CMD, 'true'], interval: 1s}
secrets: {token: {environment: TOKEN}}
configs: {page: {content: hunter2-content}}
";

fn stage() -> Stage {
    let web = Script::new().answers("login", "", 0);
    let sim = Sim::new().with_any_image().with_registry("web:1", web);
    let mut stage = Stage::over(STACK, sim);
    stage.write("web.env", "FILED=hunter2-file\n");
    stage.env = vec![
        ("FROM_OUTSIDE", "hunter2-outside".to_owned()),
        ("TOKEN", "hunter2-token".to_owned()),
        ("UNUSED", "hunter2-unused".to_owned()),
    ];
    stage
}

/// The spans of a trace that is checked to be one.
struct Trace {
    text: String,
    /// By id.
    spans: BTreeMap<u64, Span>,
    /// Those that never ended.
    open: usize,
}

struct Span {
    kind: String,
    name: String,
    args: Value,
    end: Value,
}

impl Trace {
    /// Valid JSON, times that never go back, and on each track a stack.
    fn read(stage: &Stage) -> Self {
        let path = stage.path().join("trace.json");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let text = std::fs::read_to_string(path).unwrap();
        let events: Vec<Value> = serde_json::from_str(&text).unwrap();
        let mut tracks: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
        let (mut spans, mut last) = (BTreeMap::new(), 0.0);
        for event in &events[1..] {
            let time = event["ts"].as_f64().unwrap();
            assert!(time >= last, "{event}");
            last = time;
            let track = tracks.entry(event["tid"].as_u64().unwrap()).or_default();
            let text = |field: &str| event[field].as_str().unwrap().to_owned();
            if event["ph"] == "B" {
                let (id, args) = (event["args"]["id"].as_u64().unwrap(), event["args"].clone());
                // What lies on another span lies in it.
                if let Some(below) = track.last() {
                    assert_eq!(args["parent"].as_u64(), Some(*below), "{event}");
                }
                track.push(id);
                let (kind, name) = (text("cat"), text("name"));
                spans.insert(id, Span { kind, name, args, end: Value::Null });
            } else {
                assert_eq!(event["ph"], "E");
                let span: &mut Span = spans.get_mut(&track.pop().unwrap()).unwrap();
                assert_eq!(span.kind, text("cat"));
                span.end = event["args"].clone();
            }
        }
        let open = tracks.values().map(Vec::len).sum();
        Self { text, spans, open }
    }

    fn count(&self, kind: &str) -> usize {
        self.spans.values().filter(|span| span.kind == kind).count()
    }

    /// Kinds from the span up to the command.
    fn path(&self, span: &Span) -> String {
        let mut path = vec![span.kind.as_str()];
        let mut at = span;
        while let Some(parent) = at.args["parent"].as_u64() {
            at = &self.spans[&parent];
            path.push(&at.kind);
        }
        path.reverse();
        path.join(" ")
    }

    /// The whole as a tree.
    fn tree(&self) -> String {
        let mut text = String::new();
        for (id, span) in &self.spans {
            if span.args["parent"].is_null() {
                self.branch(*id, 0, &mut text);
            }
        }
        text
    }

    fn branch(&self, id: u64, deep: usize, text: &mut String) {
        let span = &self.spans[&id];
        let ended = ["how", "error"].iter().find_map(|field| span.end[field].as_str());
        let ended = ended.map_or_else(String::new, |ended| format!(": {ended}"));
        let object = span.args["object"].as_str().filter(|object| !object.is_empty());
        let object = object.map_or_else(String::new, |object| format!(" {object}"));
        let deeper = "  ".repeat(deep);
        writeln!(text, "{deeper}{} {}{object}{ended}", span.kind, span.name).unwrap();
        for (child, span) in &self.spans {
            if span.args["parent"].as_u64() == Some(id) {
                self.branch(*child, deep + 1, text);
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_span_for_every_node_and_every_call() {
    let stage = stage();
    let done = stage.run("--trace trace.json --progress quiet up -d").await;
    assert_eq!(done.text(), "status 0\n---\n");
    let trace = Trace::read(&stage);
    assert_eq!((trace.open, trace.count("call")), (0, stage.runtime.count("")));
    for span in trace.spans.values().filter(|span| span.kind == "call") {
        let path = trace.path(span);
        let inside = ["command observe call", "command run node call", "command run watch call"];
        assert!(inside.contains(&path.as_str()), "{path}");
    }
    assert_data_eq!(
        trace.tree(),
        str![[r#"
command up
  load load
  lower lower
  lock lock
  observe observe
    call observe
  plan plan
  plan plan
  run run
    node pull db:1: done
      call pull db:1
      call inspect_images db:1
    node pull web:1: done
      call pull web:1
      call inspect_images web:1
    node create network shop_default: done
      call create_network shop_default
    node create shop-db-1: done
      call create shop-db-1
    node start shop-db-1: done
      call start shop-db-1@1
    node await shop-db-1 healthy: done
    watch watch
      call events
      call observe
      call observe
      call observe
    node create shop-web-1: done
      call create shop-web-1
    node start shop-web-1: done
      call start shop-web-1@2
    node exec login in shop-web-1: done
      call open_exec shop-web-1@2

"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn the_trace_of_a_failure_says_where() {
    let stage = stage();
    stage.runtime.fail_matching("start shop-web-1", Fault::refused());
    let done = stage.run("--progress quiet --trace trace.json up -d").await;
    assert_eq!(done.status, 1);
    let trace = Trace::read(&stage);
    assert_eq!((trace.open, trace.count("call")), (0, stage.runtime.count("")));
    let text = trace.tree();
    let lines: Vec<&str> = text.lines().filter(|line| line.contains(": failed")).collect();
    assert_data_eq!(
        lines.join("\n"),
        str![[r#"
    node start shop-web-1: failed
      call start shop-web-1@2: failed
"#]]
    );
    let undone: Vec<&Span> =
        trace.spans.values().filter(|span| span.args["phase"] == "undo").collect();
    assert_eq!(undone.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_trace_of_an_interrupted_command_is_whole() {
    let stage = stage();
    stage.runtime.fail_matching("start shop-db-1", Fault::Hangs);
    let done = stage
        .during("--progress quiet --trace trace.json up -d", |outside| async move {
            for _ in 0..2 {
                tokio::time::sleep(Duration::from_secs(5)).await;
                // Whenever one looks, what is there is valid.
                let text = std::fs::read_to_string(outside.here.join("trace.json")).unwrap();
                assert!(serde_json::from_str::<Vec<Value>>(&text).unwrap().len() > 10);
                outside.signals.as_ref().unwrap().interrupt();
            }
        })
        .await;
    assert_eq!(done.status, 130);
    let trace = Trace::read(&stage);
    assert_eq!(trace.open, 0);
    assert_eq!(trace.count("call"), stage.runtime.count(""));
}

#[tokio::test(start_paused = true)]
async fn no_value_of_an_environment_is_in_traces_and_logs() {
    let stage = stage();
    stage.runtime.fail_matching("stop shop-db-1", Fault::refused());
    let mut spans = 0;
    for line in ["up -d", "ps", "up -d --force-recreate", "logs", "top", "images", "down"] {
        let done = stage.run(&format!("--trace trace.json --log-level trace {line}")).await;
        let trace = Trace::read(&stage);
        spans += trace.spans.len();
        assert!(!trace.text.contains(SECRET), "{line}: {}", trace.text);
        assert!(!done.err.contains(SECRET), "{line}: {}", done.err);
    }
    assert!(spans > 60, "{spans}");
}

#[tokio::test(start_paused = true)]
async fn a_file_that_cannot_be_written_is_refused_first() {
    let stage = stage();
    assert_data_eq!(
        stage.text("--trace no/such/place.json up -d").await,
        str![[r#"
status 1
---
error: could not write the trace no/such/place.json: No such file or directory (os error 2)

"#]]
    );
    assert_eq!(stage.runtime.count(""), 0);
}

/// The page lists every kind of span, and no other.
#[tokio::test(start_paused = true)]
async fn the_page_lists_every_kind() {
    let stage = stage();
    stage.run("--trace trace.json up -d").await;
    let mut kinds: Vec<String> =
        Trace::read(&stage).spans.into_values().map(|span| span.kind).collect();
    kinds.push("detect".to_owned()); // a runtime that is given is not looked for
    kinds.sort();
    kinds.dedup();
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/tracing.md");
    let page = std::fs::read_to_string(page).unwrap();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
    let mut listed: Vec<&str> = rows.filter_map(|row| Some(row.split_once('`')?.0)).collect();
    listed.sort_unstable();
    assert_eq!(listed, kinds);
}

#[test]
fn the_log_level_counts() {
    let here = Folder::new(&[("compose.yaml", "services: {web: {image: x}}\n")]);
    let env = [("PATH", "/nonexistent"), ("DOCKER_HOST", "unix:///nonexistent.sock")];
    let quiet = here.text("ps", &env);
    assert!(!quiet.contains("DEBUG"), "{quiet}");
    let told = here.text("ps --log-level debug", &env);
    assert!(told.contains("DEBUG") && told.contains("perry_container::probe: "), "{told}");
    let some = here.text("--log-level perry_container::nothing=debug ps", &env);
    assert!(!some.contains("DEBUG"), "{some}");
    // A process writes its trace as well.
    let traced = here.run("--trace trace.json config -q", &[]);
    assert!(traced.status.success() && traced.stdout.is_empty() && traced.stderr.is_empty());
    let text = std::fs::read_to_string(here.path().join("trace.json")).unwrap();
    let events: Vec<Value> = serde_json::from_str(&text).unwrap();
    assert_data_eq!(
        events.iter().filter_map(|event| event["name"].as_str()).collect::<Vec<_>>().join("\n"),
        str![[r#"
process_name
config
load
"#]]
        .raw()
    );
}
