//! What is read while a tool runs.

use crate::{
    common::{docker, podman4},
    recorded::{CALLS, Call},
};
use perry_container_docker::{Dialect, DockerProtocol};
use perry_container_protocol::{CliProtocol as _, LogItem, Output, Reader, Stream, ToolError};
use perry_container_spec::{
    BuildSpec, BuildStep, ErrorKind, EventOptions, LogOptions, LogSource, PullStep, RuntimeEvent,
    RuntimeEventKind, Selector,
};
use snapbox::{IntoData as _, assert_data_eq, str};
use std::collections::BTreeSet;

/// Everything that a reader makes of a recording, which comes in pieces.
fn read<I>(
    stream: Stream<impl Reader<Item = I>>,
    call: &Call,
    piece: usize,
) -> (Vec<I>, Result<(), ToolError>) {
    let mut reader = stream.reader;
    let mut items = Vec::new();
    reader.begin(&mut items);
    for (source, text) in [(LogSource::Stdout, &call.stdout), (LogSource::Stderr, &call.stderr)] {
        for piece in text.as_bytes().chunks(piece) {
            reader.read(source, &piece.to_vec().into(), &mut items).expect("it is understood");
        }
    }
    let end = reader.end(&call.output(), &mut items);
    (items, end)
}

fn line(event: &RuntimeEvent) -> String {
    let labels: Vec<String> =
        event.labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let id = event.id.get(..8).unwrap_or_default();
    format!("{} {:?} {id} {} {}\n", event.time, event.kind, event.name, labels.join(","))
}

#[test]
fn events_in_whatever_pieces_they_come() {
    let mut kinds = BTreeSet::new();
    let mut text = String::new();
    for call in CALLS.iter().filter(|call| call.is(&["events"]) && call.code() == Some(0)) {
        let (tool, of, how) = (call.tool(), Selector::default(), EventOptions::default());
        let stream = || tool.events(&of, &how).expect("it tells events");
        let (whole, end) = read(stream(), call, usize::MAX);
        assert_eq!(end, Ok(()));
        assert_eq!(whole[0].kind, RuntimeEventKind::Subscribed);
        assert_eq!(read(stream(), call, 7).0, whole);
        kinds.extend(whole.iter().map(|event| format!("{}: {:?}", call.title(), event.kind)));
        text.extend(whole.iter().skip(1).take(1).map(line));
    }
    assert_data_eq!(
        kinds.into_iter().collect::<Vec<_>>().join("\n"),
        str![[r#"
docker 28: Create
docker 28: Destroy
docker 28: Die(Some(0))
docker 28: Die(Some(1))
docker 28: Die(Some(137))
docker 28: Die(Some(4))
docker 28: Kill
docker 28: Other("attach")
docker 28: Other("exec_create: /bin/sh -c wget -q -O /dev/null http://127.0.0.1:$PORT/healthz || exit 1")
docker 28: Other("exec_die")
docker 28: Other("exec_start: /bin/sh -c wget -q -O /dev/null http://127.0.0.1:$PORT/healthz || exit 1")
docker 28: Start
docker 28: Subscribed
podman 4: Create
podman 4: Destroy
podman 4: Die(Some(137))
podman 4: Health(Starting)
podman 4: Kill
podman 4: Other("cleanup")
podman 4: Other("exec")
podman 4: Other("exec_died")
podman 4: Other("init")
podman 4: Rename
podman 4: Restart
podman 4: Start
podman 4: Stop
podman 4: Subscribed
podman 5: Create
podman 5: Destroy
podman 5: Die(Some(0))
podman 5: Die(Some(137))
podman 5: Die(Some(4))
podman 5: Die(Some(7))
podman 5: Health(Healthy)
podman 5: Health(Unhealthy)
podman 5: Kill
podman 5: Other("attach")
podman 5: Other("cleanup")
podman 5: Other("exec")
podman 5: Other("exec_died")
podman 5: Other("init")
podman 5: Other("update")
podman 5: Rename
podman 5: Restart
podman 5: Start
podman 5: Subscribed
"#]]
        .raw()
    );
    assert_data_eq!(text, str![[r#"
2026-11-22T13:15:46.211753065Z Die(Some(0)) 54ce5fb9 sad_ardinghelli dev.perry.lab=base
2026-11-22T13:16:02.213430861Z Create 07b2748c admiring_napier dev.perry.lab=base
2026-11-22T13:22:17.559419509Z Die(Some(137)) 04175d5e rg-sick2 dev.perry.lab=base
2026-11-22T13:24:21.907448108Z Create 95bcbf4d rg-a com.docker.compose.project=rg,com.docker.compose.service=a,dev.perry.lab=httpd
2026-11-22T13:57:45.391404573Z Die(Some(0)) 144e9c4b rf-full dev.perry.lab=httpd,l1=v1,l2=a=b,l3=
2026-11-22T13:57:42.363351326Z Create fef759e5 rf-port dev.perry.lab=nginx,dev.perry.lab.standin=true
2026-11-22T14:02:11.669943957Z Die(Some(4)) 06a0f931 rf-r dev.perry.lab=exit

"#]].raw());
}

#[test]
fn labels_that_are_not_selected_are_left_out_where_an_event_tells_them() {
    let of = Selector::label("com.docker.compose.project", "nobody's");
    for call in CALLS.iter().filter(|call| call.is(&["events"]) && call.code() == Some(0)) {
        let (events, _) = read(
            call.tool().events(&of, &EventOptions::default()).expect("it tells events"),
            call,
            100,
        );
        assert!(events.iter().skip(1).all(|event| event.labels.is_empty()), "{events:?}");
    }
}

#[test]
fn usage() {
    let mut text = String::new();
    for call in CALLS.iter().filter(|call| call.is(&["stats"])) {
        let (all, end) = read(call.tool().stats(&[], false), call, 11);
        text.extend(all.iter().map(|one| {
            format!(
                "{}: {} cpu {} memory {}/{} net {}/{} block {}/{} pids {}\n",
                call.title(),
                one.name,
                one.cpu_percent,
                one.memory,
                one.memory_limit,
                one.net_rx,
                one.net_tx,
                one.block_read,
                one.block_write,
                one.pids
            )
        }));
        text.extend(end.err().map(|error| format!("{}: {error}\n", call.title())));
    }
    assert_data_eq!(text, str![[r#"
docker 28: rf-full cpu 0 memory 2453668/67108864 net 1040/126 block 0/0 pids 3
docker 28: rf-full cpu 1.34 memory 2617246/67108864 net 1110/126 block 0/0 pids 3
podman 4: rf-full cpu 0.3 memory 3408000/67110000 net 516/1330 block 0/0 pids 3
podman 4: rf-full cpu 0.3 memory 3408000/67110000 net 516/1330 block 0/0 pids 3
docker 28: rg-a cpu 1.48 memory 2273313/25275882537 net 3300/252 block 0/0 pids 2
docker 28: No such container: nope
podman 4: rg-a cpu 0.09 memory 2363000/25280000000 net 1312/3620 block 1815000/0 pids 2
podman 4: unable to get list of containers: unable to look up container nope: no container with name or ID "nope" found: no such container
nerdctl 2: rg-a cpu 0 memory 544768/67108864 net 1050/472 block 45100/0 pids 1
nerdctl 2: no such container: nope
podman 5: rg-a cpu 0.12 memory 3523000/25280000000 net 3550/1396 block 5431000/0 pids 2
podman 5: unable to get list of containers: unable to look up container nope: no container with name or ID "nope" found: no such container
nerdctl 2: rf-full cpu 0 memory 1544552/9223372036854775808 net 1050/542 block 1020000/0 pids 2
nerdctl 2: rf-full cpu 0 memory 1544552/9223372036854775808 net 1050/542 block 1020000/0 pids 2
podman 5: rf-full cpu 0.2 memory 1892000/67110000 net 1626/628 block 1380000/0 pids 3

"#]].raw());
}

#[test]
fn logs_with_times() {
    let mut text = String::new();
    for call in
        CALLS.iter().filter(|call| call.is(&["logs"]) && call.argv.iter().any(|arg| arg == "-t"))
    {
        let how = LogOptions { timestamps: true, ..LogOptions::default() };
        let (items, end) = read(call.tool().logs("x", &how), call, 5);
        assert_eq!(end, Ok(()));
        for (time, chunk) in items {
            let line = String::from_utf8_lossy(&chunk.bytes).into_owned();
            text.extend([format!(
                "{}: {:?} {:?} {line:?}\n",
                call.title(),
                time.unwrap_or_default(),
                chunk.source
            )]);
        }
    }
    assert_data_eq!(
        text,
        str![[r#"
docker 28: "2026-11-22T13:15:14.928941169Z" Stderr "err 4\n"
docker 28: "2026-11-22T13:15:14.929307549Z" Stderr "err 6\n"
podman 4: "2026-11-22T13:16:12.856186909Z" Stdout "out 5\n"
podman 4: "2026-11-22T13:16:12.859368887Z" Stderr "err 6\n"
nerdctl 2: "2026-11-22T13:29:32.760986489Z" Stdout "out 5\n"
nerdctl 2: "2026-11-22T13:29:32.761645889Z" Stderr "err 6\n"
podman 5: "2026-11-22T14:01:11.641850513Z" Stdout "out 5\n"
podman 5: "2026-11-22T14:01:11.645271920Z" Stderr "err 6\n"

"#]]
        .raw()
    );
}

/// nerdctl 2.1.6 leaves out zeros at the end of a second's parts: one line in ten.
#[test]
fn a_time_is_told_to_the_nanosecond_however_it_is_written() {
    let how = LogOptions { timestamps: true, ..LogOptions::default() };
    let mut reader = DockerProtocol::new(Dialect::nerdctl("2.1.6")).logs("x", &how).reader;
    let mut items = Vec::new();
    for line in [
        "2026-11-25T04:04:52.34800999Z two\n",
        "2026-11-25T04:04:52.5Z 2026-01-01T00:00:00Z\n",
        "none\n",
    ] {
        reader.read(LogSource::Stdout, &line.into(), &mut items).expect("it is understood");
    }
    let line = |(time, chunk): LogItem| {
        format!("{} {}", time.unwrap_or_default(), String::from_utf8_lossy(&chunk.bytes))
    };
    assert_data_eq!(
        items.into_iter().map(line).collect::<String>(),
        str![[r#"
2026-11-25T04:04:52.348009990Z two
2026-11-25T04:04:52.500000000Z 2026-01-01T00:00:00Z
 none

"#]]
    );
}

#[test]
fn logs_without_times_are_passed_on_as_they_are() {
    let mut missing = 0;
    for call in CALLS.iter().filter(|call| call.is(&["logs"]) && call.code().is_some()) {
        let (items, end) = read(call.tool().logs("x", &LogOptions::default()), call, 9);
        let of = |source| {
            let chunks = items.iter().filter(|(_, chunk)| chunk.source == source);
            chunks.flat_map(|(_, chunk)| chunk.bytes.to_vec()).collect::<Vec<u8>>()
        };
        if end.as_ref().is_err_and(|error| error.kind() == ErrorKind::NotFound) {
            missing += 1;
            assert_eq!(
                of(LogSource::Stderr),
                b"",
                "the tool's own words are none of the container's"
            );
            continue;
        }
        assert_eq!(of(LogSource::Stdout), call.stdout.as_bytes());
        if end.is_ok() {
            assert_eq!(of(LogSource::Stderr), call.stderr.as_bytes());
        }
    }
    assert!(missing >= 6, "{missing}");
}

/// What a reader makes of text on standard output, and of an end in success.
fn out<I>(stream: Stream<impl Reader<Item = I>>, text: &str, piece: usize) -> Vec<I> {
    let (mut reader, mut items) = (stream.reader, Vec::new());
    for piece in text.as_bytes().chunks(piece) {
        reader
            .read(LogSource::Stdout, &piece.to_vec().into(), &mut items)
            .expect("it is understood");
    }
    let end = Output { code: 0, stdout: text.as_bytes(), stderr: b"" };
    reader.end(&end, &mut items).expect("it succeeded");
    items
}

/// A line that is longer than an entry of the log comes in several, each with its time (measured: docker 28 16 KiB, podman
/// 4.3 8 KiB).
#[test]
fn long_lines_have_one_time() {
    const TIME: &str = "2026-11-24T21:06:33.744231963Z";
    let how = LogOptions { timestamps: true, ..LogOptions::default() };
    for (tool, piece) in [(docker(), 16_384), (podman4(), 8_192)] {
        let long = "x".repeat(piece);
        let text =
            format!("{TIME} {long}{TIME} {long}{TIME} end\n{TIME} {TIME} of its own\n{TIME} open");
        let items: Vec<LogItem> = out(tool.logs("a", &how), &text, 1000);
        let lines: Vec<String> = items
            .iter()
            .map(|(_, chunk)| String::from_utf8_lossy(&chunk.bytes).into_owned())
            .collect();
        assert_eq!(
            lines,
            [format!("{long}{long}end\n"), format!("{TIME} of its own\n"), "open".to_owned()]
        );
        assert!(items.iter().all(|(time, _)| time.as_deref() == Some(TIME)));
    }
}

#[test]
fn usage_that_goes_on_comes_between_codes_that_clear_the_screen() {
    let one = r#"{"BlockIO":"1.5kB / 0B","CPUPerc":"12.50%","Container":"a","ID":"f46fffd59cd1","MemPerc":"0.00%","MemUsage":"676KiB / 23.54GiB","Name":"a","NetIO":"0B / 0B","PIDs":"1"}"#;
    let text = format!("\x1b[H{one}\n\x1b[H{one} \x1b[K\n\x1b[J");
    let all = out(docker().stats(&[], true), &text, 10);
    assert_eq!(all.len(), 2);
    assert_eq!((all[0].memory, all[0].block_read, all[0].cpu_percent), (692_224, 1500, 12.5));
}

#[test]
fn steps_of_a_pull() {
    let what = perry_container_spec::ImagePull { reference: "a".to_owned(), platform: None };
    let steps = |tool: DockerProtocol, text: &str| {
        let line =
            |step: &PullStep| format!("{}: {}\n", step.layer.as_deref().unwrap_or("-"), step.text);
        out(tool.pull(&what), text, 9).iter().map(line).collect::<String>()
    };
    let dockers = "latest: Pulling from library/redis\na1b2c3d4e5f6: Pulling fs layer\na1b2c3d4e5f6: Pull complete\n\
                   Digest: sha256:abc\nStatus: Downloaded newer image for redis:latest\ndocker.io/library/redis:latest\n";
    assert_data_eq!(
        steps(docker(), dockers),
        str![[r#"
-: latest: Pulling from library/redis
a1b2c3d4e5f6: Pulling fs layer
a1b2c3d4e5f6: Pull complete
-: Digest: sha256:abc
-: Status: Downloaded newer image for redis:latest
-: docker.io/library/redis:latest

"#]]
        .raw()
    );
    let podmans = "Trying to pull docker.io/library/redis:latest...\nGetting image source signatures\n\
                   Copying blob sha256:f54e92016ec0aaaa\nCopying blob f54e92016ec0 done\nCopying config sha256:998ebb80cfc2bbbb\n\
                   Writing manifest to image destination\n";
    assert_data_eq!(
        steps(podman4(), podmans),
        str![[r#"
-: Trying to pull docker.io/library/redis:latest...
-: Getting image source signatures
f54e92016ec0: Copying blob
f54e92016ec0: Copying blob: done
998ebb80cfc2: Copying config
-: Writing manifest to image destination

"#]]
        .raw()
    );
}

#[test]
fn builds_end_with_the_image() {
    let what = BuildSpec { context: "/c".to_owned(), ..BuildSpec::default() };
    let mut text = String::new();
    for call in
        CALLS.iter().filter(|call| call.is(&["build"]) && !call.argv.iter().any(|arg| arg == "-q"))
    {
        let (steps, end) = read(call.tool().build(&what).expect("it builds"), call, 50);
        let last = match (steps.last(), end) {
            (_, Err(error)) => format!("{} {error}", error.kind()),
            (Some(BuildStep::Built(id)), Ok(())) => {
                format!("{} lines, then {}...", steps.len() - 1, &id[..14])
            }
            other => panic!("{other:?}"),
        };
        text.extend([format!("{}: {last}\n", call.title())]);
    }
    assert_data_eq!(text, str![[r#"
docker 28: 23 lines, then sha256:9348934...
docker 28: failed failed to build: failed to solve: process "/bin/sh -c exit 5" did not complete successfully: exit code: 5
docker 28: invalid failed to build: unable to prepare context: path "/home/u/nonexist" not found
docker 28: invalid failed to build: failed to solve: failed to read dockerfile: open Nope: no such file or directory
docker 28: invalid failed to build: failed to solve: failed to read dockerfile: open Dockerfile: no such file or directory
docker 28: 19 lines, then sha256:50aab71...
podman 4: 8 lines, then sha256:89396b2...
podman 4: failed building at STEP "RUN exit 5": while running runtime: exit status 5
podman 4: invalid context must be a directory: "/home/u/nonexist"
podman 4: invalid stat /home/u/rfb1/Nope: no such file or directory
podman 4: failed building at STEP "RUN --mount=type=secret,id=s cat /run/secrets/s": while running runtime: exit status 1
podman 4: 9 lines, then sha256:35eff47...
nerdctl 2: not supported no buildkit host is available, tried 2 candidates: failed to ping to host unix:///run/buildkit-default/buildkitd.sock: exec: "buildctl": executable file not found in $PATH; failed to ping to host unix:///run/buildkit/buildkitd.sock: exec: "buildctl": executable file not found in $PATH
nerdctl 2: not supported no buildkit host is available, tried 2 candidates: failed to ping to host unix:///run/buildkit-default/buildkitd.sock: exec: "buildctl": executable file not found in $PATH; failed to ping to host unix:///run/buildkit/buildkitd.sock: exec: "buildctl": executable file not found in $PATH
nerdctl 2: not supported no buildkit host is available, tried 2 candidates: failed to ping to host unix:///run/buildkit-default/buildkitd.sock: exec: "buildctl": executable file not found in $PATH; failed to ping to host unix:///run/buildkit/buildkitd.sock: exec: "buildctl": executable file not found in $PATH
nerdctl 2: not supported no buildkit host is available, tried 2 candidates: failed to ping to host unix:///run/buildkit-default/buildkitd.sock: exec: "buildctl": executable file not found in $PATH; failed to ping to host unix:///run/buildkit/buildkitd.sock: exec: "buildctl": executable file not found in $PATH
nerdctl 2: not supported no buildkit host is available, tried 2 candidates: failed to ping to host unix:///run/buildkit-default/buildkitd.sock: exec: "buildctl": executable file not found in $PATH; failed to ping to host unix:///run/buildkit/buildkitd.sock: exec: "buildctl": executable file not found in $PATH
nerdctl 2: not supported no buildkit host is available, tried 2 candidates: failed to ping to host unix:///run/buildkit-default/buildkitd.sock: exec: "buildctl": executable file not found in $PATH; failed to ping to host unix:///run/buildkit/buildkitd.sock: exec: "buildctl": executable file not found in $PATH
podman 5: 8 lines, then sha256:d6d4426...
podman 5: failed building at STEP "RUN exit 5": while running runtime: exit status 5
podman 5: invalid context must be a directory: "/home/u/nonexist"
podman 5: invalid the specified Containerfile or Dockerfile does not exist, /home/u/rfb1/Nope: no such file or directory
podman 5: failed building at STEP "RUN --mount=type=secret,id=s cat /run/secrets/s": while running runtime: exit status 1
podman 5: 9 lines, then sha256:5e53565...

"#]].raw());
}
