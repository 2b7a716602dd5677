//! What was seen on docker compose 2.40.3, from the same facts.

use super::Format;
use jiff::Timestamp;
use perry_container_compose::{
    engine::{PsFilter, PsRow, ps},
    spec::{ContainerInfo, Endpoint, Health, MountInfo, Observed, State},
};
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

fn rows(all: impl IntoIterator<Item = ContainerInfo>, no_trunc: bool) -> Vec<PsRow> {
    let mut observed = Observed::default();
    observed.containers.extend(all.into_iter().map(|info| (info.id.clone(), info)));
    let filter = PsFilter { all: true, no_trunc, ..PsFilter::default() };
    ps("x", &observed, &filter, now())
}

fn print(format: &str) -> String {
    Format::parse(format).unwrap().print(&rows([one(), web()], false))
}

#[test]
fn table() {
    assert_data_eq!(
        print("table"),
        str![[r#"
NAME      IMAGE         COMMAND                  SERVICE   CREATED         STATUS                            PORTS
x-one-1   lab/base:1    "sh -c 'echo out; ec…"   one       4 seconds ago   Exited (3) 2 seconds ago          
x-web-1   lab/httpd:1   "web"                    web       3 seconds ago   Up 2 seconds (health: starting)   127.0.0.1:18399->81/udp, 0.0.0.0:32770->8080/tcp, [::]:32770->8080/tcp

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
{"Command":"\"sh -c 'echo out; ec…\"","CreatedAt":"2026-11-24 20:57:07 +0000 UTC","ExitCode":3,"Health":"","ID":"865150a8764f","Image":"lab/base:1","Labels":"com.docker.compose.service=one","LocalVolumes":"0","Mounts":"","Name":"x-one-1","Names":"x-one-1","Networks":"","Ports":"","Project":"x","Publishers":[],"RunningFor":"4 seconds ago","Service":"one","Size":"0B","State":"exited","Status":"Exited (3) 2 seconds ago"}
{"Command":"\"web\"","CreatedAt":"2026-11-24 20:57:07 +0000 UTC","ExitCode":0,"Health":"starting","ID":"519dece600fc","Image":"lab/httpd:1","Labels":"a.b=c,d,com.docker.compose.project=x,com.docker.compose.service=web","LocalVolumes":"1","Mounts":"x_data,/tmp","Name":"x-web-1","Names":"x-web-1","Networks":"x_back,x_default","Ports":"127.0.0.1:18399-\u003e81/udp, 0.0.0.0:32770-\u003e8080/tcp, [::]:32770-\u003e8080/tcp","Project":"x","Publishers":[{"URL":"127.0.0.1","TargetPort":81,"PublishedPort":18399,"Protocol":"udp"},{"URL":"0.0.0.0","TargetPort":8080,"PublishedPort":32770,"Protocol":"tcp"},{"URL":"::","TargetPort":8080,"PublishedPort":32770,"Protocol":"tcp"}],"RunningFor":"3 seconds ago","Service":"web","Size":"0B","State":"running","Status":"Up 2 seconds (health: starting)"}

"#]].raw()
    );
}

#[test]
fn templates() {
    let template = r#"{{.Name}}: {{upper .State}} {{json .Publishers}} {{ .Publishers }}"#;
    assert_data_eq!(
        print(template),
        str![[r#"
x-one-1: EXITED [] []
x-web-1: RUNNING [{"URL":"127.0.0.1","TargetPort":81,"PublishedPort":18399,"Protocol":"udp"},{"URL":"0.0.0.0","TargetPort":8080,"PublishedPort":32770,"Protocol":"tcp"},{"URL":"::","TargetPort":8080,"PublishedPort":32770,"Protocol":"tcp"}] [{127.0.0.1 81 18399 udp} {0.0.0.0 8080 32770 tcp} {:: 8080 32770 tcp}]

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
hint: templates know {{.Field}}, {{json .Field}}, {{json .}}, {{upper .Field}}, and {{lower .Field}}
error: template parsing error: unclosed action
error: template parsing error: {{Name}} is not supported
hint: templates know {{.Field}}, {{json .Field}}, {{json .}}, {{upper .Field}}, and {{lower .Field}}
error: template parsing error: {{.}} is not supported
hint: templates know {{.Field}}, {{json .Field}}, {{json .}}, {{upper .Field}}, and {{lower .Field}}
error: template parsing error: {{}} is not supported
hint: templates know {{.Field}}, {{json .Field}}, {{json .}}, {{upper .Field}}, and {{lower .Field}}
"#]]
    );
}

#[test]
fn nothing_is_cut_when_asked_for_all() {
    assert_data_eq!(
        Format::parse("{{.ID}} {{.Command}}").unwrap().print(&rows([one()], true)),
        str![[r#"
865150a8764f11 "sh -c 'echo out; echo \"err\" >&2'"

"#]]
        .raw()
    );
}

#[test]
fn hostile_text_stays_in_its_cell() {
    let mut info = web();
    info.command = vec!["a\tb\n\u{1b}[31m\"\\".to_owned()];
    info.created = "never".to_owned();
    let text = Format::parse("{{.Command}} {{.CreatedAt}} {{.RunningFor}}").unwrap();
    assert_data_eq!(
        text.print(&rows([info], false)),
        str![[r#"
"a\tb\n\x1b[31m\"\\"  

"#]]
        .raw()
    );
}
