//! The arguments of the tools that lead into machines.

use crate::lima;
use perry_container_lima::{Guest, LimaProtocol};
use perry_container_protocol::{
    CliProtocol as _, Dialogue as _, Invocation, Output, Step, ToolError,
};
use perry_container_spec::{ErrorKind, ExecSpec};
use snapbox::{assert_data_eq, str};
use std::fmt::Write as _;

#[test]
fn every_machine_has_its_way() {
    let guests = [
        Guest::Lima { instance: "default".to_owned(), root: false },
        Guest::Lima { instance: "k8s".to_owned(), root: true },
        Guest::Colima { profile: None },
        Guest::Colima { profile: Some("work".to_owned()) },
        Guest::RancherDesktop,
    ];
    let mut text = String::new();
    for guest in guests {
        let protocol = LimaProtocol::new(guest, "2.1.6");
        let call = protocol.over(Invocation::new(["ps", "-a", "--filter=label=a b"])).unwrap();
        writeln!(text, "{}: {call}", protocol.name()).unwrap();
    }
    assert_data_eq!(
        text,
        str![[r#"
lima: shell --tty=false --workdir=/ default nerdctl ps -a '--filter=label=a b'
lima: shell --tty=false --workdir=/ k8s sudo nerdctl ps -a '--filter=label=a b'
colima: ssh -- sudo nerdctl ps -a '--filter=label=a b'
colima: ssh --profile=work -- sudo nerdctl ps -a '--filter=label=a b'
rancher-desktop: shell sudo nerdctl ps -a '--filter=label=a b'

"#]]
    );
}

#[test]
fn a_terminal_gets_no_variables() {
    let mut what = ExecSpec::new(["env"]);
    what.tty = Some((80, 24));
    assert!(lima().exec("web", &what).is_ok());
    what.env.insert("TOKEN".to_owned(), "hunter2".to_owned().into());
    let error = lima().exec("web", &what).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert_data_eq!(
        error.to_string(),
        str![
            "variables cannot be handed to a terminal in Lima's instance `default` without showing on it; set them in the command, or use no terminal"
        ]
    );
    what.tty = None;
    assert!(lima().exec("web", &what).is_ok());
}

/// What a call comes to that ended so.
fn ends(code: i32, stderr: &str) -> Result<(), ToolError> {
    let mut start = lima().start("web");
    let Step::Run(_) = start.next(&[]) else { panic!("it runs something") };
    let out = Output { code, stdout: b"", stderr: stderr.as_bytes() };
    match start.next(&[out]) {
        Step::Done(done) => done,
        Step::Run(calls) => panic!("{calls:?}"),
    }
}

#[test]
fn a_broken_way_is_no_failure_of_nerdctl() {
    let mut text = String::new();
    for (code, stderr) in [
        (
            1,
            "time=\"2026-11-25T10:00:00Z\" level=fatal msg=\"instance \\\"default\\\" does not exist, run `limactl create default` to create a new instance\"\n",
        ),
        (
            1,
            "time=\"2026-11-25T10:00:00Z\" level=fatal msg=\"instance \\\"default\\\" is stopped, run `limactl start default` to start the instance\"\n",
        ),
        (
            255,
            "kex_exchange_identification: Connection closed by remote host\r\nConnection closed by 127.0.0.1 port 60022\r\n",
        ),
        (255, ""),
        (1, "time=\"2026-11-25T10:00:00Z\" level=fatal msg=\"colima is not running\"\n"),
    ] {
        let error = ends(code, stderr).unwrap_err();
        writeln!(text, "{}: {error}", error.kind()).unwrap();
    }
    assert_data_eq!(
        text,
        str![[r#"
engine down: Lima's instance `default` does not answer: instance "default" does not exist, run `limactl create default` to create a new instance
engine down: Lima's instance `default` does not answer: instance "default" is stopped, run `limactl start default` to start the instance
engine down: Lima's instance `default` does not answer: Connection closed by 127.0.0.1 port 60022
engine down: Lima's instance `default` does not answer: ssh into it failed
engine down: Lima's instance `default` does not answer: colima is not running

"#]]
    );
}
