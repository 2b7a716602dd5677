use super::{Phase, Said, Step, json, show::Form, tty::Board};
use crate::{grammar, screen::Screen};
use perry_container_compose::{
    engine::{self, Object, Progress},
    load::Env,
};
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
    let mut layer = step("Image redis:7", "Downloading", Phase::Working);
    layer.amount = Some((1_500_000, 3_000_000));
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
        Form::Plain.tell(&mut out, &Said::Step(step), at);
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
    let lines: Vec<String> = steps().iter().map(|(step, _)| json::step(step)).collect();
    assert_data_eq!(
        lines.join("\n"),
        str![[r#"
{"id":"Network p_default","status":"Creating"}
{"id":"Image redis:7","status":"Pulling"}
{"id":"Image redis:7","status":"Downloading","current":1500000,"total":3000000,"percent":50}
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
 ✔ Network p_default  Created                  0.1s
 ⠹ Image redis:7 [1.5MB / 3.0MB]  Downloading  1.2s
 ⠹ Container p-web-1  Starting                 1.1s
 ✘ Container p-db-1  Error                     0.2s
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
    assert!(Board::new(true).frame(ms(0), 80, 24).is_empty());
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
        match Form::new(asked, &env, screen) {
            Form::Tty(_) => "tty",
            Form::Plain => "plain",
            Form::Json => "json",
            Form::Quiet => "quiet",
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
    let object = || Some(Object { kind: "Container", name: "p-a-1".to_owned() });
    let (phase, node, at) = (engine::Phase::Run, 0, ms(0));
    let ended = |how, text, error: Option<&str>| Progress::Ended {
        phase,
        node,
        at,
        object: object(),
        how,
        text,
        error: error.map(str::to_owned),
    };
    let reference = "p-web".to_owned();
    let events = [
        Progress::Waiting { holder: "perry-compose up (4711)".to_owned() },
        Progress::Planned { phase, actions: 3 },
        Progress::Kept { object: object().unwrap(), text: "Running" },
        Progress::Begun { phase, node, at, object: object(), text: "Starting" },
        Progress::Begun { phase, node, at, object: None, text: "Settling" },
        ended("done", "Started", None),
        ended("failed", "Error", Some("unhealthy")),
        ended("skipped", "Skipped", None),
        Progress::Planned { phase: engine::Phase::Undo, actions: 3 },
        Progress::Pull {
            reference: reference.clone(),
            text: "Downloading".to_owned(),
            current: 1,
            total: 2,
        },
        Progress::Build { reference, line: "step 1/3".to_owned() },
        Progress::Note { text: "mind the gap".to_owned() },
    ];
    let mut out = Vec::new();
    for said in events.iter().filter_map(Said::of) {
        Form::Plain.tell(&mut out, &said, at);
        Form::Json.tell(&mut out, &said, at);
    }
    assert_data_eq!(
        String::from_utf8(out).unwrap(),
        str![[r#"
 waiting for perry-compose up (4711), which works on this project
{"text":"waiting for perry-compose up (4711), which works on this project"}
 Container p-a-1  Running
{"id":"Container p-a-1","status":"Running"}
 Container p-a-1  Starting
{"id":"Container p-a-1","status":"Starting"}
 Container p-a-1  Started
{"id":"Container p-a-1","status":"Started"}
 Container p-a-1  Error  unhealthy
{"id":"Container p-a-1","text":"unhealthy","status":"Error","error":true}
 taking back what was done
{"text":"taking back what was done"}
{"id":"Image p-web","status":"Downloading","current":1,"total":2,"percent":50}
 Image p-web | step 1/3
{"id":"Image p-web","text":"step 1/3","status":"Building"}
mind the gap
{"text":"mind the gap"}

"#]]
    );
}
