//! What is started again, when, and what is not.

use perry_container_reconcile::{Memory, Policies, Sight, tend};
use perry_container_spec::{ContainerInfo, Id, RestartPolicy, State};
use perry_container_support::Level;
use proptest::prelude::*;
use snapbox::{assert_data_eq, str};
use std::{collections::BTreeMap, fmt::Write as _, time::Duration};

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// One container in a world that does as it is told: it runs for so long and ends so, again and again.
struct World {
    info: ContainerInfo,
    /// How long each run takes and how it ends; the last forever.
    runs: Vec<(Duration, i32)>,
    starts: usize,
    ends: Option<Duration>,
    asked: BTreeMap<Id, String>,
    /// So many starts fail.
    broken: usize,
}

impl World {
    fn new(runs: &[(Duration, i32)]) -> Self {
        let mut world = Self {
            info: ContainerInfo::new("id", "p-web-1", "web:1"),
            runs: runs.to_vec(),
            starts: 0,
            ends: None,
            asked: BTreeMap::new(),
            broken: 0,
        };
        world.start(Duration::ZERO);
        world
    }

    fn start(&mut self, now: Duration) {
        if self.broken > 0 {
            self.broken -= 1;
            return;
        }
        let run = self.starts.min(self.runs.len() - 1);
        self.starts += 1;
        (self.info.state, self.info.exit_code) = (State::Running, None);
        self.info.started = format!("2026-01-01T00:00:{:02}.{:09}Z", self.starts, now.as_micros());
        self.ends = Some(now + self.runs[run].0);
    }

    fn end(&mut self) {
        let run = (self.starts - 1).min(self.runs.len() - 1);
        (self.info.state, self.info.exit_code) = (State::Exited, Some(self.runs[run].1));
        self.ends = None;
    }
}

fn policies(level: Level, policy: RestartPolicy) -> Policies {
    Policies { level, of: [("id".to_owned(), policy)].into(), since: None }
}

/// What happens until then: one line for each end, plan and note.
fn timeline(world: &mut World, wanted: &Policies, until: Duration) -> String {
    let (mut now, mut text, mut memory) = (Duration::ZERO, String::new(), Memory::default());
    loop {
        let containers = [("id".to_owned(), world.info.clone())].into();
        let sight = Sight { containers: &containers, asked: &world.asked };
        let tended = tend(wanted, &sight, &memory, now);
        for line in tended.plan.to_string().lines() {
            writeln!(text, "{:>7} ms {line}", now.as_millis()).unwrap();
        }
        for note in &tended.notes {
            writeln!(text, "{:>7} ms {note}", now.as_millis()).unwrap();
        }
        memory = tended.memory;
        if !tended.plan.is_empty() {
            world.start(now);
            continue;
        }
        match [tended.next, world.ends].into_iter().flatten().min() {
            Some(next) if next <= until => now = next,
            _ => return text,
        }
        if world.ends.is_some_and(|end| end <= now) {
            world.end();
            let code = world.info.exit_code.unwrap();
            writeln!(text, "{:>7} ms ended ({code})", now.as_millis()).unwrap();
        }
    }
}

#[test]
fn pauses_double_up_to_a_minute() {
    let mut world = World::new(&[(ms(0), 1)]);
    let wanted = policies(Level::Emulated, RestartPolicy::Always);
    let text = timeline(&mut world, &wanted, ms(230_000));
    let starts: String =
        text.lines().filter(|line| line.contains("start")).fold(String::new(), |mut all, line| {
            writeln!(all, "{line}").unwrap();
            all
        });
    assert_data_eq!(
        starts,
        str![[r#"
    100 ms #0 start p-web-1 (ended; restart: always)
    300 ms #0 start p-web-1 (ended; restart: always)
    700 ms #0 start p-web-1 (ended; restart: always)
   1500 ms #0 start p-web-1 (ended; restart: always)
   3100 ms #0 start p-web-1 (ended; restart: always)
   6300 ms #0 start p-web-1 (ended; restart: always)
  12700 ms #0 start p-web-1 (ended; restart: always)
  25500 ms #0 start p-web-1 (ended; restart: always)
  51100 ms #0 start p-web-1 (ended; restart: always)
 102300 ms #0 start p-web-1 (ended; restart: always)
 162300 ms #0 start p-web-1 (ended; restart: always)
 222300 ms #0 start p-web-1 (ended; restart: always)

"#]]
    );
}

#[test]
fn ten_seconds_of_running_begin_with_the_first_pause_again() {
    let mut world = World::new(&[(ms(50), 0), (ms(50), 0), (ms(10_000), 0), (ms(9_999), 0)]);
    let wanted = policies(Level::Emulated, RestartPolicy::UnlessStopped);
    assert_data_eq!(
        timeline(&mut world, &wanted, ms(30_800)),
        str![[r#"
     50 ms ended (0)
    150 ms #0 start p-web-1 (ended; restart: unless-stopped)
    200 ms ended (0)
    400 ms #0 start p-web-1 (ended; restart: unless-stopped)
  10400 ms ended (0)
  10500 ms #0 start p-web-1 (ended; restart: unless-stopped)
  20499 ms ended (0)
  20699 ms #0 start p-web-1 (ended; restart: unless-stopped)
  30698 ms ended (0)

"#]]
    );
}

#[test]
fn on_failure_ends_with_its_number_or_with_success() {
    let wanted = policies(Level::Emulated, RestartPolicy::OnFailure(Some(2)));
    let mut world = World::new(&[(ms(1000), 3)]);
    assert_data_eq!(
        timeline(&mut world, &wanted, ms(60_000)),
        str![[r#"
   1000 ms ended (3)
   1100 ms #0 start p-web-1 (ended; restart: on-failure:2)
   2100 ms ended (3)
   2300 ms #0 start p-web-1 (ended; restart: on-failure:2)
   3300 ms ended (3)
   3300 ms p-web-1 failed again after 2 restarts and is left

"#]]
    );
    let mut world = World::new(&[(ms(1000), 3), (ms(1000), 0)]);
    assert_data_eq!(
        timeline(&mut world, &wanted, ms(60_000)),
        str![[r#"
   1000 ms ended (3)
   1100 ms #0 start p-web-1 (ended; restart: on-failure:2)
   2100 ms ended (0)

"#]]
    );
}

#[test]
fn what_a_person_stopped_stays_so_until_it_is_started() {
    let wanted = policies(Level::Emulated, RestartPolicy::Always);
    let mut world = World::new(&[(ms(1000), 137)]);
    world.asked.insert("id".to_owned(), world.info.started.clone());
    assert_data_eq!(
        timeline(&mut world, &wanted, ms(60_000)),
        str![[r#"
   1000 ms ended (137)

"#]]
    );
    // The same word about an earlier start does not count.
    world.start(ms(0));
    assert_data_eq!(
        timeline(&mut world, &wanted, ms(1_200)),
        str![[r#"
   1000 ms ended (137)
   1100 ms #0 start p-web-1 (ended; restart: always)

"#]]
    );
}

#[test]
fn a_start_that_fails_is_tried_again() {
    let wanted = policies(Level::Emulated, RestartPolicy::Always);
    let mut world = World::new(&[(ms(1000), 1), (ms(90_000), 0)]);
    world.broken = 2;
    assert_data_eq!(
        timeline(&mut world, &wanted, ms(60_000)),
        str![[r#"
   1000 ms ended (1)
   1100 ms #0 start p-web-1 (ended; restart: always)
   1300 ms #0 start p-web-1 (ended; restart: always)
   1700 ms #0 start p-web-1 (ended; restart: always)

"#]]
    );
}

#[test]
fn what_ended_before_anybody_watched_is_left() {
    let mut wanted = policies(Level::Emulated, RestartPolicy::Always);
    let ended = || {
        let mut world = World::new(&[(ms(0), 1), (ms(90_000), 0)]);
        world.end();
        world
    };
    assert_eq!(timeline(&mut ended(), &wanted, ms(60_000)), "");
    wanted.since = Some("2026-01-01T00:00:02Z".to_owned());
    assert_eq!(timeline(&mut ended(), &wanted, ms(60_000)), "");
    wanted.since = Some("2026-01-01T00:00:01.9Z".to_owned());
    assert_data_eq!(
        timeline(&mut ended(), &wanted, ms(60_000)),
        str![[r#"
    100 ms #0 start p-web-1 (ended; restart: always)

"#]]
    );
}

/// podman restarts what ends, and counts by itself.
#[test]
fn where_the_runtime_does_it_nothing_is_planned() {
    for level in [Level::Native, Level::Partial, Level::Unsupported] {
        let mut world = World::new(&[(ms(5_000), 1)]);
        let text = timeline(&mut world, &policies(level, RestartPolicy::Always), ms(60_000));
        assert_eq!(text, "   5000 ms ended (1)\n", "{level:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// However it ends, and however often: never beyond the limit, pauses never shorter until it has lasted, and no
    /// plan while it runs.
    #[test]
    fn restarts_keep_to_their_policy(
        runs in proptest::collection::vec((0_u64..15_000, 0_i32..3), 1..8),
        most in proptest::option::of(1_u32..5),
        broken in 0_usize..3,
    ) {
        let runs: Vec<_> = runs.into_iter().map(|(run, code)| (ms(run), code)).collect();
        let mut world = World::new(&runs);
        world.broken = broken;
        let wanted = policies(Level::Emulated, RestartPolicy::OnFailure(most));
        let text = timeline(&mut world, &wanted, ms(200_000));
        let starts = text.lines().filter(|line| line.contains("#0 start")).count();
        if let Some(most) = most {
            prop_assert!(starts <= most as usize, "{text}");
        }
        let at = |line: &str| line.trim().split(' ').next().unwrap().parse::<u64>().unwrap();
        let (mut last, mut pause, mut begun) = (0, 0, 0);
        for line in text.lines() {
            if line.contains("ended (0)") {
                prop_assert_eq!(Some(line), text.lines().last());
            }
            if line.contains(" ended (") {
                prop_assert!(begun <= at(line));
                if at(line) - begun >= 10_000 {
                    pause = 0;
                }
            } else if line.contains("#0 start") {
                let this = at(line) - last;
                prop_assert!((pause.clamp(100, 60_000)..=60_000).contains(&this), "{text}");
                (pause, begun) = (this, at(line));
            }
            last = at(line);
        }
    }

    #[test]
    fn while_all_runs_nothing_is_planned(
        level in prop_oneof![Just(Level::Native), Just(Level::Partial), Just(Level::Emulated)],
        state in prop_oneof![Just(State::Running), Just(State::Paused), Just(State::Created)],
        now in 0_u64..1_000_000,
    ) {
        let mut world = World::new(&[(ms(1), 0)]);
        world.info.state = state;
        let containers = [("id".to_owned(), world.info.clone())].into();
        let sight = Sight { containers: &containers, asked: &world.asked };
        let wanted = policies(level, RestartPolicy::Always);
        let first = tend(&wanted, &sight, &Memory::default(), ms(now));
        let second = tend(&wanted, &sight, &first.memory, ms(now + 1));
        prop_assert!(first.plan.is_empty() && second.plan.is_empty());
        prop_assert_eq!((first.next, second.next), (None, None));
    }
}
