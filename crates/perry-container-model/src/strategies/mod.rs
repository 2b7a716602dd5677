//! Strategies for whole projects.
//!
//! What they make is canonical: loading the printed YAML of such a project gives the project again. So every reference
//! leads somewhere, every network has its name, every path is absolute, and nothing is unused.

mod service;

pub use self::service::service;

use crate::{
    ByteSize, ComposeConfig, ComposeDependsOn, ComposeHealthcheck, ComposeModel, ComposeNetwork,
    ComposeNetworkIpam, ComposeSecret, ComposeService, ComposeSpec, ComposeVolume, Decimal,
    DependsOnCondition, Duration, Environment, Extensions, IpamPool, Labels, Sensitive, VolumeType,
    names,
};
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;

/// Any text that YAML can hold, often one that asks for quotes or escapes.
pub fn text() -> impl Strategy<Value = String> {
    const HARD: [&str; 16] = [
        "$HOME ${X:-y} $$",
        "a\nb: c",
        "\u{fc} \u{2028} <&>",
        "yes",
        "012",
        "1.0",
        "null",
        "~",
        "@x: #y",
        " leading",
        "trailing ",
        "'\"\\",
        "- a",
        "{a: b}",
        "2024-01-02",
        "\t\u{1}\u{7f}",
    ];
    prop_oneof![3 => "[ -~]{0,12}", 2 => proptest::sample::select(&HARD[..]).prop_map(str::to_owned)]
}

/// A word without anything special.
pub fn word() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9]{0,6}"
}

fn key() -> impl Strategy<Value = String> {
    "[A-Za-z_][A-Za-z0-9_.]{0,6}"
}

fn words() -> impl Strategy<Value = Vec<String>> {
    btree_set(word(), 0..3).prop_map(|set| set.into_iter().collect())
}

fn labels() -> impl Strategy<Value = Labels> {
    btree_map(key(), text(), 0..3).prop_map(Labels::from_iter)
}

fn environment() -> impl Strategy<Value = Environment> {
    let name = "[A-Z_][A-Z0-9_]{0,6}";
    let value = option::weighted(0.9, text().prop_map(Sensitive::new));
    btree_map(name, value, 0..3).prop_map(Environment::from_iter)
}

fn duration() -> impl Strategy<Value = Duration> {
    prop_oneof![
        (0..1_000_000_i64).prop_map(Duration::from_secs),
        (0..i64::MAX).prop_map(Duration::from_nanos),
        Just(Duration::from_nanos(1_500_000)),
    ]
}

fn span() -> impl Strategy<Value = Duration> {
    duration().prop_filter("zero is absent", |span| *span != Duration::default())
}

fn size() -> impl Strategy<Value = ByteSize> {
    (1..1_i64 << 40).prop_map(ByteSize)
}

fn share() -> impl Strategy<Value = Decimal> {
    (1..6400_u16).prop_map(|hundredths| Decimal(f32::from(hundredths) / 100.0))
}

fn extensions() -> impl Strategy<Value = Extensions> {
    let value = prop_oneof![
        text().prop_map(serde_json::Value::from),
        any::<i32>().prop_map(serde_json::Value::from),
        any::<bool>().prop_map(serde_json::Value::from),
        vec(text(), 1..3).prop_map(serde_json::Value::from),
    ];
    btree_map("x-[a-z]{1,4}", value, 0..2).prop_map(Extensions::from_iter)
}

/// Any of the three conditions.
pub fn condition() -> impl Strategy<Value = DependsOnCondition> {
    proptest::sample::select(DependsOnCondition::ALL)
}

/// Any of the six kinds of mounts.
pub fn volume_type() -> impl Strategy<Value = VolumeType> {
    proptest::sample::select(VolumeType::ALL)
}

/// A health check.
pub fn healthcheck() -> impl Strategy<Value = ComposeHealthcheck> {
    let test = vec(text(), 1..3).prop_map(|words| {
        let mut test = vec!["CMD".to_owned()];
        test.extend(words);
        test
    });
    let times = (
        option::of(duration()),
        option::of(duration()),
        option::of(duration()),
        option::of(duration()),
    );
    (test, times, option::of(0..100_u64), extensions()).prop_map(
        |(test, times, retries, extensions)| {
            let (timeout, interval, start_period, start_interval) = times;
            // An interval within the start period needs a start period.
            let start_interval = start_interval.filter(|_| start_period.is_some());
            ComposeHealthcheck {
                test,
                timeout,
                interval,
                retries,
                start_period,
                start_interval,
                disable: false,
                extensions,
            }
        },
    )
}

/// An entry of `depends_on`.
pub fn depends_on() -> impl Strategy<Value = ComposeDependsOn> {
    (condition(), any::<bool>(), any::<bool>()).prop_map(|(condition, restart, required)| {
        ComposeDependsOn { condition, restart, required, extensions: Extensions::new() }
    })
}

/// A project of up to `most` services whose dependencies have no cycle, in an order that is not that of the
/// dependencies.
pub fn compose_spec_of(most: usize) -> impl Strategy<Value = ComposeSpec> {
    let entry = (service(), vec((any::<prop::sample::Index>(), depends_on()), 0..3));
    let services = vec(entry, 1..=most.max(1)).prop_map(|entries| {
        let mut services = Vec::new();
        for (at, (mut service, edges)) in entries.into_iter().enumerate() {
            for (to, edge) in edges {
                if at > 0 {
                    service.depends_on.insert(format!("svc{}", to.index(at)), edge);
                }
            }
            services.push((format!("svc{at}"), service));
        }
        services
    });
    (word(), services.prop_shuffle(), labels(), extensions()).prop_map(
        |(name, services, labels, extensions)| {
            let mut spec = ComposeSpec {
                name: Some(name),
                services: services.into_iter().collect(),
                extensions,
                ..ComposeSpec::default()
            };
            add_resources(&mut spec, &labels);
            spec
        },
    )
}

/// A project of up to three services, as [`compose_spec_of`].
pub fn compose_spec() -> impl Strategy<Value = ComposeSpec> {
    compose_spec_of(3)
}

/// A project in which some services depend on each other in a cycle; also the services of that cycle, in its order.
pub fn cyclic_spec() -> impl Strategy<Value = (ComposeSpec, Vec<String>)> {
    (compose_spec_of(6), any::<prop::sample::Index>(), 1..4_usize, depends_on()).prop_map(
        |(mut spec, start, length, edge)| {
            let names: Vec<String> = spec.services.keys().cloned().collect();
            let first = start.index(names.len());
            let cycle: Vec<String> =
                names.iter().cycle().skip(first).take(length.min(names.len())).cloned().collect();
            for (from, to) in cycle.iter().zip(cycle.iter().cycle().skip(1)) {
                spec.services[from].depends_on.insert(to.clone(), edge.clone());
            }
            (spec, cycle)
        },
    )
}

/// Adds what the services refer to.
fn add_resources(spec: &mut ComposeSpec, labels: &Labels) {
    let project = spec.name.clone().unwrap_or_default();
    let full = |key: &str| Some(names::resource_name(&project, key));
    let services: Vec<ComposeService> = spec.services.values().cloned().collect();
    for service in &services {
        for key in service.networks.keys() {
            let ipam = ComposeNetworkIpam {
                config: vec![IpamPool {
                    subnet: Some("10.9.0.0/24".to_owned()),
                    ..IpamPool::default()
                }],
                ..ComposeNetworkIpam::default()
            };
            spec.networks.entry(key.clone()).or_insert_with(|| ComposeNetwork {
                name: full(key),
                internal: key == "n1",
                ipam: if key == "n2" { ipam } else { ComposeNetworkIpam::default() },
                labels: labels.clone(),
                ..ComposeNetwork::default()
            });
        }
        for key in service
            .volumes
            .iter()
            .filter(|mount| mount.kind == VolumeType::Volume)
            .filter_map(|m| m.source.as_ref())
        {
            spec.volumes.entry(key.clone()).or_insert_with(|| match key.as_str() {
                "v0" => ComposeVolume {
                    name: Some("shared".to_owned()),
                    external: true,
                    ..ComposeVolume::default()
                },
                _ => ComposeVolume {
                    name: full(key),
                    labels: labels.clone(),
                    ..ComposeVolume::default()
                },
            });
        }
        for key in service.secrets.iter().filter_map(|secret| secret.source.as_ref()) {
            spec.secrets.entry(key.clone()).or_insert_with(|| {
                let secret = ComposeSecret { name: full(key), ..ComposeSecret::default() };
                match key.as_str() {
                    "s0" => ComposeSecret { environment: Some("S0".to_owned()), ..secret },
                    _ => ComposeSecret { file: Some(format!("/{key}")), ..secret },
                }
            });
        }
        for key in service.configs.iter().filter_map(|config| config.source.as_ref()) {
            spec.configs.entry(key.clone()).or_insert_with(|| {
                let config = ComposeConfig { name: full(key), ..ComposeConfig::default() };
                match key.as_str() {
                    "c0" => ComposeConfig {
                        content: Some(Sensitive::new("a: $b\n".to_owned())),
                        ..config
                    },
                    _ => ComposeConfig { file: Some(format!("/{key}")), ..config },
                }
            });
        }
        for key in service.models.keys() {
            spec.models.entry(key.clone()).or_insert_with(|| ComposeModel {
                model: Some("ai/small".to_owned()),
                context_size: Some(1024),
                ..ComposeModel::default()
            });
        }
    }
}
