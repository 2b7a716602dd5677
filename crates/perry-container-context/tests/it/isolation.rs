//! Property 16: what is done in one context shows in no other one, the process's own included.

use crate::{DOCKER, PODMAN, Sockets};
use perry_container_context::{ContainerContext, HandleEntry, StackHandle};
use perry_container_probe::Candidate;
use perry_container_reconcile::Desired;
use perry_container_spec::ContainerHandle;
use proptest::prelude::*;
use std::{collections::BTreeMap, sync::Arc};

#[derive(Debug, Clone, Copy)]
enum Step {
    Insert,
    Take(u64),
    Get(u64),
    Use,
    Set(&'static str),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        Just(Step::Insert),
        (1..6_u64).prop_map(Step::Take),
        (1..6_u64).prop_map(Step::Get),
        Just(Step::Use),
        prop::sample::select(vec!["docker", "podman", "lxc"]).prop_map(Step::Set),
    ]
}

fn entry(of: usize, n: usize) -> HandleEntry {
    HandleEntry::Container(ContainerHandle { id: format!("{of}-{n}"), name: None })
}

/// What one context should hold, told by a simple model of it alone.
#[derive(Default)]
struct Model {
    entries: BTreeMap<u64, HandleEntry>,
    given: u64,
    backend: Option<&'static str>,
}

async fn walk(steps: &[(usize, Step)]) -> Result<(), TestCaseError> {
    let machine = Sockets::with(&[(DOCKER, Candidate::Docker), (PODMAN, Candidate::Podman)]);
    let contexts = [machine.context(), machine.context(), machine.context()];
    let mut models: [Model; 3] = Default::default();
    let before = ContainerContext::global().handles().numbers();
    for (n, &(of, step)) in steps.iter().enumerate() {
        let (context, model) = (&contexts[of], &mut models[of]);
        match step {
            Step::Insert => {
                model.given += 1;
                prop_assert_eq!(context.handles().insert(entry(of, n)), model.given);
                model.entries.insert(model.given, entry(of, n));
            }
            Step::Take(number) => {
                prop_assert_eq!(context.handles().take(number), model.entries.remove(&number));
            }
            Step::Get(number) => {
                prop_assert_eq!(context.handles().get(number), model.entries.get(&number).cloned());
            }
            Step::Use => {
                let name = *model.backend.get_or_insert("podman");
                prop_assert_eq!(context.backend_name().await, name);
            }
            Step::Set(name) => {
                let may = model.backend.is_none() && name != "lxc";
                prop_assert_eq!(context.set_backend(name).await.is_ok(), may);
                if may {
                    model.backend = Some(name);
                }
            }
        }
        for (context, model) in contexts.iter().zip(&models) {
            let numbers: Vec<_> = model.entries.keys().copied().collect();
            prop_assert_eq!(context.handles().numbers(), numbers);
            prop_assert_eq!(context.known().map(|found| found.driver.name()), model.backend);
        }
    }
    prop_assert_eq!(ContainerContext::global().handles().numbers(), before);
    prop_assert!(ContainerContext::global().known().is_none());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    // Feature: perry-container, Property 16: ContainerContext isolation
    #[test]
    fn property_16_container_contexts_are_isolated(
        steps in prop::collection::vec((0..3_usize, step()), 0..30),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(walk(&steps))?;
    }
}

#[test]
fn numbers_are_unique_among_threads() {
    let context = ContainerContext::new();
    let stack = StackHandle { project: "shop".to_owned(), desired: Arc::new(Desired::default()) };
    let numbers: Vec<u64> = std::thread::scope(|scope| {
        let fill =
            || (0..1000).map(|_| context.handles().insert(HandleEntry::Stack(stack.clone())));
        let threads: Vec<_> =
            (0..4).map(|_| scope.spawn(move || fill().collect::<Vec<_>>())).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let mut sorted = numbers.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(sorted, (1..=4000).collect::<Vec<_>>());
    assert_eq!(context.handles().numbers().len(), 4000);
}
