//! `kill`, `pause`, `unpause` and `rm`: they get as far as they can, and a second one does the rest.

use crate::world::{Runtime, line, over, project, runtime, s, session, stack, up};
use perry_container_engine::{EngineError, Report};
use perry_container_executor::Brakes;
use perry_container_reconcile::{Desired, KillOptions, LifeOptions, RmOptions};
use perry_container_spec::State;
use perry_container_testkit::{Fault, Script, Sim};
use serde_json::json;
use snapbox::{assert_data_eq, str};
use std::time::Duration;
use tokio::time::sleep;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    Kill,
    Pause,
    Unpause,
    Rm,
    RmStop,
}

use Verb::{Kill, Pause, Rm, RmStop, Unpause};

async fn run(runtime: &Runtime, verb: Verb) -> Result<Report, EngineError> {
    told(runtime, verb, &Brakes::default()).await.1
}

async fn told(
    runtime: &Runtime,
    verb: Verb,
    brakes: &Brakes,
) -> (String, Result<Report, EngineError>) {
    let (session, desired, mut lines) = (session(runtime), stack(), Vec::new());
    let (known, life): (Option<&Desired>, _) = (Some(&desired), LifeOptions::default());
    let rm = RmOptions { stop: verb == RmStop, ..RmOptions::default() };
    let tell = &mut |progress| lines.push(line(&progress) + "\n");
    let done = match verb {
        Kill => session.kill("demo", known, &KillOptions::default(), brakes, tell).await,
        Pause => session.pause("demo", known, &life, brakes, tell).await,
        Unpause => session.unpause("demo", known, &life, brakes, tell).await,
        Rm | RmStop => session.rm("demo", known, &rm, brakes, tell).await,
    };
    (lines.concat(), done)
}

fn states(runtime: &Runtime) -> String {
    let names = ["demo-cache-1", "demo-db-1", "demo-web-1"];
    let state = |name: &str| {
        runtime.inner().peek(name).map_or_else(|| "gone".to_owned(), |c| c.state.to_string())
    };
    names.map(state).join(" ")
}

/// The stack as the command finds it.
async fn before(runtime: &Runtime, verb: Verb) {
    up(runtime, &stack()).await.unwrap();
    match verb {
        Unpause => drop(run(runtime, Pause).await.unwrap()),
        Rm => drop(run(runtime, Kill).await.unwrap()),
        Kill | Pause | RmStop => {}
    }
    runtime.clear();
}

fn after(verb: Verb) -> &'static str {
    match verb {
        Kill => "exited exited exited",
        Pause => "paused paused paused",
        Unpause => "running running running",
        Rm | RmStop => "gone gone gone",
    }
}

#[tokio::test(start_paused = true)]
async fn one_look_and_one_call_each() {
    let runtime = runtime();
    up(&runtime, &stack()).await.unwrap();
    runtime.clear();
    for verb in [Pause, Unpause, Kill, Rm] {
        run(&runtime, verb).await.unwrap();
        assert_eq!(states(&runtime), after(verb));
    }
    up(&runtime, &stack()).await.unwrap();
    let text = runtime.text();
    runtime.clear();
    run(&runtime, RmStop).await.unwrap();
    let calls: Vec<&str> =
        text.lines().take_while(|call| !call.starts_with("observe CNVI")).collect();
    assert_data_eq!(
        format!("{}\n---\n{}", calls.join("\n"), runtime.text()),
        str![[r#"
observe C
pause demo-web-1@3
pause demo-cache-1@2
pause demo-db-1@1
observe C
pause demo-cache-1@2 off
pause demo-db-1@1 off
pause demo-web-1@3 off
observe C
kill demo-web-1@3 SIGKILL
kill demo-cache-1@2 SIGKILL
kill demo-db-1@1 SIGKILL
observe C
remove_each demo-web-1@3
remove_each demo-cache-1@2
remove_each demo-db-1@1
---
observe C
stop demo-web-1@6
remove_each demo-web-1@6
stop demo-cache-1@5
stop demo-db-1@4
remove_each demo-cache-1@5
remove_each demo-db-1@4

"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn again_is_nothing() {
    for verb in [Kill, Pause, Unpause, Rm, RmStop] {
        let runtime = runtime();
        before(&runtime, verb).await;
        run(&runtime, verb).await.unwrap();
        runtime.clear();
        let report = run(&runtime, verb).await.unwrap();
        assert!(report.run.plan.is_empty(), "{verb:?}");
        assert_eq!(runtime.text(), "observe C\n", "{verb:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_told() {
    let runtime = runtime();
    before(&runtime, Pause).await;
    let mut text = String::new();
    for verb in [Pause, Pause, Unpause, Kill, Kill, Rm, Rm] {
        let lines = told(&runtime, verb, &Brakes::default()).await.0;
        text.extend([format!("{verb:?}\n"), lines]);
    }
    assert_data_eq!(
        text,
        str![[r#"
Pause
Run: 3 actions
    0 Container demo-web-1 Pausing
   10 Container demo-web-1 Paused
   10 Container demo-cache-1 Pausing
   10 Container demo-db-1 Pausing
   20 Container demo-cache-1 Paused
   20 Container demo-db-1 Paused
Pause
Container demo-web-1 Paused
Container demo-cache-1 Paused
Container demo-db-1 Paused
Unpause
Run: 3 actions
    0 Container demo-cache-1 Unpausing
    0 Container demo-db-1 Unpausing
   10 Container demo-cache-1 Unpaused
   10 Container demo-db-1 Unpaused
   10 Container demo-web-1 Unpausing
   20 Container demo-web-1 Unpaused
Kill
Run: 3 actions
    0 Container demo-web-1 Killing
    0 Container demo-cache-1 Killing
    0 Container demo-db-1 Killing
   50 Container demo-web-1 Killed
   50 Container demo-cache-1 Killed
   50 Container demo-db-1 Killed
Kill
note: no container to kill
Rm
Run: 3 actions
    0 Container demo-web-1 Removing
   50 Container demo-web-1 Removed
   50 Container demo-cache-1 Removing
   50 Container demo-db-1 Removing
  100 Container demo-cache-1 Removed
  100 Container demo-db-1 Removed
Rm
note: No stopped containers

"#]]
    );
}

/// Whatever single call fails, is cut before or after its effect: the others are made, a second command does the rest.
#[tokio::test(start_paused = true)]
async fn every_single_call_may_fail() {
    let mut cases = 0;
    for verb in [Kill, Pause, Unpause, Rm, RmStop] {
        for fault in [Fault::refused(), Fault::CutBefore, Fault::CutAfter] {
            for n in 0.. {
                let runtime = runtime();
                before(&runtime, verb).await;
                runtime.fail_nth(n, fault.clone());
                let result = run(&runtime, verb).await;
                sleep(s(60)).await;
                let what = format!("{verb:?} {fault:?} {n}");
                if runtime.calls().len() <= n {
                    result.unwrap();
                    break;
                }
                cases += 1;
                let error = result.unwrap_err();
                // One call fails; of rm -s the removal behind its stop falls with it.
                let done = after(verb).split(' ').next().unwrap();
                let met = states(&runtime).split(' ').filter(|state| *state == done).count();
                assert!(n == 0 || met >= 2, "{what}: {} after {error}", states(&runtime));
                runtime.heal();
                run(&runtime, verb).await.unwrap();
                assert_eq!(states(&runtime), after(verb), "{what}");
                up(&runtime, &stack()).await.unwrap();
                assert_eq!(states(&runtime), after(Unpause), "{what}");
            }
        }
    }
    assert_eq!(cases, 3 * (4 * 4 + 7), "each call of each command, in three ways");
}

/// The first signal lets the call that is under way finish; nothing new begins.
#[tokio::test(start_paused = true)]
async fn a_signal_ends_them_between_calls() {
    let mut text = Vec::new();
    for verb in [Kill, Pause, Unpause, Rm, RmStop] {
        let runtime = runtime();
        before(&runtime, verb).await;
        for call in ["kill", "pause", "unpause", "remove_each", "stop"] {
            runtime.delay(call, s(2));
        }
        let brakes = Brakes::default();
        let pulling = brakes.clone();
        tokio::spawn(async move {
            sleep(Duration::from_millis(500)).await;
            pulling.pull();
        });
        let (_, result) = told(&runtime, verb, &brakes).await;
        let how = result
            .map_or_else(|error| format!("{error} ({})", error.code()), |_| "done".to_owned());
        text.push(format!("{verb:?}: {how}; {}\n", states(&runtime)));
        runtime.heal();
        run(&runtime, verb).await.unwrap();
        assert_eq!(states(&runtime), after(verb), "{verb:?}");
    }
    assert_data_eq!(
        text.concat(),
        str![[r#"
Kill: done; exited exited exited
Pause: interrupted; not done: pause demo-cache-1, pause demo-db-1 (130); running running paused
Unpause: interrupted; not done: unpause demo-web-1 (130); running running paused
Rm: interrupted; not done: remove demo-cache-1, remove demo-db-1 (130); exited exited gone
RmStop: interrupted; not done: remove demo-web-1, stop demo-cache-1, remove demo-cache-1, stop demo-db-1, remove demo-db-1 (130); running running exited

"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn before_the_first_look_a_signal_ends_them_at_once() {
    let runtime = runtime();
    before(&runtime, Kill).await;
    runtime.delay("observe", s(100));
    let brakes = Brakes::default();
    brakes.pull();
    for verb in [Kill, Pause, Rm] {
        let begin = tokio::time::Instant::now();
        let (_, result) = told(&runtime, verb, &brakes).await;
        assert!(matches!(result, Err(EngineError::Interrupted { .. })), "{verb:?}");
        assert_eq!(begin.elapsed(), Duration::ZERO, "{verb:?}");
    }
}

/// A container that ended between the look and the signal is no failure of a kill that wanted it gone.
#[tokio::test(start_paused = true)]
async fn who_ends_before_the_signal_comes() {
    let runtime = over(Sim::new().with_any_image());
    runtime.inner().publish("web:1", Script::new().exits_after(s(5), 0));
    up(&runtime, &project(json!({"web": {"image": "web:1"}}))).await.unwrap();
    runtime.delay("kill", s(10));
    run(&runtime, Kill).await.unwrap();
    assert_eq!(runtime.inner().peek("demo-web-1").unwrap().state, State::Exited);
}

/// What began to run after it was looked at stays.
#[tokio::test(start_paused = true)]
async fn rm_leaves_what_was_started_meanwhile() {
    use perry_container_backend::ContainerBackend as _;
    let runtime = runtime();
    before(&runtime, Rm).await;
    runtime.delay("remove_each demo-db-1", s(5));
    let starting = async {
        sleep(s(1)).await;
        runtime.inner().start("demo-db-1").await.unwrap();
    };
    let (result, ()) = tokio::join!(run(&runtime, Rm), starting);
    assert_data_eq!(
        result.unwrap_err().to_string(),
        str![
            "service `db`: could not remove `demo-db-1`: the container is running: stop it first, or force it"
        ]
    );
    assert_eq!(states(&runtime), "gone running gone");
}
