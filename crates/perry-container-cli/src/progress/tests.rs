use super::{Phase, Progress, Step, json, tty::Board};
use crate::{grammar, screen::Screen};
use perry_container_compose::{load::Env, plan::Event};
use snapbox::{assert_data_eq, str};
use std::time::Duration;

fn step(id: &str, status: &str, phase: Phase) -> Step {
    Step::new(id, status, phase)
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn steps() -> Vec<(Step, Duration)> {
    let mut failed = step("Container p-db-1", "Error", Phase::Failed);
    failed.text = Some("port is taken".to_owned());
    let mut layer = step("a1b2", "Downloading", Phase::Working);
    layer.parent = Some("Image redis:7".to_owned());
    layer.amount = Some((1_500_000, Some(3_000_000)));
    layer.detail = true;
    vec![
        (step("Network p_default", "Creating", Phase::Working), ms(0)),
        (step("Image redis:7", "Pulling", Phase::Working), ms(10)),
        (layer, ms(20)),
        (step("Network p_default", "Created", Phase::Done), ms(130)),
        (step("Container p-web-1", "Starting", Phase::Working), ms(140)),
        (step("Container p-db-1", "Starting", Phase::Working), ms(150)),
        (failed, ms(350)),
    ]
}

#[test]
fn plain_lines() {
    let mut out = Vec::new();
    for (step, at) in steps() {
        Progress::Plain.tell(&mut out, &step, at);
    }
    assert_data_eq!(
        String::from_utf8(out).unwrap(),
        str![[r#"
 Network p_default  Creating
 Image redis:7  Pulling
 Network p_default  Created
 Container p-web-1  Starting
 Container p-db-1  Starting
 Container p-db-1  Error  port is taken

"#]]
    );
}

#[test]
fn json_lines() {
    let lines: Vec<String> = steps().iter().map(|(step, _)| json::line(step)).collect();
    assert_data_eq!(
        lines.join("\n"),
        str![[r#"
{"id":"Network p_default","status":"Creating"}
{"id":"Image redis:7","status":"Pulling"}
{"id":"a1b2","parent_id":"Image redis:7","status":"Downloading","current":1500000,"total":3000000,"percent":50}
{"id":"Network p_default","status":"Created"}
{"id":"Container p-web-1","status":"Starting"}
{"id":"Container p-db-1","status":"Starting"}
{"id":"Container p-db-1","text":"port is taken","status":"Error","error":true}
"#]]
    );
}

#[test]
fn rows() {
    let mut board = Board::new(false);
    for (step, at) in steps() {
        board.note(&step, at);
    }
    assert_data_eq!(
        board.frame(ms(1240), 80, 24).join("\n"),
        str![[r#"
[+] Running 1/4
 ✔ Network p_default  Created              0.1s
 ⠹ Image redis:7 [1.5MB / 3.0MB]  Pulling  1.2s
 ⠹ Container p-web-1  Starting             1.1s
 ✘ Container p-db-1  Error                 0.2s
"#]]
    );
    assert_data_eq!(
        board.frame(ms(1240), 30, 5).join("\n"),
        str![[r#"
[+] Running 1/4
 ⠹ Image redis:7 [1.5MB   1.2s
 ⠹ Container p-web-1  St  1.1s
   ... 2 more
"#]]
    );
    assert!(board.fresh().frame(ms(0), 80, 24).is_empty());
}

#[test]
fn rows_never_exceed_the_terminal() {
    let mut board = Board::new(false);
    for n in 0..50 {
        let phase = if n % 2 == 0 { Phase::Done } else { Phase::Working };
        board.note(&step(&format!("Container p-{n}"), "X", phase), ms(0));
    }
    for (width, height) in [(80, 24), (10, 3), (0, 0), (200, 1)] {
        let rows = board.frame(ms(5), width, height);
        assert!(rows.len() <= height.max(3), "{} rows of {height}", rows.len());
    }
}

#[test]
fn colours() {
    let mut board = Board::new(true);
    board.note(&step("Container p-a-1", "Started", Phase::Done), ms(0));
    assert_data_eq!(
        board.frame(ms(0), 80, 24).join("\n").replace('\u{1b}', "ESC"),
        str![[r#"
ESC[34m[+] Running 1/1ESC[0m
 ESC[32m✔ESC[0m Container p-a-1  ESC[32mStartedESC[0m  ESC[34m0.0sESC[0m
"#]]
    );
}

#[test]
fn what_is_chosen() {
    let chosen = |asked, env: &[(&str, &str)], terminal| {
        let env: Env = env.iter().copied().collect();
        let screen = Screen {
            in_terminal: terminal,
            out_terminal: terminal,
            err_terminal: terminal,
            out_colours: terminal,
            err_colours: terminal,
        };
        match Progress::new(asked, &env, screen) {
            Progress::Tty(_) => "tty",
            Progress::Plain => "plain",
            Progress::Json => "json",
            Progress::Quiet => "quiet",
        }
    };
    assert_eq!(chosen(None, &[], true), "tty");
    assert_eq!(chosen(None, &[], false), "plain");
    assert_eq!(chosen(None, &[("COMPOSE_PROGRESS", "json")], true), "json");
    assert_eq!(
        chosen(Some(grammar::Progress::Quiet), &[("COMPOSE_PROGRESS", "json")], true),
        "quiet"
    );
    assert_eq!(chosen(Some(grammar::Progress::Tty), &[], false), "tty");
}

#[test]
fn events_in_words() {
    use perry_container_compose::{
        plan::Plan,
        reconcile::{Action, Cause, Condition, Target},
        spec::Late,
    };
    let mut plan = Plan::<Action>::default();
    let target = || Target { name: "p-a-1".to_owned(), id: Late::known("1") };
    plan.act(1, Action::Start(target()), Cause::Stopped, &[]);
    plan.act(1, Action::Await(target(), Condition::Healthy, None), Cause::Settled, &[]);
    plan.act(1, Action::Await(target(), Condition::Started, None), Cause::Settled, &[]);
    let at = ms(0);
    let ended = |node, how, error: Option<&str>| Event::Ended {
        node,
        at,
        how,
        error: error.map(str::to_owned),
    };
    let events = [
        Event::Begun { node: 0, at },
        ended(0, "done", None),
        Event::Begun { node: 1, at },
        ended(1, "failed", Some("unhealthy")),
        ended(1, "skipped", None),
        Event::Begun { node: 2, at },
        ended(7, "done", None),
    ];
    let words: Vec<String> = events
        .iter()
        .map(|event| match Step::of(&plan, event) {
            Some(step) => format!("{} {} {:?}", step.id, step.status, step.text),
            None => "-".to_owned(),
        })
        .collect();
    assert_data_eq!(
        words.join("\n"),
        str![[r#"
Container p-a-1 Starting None
Container p-a-1 Started None
Container p-a-1 Waiting None
Container p-a-1 Error Some("unhealthy")
-
-
-
"#]]
    );
}
