//! One command on one stack, one harm at one call, and what must hold after it.

use super::{stacks, state};
use crate::world::{Runtime, over};
use perry_container_engine::{EngineError, Report, Session, SessionOptions};
use perry_container_executor::Brakes;
use perry_container_plan::Step;
use perry_container_reconcile::{
    Desired, DownOptions, Half, LifeOptions, Next, UpOptions, half_made, lint,
};
use perry_container_spec::{ContainerInfo, NetworkSpec, Observed, Parts, VolumeSpec};
use perry_container_testkit::Fault;
use std::{collections::BTreeSet, fmt, sync::Arc, time::Duration};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

/// How long a call may go without an answer.
pub(super) const DEADLINE: Duration = Duration::from_secs(20);
/// No command takes longer, whatever happens to it.
const FOREVER: Duration = Duration::from_secs(3600);

#[derive(Clone)]
pub(super) enum Command {
    Up(Arc<Desired>, Box<UpOptions>),
    Down { volumes: bool },
    Restart,
    Stop,
    Start,
}

/// A stack, what is done to it, and what it shall be in the end.
#[derive(Clone)]
pub(super) struct Scenario {
    pub(super) name: String,
    /// The project before; none: nothing is there.
    pub(super) was: Option<Arc<Desired>>,
    /// What `down` and the like are told of, and what the next `up` brings.
    pub(super) wanted: Arc<Desired>,
    pub(super) command: Command,
}

/// What happens at a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Harm {
    /// The runtime refuses.
    Refused,
    /// The runtime never got it.
    CutBefore,
    /// It is done, and the answer is lost.
    CutAfter,
    /// No answer comes, and nothing happens.
    Hangs,
    /// It is done so many milliseconds after its deadline.
    Late(u64),
    /// The process dies as it calls.
    Killed,
    /// The process dies as it calls, and the runtime does what it was told.
    KilledLate,
    /// The first signal.
    Stopped,
    /// Both signals.
    StoppedTwice,
    /// The first signal, and the second so many calls later, while the undo runs.
    StoppedThenKilled(usize),
    /// Refused, and so many calls later again: the undo is hit as well.
    RefusedTwice(usize),
    /// Refused, and an answer is lost so many calls later.
    RefusedThenCut(usize),
}

pub(super) const HARMS: [Harm; 15] = [
    Harm::Refused,
    Harm::CutBefore,
    Harm::CutAfter,
    Harm::Hangs,
    Harm::Late(5),
    Harm::Late(250),
    Harm::Late(60_000),
    Harm::Killed,
    Harm::KilledLate,
    Harm::Stopped,
    Harm::StoppedTwice,
    Harm::StoppedThenKilled(4),
    Harm::RefusedTwice(1),
    Harm::RefusedTwice(4),
    Harm::RefusedThenCut(3),
];

impl Harm {
    /// Whether a failed `up` brings back exactly what was there before: one fault, and an undo that nothing hits.
    fn leaves_all_as_it_was(self) -> bool {
        matches!(
            self,
            Self::Refused | Self::CutBefore | Self::CutAfter | Self::Hangs | Self::Stopped
        )
    }

    fn put(self, runtime: &Runtime, n: usize, brakes: &Brakes, death: &CancellationToken) {
        let fault = match self {
            Self::Refused | Self::RefusedTwice(_) | Self::RefusedThenCut(_) => {
                Some(Fault::refused())
            }
            Self::CutBefore => Some(Fault::CutBefore),
            Self::CutAfter => Some(Fault::CutAfter),
            Self::Hangs => Some(Fault::Hangs),
            Self::Late(ms) => Some(Fault::Late(DEADLINE + Duration::from_millis(ms))),
            Self::KilledLate => Some(Fault::Late(Duration::ZERO)),
            _ => None,
        };
        if let Some(fault) = fault {
            runtime.fail_nth(n, fault);
        }
        let (pulled, dying) = (brakes.clone(), death.clone());
        match self {
            Self::Killed | Self::KilledLate => runtime.at_nth(n, move || dying.cancel()),
            Self::Stopped => runtime.at_nth(n, move || pulled.pull()),
            Self::StoppedTwice => runtime.at_nth(n, move || {
                pulled.pull();
                pulled.pull();
            }),
            Self::StoppedThenKilled(later) => {
                let first = pulled.clone();
                runtime.at_nth(n, move || first.pull());
                runtime.at_nth(n + later, move || pulled.kill.cancel());
            }
            Self::RefusedTwice(later) => runtime.fail_nth(n + later, Fault::refused()),
            Self::RefusedThenCut(later) => runtime.fail_nth(n + later, Fault::CutAfter),
            _ => {}
        }
    }
}

/// How the project is cleared up in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    Up,
    Down,
}

/// What a command comes to without any harm.
pub(super) struct Clean {
    pub(super) calls: usize,
    /// The project after the command, and after the `up` that follows.
    after: [BTreeSet<String>; 2],
}

fn session(runtime: &Runtime) -> Session {
    let options = SessionOptions {
        op_timeout: DEADLINE,
        run: Some("r1".to_owned()),
        ..SessionOptions::default()
    };
    Session::new(Arc::<_>::clone(runtime) as _, options)
}

/// Others have things on the same runtime.
async fn with_others() -> Runtime {
    use perry_container_backend::{ContainerBackend as _, ContainerBackendExt as _};
    use perry_container_spec::{ContainerSpec, ImagePull, Network};
    let runtime = over(stacks::sim());
    let sim = runtime.inner();
    let office = NetworkSpec { name: "office".to_owned(), ..NetworkSpec::default() };
    sim.create_network(&office).await.unwrap();
    sim.create_volume(&VolumeSpec { name: "archive".to_owned(), ..VolumeSpec::default() })
        .await
        .unwrap();
    sim.pull_image(&ImagePull { reference: "wiki:1".to_owned(), platform: None }).await.unwrap();
    let wiki = ContainerSpec {
        name: Some("wiki".to_owned()),
        network: Network::Named("office".to_owned()),
        ..ContainerSpec::new("wiki:1".to_owned())
    };
    let made = sim.create(&wiki).await.unwrap();
    sim.start(&made.id).await.unwrap();
    runtime
}

impl Scenario {
    async fn begin(&self) -> Runtime {
        let runtime = with_others().await;
        if let Some(was) = &self.was {
            up(&runtime, was, &UpOptions::default()).await.unwrap();
            if matches!(self.command, Command::Start) {
                self.command_of(&Command::Stop, &runtime, &Brakes::default()).await.unwrap();
            }
        }
        runtime.clear();
        runtime
    }

    async fn command_of(
        &self,
        command: &Command,
        runtime: &Runtime,
        brakes: &Brakes,
    ) -> Result<Report, EngineError> {
        let (session, wanted, life) =
            (session(runtime), Some(&*self.wanted), LifeOptions::default());
        let tell = &mut |_| ();
        match command {
            Command::Up(desired, options) => session.up(desired, options, brakes, tell).await,
            Command::Down { volumes } => {
                let options =
                    DownOptions { volumes: *volumes, remove_orphans: true, ..Default::default() };
                session.down("m", wanted, &options, brakes, tell).await
            }
            Command::Restart => session.restart("m", wanted, &life, brakes, tell).await,
            Command::Stop => session.stop("m", wanted, &life, brakes, tell).await,
            Command::Start => session.start("m", wanted, &life, brakes, tell).await,
        }
    }

    fn takes_back(&self) -> bool {
        matches!(&self.command, Command::Up(_, options) if !options.no_rollback)
    }

    /// Without harm: how many calls there are, and what comes of it.
    pub(super) async fn clean(&self) -> Clean {
        let runtime = self.begin().await;
        let result = self.command_of(&self.command, &runtime, &Brakes::default()).await;
        assert_eq!(unsound(&result), None, "{}", self.name);
        result.unwrap();
        let calls = runtime.count("");
        sleep(Duration::from_secs(5)).await;
        let after = state::shapes(&state::seen(runtime.inner()).await);
        up(&runtime, &self.wanted, &self.last_options()).await.unwrap();
        sleep(Duration::from_secs(5)).await;
        let last = state::shapes(&state::seen(runtime.inner()).await);
        Clean { calls, after: [after, last] }
    }

    /// Of the `up` that follows.
    fn last_options(&self) -> UpOptions {
        match &self.command {
            Command::Up(_, options) => UpOptions { no_rollback: false, ..(**options).clone() },
            _ => UpOptions::default(),
        }
    }

    /// One case. The error tells what does not hold.
    pub(super) async fn case(
        &self,
        clean: &Clean,
        n: usize,
        harm: Harm,
        then: Then,
    ) -> Result<(), String> {
        let runtime = self.begin().await;
        let sim = runtime.inner();
        let before = state::seen(sim).await;
        let (brakes, death) = (Brakes::default(), CancellationToken::new());
        harm.put(&runtime, n, &brakes, &death);
        let result = tokio::select! {
            biased;
            () = death.cancelled() => None,
            result = timeout(FOREVER, self.command_of(&self.command, &runtime, &brakes)) => Some(result),
        };
        let calls = runtime.text();
        // Whatever is still under way, comes.
        sleep(Duration::from_secs(120)).await;
        let after = state::seen(sim).await;
        let tell = |what: String| {
            let called: String =
                calls.lines().enumerate().map(|(n, line)| format!("  {n} {line}\n")).collect();
            Err(format!(
                "{what}\nbefore:\n{}after:\n{}calls:\n{called}",
                state::lines(&state::whole(&before)),
                state::lines(&state::whole(&after)),
            ))
        };
        let result = match result {
            None => None,
            Some(Err(_)) => return tell("the command does not end".to_owned()),
            Some(Ok(result)) => Some(result),
        };
        runtime.heal();
        if let Some(result) = &result
            && let Some(wrong) = unsound(result)
        {
            return tell(wrong);
        }
        if let Err(what) = self.kept(&before, &after, &calls) {
            return tell(what);
        }
        if let Some(result) = &result
            && let Err(what) = self.told(result, harm, &before, &after)
        {
            return tell(what);
        }
        if let Err(what) = self.explained(&runtime, clean, &before, &after).await {
            return tell(what);
        }
        let cleared = match then {
            Then::Up => self.converges(&runtime, clean, &before).await,
            Then::Down => self.clears(&runtime, &before).await,
        };
        cleared.or_else(|what| {
            let result = result.map(|result| match result {
                Ok(_) => "it went well".to_owned(),
                Err(error) => error.to_string(),
            });
            tell(format!("{what}\nthe command: {}", result.as_deref().unwrap_or("killed")))
        })
    }

    /// Nothing of the user's, and nothing of others, is lost.
    fn kept(&self, before: &Observed, after: &Observed, calls: &str) -> Result<(), String> {
        let others = state::foreign(before);
        if state::foreign(after) != others {
            return Err(format!("something of others changed: {:?}", state::foreign(after)));
        }
        let clears = matches!(self.command, Command::Down { volumes: true });
        for (name, volume) in &before.volumes {
            let own = volume.labels.get("com.docker.compose.project").is_some_and(|of| of == "m");
            if clears && (own || state::is_anonymous(name)) {
                continue;
            }
            if !after.volumes.contains_key(name) {
                return Err(format!("volume {name} is lost"));
            }
            let removed = format!("remove_volume {name}");
            if calls.lines().any(|line| line == removed) {
                return Err(format!("somebody wanted to remove volume {name}"));
            }
        }
        Ok(())
    }

    /// What the command said is so.
    fn told(
        &self,
        result: &Result<Report, EngineError>,
        harm: Harm,
        before: &Observed,
        after: &Observed,
    ) -> Result<(), String> {
        let committed = match result {
            Ok(_) => true,
            Err(EngineError::Failed(failure)) => failure.report.run.committed(),
            // What is undone is told where nothing is taken back: behind the commit point.
            Err(EngineError::Interrupted { undone, .. }) => !undone.is_empty(),
            Err(_) => false,
        };
        let left = match result {
            Err(EngineError::Failed(failure)) => &failure.report.left[..],
            Err(EngineError::Interrupted { left, .. }) => left,
            _ => &[],
        };
        if self.takes_back() && !committed {
            let (was, is) = (state::whole(before), state::whole(after));
            if harm.leaves_all_as_it_was() && was != is {
                return Err(format!("not as it was, and says {left:?}"));
            }
            // Late effects come when nobody listens any more.
            if !matches!(harm, Harm::Late(_)) && left.is_empty() && was != is {
                return Err("not as it was, and nothing is said of it".to_owned());
            }
        }
        // Behind the commit point all is as wanted but for old containers, and each of these is named.
        if self.takes_back() && committed && result.is_err() && !matches!(harm, Harm::Late(_)) {
            let old = |c: &&ContainerInfo| before.containers.contains_key(&c.id);
            let aside = after.containers.values().filter(old).filter(|c| !c.state.is_up());
            for c in aside.filter(|c| c.name.contains('@')) {
                let text = result.as_ref().err().map(ToString::to_string).unwrap_or_default();
                // A long list is cut.
                if !text.contains(&c.name) && !text.contains(" more") {
                    return Err(format!("{} is left, and it says: {text}", c.name));
                }
            }
        }
        if let (Command::Up(desired, options), Err(error)) = (&self.command, result)
            && options.no_rollback
            && !matches!(harm, Harm::Late(_))
        {
            let text = error.to_string();
            let up = |seen: &Observed| -> BTreeSet<String> {
                let up = seen.containers.values().filter(|c| state::is_ours(c) && c.state.is_up());
                up.filter_map(perry_container_reconcile::unit_of)
                    .filter(|unit| desired.units.contains_key(unit))
                    .map(|unit| unit.service)
                    .collect()
            };
            let all = |service: &String| {
                let runs = |seen: &Observed| {
                    (seen.containers.values())
                        .filter(|c| c.state.is_up())
                        .filter_map(perry_container_reconcile::unit_of)
                        .filter(|unit| unit.service == *service && desired.units.contains_key(unit))
                        .count()
                };
                runs(before) <= runs(after)
            };
            for service in up(before) {
                let says = |how| text.contains(&format!("service `{service}` {how} down"));
                if says("is") == all(&service) && !says("may be") {
                    return Err(format!(
                        "{service}: up before and now? {}, but: {text}",
                        all(&service)
                    ));
                }
            }
        }
        Ok(())
    }

    /// Each thing that is there was there before, or belongs there after, or is in the table.
    async fn explained(
        &self,
        runtime: &Runtime,
        clean: &Clean,
        before: &Observed,
        after: &Observed,
    ) -> Result<(), String> {
        let options = self.last_options();
        let planned = session(runtime).plan_up(&self.wanted, &options).await;
        let plan = planned.map_err(|error| format!("no next plan: {error}"))?.0.plan;
        let seen = session(runtime).observe("m", Some(&self.wanted), Parts::ALL).await;
        let half = half_made(Some(&self.wanted), &seen.map_err(|e| e.to_string())?, &plan);
        let known = |object: &str, name: &str| {
            half.iter().any(|half| half.object == object && half.name == name)
        };
        let goal = |line: &String| clean.after.iter().any(|after| after.contains(line));
        let was: BTreeSet<String> = state::whole(before);
        for c in after.containers.values().filter(|c| state::is_ours(c)) {
            let explained = was.contains(&state::exact(c))
                || goal(&state::shape(c))
                || known("container", &c.name);
            if !explained {
                return Err(format!("nothing explains {}", state::exact(c)));
            }
        }
        for line in state::stands(after, false) {
            let mut words = line.split(' ');
            let (object, name) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
            if !(was.contains(&line) || goal(&line) || known(object, name)) {
                return Err(format!("nothing explains {line}"));
            }
        }
        let mounts = after.containers.values().flat_map(|c| &c.mounts);
        let mounted: BTreeSet<&String> = mounts.filter_map(|m| m.name.as_ref()).collect();
        let stray = after.volumes.keys().find(|name| {
            state::is_anonymous(name)
                && !before.volumes.contains_key(*name)
                && !mounted.contains(name)
        });
        if let Some(stray) = stray {
            return Err(format!("nothing explains the anonymous volume {stray}"));
        }
        let idle = |half: &&Half| half.kind.is_trace() && half.next == Next::Kept;
        match half.iter().find(idle) {
            Some(half) => Err(format!("the next up leaves it: {half}\n{plan}")),
            None => Ok(()),
        }
    }

    /// The next `up` makes all well, and there is nothing to do for the one after.
    async fn converges(
        &self,
        runtime: &Runtime,
        clean: &Clean,
        before: &Observed,
    ) -> Result<(), String> {
        let options = self.last_options();
        let next = up(runtime, &self.wanted, &options).await;
        next.map_err(|error| format!("the next up: {error}"))?;
        sleep(Duration::from_secs(5)).await;
        let seen = state::seen(runtime.inner()).await;
        let (mut is, mut goal) = (state::shapes(&seen), clean.after[1].clone());
        if stays_apart(&options, &self.wanted) {
            // Nobody knows in which networks a container belongs whose service is not in the project any more.
            let known = |line: &String| !line.starts_with("container m-job-1 ");
            is.retain(known);
            goal.retain(known);
        }
        if is != goal {
            return Err(format!(
                "the next up does not converge:\n{}but:\n{}",
                state::lines(&goal),
                state::lines(&is)
            ));
        }
        let third = up(runtime, &self.wanted, &options).await;
        let plan = third.map_err(|error| format!("the third up: {error}"))?.run.plan;
        // A service that somebody waits for to complete is run again, as docker compose does.
        let once = |text: String| text.contains("m-mig-1");
        let idle = plan.nodes.iter().all(|node| match &node.step {
            Step::Act(action) => once(action.to_string()),
            _ => true,
        });
        if !idle {
            return Err(format!("the third up has something to do:\n{plan}"));
        }
        if matches!(self.command, Command::Down { .. }) {
            return Ok(()); // anonymous volumes go with the containers, or stay without
        }
        let (was, is) = (state::anonymous(before), state::anonymous(&seen));
        let lost = was.iter().find(|(place, name)| is.get(*place).is_some_and(|now| now != *name));
        match lost {
            Some((place, name)) => Err(format!("{place} was {name}, and is {is:?}")),
            None => Ok(()),
        }
    }

    /// `down` takes all of it, but for the volumes; `down -v` those, too.
    async fn clears(&self, runtime: &Runtime, before: &Observed) -> Result<(), String> {
        for volumes in [false, true] {
            let down = Command::Down { volumes };
            let gone = self.command_of(&down, runtime, &Brakes::default()).await;
            gone.map_err(|error| format!("down: {error}"))?;
            let seen = state::seen(runtime.inner()).await;
            let stays = |line: &String| !volumes && line.starts_with("volume ");
            let left: Vec<String> =
                state::shapes(&seen).into_iter().filter(|line| !stays(line)).collect();
            if !left.is_empty() {
                return Err(format!("down leaves {left:?}"));
            }
            if state::foreign(&seen) != state::foreign(before) {
                return Err("down changed something of others".to_owned());
            }
        }
        Ok(())
    }
}

/// What is wrong with the plans of a command.
fn unsound(result: &Result<Report, EngineError>) -> Option<String> {
    let report = match result {
        Ok(report) => report,
        Err(EngineError::Failed(failure)) => &failure.report,
        Err(_) => return None,
    };
    let runs = [Some(&report.run), report.inquiry.as_ref(), report.undo.as_ref()];
    let plans = runs.into_iter().flatten().map(|run| &run.plan);
    plans.into_iter().find_map(|plan| {
        let wrong = lint(plan);
        (!wrong.is_empty()).then(|| format!("{}\n{plan}", wrong.join("\n")))
    })
}

/// Whether an orphan stays.
fn stays_apart(options: &UpOptions, wanted: &Desired) -> bool {
    !options.remove_orphans && !wanted.known.contains("job") && wanted.known.contains("api")
}

async fn up(
    runtime: &Runtime,
    desired: &Desired,
    options: &UpOptions,
) -> Result<Report, EngineError> {
    session(runtime).up(desired, options, &Brakes::default(), &mut |_| ()).await
}

impl fmt::Display for Then {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Up => "then up",
            Self::Down => "then down",
        })
    }
}
