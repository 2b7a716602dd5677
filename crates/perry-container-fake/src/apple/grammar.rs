//! What `container` 1.2.2 accepts. Source: its tag 1.2.2, `Sources/Services/ContainerAPIService/Client/Flags.swift` and
//! the commands below `Sources/ContainerCommands`.

use crate::grammar::{Command, Flag, Grammar, Operands, each, number, one_of, switch, value};

const PROCESS: &[Flag] = &[
    each(&["--env", "-e"], "env"),
    each(&["--env-file"], "env-file"),
    number(&["--gid"], "gid"),
    switch(&["--interactive", "-i"]),
    switch(&["--tty", "-t"]),
    value(&["--user", "-u"], "user"),
    number(&["--uid"], "uid"),
    value(&["--workdir", "--cwd", "-w"], "dir"),
    each(&["--ulimit"], "limit"),
];

const RESOURCES: &[Flag] =
    &[number(&["--cpus", "-c"], "cpus"), value(&["--memory", "-m"], "memory")];

const DNS: &[Flag] = &[
    each(&["--dns"], "ip"),
    value(&["--dns-domain"], "domain"),
    each(&["--dns-option"], "option"),
    each(&["--dns-search"], "domain"),
];

const MANAGEMENT: &[Flag] = &[
    value(&["--arch", "-a"], "arch"),
    value(&["--os"], "os"),
    value(&["--platform"], "platform"),
    each(&["--cap-add"], "cap"),
    each(&["--cap-drop"], "cap"),
    value(&["--cidfile"], "cidfile"),
    switch(&["--detach", "-d"]),
    value(&["--entrypoint"], "cmd"),
    switch(&["--init"]),
    value(&["--init-image"], "image"),
    value(&["--kernel", "-k"], "path"),
    each(&["--kernel-arg"], "arg"),
    each(&["--label", "-l"], "label"),
    each(&["--mount"], "mount"),
    value(&["--name"], "name"),
    each(&["--network"], "network"),
    switch(&["--no-dns"]),
    each(&["--publish", "-p"], "spec"),
    each(&["--publish-socket"], "spec"),
    switch(&["--read-only"]),
    switch(&["--remove", "--rm"]),
    switch(&["--rosetta"]),
    value(&["--runtime"], "runtime"),
    switch(&["--ssh"]),
    value(&["--shm-size"], "shm-size"),
    each(&["--tmpfs"], "tmpfs"),
    each(&["--volume", "-v"], "volume"),
    switch(&["--virtualization"]),
    each(&["--masked-path"], "path"),
    each(&["--read-only-path"], "path"),
];

const SCHEMES: &[&str] = &["http", "https", "auto"];

const REGISTRY: &[Flag] = &[
    one_of(&["--scheme"], "scheme", SCHEMES),
    number(&["--max-concurrent-downloads"], "max-concurrent-downloads"),
];

const PROGRESS: &[Flag] =
    &[one_of(&["--progress"], "type", &["auto", "none", "ansi", "plain", "color"])];

const FORMAT: Flag = one_of(&["--format"], "format", &["json", "table", "yaml", "toml"]);
const QUIET: Flag = switch(&["--quiet", "-q"]);
const ALL: Flag = switch(&["--all", "-a"]);

const fn command(
    name: &'static str,
    aliases: &'static [&'static str],
    flags: &'static [&'static [Flag]],
    operands: Operands,
) -> Command {
    Command { name, aliases, flags, operands }
}

use Operands::{Exactly, Many, None as Nothing, Optional, Then};

pub(super) const GRAMMAR: Grammar = Grammar {
    globals: &[switch(&["--debug"])],
    dashed_values: false,
    commands: &[
        command(
            "run",
            &[],
            &[PROCESS, RESOURCES, DNS, MANAGEMENT, REGISTRY, PROGRESS],
            Then(&["image"]),
        ),
        command("create", &[], &[PROCESS, RESOURCES, DNS, MANAGEMENT, REGISTRY], Then(&["image"])),
        command(
            "start",
            &[],
            &[&[switch(&["--attach", "-a"]), switch(&["--interactive", "-i"])]],
            Exactly(&["container-id"]),
        ),
        command(
            "stop",
            &[],
            &[&[ALL, value(&["--signal", "-s"], "signal"), number(&["--time", "-t"], "time")]],
            Many("container-ids", 0),
        ),
        command(
            "kill",
            &[],
            &[&[ALL, value(&["--signal", "-s"], "signal")]],
            Many("container-ids", 0),
        ),
        command("delete", &["rm"], &[&[ALL, switch(&["--force", "-f"])]], Many("container-ids", 0)),
        command("exec", &[], &[PROCESS, &[switch(&["--detach", "-d"])]], Then(&["container-id"])),
        command(
            "logs",
            &[],
            &[&[switch(&["--boot"]), switch(&["--follow", "-f"]), number(&["-n"], "n")]],
            Exactly(&["container-id"]),
        ),
        command("list", &["ls"], &[&[ALL, QUIET, FORMAT]], Nothing),
        command("inspect", &[], &[], Many("container-ids", 1)),
        command("stats", &[], &[&[FORMAT, switch(&["--no-stream"])]], Many("container-ids", 0)),
        command("copy", &["cp"], &[], Exactly(&["source", "destination"])),
        command(
            "export",
            &[],
            &[&[value(&["--output", "-o"], "output")]],
            Exactly(&["container-id"]),
        ),
        command("prune", &[], &[], Nothing),
        command(
            "build",
            &[],
            &[
                RESOURCES,
                DNS,
                PROGRESS,
                &[
                    each(&["--tag", "-t"], "name"),
                    value(&["--file", "-f"], "path"),
                    each(&["--build-arg"], "key=val"),
                    each(&["--label", "-l"], "key=val"),
                    value(&["--target"], "stage"),
                    switch(&["--no-cache"]),
                    switch(&["--pull"]),
                    QUIET,
                    each(&["--secret"], "id=key"),
                    each(&["--platform"], "platform"),
                    each(&["--output", "-o"], "value"),
                ],
            ],
            Optional("context-dir"),
        ),
        command("builder start", &[], &[RESOURCES], Nothing),
        command("builder status", &[], &[&[FORMAT]], Nothing),
        command("builder stop", &[], &[], Nothing),
        command("builder delete", &["builder rm"], &[&[switch(&["--force", "-f"])]], Nothing),
        command(
            "image list",
            &["image ls"],
            &[&[QUIET, switch(&["--verbose", "-v"]), FORMAT]],
            Nothing,
        ),
        command(
            "image pull",
            &[],
            &[
                REGISTRY,
                PROGRESS,
                &[
                    value(&["--platform"], "platform"),
                    value(&["--os"], "os"),
                    value(&["--arch", "-a"], "arch"),
                ],
            ],
            Exactly(&["reference"]),
        ),
        command("image inspect", &[], &[], Many("images", 1)),
        command(
            "image delete",
            &["image rm"],
            &[&[ALL, switch(&["--force", "-f"])]],
            Many("images", 0),
        ),
        command("image tag", &[], &[], Exactly(&["source", "target"])),
        command(
            "image push",
            &[],
            &[REGISTRY, PROGRESS, &[value(&["--platform"], "platform")]],
            Exactly(&["reference"]),
        ),
        command(
            "image save",
            &[],
            &[&[value(&["--output", "-o"], "output"), value(&["--platform"], "platform")]],
            Many("references", 1),
        ),
        command("image load", &[], &[&[value(&["--input", "-i"], "input")]], Nothing),
        command("image prune", &[], &[&[ALL]], Nothing),
        command(
            "network create",
            &[],
            &[&[
                switch(&["--internal"]),
                each(&["--label"], "label"),
                each(&["--option"], "option"),
                value(&["--plugin"], "plugin"),
                value(&["--subnet"], "subnet"),
                value(&["--subnet-v6"], "subnet-v6"),
            ]],
            Exactly(&["name"]),
        ),
        command("network delete", &["network rm"], &[&[ALL]], Many("network-names", 0)),
        command("network list", &["network ls"], &[&[QUIET, FORMAT]], Nothing),
        command("network inspect", &[], &[], Many("networks", 1)),
        command("network prune", &[], &[], Nothing),
        command(
            "volume create",
            &[],
            &[&[each(&["--label"], "label"), each(&["--opt"], "opt"), value(&["-s"], "size")]],
            Exactly(&["name"]),
        ),
        command("volume delete", &["volume rm"], &[&[ALL]], Many("names", 0)),
        command("volume list", &["volume ls"], &[&[QUIET, FORMAT]], Nothing),
        command("volume inspect", &[], &[], Many("names", 1)),
        command("volume prune", &[], &[], Nothing),
        command("system start", &[], &[], Nothing),
        command("system stop", &[], &[], Nothing),
        command("system status", &[], &[&[FORMAT]], Nothing),
        command("system version", &[], &[&[FORMAT]], Nothing),
        command("system logs", &[], &[], Nothing),
        command("system df", &[], &[&[FORMAT]], Nothing),
        command("registry login", &[], &[REGISTRY], Exactly(&["server"])),
        command("registry logout", &[], &[], Exactly(&["registry"])),
        command("registry list", &[], &[&[QUIET, FORMAT]], Nothing),
    ],
};
