//! Specifications and the bodies they become.

use super::*;
use perry_container_spec::{
    Attachment, DeviceRequest as Request, InjectedFile, Link, Logging, Mount, MountKind, Network,
    Sensitive, Ulimit, VolumesFrom,
};
use proptest::prelude::*;
use snapbox::{IntoData as _, assert_data_eq, str};

fn to(api: (u32, u32), profiles: &IndexMap<String, String>) -> Target<'_> {
    Target { api, profiles }
}

/// One line per field.
fn text(spec: &ContainerSpec, api: (u32, u32)) -> String {
    let profile = "{\"defaultAction\":\"SCMP_ACT_ERRNO\"}";
    let profiles = [("/p.json".to_owned(), profile.to_owned())].into_iter().collect();
    let (body, later) = match body(spec, to(api, &profiles)) {
        Ok(made) => made,
        Err(error) => return error.to_string(),
    };
    lines(&body, &later)
}

fn podmans(spec: &ContainerSpec) -> String {
    podman::body(spec, &[]).map_or_else(|error| error.to_string(), |body| lines(&body, &[]))
}

fn lines(body: &Value, later: &[Later]) -> String {
    let mut lines = Vec::new();
    for (key, value) in body.as_object().unwrap() {
        match value.as_object().filter(|_| key == "HostConfig") {
            Some(host) => {
                lines.extend(host.iter().map(|(key, value)| format!("HostConfig.{key}: {value}")));
            }
            None => lines.push(format!("{key}: {value}")),
        }
    }
    for one in later {
        let mut endpoint = serde_json::to_value(&one.endpoint).unwrap();
        endpoint.sort_all_objects();
        lines.push(format!("then {}: {endpoint}", one.network));
    }
    lines.join("\n") + "\n"
}

fn same(actual: impl Into<String>, expected: snapbox::data::Inline) {
    assert_data_eq!(actual.into(), expected.raw());
}

fn docker(spec: &ContainerSpec) -> String {
    text(spec, (1, 51))
}

fn spec() -> ContainerSpec {
    ContainerSpec::new("web:1".to_owned())
}

#[test]
fn an_image_alone() {
    same(
        docker(&spec()),
        str![[r#"
Image: "web:1"

"#]],
    );
}

#[test]
fn what_runs() {
    let mut spec = spec();
    spec.command = Some(vec!["a b".into(), String::new()]);
    spec.entrypoint = Some(vec![]);
    spec.env.insert("A".into(), Sensitive::new("x=y\nz".into()));
    spec.labels.insert("k".into(), "v,w=x".into());
    spec.user = Some("1:2".into());
    spec.workdir = Some("/w".into());
    spec.hostname = Some("h".into());
    spec.tty = true;
    spec.stdin_open = true;
    spec.stop_signal = Some("SIGUSR1".into());
    spec.stop_timeout = Some(Duration::from_millis(1500));
    spec.restart = Some(RestartPolicy::OnFailure(Some(3)));
    spec.auto_remove = true;
    spec.init = Some(true);
    same(
        docker(&spec),
        str![[r#"
Cmd: ["a b",""]
Entrypoint: [""]
Env: ["A=x=y\nz"]
HostConfig.AutoRemove: true
HostConfig.Init: true
HostConfig.RestartPolicy: {"MaximumRetryCount":3,"Name":"on-failure"}
Hostname: "h"
Image: "web:1"
Labels: {"k":"v,w=x"}
OpenStdin: true
StopSignal: "SIGUSR1"
StopTimeout: 2
Tty: true
User: "1:2"
WorkingDir: "/w"

"#]],
    );
}

#[test]
fn networks_in_one_call_and_in_several() {
    let mut spec = spec();
    let front = Attachment {
        aliases: vec!["web".into()],
        ipv4: Some("10.5.0.7".into()),
        mac: Some("02:42:ac:11:00:02".into()),
        ..Attachment::new("p_front")
    };
    let back = Attachment {
        interface_name: Some("eth7".into()),
        gw_priority: Some(5),
        link_local_ips: vec!["169.254.8.8".into()],
        ..Attachment::new("p_back")
    };
    spec.network = Network::Attached(vec![front, back]);
    same(
        docker(&spec),
        str![[r#"
HostConfig.NetworkMode: "p_front"
Image: "web:1"
NetworkingConfig: {"EndpointsConfig":{"p_back":{"DriverOpts":{"com.docker.network.endpoint.ifname":"eth7"},"GwPriority":5,"IPAMConfig":{"LinkLocalIPs":["169.254.8.8"]}},"p_front":{"Aliases":["web"],"IPAMConfig":{"IPv4Address":"10.5.0.7"},"MacAddress":"02:42:ac:11:00:02"}}}

"#]],
    );
    same(
        text(&spec, (1, 43)),
        str![[r#"
HostConfig.NetworkMode: "p_front"
Image: "web:1"
MacAddress: "02:42:ac:11:00:02"
NetworkingConfig: {"EndpointsConfig":{"p_front":{"Aliases":["web"],"IPAMConfig":{"IPv4Address":"10.5.0.7"}}}}
then p_back: {"DriverOpts":{"com.docker.network.endpoint.ifname":"eth7"},"GwPriority":5,"IPAMConfig":{"LinkLocalIPs":["169.254.8.8"]}}

"#]],
    );
    spec.network = Network::Container("abc".into());
    assert!(docker(&spec).contains(r#"NetworkMode: "container:abc""#));
    spec.network = Network::Attached(vec![]);
    assert!(!docker(&spec).contains("Network"));
}

#[test]
fn ports() {
    let mut spec = spec();
    spec.ports = ["127.0.0.1:8080:80", "8081-8085:80", "[::1]::53/udp", "9000"]
        .iter()
        .map(|p| p.parse().unwrap())
        .collect();
    spec.expose = vec!["7000".into(), "53/udp".into()];
    same(
        docker(&spec),
        str![[r#"
ExposedPorts: {"53/udp":{},"7000/tcp":{},"80/tcp":{},"9000/tcp":{}}
HostConfig.PortBindings: {"53/udp":[{"HostIp":"::1","HostPort":""}],"80/tcp":[{"HostIp":"127.0.0.1","HostPort":"8080"},{"HostPort":"8081-8085"}],"9000/tcp":[{"HostPort":""}]}
Image: "web:1"

"#]],
    );
}

#[test]
fn mounts() {
    let mut spec = spec();
    let mount = |text: &str| text.parse::<Mount>().unwrap();
    let mut there = Mount::new(MountKind::Bind, Some("/there".into()), "/b");
    there.propagation = Some(perry_container_spec::Propagation::Rshared);
    there.read_only = true;
    let mut colon = mount("/a:/c");
    colon.source = Some("/with:colon".into());
    let mut memory = Mount::new(MountKind::Tmpfs, None, "/m");
    (memory.size, memory.mode) = (Some(4096), Some(0o700));
    memory.options = vec!["uid=7".into()];
    let mut part = mount("data:/p:ro");
    part.subpath = Some("sub".into());
    let mut own = Mount::new(MountKind::Volume, None, "/own");
    own.labels.insert("l".into(), "1".into());
    let mut image = Mount::new(MountKind::Image, Some("tools:1".into()), "/tools");
    image.subpath = Some("bin".into());
    spec.mounts = vec![
        mount("/made:/a:ro,z"),
        there,
        colon,
        mount("data:/d:nocopy"),
        part,
        own,
        memory,
        image,
    ];
    spec.volumes_from = vec![VolumesFrom { container: "abc".into(), read_only: true }];
    same(
        docker(&spec),
        str![[r#"
HostConfig.Binds: ["/made:/a:ro,z","data:/d:rw,nocopy"]
HostConfig.Mounts: [{"BindOptions":{"Propagation":"rshared"},"ReadOnly":true,"Source":"/there","Target":"/b","Type":"bind"},{"BindOptions":{"CreateMountpoint":true},"Source":"/with:colon","Target":"/c","Type":"bind"},{"ReadOnly":true,"Source":"data","Target":"/p","Type":"volume","VolumeOptions":{"Subpath":"sub"}},{"Target":"/own","Type":"volume","VolumeOptions":{"Labels":{"l":"1"}}},{"ImageOptions":{"Subpath":"bin"},"Source":"tools:1","Target":"/tools","Type":"image"}]
HostConfig.Tmpfs: {"/m":"size=4096,mode=700,uid=7"}
HostConfig.VolumesFrom: ["abc:ro"]
Image: "web:1"

"#]],
    );
    assert_data_eq!(
        podmans(&spec),
        str!["could not create `web:1`: podman has no labels of anonymous volumes"]
    );
    spec.mounts
        .iter_mut()
        .for_each(|mount| (mount.labels, mount.no_copy) = (IndexMap::new(), false));
    same(
        podmans(&spec),
        str![[r#"
image: "web:1"
image_volumes: [{"Destination":"/tools","Source":"tools:1","subPath":"bin"}]
mounts: [{"destination":"/a","options":["rbind","ro","z"],"source":"/made","type":"bind"},{"destination":"/b","options":["rbind","ro","rshared"],"source":"/there","type":"bind"},{"destination":"/c","options":["rbind","rw"],"source":"/with:colon","type":"bind"},{"destination":"/m","options":["notmpcopyup","size=4096","mode=700","uid=7"],"source":"tmpfs","type":"tmpfs"}]
volumes: [{"Dest":"/d","Name":"data","Options":["rw"]},{"Dest":"/p","Name":"data","Options":["ro"],"SubPath":"sub"},{"Dest":"/own","IsAnonymous":true,"Name":"","Options":["rw"]}]
volumes_from: ["abc:ro"]

"#]],
    );
    assert_eq!(podman::directories(&spec).collect::<Vec<_>>(), ["/made", "/with:colon"]);
}

#[test]
fn health() {
    let check = |test| {
        let mut spec = spec();
        spec.healthcheck = Some(Healthcheck {
            test,
            interval: Some(Duration::from_millis(1500)),
            timeout: None,
            start_period: None,
            start_interval: None,
            retries: Some(2),
        });
        let (docker, _) = body(&spec, to((1, 51), &IndexMap::new())).unwrap();
        let podman = podman::body(&spec, &["CMD".to_owned(), "image's".to_owned()]).unwrap();
        format!("{}\n{}\n", docker["Healthcheck"], podman["healthconfig"])
    };
    let words =
        |words: &[&str]| HealthTest::Command(words.iter().map(|w| (*w).to_owned()).collect());
    let all = [
        HealthTest::Inherit,
        HealthTest::Disabled,
        HealthTest::Shell("curl -f http://x || exit 1".into()),
        words(&["test", "a  b", "\"c\""]),
        words(&["true"]),
        words(&["/my dir/it's"]),
    ];
    same(
        all.map(check).concat(),
        str![[r#"
{"Interval":1500000000,"Retries":2}
{"Interval":1500000000,"Retries":2,"StartPeriod":0,"Test":["CMD","image's"],"Timeout":30000000000}
{"Interval":1500000000,"Retries":2,"Test":["NONE"]}
{"Interval":1500000000,"Retries":2,"StartPeriod":0,"Test":["NONE"],"Timeout":30000000000}
{"Interval":1500000000,"Retries":2,"Test":["CMD-SHELL","curl -f http://x || exit 1"]}
{"Interval":1500000000,"Retries":2,"StartPeriod":0,"Test":["CMD-SHELL","curl -f http://x || exit 1"],"Timeout":30000000000}
{"Interval":1500000000,"Retries":2,"Test":["CMD","test","a  b","\"c\""]}
{"Interval":1500000000,"Retries":2,"StartPeriod":0,"Test":["CMD","test","a  b","\"c\""],"Timeout":30000000000}
{"Interval":1500000000,"Retries":2,"Test":["CMD","true"]}
{"Interval":1500000000,"Retries":2,"StartPeriod":0,"Test":["CMD","true"],"Timeout":30000000000}
{"Interval":1500000000,"Retries":2,"Test":["CMD","/my dir/it's"]}
{"Interval":1500000000,"Retries":2,"StartPeriod":0,"Test":["CMD","/my dir/it's"],"Timeout":30000000000}

"#]],
    );
}

#[test]
fn what_it_may_and_what_it_may_use() {
    let mut spec = spec();
    spec.privileged = true;
    spec.read_only = true;
    spec.cap_add = vec!["NET_ADMIN".into()];
    spec.cap_drop = vec!["ALL".into()];
    spec.no_new_privileges = true;
    spec.seccomp = Some("/p.json".into());
    spec.security_opt =
        vec!["systempaths=unconfined".into(), "apparmor=x".into(), "seccomp=unconfined".into()];
    spec.userns = Some("host".into());
    spec.pid = Some(Namespace::Container("abc".into()));
    spec.ipc = Some(Namespace::Mode("shareable".into()));
    spec.cgroupns = Some("private".into());
    spec.devices = vec![
        Device { source: "/dev/a".into(), target: "/dev/b".into(), permissions: "rw".into() },
        Device {
            source: "v.example/c=all".into(),
            target: String::new(),
            permissions: String::new(),
        },
    ];
    spec.device_requests =
        vec![Request { count: Some(-1), capabilities: vec!["gpu".into()], ..Request::default() }];
    spec.resources.memory = Some(1 << 20);
    spec.resources.nano_cpus = Some(1_500_000_000);
    spec.resources.blkio.weight = Some(300);
    spec.resources.blkio.device_read_bps =
        vec![perry_container_spec::BlkioDevice { path: "/dev/a".into(), rate: 9 }];
    spec.ulimits.insert("nofile".into(), Ulimit { soft: 1, hard: 2 });
    spec.sysctls.insert("net.core.somaxconn".into(), "9".into());
    spec.shm_size = Some(64);
    spec.dns = vec!["1.1.1.1".into()];
    spec.extra_hosts = vec![("h".into(), "host-gateway".into())];
    spec.links = vec![Link { container: "abc".into(), alias: "db".into() }];
    spec.logging = Some(Logging { driver: Some("none".into()), ..Logging::default() });
    same(
        docker(&spec),
        str![[r#"
HostConfig.BlkioDeviceReadBps: [{"Path":"/dev/a","Rate":9}]
HostConfig.BlkioWeight: 300
HostConfig.CapAdd: ["NET_ADMIN"]
HostConfig.CapDrop: ["ALL"]
HostConfig.CgroupnsMode: "private"
HostConfig.DeviceRequests: [{"Capabilities":[["gpu"]],"Count":-1},{"DeviceIDs":["v.example/c=all"],"Driver":"cdi"}]
HostConfig.Devices: [{"CgroupPermissions":"rw","PathInContainer":"/dev/b","PathOnHost":"/dev/a"}]
HostConfig.Dns: ["1.1.1.1"]
HostConfig.ExtraHosts: ["h:host-gateway"]
HostConfig.IpcMode: "shareable"
HostConfig.Links: ["abc:db"]
HostConfig.LogConfig: {"Type":"none"}
HostConfig.MaskedPaths: []
HostConfig.Memory: 1048576
HostConfig.NanoCpus: 1500000000
HostConfig.PidMode: "container:abc"
HostConfig.Privileged: true
HostConfig.ReadonlyPaths: []
HostConfig.ReadonlyRootfs: true
HostConfig.SecurityOpt: ["no-new-privileges","seccomp={\"defaultAction\":\"SCMP_ACT_ERRNO\"}","apparmor=x","seccomp=unconfined"]
HostConfig.ShmSize: 64
HostConfig.Sysctls: {"net.core.somaxconn":"9"}
HostConfig.Ulimits: [{"Hard":2,"Name":"nofile","Soft":1}]
HostConfig.UsernsMode: "host"
Image: "web:1"

"#]],
    );
    spec.links.clear();
    same(
        podmans(&spec),
        str![[r#"
apparmor_profile: "x"
cap_add: ["NET_ADMIN"]
cap_drop: ["ALL"]
cgroupns: {"nsmode":"private"}
devices: [{"path":"/dev/a:/dev/b:rw"},{"path":"v.example/c=all"},{"path":"nvidia.com/gpu=all"}]
dns_server: ["1.1.1.1"]
hostadd: ["h:host-gateway"]
image: "web:1"
ipcns: {"nsmode":"shareable"}
log_configuration: {"driver":"none"}
no_new_privileges: true
pidns: {"nsmode":"container","value":"abc"}
privileged: true
r_limits: [{"hard":2,"soft":1,"type":"nofile"}]
read_only_filesystem: true
resource_limits: {"blockIO":{"weight":300},"cpu":{"period":100000,"quota":150000},"memory":{"limit":1048576}}
seccomp_profile_path: "unconfined"
shm_size: 64
sysctl: {"net.core.somaxconn":"9"}
throttleReadBpsDevice: {"/dev/a":{"rate":9}}
unmask: ["ALL"]
userns: {"nsmode":"host"}

"#]],
    );
}

#[test]
fn what_cannot_be_said() {
    let refused = |change: fn(&mut ContainerSpec)| {
        let mut spec = spec();
        spec.name = Some("web".into());
        change(&mut spec);
        docker(&spec)
    };
    let all = [
        refused(|s| s.cgroupns = Some("none".into())),
        refused(|s| s.isolation = Some("deep".into())),
        refused(|s| s.seccomp = Some("/other.json".into())),
    ];
    same(
        all.join("\n"),
        str![[r#"
could not create `web`: `none` is no mode of a cgroup namespace: host, private
could not create `web`: `deep` is no isolation: default, process, hyperv
could not create `web`: the seccomp profile `/other.json` was not read
"#]],
    );
    assert!(!refused(|s| s.seccomp = Some("default".into())).contains("seccomp"));
    let strict = refused(|s| s.seccomp = Some("strict".into()));
    assert!(
        strict.contains(r#"seccomp={\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":38,"#),
        "{strict}"
    );
}

#[test]
fn an_update_holds_what_was_given() {
    let mut what = perry_container_spec::ResourceUpdate {
        restart: Some(RestartPolicy::No),
        ..Default::default()
    };
    what.resources.pids = Some(-1);
    let mut value = serde_json::to_value(updated(&what)).unwrap();
    value.sort_all_objects();
    same(value.to_string(), str![[r#"{"PidsLimit":-1,"RestartPolicy":{"Name":"no"}}"#]]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Whatever words a specification holds, they arrive as they are: nothing is split, joined or interpreted.
    #[test]
    fn words_arrive_as_they_are(
        words in proptest::collection::vec(".{0,12}", 1..4),
        value in "(?s).{0,20}",
        label in ".{0,20}",
    ) {
        let mut spec = spec();
        spec.command = Some(words.clone());
        spec.env.insert("A".into(), Sensitive::new(value.clone()));
        spec.labels.insert("l".into(), label.clone());
        spec.files = vec![InjectedFile { target: "/f".into(), content: Sensitive::new(vec![1]), uid: 0, gid: 0, mode: 0o400 }];
        let (body, _) = body(&spec, to((1, 51), &IndexMap::new())).unwrap();
        prop_assert_eq!(&body["Cmd"], &serde_json::json!(words));
        prop_assert_eq!(&body["Env"][0], &serde_json::json!(format!("A={value}")));
        prop_assert_eq!(&body["Labels"]["l"], &serde_json::json!(label));
    }
}
