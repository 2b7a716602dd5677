//! `ps` and `status` of what was observed.

use crate::world::{over, project, runtime, s, session, stack, up};
use perry_container_engine::{PsFilter, ServiceState, ps, status};
use perry_container_spec::{ContainerInfo, Health, MountInfo, Observed, Parts, State};
use perry_container_testkit::{Script, Sim};
use serde_json::json;
use snapbox::{IntoData as _, assert_data_eq, str};

fn observed() -> Observed {
    let mut web = ContainerInfo::new("3347579b1f6b0123456789", "en-web-1", "lab/httpd:1");
    web.state = State::Running;
    web.health = Some(Health::Starting);
    web.created = "2026-11-24T21:10:46.123Z".to_owned();
    web.started = "2026-11-24T21:10:46.5Z".to_owned();
    web.command = vec!["docker-entrypoint.sh".to_owned(), "web server".to_owned()];
    web.labels.insert("com.docker.compose.service".to_owned(), "web".to_owned());
    web.labels.insert("a".to_owned(), "b".to_owned());
    web.networks.insert("en_default".to_owned(), Default::default());
    for port in [
        "99/tcp",
        "8080/tcp",
        "127.0.0.1:18999->80/tcp",
        "0.0.0.0:18990->81/tcp",
        "[::]:18990->81/tcp",
    ] {
        web.ports.push(port.parse().unwrap());
    }
    for (kind, name, source) in [
        ("volume", Some("76447349a886fa0123456789"), "/var/lib/x"),
        ("volume", Some("en_data"), "/var/lib/y"),
        ("bind", None, "/tmp"),
    ] {
        let (kind, name) = (kind.to_owned(), name.map(str::to_owned));
        let (source, target) = (source.to_owned(), "/x".to_owned());
        web.mounts.push(MountInfo { kind, name, source, target, writable: true });
    }
    let mut one = ContainerInfo::new("77fbc2a40d680123", "en-one-1", "lab/base:1");
    one.state = State::Exited;
    one.exit_code = Some(3);
    one.created = "2026-11-24T21:10:46Z".to_owned();
    one.finished = "2026-11-24T21:10:47Z".to_owned();
    one.started = "2026-11-24T21:10:46Z".to_owned();
    one.command = vec!["sh".to_owned(), "-c".to_owned(), "exit 3".to_owned()];
    one.labels.insert("com.docker.compose.service".to_owned(), "one".to_owned());
    let all = [web, one].into_iter().map(|seen| (seen.id.clone(), seen));
    Observed { containers: all.collect(), ..Observed::default() }
}

/// The texts are those that docker compose 2.40.3 printed of such containers.
#[test]
fn rows_are_docker_composes() {
    let now = "2026-11-24T21:12:50Z".parse().unwrap();
    let all = PsFilter { all: true, ..PsFilter::default() };
    let rows = ps("en", &observed(), &all, now);
    let lines: Vec<String> =
        rows.iter().map(|row| serde_json::to_string(row).unwrap() + "\n").collect();
    assert_data_eq!(lines.concat().raw(), str![[r#"
{"Command":"\"sh -c 'exit 3'\"","CreatedAt":"2026-11-24 21:10:46 +0000 UTC","ExitCode":3,"Health":"","ID":"77fbc2a40d68","Image":"lab/base:1","Labels":"com.docker.compose.service=one","LocalVolumes":"0","Mounts":"","Name":"en-one-1","Names":"en-one-1","Networks":"","Ports":"","Project":"en","Publishers":[],"RunningFor":"2 minutes ago","Service":"one","Size":"0B","State":"exited","Status":"Exited (3) 2 minutes ago"}
{"Command":"\"docker-entrypoint.s…\"","CreatedAt":"2026-11-24 21:10:46 +0000 UTC","ExitCode":0,"Health":"starting","ID":"3347579b1f6b","Image":"lab/httpd:1","Labels":"a=b,com.docker.compose.service=web","LocalVolumes":"2","Mounts":"76447349a886fa…,en_data,/tmp","Name":"en-web-1","Names":"en-web-1","Networks":"en_default","Ports":"99/tcp, 8080/tcp, 127.0.0.1:18999->80/tcp, 0.0.0.0:18990->81/tcp, [::]:18990->81/tcp","Project":"en","Publishers":[{"URL":"127.0.0.1","TargetPort":80,"PublishedPort":18999,"Protocol":"tcp"},{"URL":"0.0.0.0","TargetPort":81,"PublishedPort":18990,"Protocol":"tcp"},{"URL":"::","TargetPort":81,"PublishedPort":18990,"Protocol":"tcp"},{"URL":"","TargetPort":99,"PublishedPort":0,"Protocol":"tcp"},{"URL":"","TargetPort":8080,"PublishedPort":0,"Protocol":"tcp"}],"RunningFor":"2 minutes ago","Service":"web","Size":"0B","State":"running","Status":"Up 2 minutes (health: starting)"}

"#]].raw());
    assert_eq!(ps("en", &observed(), &PsFilter::default(), now).len(), 1);
    let exited = PsFilter { states: vec![State::Exited], ..PsFilter::default() };
    assert_eq!(ps("en", &observed(), &exited, now)[0].name, "en-one-1");
    let whole = PsFilter { no_trunc: true, ..PsFilter::default() };
    let row = &ps("en", &observed(), &whole, now)[0];
    assert_eq!(row.command, "\"docker-entrypoint.sh 'web server'\"");
}

#[test]
fn neighbouring_ports_are_grouped() {
    let mut seen = observed();
    let web = seen.containers.values_mut().next().unwrap();
    web.ports.clear();
    for port in
        ["80/tcp", "81/tcp", "82/tcp", "0.0.0.0:90->90/tcp", "0.0.0.0:91->91/tcp", "[::]:5->6/udp"]
    {
        web.ports.push(port.parse().unwrap());
    }
    let now = "2026-11-24T21:12:50Z".parse().unwrap();
    let rows = ps("en", &seen, &PsFilter::default(), now);
    assert_eq!(rows[0].ports, "80-82/tcp, 0.0.0.0:90-91->90-91/tcp, [::]:5->6/udp");
}

#[tokio::test(start_paused = true)]
async fn the_state_of_a_stack() {
    let runtime = runtime();
    let nothing = session(&runtime).status("demo", Some(&stack())).await.unwrap();
    assert!(!nothing.healthy);
    assert!(nothing.services.iter().all(|one| one.state == ServiceState::Pending));
    up(&runtime, &stack()).await.unwrap();
    let all = session(&runtime).status("demo", Some(&stack())).await.unwrap();
    assert!(all.healthy && all.services.len() == 3, "{all:?}");
    let by_labels = session(&runtime).status("demo", None).await.unwrap();
    assert_eq!(by_labels.services.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_job_that_is_done_is_well_and_one_that_failed_is_not() {
    for (code, healthy, state) in
        [(0, true, ServiceState::Stopped), (5, false, ServiceState::Failed)]
    {
        let job = Script::new().exits_after(s(1), code);
        let runtime = over(Sim::new().with_any_image().with_registry("job:1", job));
        let desired = project(json!({
            "job": {"image": "job:1"},
            "web": {"image": "web:1", "depends_on": {"job": {"condition": "service_completed_successfully", "required": false}}},
        }));
        up(&runtime, &desired).await.unwrap();
        let session = session(&runtime);
        let seen = session.observe("demo", None, Parts::CONTAINERS).await.unwrap();
        let found = status(Some(&desired), &seen);
        let job = found.services.iter().find(|one| one.service == "job").unwrap();
        assert_eq!((found.healthy, job.state), (healthy, state));
        assert_eq!(job.error.as_deref(), (code != 0).then_some("exited (5)"));
    }
}
