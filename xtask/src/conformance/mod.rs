//! `cargo xtask conformance`: what a compose file means here, compared with docker compose's recorded answers.

mod case;
mod compare;
mod differences;
mod generate;
mod live;
mod ours;
#[cfg(test)]
mod paths;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, bail, ensure};
use clap::{Args, Subcommand};

use self::case::Case;
use self::compare::Verdict;
use self::differences::Differences;
use crate::{ui, workspace};

/// Given with the project.
const GIVEN: &str = "fixtures/compose/cases.jsonl.gz";
/// Projects of several files.
const SCENARIOS: &str = "fixtures/compose/scenarios.jsonl";
/// Made by `generate`.
const GENERATED: &str = "fixtures/compose/generated.jsonl.gz";

#[derive(Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    what: Option<What>,
    /// Ask docker compose again and compare with that; answers that changed are stored
    #[arg(long)]
    live: bool,
    /// Only this case (a `*` at the end stands for anything); shows how it differs even when it is listed
    #[arg(long, value_name = "ID")]
    case: Vec<String>,
    /// Only cases of this rule
    #[arg(long, value_name = "RULE")]
    rule: Vec<String>,
    /// Only one in so many cases, the same ones every time
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    one_in: Option<u64>,
}

#[derive(Subcommand)]
enum What {
    /// Make the generated and the written cases, and ask docker compose those that it was not asked before
    Generate,
}

impl Options {
    fn wanted(&self, case: &Case) -> bool {
        let fits = |pattern: &String| match pattern.strip_suffix('*') {
            Some(start) => case.id.starts_with(start),
            None => case.id == *pattern,
        };
        (self.case.is_empty() || self.case.iter().any(fits))
            && (self.rule.is_empty() || self.rule.iter().any(|rule| case.tags.contains(rule)))
            && self.one_in.is_none_or(|n| case.number().is_multiple_of(n))
    }
}

pub(crate) fn main(options: &Options) -> Result<()> {
    if matches!(options.what, Some(What::Generate)) {
        return generate::main();
    }
    if options.live {
        refresh(options)?;
    }
    let cases: Vec<Case> = all()?.into_iter().filter(|case| options.wanted(case)).collect();
    ensure!(!cases.is_empty(), "no such case");
    let whole = options.case.is_empty() && options.rule.is_empty() && options.one_in.is_none();
    let report = Report::of(&cases, &Differences::read()?, whole)?;
    if !options.case.is_empty() {
        for (id, text) in &report.listed {
            println!("{} {id} (listed)\n{}", ui::yellow("differs"), text.trim_end());
        }
    }
    print!("{}", report.text());
    report.verdict()
}

fn files() -> [PathBuf; 3] {
    [GIVEN, SCENARIOS, GENERATED].map(workspace::path)
}

/// Every case there is.
fn all() -> Result<Vec<Case>> {
    let mut all = Vec::new();
    for file in files() {
        all.extend(case::read(&file)?);
    }
    Ok(all)
}

/// Asks docker compose again; what changed is stored.
fn refresh(options: &Options) -> Result<()> {
    live::check_version()?;
    for file in files() {
        let mut cases = case::read(&file)?;
        let before: BTreeMap<String, _> =
            cases.iter().map(|case| (case.id.clone(), case.expect.clone())).collect();
        let mut wanted: Vec<&mut Case> =
            cases.iter_mut().filter(|case| options.wanted(case)).collect();
        println!("asking docker compose about {} cases of {}", wanted.len(), file.display());
        live::ask_all(&mut wanted)?;
        let mut changed = 0;
        for case in &mut cases {
            let Some(old) = before.get(&case.id) else { continue };
            for (mode, answer) in &mut case.expect {
                match old.get(mode) {
                    Some(old) if old.same(answer) => {
                        answer.clone_from(old);
                    }
                    _ => {
                        changed += 1;
                        println!("{} {mode}: docker compose answers otherwise now", case.id);
                    }
                }
            }
        }
        if changed > 0 {
            case::write(&file, &cases)?;
        }
    }
    Ok(())
}

/// The values of a rule of `fixtures/compose/grammar.txt`.
pub(crate) fn values_of(rule: &str) -> Result<Vec<String>> {
    generate::values_of(rule)
}

#[derive(Default, Clone, Copy)]
struct Tally {
    agree: usize,
    crash: usize,
    listed: usize,
    differ: usize,
    refused: usize,
}

#[derive(Default)]
struct Report {
    rules: BTreeMap<String, Tally>,
    reasons: BTreeMap<String, usize>,
    listed: Vec<(String, String)>,
    faults: Vec<String>,
    took: Duration,
}

impl Report {
    /// `whole`: every case is among them, so that an entry of the document that no case needs is a fault.
    fn of(cases: &[Case], differences: &Differences, whole: bool) -> Result<Self> {
        let start = std::time::Instant::now();
        let mut report = Self::default();
        let (mut used, mut ids) = (BTreeSet::new(), BTreeSet::new());
        for case in cases {
            if !ids.insert(&case.id) {
                report.faults.push(format!("{}: two cases have this id", case.id));
            }
            let tally = report.rules.entry(case.rule().to_owned()).or_default();
            tally.refused += usize::from(case.is_refused());
            match (compare::verdict(case)?, differences.entry(&case.id)) {
                (Verdict::Differ(text), Some((entry, reason))) => {
                    tally.listed += 1;
                    *report.reasons.entry(reason.to_owned()).or_default() += 1;
                    report.listed.push((case.id.clone(), text));
                    used.insert(entry);
                }
                (Verdict::Differ(text), None) => {
                    tally.differ += 1;
                    report.faults.push(format!("{}\n{}", case.id, text.trim_end()));
                }
                (Verdict::Crash, _) => tally.crash += 1,
                (Verdict::Agree, entry) => {
                    tally.agree += 1;
                    if let Some((entry, _)) = entry
                        && !entry.ends_with('*')
                    {
                        let document = differences::DOCUMENT;
                        report
                            .faults
                            .push(format!("{}: agrees; take it out of {document}", case.id));
                        used.insert(entry);
                    }
                }
            }
        }
        for entry in differences.entries().filter(|entry| whole && !used.contains(entry)) {
            report.faults.push(format!("{}: no case `{entry}` differs", differences::DOCUMENT));
        }
        report.took = start.elapsed();
        Ok(report)
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for fault in &self.faults {
            let _ = writeln!(text, "{} {fault}", ui::red("differs"));
        }
        let head = ["rule", "agree", "listed", "crash", "differ", "refused"];
        let mut rows = vec![head.map(str::to_owned).to_vec()];
        let mut sum = Tally::default();
        let row = |name: &str, tally: &Tally| {
            let Tally { agree, listed, crash, differ, refused } = tally;
            let mut row = vec![name.to_owned()];
            row.extend([agree, listed, crash, differ, refused].map(ToString::to_string));
            row
        };
        for (rule, tally) in &self.rules {
            rows.push(row(rule, tally));
            sum.agree += tally.agree;
            sum.listed += tally.listed;
            sum.crash += tally.crash;
            sum.differ += tally.differ;
            sum.refused += tally.refused;
        }
        rows.push(row("all", &sum));
        text.push_str(&ui::table(&rows, &[1, 2, 3, 4, 5]));
        for (reason, count) in &self.reasons {
            let _ = writeln!(text, "{count:>5} differ: {reason}");
        }
        text.push_str(&ui::dim(&format!("compared in {}\n", ui::took(self.took))));
        text
    }

    fn verdict(&self) -> Result<()> {
        if !self.faults.is_empty() {
            bail!(
                "{} differences that are not listed in {}",
                self.faults.len(),
                differences::DOCUMENT
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_is_answered_as_by_docker_compose_or_listed() {
        let cases = all().unwrap();
        let report = Report::of(&cases, &Differences::read().unwrap(), true).unwrap();
        assert!(report.faults.is_empty(), "{}", report.text());
    }

    #[test]
    fn at_least_a_third_is_refused() {
        let cases = all().unwrap();
        let refused = cases.iter().filter(|case| case.is_refused()).count();
        assert!(refused * 3 >= cases.len(), "{refused} of {} cases are refused", cases.len());
    }
}
