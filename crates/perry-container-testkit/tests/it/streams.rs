//! Output, commands, events.

use crate::life::{named, s, sim};
use futures_util::{StreamExt as _, TryStreamExt as _};
use perry_container_backend::{ContainerBackend as _, ContainerBackendExt as _, Feed};
use perry_container_spec::{
    ErrorKind, EventOptions, ExecSpec, LogOptions, RuntimeEvent, RuntimeEventKind, Selector,
};
use perry_container_testkit::{Script, Sim};
use snapbox::{assert_data_eq, str};

fn chatty() -> Sim {
    sim(Script::new()
        .prints(s(1), "one")
        .complains(s(2), "two")
        .prints(s(3), "three")
        .exits_after(s(4), 7)
        .answers("pg_isready -q", "accepting\n", 0))
}

#[tokio::test(start_paused = true)]
async fn output_comes_when_it_is_printed() {
    let sim = chatty();
    sim.run(&named("web")).await.unwrap();
    let how = LogOptions { follow: true, timestamps: true, ..LogOptions::default() };
    let flow = sim.open_logs("web", &how).await.unwrap();
    let lines: Vec<String> = flow
        .map_ok(|c| {
            format!("{} {:?} {}", c.time.unwrap(), c.source, String::from_utf8_lossy(&c.bytes))
        })
        .try_collect()
        .await
        .unwrap();
    assert_data_eq!(
        lines.concat(),
        str![[r#"
2026-01-01T00:00:01.125000000Z Stdout one
2026-01-01T00:00:02.125000000Z Stderr two
2026-01-01T00:00:03.125000000Z Stdout three

"#]]
    );
    assert_eq!(sim.wait("web").await.unwrap(), 7);
    let logs = sim.logs("web", Some(2)).await.unwrap();
    assert_eq!((logs.stdout.as_str(), logs.stderr.as_str()), ("three\n", "two\n"));
    let since =
        LogOptions { since: Some("2026-01-01T00:00:03Z".to_owned()), ..LogOptions::default() };
    let late: Vec<_> = sim.open_logs("web", &since).await.unwrap().try_collect().await.unwrap();
    assert_eq!(late.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn commands_answer_as_scripted() {
    let sim = chatty();
    let web = named("web");
    assert_eq!(
        sim.exec("web", &ExecSpec::new(["true"])).await.unwrap_err().kind,
        ErrorKind::NotFound
    );
    sim.create(&web).await.unwrap();
    assert_eq!(
        sim.exec("web", &ExecSpec::new(["true"])).await.unwrap_err().kind,
        ErrorKind::NotRunning
    );
    sim.start("web").await.unwrap();
    for (command, output, status) in [
        (&["pg_isready", "-q"][..], "accepting\n", 0),
        (&["sh", "-c", "exit 3"], "", 3),
        (&["echo", "a", "b"], "a b\n", 0),
    ] {
        let (logs, found) = sim.exec("web", &ExecSpec::new(command.to_vec())).await.unwrap();
        assert_eq!((logs.stdout.as_str(), found), (output, status), "{command:?}");
    }
    let missing = sim.exec("web", &ExecSpec::new(["nope"])).await.unwrap_err();
    assert_eq!(missing.kind, ErrorKind::Invalid);
    let session =
        sim.open_exec("web", &ExecSpec::new(["cat"]), Feed::Bytes("hi".into())).await.unwrap();
    let frames: Vec<_> = session.output.try_collect().await.unwrap();
    assert_eq!(frames[0].bytes, "hi");
}

#[tokio::test(start_paused = true)]
async fn events_tell_what_happens_from_the_subscription_on() {
    let sim = chatty();
    let mut web = named("web");
    web.labels.insert("ours".to_owned(), "yes".to_owned());
    sim.create(&named("before")).await.unwrap();
    let events =
        sim.events(&Selector::label("ours", "yes"), &EventOptions::default()).await.unwrap();
    let told = tokio::spawn(events.take(5).try_collect::<Vec<RuntimeEvent>>());
    sim.run(&named("other")).await.unwrap();
    sim.run(&web).await.unwrap();
    tokio::time::sleep(s(5)).await;
    sim.remove("web", false).await.unwrap();
    let kinds: Vec<_> = told.await.unwrap().unwrap().into_iter().map(|event| event.kind).collect();
    use RuntimeEventKind::{Create, Destroy, Die, Start, Subscribed};
    assert_eq!(kinds, [Subscribed, Create, Start, Die(Some(7)), Destroy]);
}

#[tokio::test(start_paused = true)]
async fn events_of_a_window_end_with_it() {
    let sim = chatty();
    sim.run(&named("web")).await.unwrap();
    tokio::time::sleep(s(5)).await;
    let at = |second| Some(format!("2026-01-01T00:00:{second:02}Z"));
    let kinds = async |since, until| {
        let how = EventOptions { since, until, over: false };
        let flow = sim.events(&Selector::default(), &how).await.unwrap();
        let told: Vec<RuntimeEvent> = flow.try_collect().await.unwrap();
        told.into_iter().map(|event| event.kind.word().into_owned()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(kinds(at(0), at(50)).await, "subscribed create start die");
    assert_eq!(kinds(at(0), at(1)).await, "subscribed create start");
    assert_eq!(kinds(at(40), at(50)).await, "subscribed");
    assert_eq!(kinds(None, at(0)).await, "subscribed");
}
