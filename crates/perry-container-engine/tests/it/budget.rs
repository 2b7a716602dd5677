//! The number of runtime calls is a cost.

use crate::world::{Runtime, down, many, runtime, session, stack, up, up_with};
use perry_container_engine::PsFilter;
use perry_container_reconcile::{DownOptions, UpOptions};
use snapbox::{assert_data_eq, str};

/// `observe 1, create 3`.
fn counts(runtime: &Runtime) -> String {
    let counts = runtime.counts();
    counts.iter().map(|(method, n)| format!("{method} {n}\n")).collect()
}

#[tokio::test(start_paused = true)]
async fn up_from_nothing() {
    let runtime = runtime();
    up(&runtime, &stack()).await.unwrap();
    assert_data_eq!(
        counts(&runtime),
        str![[r#"
create 3
create_network 1
events 1
inspect_images 3
observe 4
pull 3
start 3

"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn up_when_all_is_up_is_one_look() {
    let runtime = runtime();
    up(&runtime, &stack()).await.unwrap();
    runtime.clear();
    up(&runtime, &stack()).await.unwrap();
    assert_eq!(runtime.text(), "observe CNVI\n");
}

#[tokio::test(start_paused = true)]
async fn ps_and_down() {
    let runtime = runtime();
    up(&runtime, &stack()).await.unwrap();
    runtime.clear();
    session(&runtime).ps("demo", &PsFilter::default()).await.unwrap();
    assert_eq!(runtime.text(), "observe C\n");
    runtime.clear();
    down(&runtime, Some(&stack()), &DownOptions::default()).await.unwrap();
    assert_data_eq!(
        counts(&runtime),
        str![[r#"
observe 1
remove_each 3
remove_network 1
stop 3

"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn observing_does_not_grow_with_the_number_of_services() {
    for n in [1, 10, 100] {
        let runtime = runtime();
        up(&runtime, &many(n)).await.unwrap();
        assert_eq!((runtime.count("observe"), runtime.count("create")), (1, n));
        assert_eq!(
            runtime.count(""),
            1 + 1 + 2 + 2 * n,
            "look, network, pull and inspect, create and start"
        );
        runtime.clear();
        up(&runtime, &many(n)).await.unwrap();
        assert_eq!(runtime.count(""), 1);
        runtime.clear();
        down(&runtime, None, &DownOptions::default()).await.unwrap();
        assert_eq!(runtime.count("observe"), 1);
    }
}

/// While something is awaited the looks are a matter of time, not of the number of services.
#[tokio::test(start_paused = true)]
async fn one_look_serves_every_wait() {
    let mut looks = Vec::new();
    for n in [1, 100] {
        let runtime = runtime();
        up(&runtime, &many(n)).await.unwrap();
        let begin = tokio::time::Instant::now();
        runtime.clear();
        let brakes = perry_container_executor::Brakes::default();
        let session = session(&runtime);
        session.stop("demo", None, &Default::default(), &brakes, &mut |_| ()).await.unwrap();
        let options = UpOptions { wait: true, ..UpOptions::default() };
        up_with(&runtime, &many(n), &options).await.unwrap();
        let tenths = begin.elapsed().as_millis() as usize / 100;
        assert!(runtime.count("observe") <= tenths + 3, "{} looks", runtime.count("observe"));
        looks.push(runtime.count("observe"));
    }
    assert!(looks[1] < 30, "{looks:?}");
}
