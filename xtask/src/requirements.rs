//! `cargo xtask requirements`: `docs/requirements.md` is written from `docs/requirements.toml`, and every test that
//! a row names exists.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::tidy::Findings;
use crate::{tidy, workspace, written};

const SOURCE: &str = "docs/requirements.toml";
const DOCUMENT: &str = "docs/requirements.md";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Book {
    requirement: Vec<Requirement>,
    property: Vec<Row>,
    task: Vec<Task>,
    fixture: Vec<Fixture>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Requirement {
    number: u32,
    title: String,
    criteria: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    text: String,
    #[serde(default)]
    state: State,
    /// Names of test functions.
    #[serde(default)]
    tests: Vec<String>,
    /// The step of the plan that closes the row.
    step: Option<u32>,
    /// Why it is done otherwise than the criterion says.
    departs: Option<String>,
}

/// A test that a task of the reference's plan names.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Task {
    task: String,
    test: String,
    step: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fixture {
    task: String,
    path: String,
}

#[derive(Clone, Copy, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum State {
    Done,
    Partial,
    #[default]
    Open,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Partial => "partial",
            Self::Open => "open",
        }
    }
}

pub(crate) fn main(options: &written::Options) -> Result<()> {
    let text = || Ok(document(&read()?, &test_functions()?));
    written::main(options, DOCUMENT, text, findings)
}

fn read() -> Result<Book> {
    toml::from_str(&std::fs::read_to_string(workspace::path(SOURCE))?).context(SOURCE)
}

/// What is wrong with the rows, and whether the document is what they say.
pub(crate) fn findings() -> Result<Findings> {
    let mut findings = Findings::default();
    let (book, tests) = (read()?, test_functions()?);
    for requirement in &book.requirement {
        for (row, number) in requirement.criteria.iter().zip(1..) {
            row.check(
                &format!("requirement {}.{number}", requirement.number),
                &tests,
                &mut findings,
            );
        }
    }
    for (row, number) in book.property.iter().zip(1..) {
        row.check(&format!("property {number}"), &tests, &mut findings);
    }
    for fixture in &book.fixture {
        if !workspace::path(&fixture.path).is_file() {
            findings.fault(format!("task {}: {} is missing", fixture.task, fixture.path));
        }
    }
    unmarked_properties(&mut findings)?;
    if findings.faults.is_empty() {
        written::check(DOCUMENT, &document(&book, &tests), "requirements", &mut findings);
    }
    Ok(findings)
}

impl Row {
    fn check(&self, at: &str, tests: &BTreeSet<String>, findings: &mut Findings) {
        for test in self.tests.iter().filter(|test| !tests.contains(*test)) {
            findings.fault(format!("{at}: there is no test {test}"));
        }
        if self.state == State::Open && self.step.is_none() {
            findings.fault(format!("{at}: is open and names no step"));
        }
        if self.state != State::Open && self.tests.is_empty() && self.departs.is_none() {
            findings.fault(format!(
                "{at}: is {} and names neither a test nor a departure",
                self.state.name()
            ));
        }
        if self.state == State::Partial && self.step.is_none() {
            findings.fault(format!("{at}: is partial and names no step that does the rest"));
        }
    }

    fn line(&self, number: &str) -> String {
        let mut where_ =
            self.tests.iter().map(|test| format!("`{test}`")).collect::<Vec<_>>().join(", ");
        if let Some(departs) = &self.departs {
            let gap = if where_.is_empty() { "" } else { "; " };
            let _ = write!(where_, "{gap}departs: {departs}");
        }
        let step = self.step.map_or_else(String::new, |step| step.to_string());
        format!("| {number} | {} | {} | {where_} | {step} |\n", self.text, self.state.name())
    }
}

const HEAD: &str = "| # | what must hold | state | tests, or why it departs | step |\n| --- | --- | --- | --- | --- |\n";

fn document(book: &Book, tests: &BTreeSet<String>) -> String {
    let rows = || book.requirement.iter().flat_map(|one| &one.criteria).chain(&book.property);
    let count = |state| rows().filter(|row| row.state == state).count();
    let mut text = format!(
        "# Requirements\n\n\
         Written by `cargo xtask requirements write` from `{SOURCE}`: change that file, not this one. A test that a row\n\
         names exists (`cargo xtask tidy` checks it). `step` is the step of the plan that closes, or closed, the row.\n\n\
         {} rows: {} done, {} partial, {} open.\n",
        rows().count(),
        count(State::Done),
        count(State::Partial),
        count(State::Open),
    );
    for requirement in &book.requirement {
        let _ = write!(
            text,
            "\n## Requirement {}: {}\n\n{HEAD}",
            requirement.number, requirement.title
        );
        for (row, number) in requirement.criteria.iter().zip(1..) {
            text.push_str(&row.line(&format!("{}.{number}", requirement.number)));
        }
    }
    let _ = write!(text, "\n## Properties\n\n{HEAD}");
    for (row, number) in book.property.iter().zip(1..) {
        text.push_str(&row.line(&format!("{number}")));
    }
    text.push_str("\n## Tests and fixtures that the plan names\n\n| task | name | state | step |\n| --- | --- | --- | --- |\n");
    for Task { task, test, step } in &book.task {
        let state = if tests.contains(test) { "done" } else { "open" };
        let _ = writeln!(text, "| {task} | `{test}` | {state} | {step} |");
    }
    for Fixture { task, path } in &book.fixture {
        let _ = writeln!(text, "| {task} | `{path}` | done | 1 |");
    }
    text
}

/// A test called `property_NN_...` stands under the comment `// Feature: perry-container, Property N: ...`.
fn unmarked_properties(findings: &mut Findings) -> Result<()> {
    for file in
        tidy::files()?.iter().filter(|file| file.starts_with("crates/") && file.ends_with(".rs"))
    {
        let text = std::fs::read_to_string(workspace::path(file))?;
        for name in functions(&text, true) {
            let Some(rest) = name.strip_prefix("property_") else { continue };
            let digits = rest.split('_').next().unwrap_or_default();
            let number = digits.trim_start_matches('0');
            if digits.len() != 2 || number.is_empty() {
                findings.fault(format!("{file}: {name} is not called property_NN_..."));
            } else if !text.contains(&format!("// Feature: perry-container, Property {number}: ")) {
                findings.fault(format!("{file}: {name} lacks the comment `// Feature: perry-container, Property {number}: ...`"));
            }
        }
    }
    Ok(())
}

/// Names of the functions in test code: under `tests/`, in modules behind `#[cfg(test)]`, and in the files of such modules.
fn test_functions() -> Result<BTreeSet<String>> {
    let mut texts = BTreeMap::new();
    for file in tidy::files()?.into_iter().filter(|file| file.ends_with(".rs")) {
        let text = std::fs::read_to_string(workspace::path(&file))?;
        texts.insert(file, text);
    }
    let modules: Vec<String> =
        texts.iter().flat_map(|(file, text)| test_modules(file, text)).collect();
    let is_test = |file: &str| {
        let module = |module: &String| {
            let rest = file.strip_prefix(module.as_str());
            rest.is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
        };
        file.contains("/tests/") || modules.iter().any(module)
    };
    Ok(texts.iter().flat_map(|(file, text)| functions(text, is_test(file))).collect())
}

/// The item that each `#[cfg(test)]` is about: the first line below that is no attribute.
fn behind_cfg_test(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = || text.lines().map(str::trim).enumerate();
    let marks = lines().filter(|(_, line)| line.starts_with("#[cfg(test)]"));
    marks.filter_map(move |(mark, _)| {
        lines().skip(mark + 1).find(|(_, line)| !line.starts_with("#[") && !line.is_empty())
    })
}

/// Where the files of the modules lie that a file declares for tests only, without `.rs` or `/mod.rs`.
fn test_modules(file: &str, text: &str) -> Vec<String> {
    let own = file.strip_suffix(".rs").unwrap_or(file);
    let directory = match own.rsplit_once('/') {
        Some((parent, "mod" | "lib" | "main")) => parent,
        _ => own,
    };
    let declared = behind_cfg_test(text).filter_map(|(_, line)| {
        let (_, name) = line.strip_suffix(';')?.split_once("mod ")?;
        Some(format!("{directory}/{name}"))
    });
    declared.collect()
}

/// Names of the functions of a file, or of what stands in it from a `#[cfg(test)] mod` on.
fn functions(text: &str, test: bool) -> Vec<String> {
    let inline =
        behind_cfg_test(text).find(|(_, line)| line.contains("mod ") && line.ends_with('{'));
    let from = if test { Some(0) } else { inline.map(|(number, _)| number) };
    let mut names = vec![];
    for line in text.lines().skip(from.unwrap_or(usize::MAX)) {
        let code = line.split("//").next().unwrap_or_default();
        if let Some((_, rest)) = code.split_once("fn ") {
            let name: String =
                rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if !name.is_empty() {
                names.push(name);
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_test_code_counts() {
        let text = "fn lib() {}\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn it_holds() {}\n    // fn not_this()\n}\n";
        assert_eq!(functions(text, false), ["it_holds"]);
        assert_eq!(functions("async fn a_lane(x: u8) {}", true), ["a_lane"]);
        let text = "#[cfg(test)]\nmod paths;\n#[cfg(test)]\nfn helper() {}\nfn main() {}\n";
        assert_eq!(functions(text, false), [""; 0]);
    }

    #[test]
    fn the_files_of_test_modules_are_found() {
        let text = "mod a;\n#[cfg(test)]\nmod b;\n#[cfg(test)]\n#[path = \"x\"]\npub(crate) mod c;\n#[cfg(test)]\nmod d {}\n";
        assert_eq!(test_modules("x/src/one/mod.rs", text), ["x/src/one/b", "x/src/one/c"]);
        assert_eq!(test_modules("x/src/one.rs", "#[cfg(test)]\nmod tests;\n"), ["x/src/one/tests"]);
        let here = "every_schema_path_is_held_exercised_and_survives";
        assert!(test_functions().unwrap().contains(here), "{here}");
    }

    #[test]
    fn every_criterion_of_the_reference_has_its_row() {
        let book = read().unwrap();
        let criteria: Vec<(u32, usize)> =
            book.requirement.iter().map(|r| (r.number, r.criteria.len())).collect();
        let wanted = [10, 8, 4, 5, 5, 13, 14, 11, 8, 14, 8, 6, 5, 5, 7, 12, 6, 6, 8, 13];
        assert_eq!(criteria, (1..).zip(wanted).collect::<Vec<(u32, usize)>>());
        assert_eq!(book.property.len(), 21);
    }
}
