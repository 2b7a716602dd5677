//! States, health, restarts, ports.

use perry_container_backend::{ContainerBackend as _, ContainerBackendExt as _};
use perry_container_spec::{
    ContainerSpec, ErrorKind, Health, HealthTest, Healthcheck, Network, RestartPolicy, State,
};
use perry_container_support::{Capabilities, Feature, Level};
use perry_container_testkit::{Script, Sim, Term};
use std::time::Duration;
use tokio::time::sleep;

pub(crate) const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) fn named(name: &str) -> ContainerSpec {
    ContainerSpec { name: Some(name.to_owned()), ..ContainerSpec::new("app:1".to_owned()) }
}

pub(crate) fn sim(script: Script) -> Sim {
    Sim::new().with_image("app:1", script)
}

#[tokio::test(start_paused = true)]
async fn a_life() {
    let sim = sim(Script::new());
    let id = sim.create(&named("web")).await.unwrap().id;
    let state = || sim.peek("web").unwrap().state;
    assert_eq!(state(), State::Created);
    sim.start("web").await.unwrap();
    sim.start(&id).await.unwrap(); // one that runs is left alone
    assert_eq!(state(), State::Running);
    sim.pause("web", true).await.unwrap();
    assert_eq!(state(), State::Paused);
    sim.pause("web", false).await.unwrap();
    assert_eq!(sim.remove("web", false).await.unwrap_err().kind, ErrorKind::InUse);
    sim.stop("web", None).await.unwrap();
    sim.stop("web", None).await.unwrap();
    let info = sim.inspect("web").await.unwrap();
    assert_eq!((info.state, info.exit_code), (State::Exited, Some(143)));
    assert_eq!(sim.kill("web", "SIGKILL").await.unwrap_err().kind, ErrorKind::NotRunning);
    sim.remove("web", false).await.unwrap();
    assert_eq!(sim.inspect("web").await.unwrap_err().kind, ErrorKind::NotFound);
    assert_eq!(sim.text(), "");
}

#[tokio::test(start_paused = true)]
async fn who_ignores_being_asked_is_killed_after_its_time() {
    let sim = sim(Script::new().on_term(Term::Ignores));
    sim.run(&named("web")).await.unwrap();
    let begin = tokio::time::Instant::now();
    sim.stop("web", Some(3)).await.unwrap();
    assert_eq!(begin.elapsed().as_secs(), 3);
    assert_eq!(sim.peek("web").unwrap().exit_code, Some(137));
}

#[tokio::test(start_paused = true)]
async fn health_follows_the_checks_times() {
    let sim = sim(Script::new().healthy_after(s(3)).sick_after(s(20)));
    let check = Healthcheck {
        test: HealthTest::Shell("true".to_owned()),
        interval: Some(s(2)),
        timeout: None,
        start_period: None,
        start_interval: None,
        retries: Some(2),
    };
    sim.run(&ContainerSpec { healthcheck: Some(check), ..named("db") }).await.unwrap();
    let mut seen = Vec::new();
    for _ in 0..14 {
        seen.push(sim.peek("db").unwrap().health.unwrap());
        sleep(s(2)).await;
    }
    use Health::{Healthy, Starting, Unhealthy};
    assert_eq!(seen[..2], [Starting, Starting]);
    assert!(seen[2..11].iter().all(|health| *health == Healthy), "{seen:?}");
    assert_eq!(seen[12..], [Unhealthy, Unhealthy]);
}

#[tokio::test(start_paused = true)]
async fn where_health_is_emulated_nobody_runs_the_checks() {
    let table = Capabilities::all("sim").with(Feature::Health, Level::Emulated, "");
    let script = Script::new().with_healthcheck().healthy_after(s(3));
    let sim = sim(script).with_capabilities(table);
    sim.run(&named("db")).await.unwrap();
    sleep(s(60)).await;
    assert_eq!(sim.peek("db").unwrap().health, Some(Health::Starting));
    assert!(sim.probe_health("db", &HealthTest::Inherit).await.unwrap().healthy);
    let without = sim.probe_health("db", &HealthTest::Disabled).await.unwrap_err();
    assert_eq!(without.kind, ErrorKind::Invalid);
}

#[tokio::test(start_paused = true)]
async fn restart_policies() {
    for (policy, status, restarts) in [
        (RestartPolicy::No, 1, 0),
        (RestartPolicy::OnFailure(Some(2)), 1, 2),
        (RestartPolicy::OnFailure(None), 0, 0),
    ] {
        let sim = sim(Script::new().exits_after(s(1), status));
        let spec = ContainerSpec { restart: Some(policy.clone()), ..named("job") };
        sim.run(&spec).await.unwrap();
        sleep(s(30)).await;
        let info = sim.peek("job").unwrap();
        assert_eq!((info.state, info.exit_code), (State::Exited, Some(status)), "{policy:?}");
        assert_eq!(info.restart_count, restarts, "{policy:?}");
    }
    let sim = sim(Script::new().exits_after(s(1), 0));
    let always = ContainerSpec { restart: Some(RestartPolicy::Always), ..named("job") };
    sim.run(&always).await.unwrap();
    sleep(s(30)).await;
    assert!(sim.peek("job").unwrap().restart_count > 3);
    sim.stop("job", None).await.unwrap();
    sleep(s(30)).await;
    assert_eq!(sim.peek("job").unwrap().state, State::Exited);
}

#[tokio::test(start_paused = true)]
async fn a_port_is_taken_at_the_start_and_free_after_the_stop() {
    let sim = sim(Script::new());
    let port = |name: &str, port: &str| ContainerSpec {
        ports: vec![port.parse().unwrap()],
        ..named(name)
    };
    sim.run(&port("p-a", "8080:80")).await.unwrap();
    sim.create(&port("p-b", "8080:80")).await.unwrap();
    assert_eq!(sim.start("p-b").await.unwrap_err().kind, ErrorKind::PortInUse);
    assert_eq!(sim.peek("p-b").unwrap().state, State::Created);
    assert_eq!(sim.peek("p-a").unwrap().ports[0].to_string(), "0.0.0.0:8080->80/tcp");
    sim.run(&port("p-c", "80")).await.unwrap();
    assert_eq!(sim.peek("p-c").unwrap().ports[0].host, Some(32_768));
    sim.stop("p-a", None).await.unwrap();
    sim.start("p-b").await.unwrap();
    sim.occupy(9090);
    assert_eq!(sim.run(&port("p-d", "9090:80")).await.unwrap_err().kind, ErrorKind::PortInUse);
    assert!(sim.peek("p-d").is_none(), "what could not start is removed by `run`");
}

#[tokio::test(start_paused = true)]
async fn a_namespace_needs_its_container_running() {
    let sim = sim(Script::new());
    let side = ContainerSpec { network: Network::Container("web".to_owned()), ..named("side") };
    assert_eq!(sim.create(&side).await.unwrap_err().kind, ErrorKind::NotFound);
    sim.create(&named("web")).await.unwrap();
    sim.create(&side).await.unwrap();
    assert_eq!(sim.start("side").await.unwrap_err().kind, ErrorKind::NotRunning);
    sim.start("web").await.unwrap();
    sim.start("side").await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_cannot_start_says_why() {
    let sim = sim(Script::new().broken("exec: \"nope\": executable file not found in $PATH"));
    sim.create(&named("web")).await.unwrap();
    let error = sim.start("web").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "could not start `web`: exec: \"nope\": executable file not found in $PATH"
    );
}

#[tokio::test(start_paused = true)]
async fn a_dropped_call_has_its_effect_or_not() {
    for (ms, there) in [(20, false), (80, true)] {
        let sim = sim(Script::new());
        let late = tokio::time::timeout(Duration::from_millis(ms), sim.create(&named("web"))).await;
        assert!(late.is_err());
        assert_eq!(sim.peek("web").is_some(), there);
    }
}
