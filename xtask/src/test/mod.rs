//! `cargo xtask test`: everything that continuous integration checks, stage by stage.
//!
//! A stage has a time budget, about twice what it takes on two cores with an empty target folder, because machines are
//! shared; the whole has half an hour. A stage that exceeds either fails and its processes are killed. The last line
//! is `N passed, N failed, N skipped`.

pub(crate) mod count;
mod stages;

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::Args;

use self::count::Count;
use self::stages::{STAGES, Stage};
use crate::lab::{self, Starting};
use crate::ui::{bold, dim, green, heading, red, took, yellow};
use crate::{run, ui};

#[derive(Args)]
pub(crate) struct Options {
    /// Property tests with many cases and new seeds, long suites in full
    #[arg(long)]
    long: bool,
    /// Only this stage (may be given several times)
    #[arg(long = "stage", value_name = "NAME")]
    stages: Vec<String>,
    /// Stop the daemons that this run started, at its end
    #[arg(long)]
    stop_lab: bool,
}

/// What a stage is run with.
pub(crate) struct Context {
    long: bool,
    until: Instant,
}

impl Context {
    /// What is left of the stage's budget.
    fn left(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now()).max(Duration::from_millis(1))
    }
}

/// A failure that the summary has told already.
#[derive(Debug)]
pub(crate) struct Shown;

impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("stages failed")
    }
}

impl std::error::Error for Shown {}

struct Report {
    stage: &'static Stage,
    count: Count,
    took: Duration,
    budget: Duration,
    result: Result<()>,
}

pub(crate) fn main(options: &Options) -> Result<()> {
    let start = Instant::now();
    let wanted = choose(&options.stages)?;
    let mut lab = if wanted.iter().any(|stage| stage.lab) { lab::start()? } else { None };
    let before = lab.as_ref().map(Starting::before);
    let mut reports = vec![];
    for stage in wanted {
        let lab = lab.take_if(|_| stage.lab);
        reports.push(one(stage, options.long, lab, start + WHOLE));
        if run::interrupted() {
            break;
        }
    }
    drop(lab);
    if options.stop_lab
        && let Some(before) = before
    {
        heading("Stopping what this run started");
        if let Err(error) = lab::stop(&Starting::started(&before)) {
            ui::error(&error);
        }
    }
    summary(&reports, start.elapsed())
}

fn choose(names: &[String]) -> Result<Vec<&'static Stage>> {
    for name in names {
        if !STAGES.iter().any(|stage| stage.name == name) {
            let known: Vec<&str> = STAGES.iter().map(|stage| stage.name).collect();
            bail!("no stage is called {name}; there are {}", known.join(", "));
        }
    }
    Ok(STAGES
        .iter()
        .filter(|stage| names.is_empty() || names.iter().any(|name| name == stage.name))
        .collect())
}

/// For all stages together.
const WHOLE: Duration = Duration::from_secs(30 * 60);

fn one(stage: &'static Stage, long: bool, lab: Option<Starting>, whole: Instant) -> Report {
    heading(&format!("{} {}", stage.name, dim(stage.about)));
    let budget = if long { stage.budget * 10 } else { stage.budget };
    let start = Instant::now();
    let mut count = Count::default();
    let result = wait_for(lab).and_then(|()| {
        // What remains after waiting for the lab is the stage's own.
        let until = Instant::now() + budget;
        let context = Context { long, until: if long { until } else { until.min(whole) } };
        (stage.run)(&context, &mut count)
    });
    let took = start.elapsed();
    if result.is_err() && count.failed == 0 {
        count += Count::failed();
    }
    match &result {
        Ok(()) => println!("{} {} in {}", green("ok"), stage.name, ui::took(took)),
        Err(error) => println!("{} {} in {}: {error:#}", red("FAILED"), stage.name, ui::took(took)),
    }
    Report { stage, count, took, budget, result }
}

fn wait_for(lab: Option<Starting>) -> Result<()> {
    let Some(lab) = lab else { return Ok(()) };
    let (text, started) = lab.finish()?;
    print!("{text}");
    if !started.is_empty() {
        println!("started: {}", started.join(", "));
    }
    Ok(())
}

fn summary(reports: &[Report], all: Duration) -> Result<()> {
    heading("Summary");
    let head = ["stage", "", "time", "budget", "passed", "failed", "skipped"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    let mut total = Count::default();
    for report in reports {
        let Count { passed, failed, skipped } = report.count;
        rows.push(vec![
            report.stage.name.to_owned(),
            if report.result.is_ok() { "ok" } else { "FAILED" }.to_owned(),
            took(report.took),
            took(report.budget),
            passed.to_string(),
            failed.to_string(),
            skipped.to_string(),
        ]);
        total += report.count;
    }
    print!("{}", ui::table(&rows, &[2, 3, 4, 5, 6]));
    println!("{}", bold(&format!("all in {}", took(all))));
    if total.skipped > 0 {
        println!("{} {} were skipped; each says why above", yellow("note:"), total.skipped);
    }
    let failed: Vec<&str> =
        reports.iter().filter(|r| r.result.is_err()).map(|r| r.stage.name).collect();
    if !failed.is_empty() {
        println!("{} {}", red("failed:"), failed.join(", "));
    }
    // The last line, alone and without colours: it is read by machines.
    println!("{} passed, {} failed, {} skipped", total.passed, total.failed, total.skipped);
    if failed.is_empty() { Ok(()) } else { Err(Shown.into()) }
}
