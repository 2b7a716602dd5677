//! What an attached `up` shows, and how it ends.

use crate::world::{Runtime, over, project, s, session, up};
use perry_container_engine::{Abort, AttachOptions, Attached, AttachedEvent, LogItem, Progress};
use perry_container_executor::Brakes;
use perry_container_reconcile::Desired;
use perry_container_spec::State;
use perry_container_testkit::{Script, Sim, Term};
use serde_json::json;
use snapbox::{assert_data_eq, str};
use std::time::Duration;

fn world() -> Runtime {
    let web = Script::new().prints(s(0), "hello").on_term(Term::Exits(s(1), 0));
    let job = Script::new().prints(s(1), "working").exits_after(s(2), 4);
    over(Sim::new().with_registry("web:1", web).with_registry("job:1", job))
}

fn desired() -> Desired {
    project(json!({"web": {"image": "web:1"}, "job": {"image": "job:1"}}))
}

async fn attach(runtime: &Runtime, options: &AttachOptions, brakes: &Brakes) -> (String, Attached) {
    let report = up(runtime, &desired()).await.unwrap();
    let mut lines = Vec::new();
    let mut tell = |event| {
        lines.push(match event {
            AttachedEvent::Log(LogItem::Line(line)) => {
                format!("{} | {}\n", line.service, line.line)
            }
            AttachedEvent::Log(LogItem::Ended { service, status, .. }) => {
                format!("{service} exited with code {}\n", status.unwrap_or(0))
            }
            AttachedEvent::Stopping { interrupted } => format!("stopping ({interrupted})\n"),
            AttachedEvent::Killing => "killing\n".to_owned(),
            AttachedEvent::Progress(Progress::Ended { object: Some(object), text, .. }) => {
                format!("{} {text}\n", object.name)
            }
            _ => String::new(),
        });
    };
    let ended = session(runtime).attach(&desired(), &report, options, brakes, &mut tell).await;
    (lines.concat(), ended.unwrap())
}

fn pull_at(ms: &[u64]) -> Brakes {
    let brakes = Brakes::default();
    for ms in ms {
        let (brakes, ms) = (brakes.clone(), *ms);
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            brakes.pull();
        });
    }
    brakes
}

#[tokio::test(start_paused = true)]
async fn the_first_signal_stops_and_keeps_the_containers() {
    let runtime = world();
    let (text, ended) = attach(&runtime, &AttachOptions::default(), &pull_at(&[5_000])).await;
    assert_data_eq!(
        text,
        str![[r#"
web | hello
job | working
job exited with code 4
stopping (true)
demo-web-1 Stopped
web exited with code 0

"#]]
    );
    assert_eq!(ended, Attached { exit_code: 130, interrupted: true });
    assert_eq!(runtime.inner().peek("demo-web-1").unwrap().state, State::Exited);
}

#[tokio::test(start_paused = true)]
async fn the_second_signal_kills() {
    let web = Script::new().on_term(Term::Ignores);
    let runtime =
        over(Sim::new().with_registry("web:1", web).with_registry("job:1", Script::new()));
    let begin = tokio::time::Instant::now();
    let (text, ended) =
        attach(&runtime, &AttachOptions::default(), &pull_at(&[5_000, 6_000])).await;
    assert_data_eq!(
        text,
        str![[r#"
stopping (true)
job exited with code 143
demo-job-1 Stopped
killing
demo-web-1 Interrupted
web exited with code 137
demo-web-1 Killed

"#]]
    );
    assert_eq!(ended.exit_code, 130);
    assert!(begin.elapsed() < s(9), "{:?}", begin.elapsed());
    assert_eq!(runtime.inner().peek("demo-web-1").unwrap().exit_code, Some(137));
}

/// The engine need not have told anything yet.
#[tokio::test(start_paused = true)]
async fn a_signal_before_there_is_output_stops_too() {
    for (slow, ms) in [("open_logs", 1_000), ("observe", 1_000), ("observe", 0)] {
        let runtime = world();
        let brakes = pull_at(&[]);
        let report = up(&runtime, &desired()).await.unwrap();
        runtime.delay(slow, s(20));
        let pull = brakes.clone();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            pull.pull();
        });
        let options = AttachOptions::default();
        let (mut told, begin) = (Vec::new(), tokio::time::Instant::now());
        let mut tell = |event| told.push(event);
        let session = session(&runtime);
        let ended = session.attach(&desired(), &report, &options, &brakes, &mut tell).await;
        assert_eq!(ended.unwrap(), Attached { exit_code: 130, interrupted: true });
        assert_eq!(told[0], AttachedEvent::Stopping { interrupted: true });
        assert_eq!(runtime.inner().peek("demo-web-1").unwrap().state, State::Exited);
        assert!(begin.elapsed() < s(23), "{slow}: {:?}", begin.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn the_end_of_one_may_end_all() {
    let on = |abort| AttachOptions { abort, ..AttachOptions::default() };
    for (options, code) in [
        (on(Abort::OnExit), 4),
        (on(Abort::OnFailure), 4),
        (AttachOptions { exit_code_from: Some("web".to_owned()), ..on(Abort::OnExit) }, 0),
    ] {
        let runtime = world();
        let (text, ended) = attach(&runtime, &options, &Brakes::default()).await;
        assert_eq!(ended, Attached { exit_code: code, interrupted: false }, "{text}");
        assert_eq!(runtime.inner().peek("demo-web-1").unwrap().state, State::Exited);
    }
}

#[tokio::test(start_paused = true)]
async fn it_ends_with_the_last_container() {
    let job = Script::new().prints(s(1), "working").exits_after(s(2), 0);
    let web = Script::new().prints(s(1), "hello").exits_after(s(3), 0);
    let runtime = over(Sim::new().with_registry("web:1", web).with_registry("job:1", job));
    let (text, ended) = attach(&runtime, &AttachOptions::default(), &Brakes::default()).await;
    assert_data_eq!(
        text,
        str![[r#"
job | working
web | hello
job exited with code 0
web exited with code 0

"#]]
    );
    assert_eq!(ended, Attached { exit_code: 0, interrupted: false });
}
