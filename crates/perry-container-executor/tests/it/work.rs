//! Actions that take so many milliseconds and come to what was said.

use perry_container_executor::{Brakes, Doing, Limits, OnFailure, Perform, run};
use perry_container_plan::{
    Act, Edge, Event, Facts, Interrupt, Lane, NodeId, Outcome, Plan, Step, Undo,
};
use std::{fmt, time::Duration};
use tokio::time::sleep;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comes {
    Well,
    Badly,
    InDoubt,
    Panics,
    PanicsBinding,
}

#[derive(Debug, Clone)]
pub(crate) struct Work {
    pub(crate) name: String,
    pub(crate) takes: u64,
    pub(crate) comes: Comes,
    pub(crate) lane: Lane,
}

impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Act for Work {
    type Cause = &'static str;
    type Ref = String;

    fn undo(&self) -> Undo<Self> {
        if self.lane == Lane::Wait { Undo::Nothing } else { Undo::By(self.clone()) }
    }

    fn lane(&self) -> Lane {
        self.lane
    }

    fn interrupt(&self) -> Interrupt {
        if self.lane == Lane::Wait { Interrupt::AtOnce } else { Interrupt::LetFinish }
    }
}

pub(crate) struct Worker;

impl Perform<Work> for Worker {
    type Error = String;

    fn perform(&self, action: &Work, facts: &Facts<Work>) -> Doing<Work, String> {
        let (action, known) = (action.clone(), facts.len());
        assert!(action.comes != Comes::PanicsBinding, "no such value");
        Box::pin(async move {
            sleep(Duration::from_millis(action.takes)).await;
            match action.comes {
                Comes::Well => Outcome::Done([(action.name, known.to_string())].into()),
                Comes::Badly => Outcome::Failed(format!("{action} went wrong")),
                Comes::InDoubt => Outcome::InDoubt(Some(format!("no answer about {action}"))),
                Comes::Panics | Comes::PanicsBinding => panic!("{action} is a bug"),
            }
        })
    }

    fn panicked(&self, text: &str) -> Option<String> {
        Some(text.to_owned())
    }
}

/// A plan from lines `name lane takes comes needs... ; follows...`.
pub(crate) fn plan(text: &str) -> Plan<Work> {
    let mut plan = Plan::default();
    let mut names: Vec<String> = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (node, edges) = line.split_once(" after ").unwrap_or((line, ""));
        let words: Vec<&str> = node.split_whitespace().collect();
        let lane = match words[1] {
            "image" => Lane::Image,
            "wait" => Lane::Wait,
            _ => Lane::Container,
        };
        let comes = match words.get(3) {
            Some(&"badly") => Comes::Badly,
            Some(&"doubtful") => Comes::InDoubt,
            Some(&"panics") => Comes::Panics,
            Some(&"panics-binding") => Comes::PanicsBinding,
            _ => Comes::Well,
        };
        let work =
            Work { name: words[0].to_owned(), takes: words[2].parse().unwrap(), comes, lane };
        let after: Vec<(NodeId, Edge)> = edges
            .split_whitespace()
            .map(|name| match name.strip_suffix('?') {
                Some(name) => (name, Edge::Follows),
                None => (name, Edge::Needs),
            })
            .map(|(name, edge)| (names.iter().position(|n| n == name).unwrap(), edge))
            .collect();
        plan.act(1, work, "test", &after);
        names.push(words[0].to_owned());
    }
    plan
}

/// The timeline of a run, one line an event.
pub(crate) async fn timeline(
    plan: &Plan<Work>,
    limits: &Limits,
    brakes: &Brakes,
    on_failure: OnFailure,
) -> (String, Vec<Outcome<Work, String>>) {
    let mut lines = Vec::new();
    let name = |node: NodeId| match &plan.nodes[node].step {
        Step::Act(work) => work.to_string(),
        Step::Barrier => "barrier".to_owned(),
        Step::Commit => "commit".to_owned(),
    };
    let mut tell = |event: Event| {
        lines.push(match event {
            Event::Begun { node, at } => format!("{:>3} {}", at.as_millis(), name(node)),
            Event::Ended { node, at, how, error } => {
                let error = error.map(|error| format!(": {error}")).unwrap_or_default();
                format!("{:>3} {} {how}{error}", at.as_millis(), name(node))
            }
        });
    };
    let outcomes = run(plan, &Worker, limits, brakes, on_failure, &mut tell).await;
    (lines.join("\n") + "\n", outcomes)
}
