//! The truth after any interruption. Every call of every plan of `up`, of `up` with a drift, `down`, `restart`, `stop`,
//! `start` and `scale` on five stacks is harmed in every way, once each. After it nothing of the user's is lost, nothing
//! half-made is left without an explanation, the next `up` converges, and `down` clears.

mod case;
mod stacks;
mod state;

use case::{Clean, Command, HARMS, Harm, Scenario, Then};
use perry_container_plan::Strategy;
use perry_container_reconcile::UpOptions;
use stacks::Stack;
use std::{
    fmt::Write as _,
    num::NonZero,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

/// Without the long mode, one case in so many is taken.
const SAMPLE: u64 = 16;

fn strategies() -> [(&'static str, Strategy); 3] {
    [
        ("dependency-aware", Strategy::DependencyAware),
        ("sequential", Strategy::Sequential),
        ("parallel-safe", Strategy::ParallelSafe(Duration::from_millis(500))),
    ]
}

/// Everything that is done to a stack.
fn scenarios(stack: &Stack) -> Vec<Scenario> {
    let was = Arc::new(stack.was.clone());
    let mut all = Vec::new();
    let mut add = |name: String, first: bool, wanted: &Arc<_>, command| {
        let was = first.then(|| Arc::clone(&was));
        let name = format!("{}: {name}", stack.name);
        all.push(Scenario { name, was, wanted: Arc::clone(wanted), command });
    };
    let plain = UpOptions { remove_orphans: true, ..UpOptions::default() };
    let up =
        |to: &Arc<_>, options: &UpOptions| Command::Up(Arc::clone(to), Box::new(options.clone()));
    let eager = UpOptions { no_rollback: true, ..plain.clone() };
    add("up".to_owned(), false, &was, up(&was, &plain));
    add("up --no-rollback".to_owned(), false, &was, up(&was, &eager));
    for (name, strategy) in strategies() {
        let options = UpOptions { strategy, ..plain.clone() };
        add(format!("up, {name}"), false, &was, up(&was, &options));
    }
    for (n, (drift, to)) in stack.drifts.iter().enumerate() {
        let to = Arc::new(to.clone());
        add(format!("up, {drift}"), true, &to, up(&to, &plain));
        add(format!("up --no-rollback, {drift}"), true, &to, up(&to, &eager));
        let (name, strategy) = strategies()[n % 3];
        let options = UpOptions { strategy, ..plain.clone() };
        add(format!("up, {drift}, {name}"), true, &to, up(&to, &options));
        if drift.contains("removed") {
            add(format!("up, {drift}, which stays"), true, &to, up(&to, &UpOptions::default()));
        }
    }
    let renew = UpOptions { wait: true, ..plain.clone() };
    let drifted = Arc::new(stack.drifts[0].1.clone());
    add("up --wait, config".to_owned(), true, &drifted, up(&drifted, &renew));
    for (name, to) in [("more", &stack.more), ("fewer", &stack.fewer)] {
        let to = Arc::new(to.clone());
        add(format!("scale, {name}"), true, &to, up(&to, &plain));
    }
    add("down".to_owned(), true, &was, Command::Down { volumes: false });
    add("down -v".to_owned(), true, &was, Command::Down { volumes: true });
    add("restart".to_owned(), true, &was, Command::Restart);
    add("stop".to_owned(), true, &was, Command::Stop);
    add("start".to_owned(), true, &was, Command::Start);
    all
}

struct Case {
    scenario: usize,
    n: usize,
    harm: Harm,
    then: Then,
}

/// Every `SAMPLE`th, in a fixed order that mixes all kinds.
fn taken(place: usize, long: bool) -> bool {
    let mixed = (place as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33;
    long || mixed.is_multiple_of(SAMPLE)
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_time().start_paused(true).build().unwrap().block_on(future)
}

#[test]
fn whatever_is_harmed_the_next_up_converges_and_down_clears() {
    let long = perry_container_testkit::long();
    let scenarios: Vec<Scenario> = stacks::all().iter().flat_map(scenarios).collect();
    let clean: Vec<Clean> = scenarios.iter().map(|scenario| block_on(scenario.clean())).collect();
    let mut cases = Vec::new();
    for (scenario, clean) in clean.iter().enumerate() {
        for (n, harm) in (0..clean.calls).flat_map(|n| HARMS.map(|harm| (n, harm))) {
            cases.extend([Then::Up, Then::Down].map(|then| Case { scenario, n, harm, then }));
        }
    }
    let all = cases.len();
    let mut place = 0..;
    cases.retain(|_| taken(place.next().unwrap_or(0), long));
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            let (scenario, clean) = (&scenarios[case.scenario], &clean[case.scenario]);
            let Case { n, harm, then, .. } = case;
            if let Err(what) = block_on(scenario.case(clean, *n, *harm, *then)) {
                let place = format!("{}: {harm:?} at call {n}, {then}", scenario.name);
                wrong.lock().unwrap().push(format!("{place}\n{what}"));
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, NonZero::get) {
            scope.spawn(work);
        }
    });
    println!(
        "{} cases of {all}: {} scenarios on five stacks, {} calls, {} harms",
        cases.len(),
        scenarios.len(),
        clean.iter().map(|clean| clean.calls).sum::<usize>(),
        HARMS.len(),
    );
    let wrong = wrong.into_inner().unwrap();
    let text = wrong.iter().fold(String::new(), |mut text, what| {
        let _ = writeln!(text, "{what}");
        text
    });
    let firsts: Vec<&str> = wrong.iter().filter_map(|what| what.lines().nth(1)).collect();
    assert!(wrong.is_empty(), "{} of {} fail:\n{text}\n{firsts:#?}", wrong.len(), cases.len());
}
