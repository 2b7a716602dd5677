//! Fitting, whatever is wanted and whatever a runtime can do.

use crate::full::{everything, everything_of_a_network, everything_of_a_volume};
use perry_container_spec::{ContainerSpec, Late, Network};
use perry_container_support::{
    Act, Capabilities, Feature, Level, Mode, TABLES, fit, fit_network, fit_volume, needs,
};
use proptest::prelude::*;

/// Any table at all.
fn table() -> impl Strategy<Value = Capabilities> {
    prop::collection::vec(prop::sample::select(&Level::ALL[..]), Feature::ALL.len()).prop_map(
        |levels| {
            let all = Capabilities::all("any");
            let cells = Feature::ALL.iter().zip(levels);
            cells.fold(all, |all, (&feature, level)| all.with(feature, level, "so"))
        },
    )
}

/// Any column of the tables.
fn known() -> impl Strategy<Value = Capabilities> {
    let columns: Vec<_> = (TABLES.iter())
        .flat_map(|table| {
            let steps = table.steps().into_iter();
            steps.map(|(major, minor)| Capabilities::of(table, &format!("{major}.{minor}")))
        })
        .collect();
    prop::sample::select(columns)
}

/// Containers with some of all properties: what any table leaves of everything.
fn some() -> impl Strategy<Value = ContainerSpec<Late>> {
    let networks = [
        None,
        Some(Network::Host),
        Some(Network::None),
        Some(Network::Container(Late::known("a"))),
        Some(Network::Named("bridge".to_owned())),
    ];
    (table(), prop::sample::select(networks.to_vec())).prop_map(|(table, network)| {
        let mut all = everything();
        if let Some(network) = network {
            all.network = network;
        }
        fit(all, &table, Mode::Lenient).unwrap().0
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, ..ProptestConfig::default() })]

    #[test]
    fn to_fit_again_changes_nothing(
        spec in some(),
        can in prop_oneof![table(), known()],
        mode in prop::sample::select(&[Mode::Lenient, Mode::Warn][..]),
    ) {
        let (once, _) = fit(spec, &can, mode).unwrap();
        let (twice, notes) = fit(once.clone(), &can, mode).unwrap();
        prop_assert_eq!(&once, &twice);
        let changed = |act: &Act| matches!(act, Act::Dropped | Act::Translated { .. });
        prop_assert!(!notes.iter().any(|note| changed(&note.act)));
        // and nothing is left that the runtime has not
        for need in needs(&once) {
            prop_assert_ne!(can.level(need.feature), Level::Unsupported);
        }
    }

    #[test]
    fn nothing_changes_in_silence(spec in some(), can in prop_oneof![table(), known()]) {
        let (fitted, notes) = fit(spec.clone(), &can, Mode::Lenient).unwrap();
        let changed = |act: &Act| matches!(act, Act::Dropped | Act::Translated { .. });
        prop_assert_eq!(fitted != spec, notes.iter().any(|note| changed(&note.act)));
        for need in needs(&spec).iter().filter(|need| !needs(&fitted).contains(need)) {
            let told = notes.iter().any(|note| note.feature == need.feature);
            // what lay in a mount or an attachment that was left out went with it
            let with = notes.iter().any(|note| note.act == Act::Dropped);
            prop_assert!(told || with, "{need:?}");
        }
    }

    #[test]
    fn strict_lets_through_what_loses_nothing(spec in some(), can in prop_oneof![table(), known()]) {
        let (fitted, notes) = fit(spec.clone(), &can, Mode::Lenient).unwrap();
        let lost = |note: &perry_container_support::Note| {
            note.act == Act::Dropped && !note.feature.is_hint()
        };
        match fit(spec, &can, Mode::Strict) {
            Ok(strict) => {
                prop_assert_eq!(strict, (fitted, notes.clone()));
                prop_assert!(!notes.iter().any(lost));
            }
            Err(refused) => {
                let all: Vec<_> = notes.into_iter().filter(lost).collect();
                prop_assert_eq!(refused.0, all);
            }
        }
    }

    #[test]
    fn networks_and_volumes_fit_once_for_all(can in prop_oneof![table(), known()]) {
        let (network, _) = fit_network(everything_of_a_network(), &can, Mode::Lenient).unwrap();
        prop_assert_eq!(&fit_network(network.clone(), &can, Mode::Lenient).unwrap().0, &network);
        let (volume, _) = fit_volume(everything_of_a_volume(), &can, Mode::Lenient).unwrap();
        prop_assert_eq!(&fit_volume(volume.clone(), &can, Mode::Lenient).unwrap().0, &volume);
    }
}
