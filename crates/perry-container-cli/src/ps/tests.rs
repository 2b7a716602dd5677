//! What was seen on docker compose 2.40.3, from the same facts.

use super::{Format, Row, human};
use jiff::Timestamp;
use perry_container_compose::spec::{ContainerInfo, Endpoint, Health, MountInfo, State};
use snapbox::{IntoData as _, assert_data_eq, str};

fn now() -> Timestamp {
    "2026-11-24T20:57:11Z".parse().unwrap()
}

fn web() -> ContainerInfo {
    let mut info = ContainerInfo::new("519dece600fc7a", "x-web-1", "lab/httpd:1");
    info.state = State::Running;
    info.health = Some(Health::Starting);
    info.created = "2026-11-24T20:57:07.4Z".to_owned();
    info.started = "2026-11-24T20:57:08.1Z".to_owned();
    info.command = vec!["web".to_owned()];
    for port in ["[::]:32770->8080/tcp", "0.0.0.0:32770->8080/tcp", "127.0.0.1:18399->81/udp"] {
        info.ports.push(port.parse().unwrap());
    }
    for (key, value) in
        [("com.docker.compose.service", "web"), ("com.docker.compose.project", "x"), ("a.b", "c,d")]
    {
        info.labels.insert(key.to_owned(), value.to_owned());
    }
    for name in ["x_default", "x_back"] {
        info.networks.insert(name.to_owned(), Endpoint::default());
    }
    for (kind, name, source, target) in
        [("bind", None, "/tmp", "/host"), ("volume", Some("x_data"), "/v", "/data")]
    {
        let (kind, name) = (kind.to_owned(), name.map(str::to_owned));
        let (source, target) = (source.to_owned(), target.to_owned());
        info.mounts.push(MountInfo { kind, name, source, target, writable: true });
    }
    info
}

fn one() -> ContainerInfo {
    let mut info = ContainerInfo::new("865150a8764f11", "x-one-1", "lab/base:1");
    info.state = State::Exited;
    info.exit_code = Some(3);
    info.created = "2026-11-24T20:57:07Z".to_owned();
    info.started = "2026-11-24T20:57:08Z".to_owned();
    info.finished = "2026-11-24T20:57:09Z".to_owned();
    info.command = ["sh", "-c", "echo out; echo \"err\" >&2"].map(str::to_owned).to_vec();
    info.labels.insert("com.docker.compose.service".to_owned(), "one".to_owned());
    info
}

fn print(format: &str) -> String {
    let rows = [one(), web()].map(|info| Row::new(&info, now(), false));
    Format::parse(format).unwrap().print(&rows)
}

#[test]
fn table() {
    assert_data_eq!(
        print("table"),
        str![[r#"
NAME      IMAGE         COMMAND                  SERVICE   CREATED         STATUS                            PORTS
x-one-1   lab/base:1    "sh -c 'echo out; ec…"   one       4 seconds ago   Exited (3) 2 seconds ago          
x-web-1   lab/httpd:1   "web"                    web       4 seconds ago   Up 3 seconds (health: starting)   127.0.0.1:18399->81/udp, 0.0.0.0:32770->8080/tcp, [::]:32770->8080/tcp

"#]]
    );
    assert_data_eq!(
        print(r"table {{.Name}}\t{{.State}}\t{{.ExitCode}}"),
        str![[r#"
NAME      STATE     EXIT CODE
x-one-1   exited    3
x-web-1   running   0

"#]]
    );
}

#[test]
fn json() {
    assert_data_eq!(
        print("json"),
        str![[r#"
{"Command":"\"sh -c 'echo out; ec…\"","CreatedAt":"2026-11-24 20:57:07 +0000 UTC","ExitCode":3,"Health":"","ID":"865150a8764f","Image":"lab/base:1","Labels":"com.docker.compose.service=one","LocalVolumes":"0","Mounts":"","Name":"x-one-1","Names":"x-one-1","Networks":"","Ports":"","Project":"","Publishers":[],"RunningFor":"4 seconds ago","Service":"one","Size":"0B","State":"exited","Status":"Exited (3) 2 seconds ago"}
{"Command":"\"web\"","CreatedAt":"2026-11-24 20:57:07 +0000 UTC","ExitCode":0,"Health":"starting","ID":"519dece600fc","Image":"lab/httpd:1","Labels":"a.b=c,d,com.docker.compose.project=x,com.docker.compose.service=web","LocalVolumes":"1","Mounts":"x_data,/tmp","Name":"x-web-1","Names":"x-web-1","Networks":"x_back,x_default","Ports":"127.0.0.1:18399-\u003e81/udp, 0.0.0.0:32770-\u003e8080/tcp, [::]:32770-\u003e8080/tcp","Project":"x","Publishers":[{"URL":"127.0.0.1","TargetPort":81,"PublishedPort":18399,"Protocol":"udp"},{"URL":"0.0.0.0","TargetPort":8080,"PublishedPort":32770,"Protocol":"tcp"},{"URL":"::","TargetPort":8080,"PublishedPort":32770,"Protocol":"tcp"}],"RunningFor":"4 seconds ago","Service":"web","Size":"0B","State":"running","Status":"Up 3 seconds (health: starting)"}

"#]].raw()
    );
}

#[test]
fn templates() {
    let template =
        r#"{{.Name}}: {{upper .State}} {{json .Publishers}} {{ .Publishers }} {{.Label "a.b"}}"#;
    assert_data_eq!(
        print(template),
        str![[r#"
x-one-1: EXITED [] [] 
x-web-1: RUNNING [{"URL":"127.0.0.1","TargetPort":81,"PublishedPort":18399,"Protocol":"udp"},{"URL":"0.0.0.0","TargetPort":8080,"PublishedPort":32770,"Protocol":"tcp"},{"URL":"::","TargetPort":8080,"PublishedPort":32770,"Protocol":"tcp"}] [{127.0.0.1 81 18399 udp} {0.0.0.0 8080 32770 tcp} {:: 8080 32770 tcp}] c,d

"#]]
    );
    assert_eq!(print("{{json .}}"), print("json"));
    let refused = ["{{.Nope}}", "{{range .Ports}}", "{{.Name", "{{Name}}", "{{.}}", "{{}}"];
    let refused = refused.map(|text| Format::parse(text).unwrap_err().to_string()).join("\n");
    assert_data_eq!(
        refused,
        str![[r#"
error: template parsing error: there is no field .Nope
hint: the fields are Command, CreatedAt, ExitCode, Health, ID, Image, Labels, LocalVolumes, Mounts, Name, Names, Networks, Ports, Project, Publishers, RunningFor, Service, Size, State, Status
error: template parsing error: {{range .Ports}} is not supported
hint: templates know {{.Field}}, {{json .Field}}, {{json .}}, {{upper .Field}}, {{lower .Field}} and {{.Label "name"}}
error: template parsing error: unclosed action
error: template parsing error: {{Name}} is not supported
hint: templates know {{.Field}}, {{json .Field}}, {{json .}}, {{upper .Field}}, {{lower .Field}} and {{.Label "name"}}
error: template parsing error: {{.}} is not supported
hint: templates know {{.Field}}, {{json .Field}}, {{json .}}, {{upper .Field}}, {{lower .Field}} and {{.Label "name"}}
error: template parsing error: {{}} is not supported
hint: templates know {{.Field}}, {{json .Field}}, {{json .}}, {{upper .Field}}, {{lower .Field}} and {{.Label "name"}}
"#]]
    );
}

#[test]
fn nothing_is_cut_when_asked_for_all() {
    let row = Row::new(&one(), now(), true);
    assert_data_eq!(
        Format::parse("{{.ID}} {{.Command}}").unwrap().print(&[row]),
        str![[r#"
865150a8764f11 "sh -c 'echo out; echo \"err\" >&2'"

"#]]
        .raw()
    );
}

#[test]
fn spans_as_docker_rounds_them() {
    let spans = [
        0, 1, 59, 60, 119, 120, 3599, 3600, 5399, 5400, 172_799, 172_800, 1_209_600, 5_184_000,
        63_072_000,
    ];
    let text: Vec<String> = spans.iter().map(|n| format!("{n} {}", human::span(*n))).collect();
    assert_data_eq!(
        text.join("\n"),
        str![[r#"
0 Less than a second
1 1 second
59 59 seconds
60 About a minute
119 About a minute
120 2 minutes
3599 59 minutes
3600 About an hour
5399 About an hour
5400 2 hours
172799 2 days
172800 2 days
1209600 2 weeks
5184000 2 months
63072000 2 years
"#]]
    );
}

#[test]
fn states_in_words() {
    let mut info = web();
    let mut seen = Vec::new();
    for state in [
        State::Created,
        State::Running,
        State::Paused,
        State::Restarting,
        State::Exited,
        State::Dead,
        State::Removing,
    ] {
        info.state = state;
        seen.push(human::status(&info, now()));
    }
    info.state = State::Running;
    for health in [Some(Health::Healthy), Some(Health::Unhealthy), None] {
        info.health = health;
        seen.push(human::status(&info, now()));
    }
    assert_data_eq!(
        seen.join("\n"),
        str![[r#"
Created
Up 3 seconds (health: starting)
Up 3 seconds (Paused)
Restarting (0)
Exited (0)
Dead
Removal In Progress
Up 3 seconds (healthy)
Up 3 seconds (unhealthy)
Up 3 seconds
"#]]
    );
}

#[test]
fn ports_are_grouped() {
    let show = |ports: &[&str]| {
        let mut info = web();
        info.ports = ports.iter().map(|port| port.parse().unwrap()).collect();
        Format::parse("{{.Ports}}").unwrap().print(&[Row::new(&info, now(), false)])
    };
    let text = [
        show(&[
            "0.0.0.0:80->80/tcp",
            "0.0.0.0:81->81/tcp",
            "0.0.0.0:83->83/tcp",
            "[::]:80->80/tcp",
        ]),
        show(&["5432/tcp", "53/udp", "54/udp", "0.0.0.0:1->2/tcp"]),
    ];
    assert_data_eq!(
        text.concat(),
        str![[r#"
0.0.0.0:80-81->80-81/tcp, 0.0.0.0:83->83/tcp, [::]:80->80/tcp
53-54/udp, 5432/tcp, 0.0.0.0:1->2/tcp

"#]]
    );
}

#[test]
fn hostile_text_stays_in_its_cell() {
    let mut info = web();
    info.command = vec!["a\tb\n\u{1b}[31m\"\\".to_owned()];
    info.created = "never".to_owned();
    assert_data_eq!(
        Format::parse("{{.Command}} {{.CreatedAt}} {{.RunningFor}}").unwrap().print(&[Row::new(
            &info,
            now(),
            false
        )]),
        str![[r#"
"a\tb\n\x1b[31m\"\\" never 

"#]]
        .raw()
    );
}
