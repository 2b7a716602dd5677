//! Interrupts.

use crate::work::{plan, timeline};
use perry_container_executor::{Brakes, Limits, OnFailure};
use perry_container_plan::Lane;
use snapbox::{assert_data_eq, str};
use std::time::Duration;
use tokio::time::sleep;

const PLAN: &str = "
    wait wait 900
    call call 200
    queued call 10
    after call 10 well after call
";

fn one_at_a_time() -> Limits {
    Limits::from([(Lane::Container, 1)])
}

fn pull_at(ms: &[u64]) -> Brakes {
    let brakes = Brakes::default();
    for ms in ms {
        let (brakes, ms) = (brakes.clone(), *ms);
        tokio::spawn(async move {
            sleep(Duration::from_millis(ms)).await;
            brakes.pull();
        });
    }
    brakes
}

#[tokio::test(start_paused = true)]
async fn the_first_brake_ends_waits_lets_calls_finish_and_begins_nothing() {
    let brakes = pull_at(&[50]);
    let (text, _) = timeline(&plan(PLAN), &one_at_a_time(), &brakes, OnFailure::Continue).await;
    assert_data_eq!(
        text,
        str![[r#"
  0 call
  0 wait
 50 wait skipped
 50 queued skipped
200 call done
200 after skipped

"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn the_second_brake_drops_calls_and_leaves_them_in_doubt() {
    let brakes = pull_at(&[50, 100]);
    let (text, _) = timeline(&plan(PLAN), &one_at_a_time(), &brakes, OnFailure::Continue).await;
    assert_data_eq!(
        text,
        str![[r#"
  0 call
  0 wait
 50 wait skipped
 50 queued skipped
100 call in doubt
100 after skipped

"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn a_kill_alone_ends_waits_too() {
    let brakes = Brakes::default();
    brakes.kill.cancel();
    let (text, _) =
        timeline(&plan("wait wait 900"), &Limits::new(), &brakes, OnFailure::Halt).await;
    assert_data_eq!(
        text,
        str![[r#"
  0 wait skipped

"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn a_failure_halts_its_run_and_leaves_the_brakes_alone() {
    let brakes = Brakes::default();
    timeline(&plan("bad call 10 badly"), &Limits::new(), &brakes, OnFailure::Halt).await;
    assert!(!brakes.applied());
}

#[tokio::test(start_paused = true)]
async fn an_undo_has_its_own_stop_and_the_same_kill() {
    let brakes = Brakes::default();
    brakes.pull();
    let undo = brakes.of_undo();
    assert!(!undo.applied());
    brakes.pull();
    assert!(undo.kill.is_cancelled() && !undo.stop.is_cancelled());
}

#[tokio::test(start_paused = true)]
async fn dropping_a_run_drops_its_calls() {
    struct Guard(std::sync::Arc<()>);
    struct Holds(std::sync::Arc<()>);
    impl perry_container_executor::Perform<crate::work::Work> for Holds {
        type Error = String;
        fn perform(
            &self,
            _: &crate::work::Work,
            _: &perry_container_plan::Facts<crate::work::Work>,
        ) -> perry_container_executor::Doing<crate::work::Work, String> {
            let held = Guard(std::sync::Arc::clone(&self.0));
            Box::pin(async move {
                let _held = &held.0;
                std::future::pending().await
            })
        }
    }
    let alive = std::sync::Arc::new(());
    let holds = Holds(std::sync::Arc::clone(&alive));
    let plan = plan("call call 200");
    let (limits, brakes) = (Limits::new(), Brakes::default());
    let mut tell = |_| ();
    let run =
        perry_container_executor::run(&plan, &holds, &limits, &brakes, OnFailure::Halt, &mut tell);
    let late = tokio::time::timeout(Duration::from_millis(50), run).await;
    assert!(late.is_err());
    sleep(Duration::from_millis(1)).await;
    assert_eq!(std::sync::Arc::strong_count(&alive), 2, "the call is still held");
}
