//! The one loop.

use crate::{Brakes, Doing, Perform};
use futures_util::FutureExt as _;
use perry_container_plan::{Act, Edge, Event, Facts, Interrupt, Lane, NodeId, Outcome, Plan, Step};
use std::{
    any::Any,
    collections::{BTreeMap, VecDeque},
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
};
use tokio::{task::JoinSet, time::Instant};
use tokio_util::sync::CancellationToken;

/// What a failure of a vital node does to the rest of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnFailure {
    /// As the first signal: nothing new begins.
    Halt,
    /// Only what needs the failed node is skipped.
    Continue,
}

/// How many actions of a lane run at once; a lane that is not named has no limit, and no lane less than one.
pub type Limits = BTreeMap<Lane, usize>;

#[derive(Default)]
struct Queue {
    waiting: VecDeque<NodeId>,
    running: usize,
}

/// How a doing ended.
enum End<A: Act, E> {
    Came(Outcome<A, E>),
    Cut,
    Panicked(String),
}

/// Runs a plan: one outcome per node.
///
/// This loop owns all state, so events come in one order, and it looks at every node and every edge once. Dropping
/// the future drops all calls under way.
pub async fn run<A, P>(
    plan: &Plan<A>,
    perform: &P,
    limits: &Limits,
    brakes: &Brakes,
    on_failure: OnFailure,
    tell: &mut (dyn FnMut(Event) + Send),
) -> Vec<Outcome<A, P::Error>>
where
    A: Act<Ref: Send> + 'static,
    P: Perform<A, Error: fmt::Display + Send + 'static>,
{
    let begin = Instant::now();
    let halt = brakes.stop.child_token(); // a failure halts this run, not the caller's token
    let vital = plan.vital();
    let mut facts = plan.facts.clone();
    let mut outcomes: Vec<_> = plan.nodes.iter().map(|_| Outcome::Skipped).collect();
    let mut missing: Vec<usize> = plan.nodes.iter().map(|node| node.after.len()).collect();
    let mut blocked = vec![false; plan.nodes.len()];
    let mut dependents = vec![Vec::new(); plan.nodes.len()];
    for (id, node) in plan.nodes.iter().enumerate() {
        node.after.iter().for_each(|(before, edge)| dependents[*before].push((id, *edge)));
    }
    let mut free: VecDeque<NodeId> = (0..missing.len()).filter(|&n| missing[n] == 0).collect();
    let mut lanes: BTreeMap<Lane, Queue> = BTreeMap::new();
    let mut running = JoinSet::new();
    loop {
        let mut ended = None;
        while let Some(id) = free.pop_front() {
            let stopped = halt.is_cancelled() || brakes.kill.is_cancelled();
            if blocked[id] || stopped {
                ended = Some((id, End::Came(Outcome::Skipped)));
                break;
            }
            let node = &plan.nodes[id];
            if matches!(node.step, Step::Barrier | Step::Commit) {
                ended = Some((id, End::Came(Outcome::Done(Facts::<A>::new()))));
                break;
            }
            lanes.entry(node.lane()).or_default().waiting.push_back(id);
        }
        if ended.is_none() {
            for (&lane, queue) in &mut lanes {
                let limit = limits.get(&lane).copied().unwrap_or(usize::MAX).max(1);
                let stopped = || halt.is_cancelled() || brakes.kill.is_cancelled();
                while ended.is_none()
                    && (queue.running < limit || stopped())
                    && let Some(id) = queue.waiting.pop_front()
                {
                    if stopped() {
                        ended = Some((id, End::Came(Outcome::Skipped)));
                    } else if let Step::Act(action) = &plan.nodes[id].step {
                        tell(Event::Begun { node: id, at: begin.elapsed() });
                        // Binding is the caller's code as well: a panic in it is a panic of the action.
                        let bound =
                            catch_unwind(AssertUnwindSafe(|| perform.perform(action, &facts)));
                        match bound {
                            Ok(doing) => {
                                let doing = spanned(doing, id, action);
                                let cut = cut(action.interrupt(), &halt, &brakes.kill);
                                running.spawn(async move { (id, lane, attend(doing, cut).await) });
                                queue.running += 1;
                            }
                            Err(panic) => ended = Some((id, End::Panicked(words(&*panic)))),
                        }
                    }
                }
            }
        }
        let (id, end) = match ended {
            Some(ended) => ended,
            None => {
                // Every lane lets one run, so with nothing running nothing waits either.
                let Some(joined) = running.join_next().await else { return outcomes };
                let (id, lane, end) = joined.expect("a doing is caught and never aborted");
                lanes.entry(lane).or_default().running -= 1;
                (id, end)
            }
        };
        let (outcome, error) = match end {
            End::Came(outcome) => {
                let error = outcome.error().map(ToString::to_string);
                (outcome, error)
            }
            End::Cut => match plan.nodes[id].interrupt() {
                Interrupt::AtOnce => (Outcome::Skipped, None),
                Interrupt::LetFinish => (Outcome::InDoubt(None), None),
            },
            End::Panicked(text) => {
                (Outcome::InDoubt(perform.panicked(&text)), Some(format!("panicked: {text}")))
            }
        };
        match &outcome {
            Outcome::Done(found) => facts.extend(found.clone()),
            Outcome::Skipped => {}
            Outcome::Failed(_) | Outcome::InDoubt(_) => {
                if vital[id] && on_failure == OnFailure::Halt {
                    halt.cancel();
                }
            }
        }
        tell(Event::Ended { node: id, at: begin.elapsed(), how: outcome.word(), error });
        for (dependent, edge) in &dependents[id] {
            blocked[*dependent] |= *edge == Edge::Needs && !outcome.is_done();
            missing[*dependent] -= 1;
            if missing[*dependent] == 0 {
                free.push_back(*dependent);
            }
        }
        outcomes[id] = outcome;
    }
}

/// Until it comes to its end, panics, or is cut.
async fn attend<A: Act, E>(doing: Doing<A, E>, cut: impl Future<Output = ()> + Send) -> End<A, E> {
    tokio::select! {
        biased;
        came = AssertUnwindSafe(doing).catch_unwind() => match came {
            Ok(outcome) => End::Came(outcome),
            Err(panic) => End::Panicked(words(&*panic)),
        },
        () = cut => End::Cut,
    }
}

/// When a doing is dropped.
fn cut(
    interrupt: Interrupt,
    halt: &CancellationToken,
    kill: &CancellationToken,
) -> impl Future<Output = ()> + Send + 'static {
    let halt = (interrupt == Interrupt::AtOnce).then(|| halt.clone());
    let kill = kill.clone();
    async move {
        match halt {
            Some(halt) => tokio::select! {
                () = halt.cancelled() => {}
                () = kill.cancelled() => {}
            },
            None => kill.cancelled().await,
        }
    }
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no text")
        .to_owned()
}

#[cfg(feature = "tracing")]
fn spanned<A, E>(doing: Doing<A, E>, id: NodeId, action: &A) -> Doing<A, E>
where
    A: Act<Ref: Send> + 'static,
    E: Send + 'static,
{
    use tracing::Instrument as _;
    let how = tracing::field::Empty;
    let span =
        tracing::debug_span!(target: "perry_container", "node", node = id, text = %action, how);
    let ended = span.clone();
    let doing = async move {
        let outcome = doing.await;
        ended.record("how", outcome.word());
        outcome
    };
    Box::pin(doing.instrument(span))
}

#[cfg(not(feature = "tracing"))]
fn spanned<A: Act, E>(doing: Doing<A, E>, _: NodeId, _: &A) -> Doing<A, E> {
    doing
}
