//! Short forms.

use perry_container_spec::{ContainerSpec, Mount, MountKind, Network, PortBinding, PublishedPort};

#[test]
fn ports_round_trip_through_their_text() {
    for text in [
        "80",
        "8080:80",
        "8000-8010:80",
        "127.0.0.1:8080:80/udp",
        "[::1]:53:53/udp",
        "127.0.0.1::80",
    ] {
        assert_eq!(text.parse::<PortBinding>().unwrap().to_string(), text);
    }
    for text in ["80/tcp", "0.0.0.0:8080->80/tcp", "[::]:53->53/udp"] {
        assert_eq!(text.parse::<PublishedPort>().unwrap().to_string(), text);
    }
}

#[test]
fn a_bad_port_says_what_would_be_right() {
    let messages: Vec<String> =
        ["", "0", "80:", "http:80", "9-8:80", "1.2.3:80:80", "80/quic", "70000:1"]
            .map(|text| text.parse::<PortBinding>().unwrap_err().to_string())
            .into();
    snapbox::assert_data_eq!(
        messages.join("\n"),
        snapbox::str![[r#"
`` is no port: a port is a number from 1 to 65535; write [ip:][host:]container[/protocol]
`0` is no port: a port is a number from 1 to 65535; write [ip:][host:]container[/protocol]
`80:` is no port: a port is a number from 1 to 65535; write [ip:][host:]container[/protocol]
`http:80` is no port: a port is a number from 1 to 65535; write [ip:][host:]container[/protocol]
`9-8:80` is no port: the range runs backwards; write [ip:][host:]container[/protocol]
`1.2.3:80:80` is no port: the address is no IP address; write [ip:][host:]container[/protocol]
`80/quic` is no port: the protocol is none of tcp, udp, sctp; write [ip:][host:]container[/protocol]
`70000:1` is no port: a port is a number from 1 to 65535; write [ip:][host:]container[/protocol]
"#]]
    );
}

#[test]
fn a_short_mount_is_a_bind_when_its_source_looks_like_a_path() {
    let kind = |text: &str| text.parse::<Mount>().map(|mount| (mount.kind, mount.source));
    assert_eq!(kind("/data"), Ok((MountKind::Volume, None)));
    assert_eq!(kind("data:/data"), Ok((MountKind::Volume, Some("data".to_owned()))));
    assert_eq!(kind("./data:/data:ro,z"), Ok((MountKind::Bind, Some("./data".to_owned()))));
    assert_eq!(kind(r"C:\data:/data"), Ok((MountKind::Bind, Some(r"C:\data".to_owned()))));
    for bad in ["", ":", "a:", "a:b", "a:/b:ro:x", "a:/b:what"] {
        assert!(kind(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_network_is_text_or_a_list() {
    let network = |json: &str| {
        serde_json::from_str::<ContainerSpec>(&format!(r#"{{"image":"a","network":{json}}}"#))
            .map(|spec| spec.network)
    };
    assert_eq!(network(r#""none""#).unwrap(), Network::None);
    assert_eq!(network(r#""container:abc""#).unwrap(), Network::Container("abc".to_owned()));
    assert_eq!(network(r#""office""#).unwrap(), Network::Named("office".to_owned()));
    assert_eq!(
        network(r#"[{"network":"office","aliases":["db"]}]"#).unwrap().attachments()[0].aliases,
        ["db"]
    );
    assert!(network("5").is_err());
}

#[test]
fn an_unknown_name_is_refused_and_a_secret_is_not_shown() {
    let unknown =
        serde_json::from_str::<ContainerSpec>(r#"{"image":"a","imgae":"b"}"#).unwrap_err();
    assert!(unknown.to_string().contains("unknown field `imgae`"), "{unknown}");
    let spec: ContainerSpec =
        serde_json::from_str(r#"{"image":"a","env":{"PASSWORD":"hunter2"}}"#).unwrap();
    assert!(!format!("{spec:?}").contains("hunter2"));
    assert_eq!(spec.env["PASSWORD"].expose(), "hunter2");
}
