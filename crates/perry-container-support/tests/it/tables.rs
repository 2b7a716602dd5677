//! The tables are whole, say where they have it from, and are read in every version.

use perry_container_support::{Capabilities, Feature, Level, TABLES, Table};
use snapbox::{assert_data_eq, str};
use std::collections::BTreeSet;

/// How many rows speak of a feature in a version, the table of the engine inside only where this one is silent.
fn rows(table: &Table, feature: Feature, version: (u32, u32)) -> usize {
    let own = table
        .rows
        .iter()
        .filter(|row| row.features.contains(&feature) && row.versions.hold(version))
        .count();
    match (own, table.base) {
        (0, Some(base)) => rows(base, feature, version),
        (own, _) => own,
    }
}

#[test]
fn every_feature_has_one_row_with_a_source_in_every_version_of_every_runtime() {
    let mut wrong = Vec::new();
    for table in TABLES {
        for version in table.steps() {
            for &feature in Feature::ALL {
                let count = rows(table, feature, version);
                if count != 1 {
                    wrong.push(format!("{} {version:?} {feature}: {count} rows", table.runtime));
                }
            }
        }
        for row in table.rows {
            let known = ["measured: ", "read: "].iter().any(|how| row.source.starts_with(how));
            if !known || (row.level == Level::Native) != row.text.is_empty() {
                wrong.push(format!("{} {:?}: source or text", table.runtime, row.features));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn identifiers_are_unique_and_found_again() {
    let ids: BTreeSet<_> = Feature::ALL.iter().map(|feature| feature.id()).collect();
    assert_eq!(ids.len(), Feature::ALL.len());
    for &feature in Feature::ALL {
        assert_eq!(Feature::named(feature.id()), Some(feature));
        assert!(!feature.what().is_empty());
    }
    let axes: BTreeSet<_> = Feature::AXES.into_iter().collect();
    assert_eq!(axes.len(), 20);
}

/// The axes of Perry's matrix, a line per runtime: its letters are those of the levels.
#[test]
fn the_axes_of_the_matrix() {
    let letter = |level: Level| match level {
        Level::Native => 'N',
        Level::Emulated => 'E',
        Level::Partial => 'P',
        Level::Unsupported => '-',
    };
    let columns: Vec<_> =
        TABLES.iter().map(|table| Capabilities::of(table, table.newest)).collect();
    let line = |feature: Feature| {
        let levels: String =
            columns.iter().map(|can| format!("  {}", letter(can.level(feature)))).collect();
        format!("{feature:24}{levels}\n")
    };
    let text: String = Feature::AXES.into_iter().map(line).collect();
    assert_data_eq!(
        text,
        str![[r#"
privileged                -  N  N  N  N  N  N  N
seccomp_profile           -  N  N  N  N  N  N  N
no_new_privileges         -  N  N  N  N  N  N  N
linux_capabilities        N  N  N  N  P  N  P  N
read_only_rootfs          N  N  N  N  N  N  N  N
run_as_user               N  N  N  N  N  N  N  N
network_alias             -  N  N  N  E  N  E  N
user_defined_bridge       P  N  N  N  N  N  N  N
internal_network          P  N  N  N  N  N  N  N
ipc_namespace_share       -  N  N  N  N  N  N  N
pid_namespace_share       -  N  N  N  N  N  N  N
restart_policy            E  N  N  N  P  P  P  N
healthcheck_native        E  N  N  N  E  E  E  N
rm_on_exit                N  N  N  N  N  N  N  N
named_volumes             N  N  N  N  N  N  N  N
bind_mounts               N  N  N  N  P  N  N  N
selinux_mount_labels      -  N  N  N  -  N  -  N
tmpfs_mounts              N  N  N  N  N  N  N  N
image_signature_verify    E  N  N  N  N  N  N  N
multi_arch_pull           N  N  N  N  P  P  P  N

"#]]
    );
}

#[test]
fn a_version_picks_the_rows() {
    let level = |version, feature| Capabilities::docker(version).level(feature);
    assert_eq!(level("24.0.9", Feature::StartInterval), Level::Unsupported);
    assert_eq!(level("25.0", Feature::VolumeSubpath), Level::Unsupported);
    assert_eq!(level("26.1.5+dfsg1", Feature::VolumeSubpath), Level::Native);
    assert_eq!(level("28.0.4", Feature::InterfaceName), Level::Unsupported);
    assert_eq!(level("v29.1", Feature::InterfaceName), Level::Native);
    assert_eq!(level("unknown", Feature::InterfaceName), Level::Native);
}

#[test]
fn a_table_as_text_and_as_json() {
    let can = Capabilities::podman("4.3.1");
    let text = can.to_string();
    let lines: Vec<_> = text.lines().filter(|line| line.contains("host_")).collect();
    assert_data_eq!(
        lines.join("\n"),
        str![[r#"
host_network            native
host_gateway            unsupported  podman 4 has no host-gateway; host.containers.internal is the host
"#]]
    );
    let json = serde_json::to_value(&can).unwrap();
    assert_eq!(json["features"].as_object().unwrap().len(), Feature::ALL.len());
    assert_data_eq!(
        json["features"]["host_gateway"].to_string(),
        str![[
            r#"{"level":"unsupported","text":"podman 4 has no host-gateway; host.containers.internal is the host","source":"measured: podman 4.3.1"}"#
        ]]
    );
    let all = serde_json::to_value(Capabilities::all("sim")).unwrap();
    assert_eq!(all["features"]["gpus"], serde_json::json!({"level": "native"}));
}

#[test]
fn products_have_what_their_engine_has() {
    let colima = Capabilities::colima("28.5.2");
    assert_eq!(colima.level(Feature::NetworkAlias), Level::Native);
    assert_eq!(colima.level(Feature::BindOutsideHome), Level::Partial);
    let other = Capabilities::nerdctl("2.1.6").called("colima");
    assert_eq!(other.runtime, "colima");
    assert_eq!(Capabilities::lima("2.1.6").level(Feature::Health), Level::Emulated);
}
