//! Cases by property and form, by flag and by grammar, and those that are written by hand.

mod document;
mod flags;
mod grammar;
mod samples;
mod schema;
mod written;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, ensure};

use super::case::{self, Answer, Case, Content};
use super::{GENERATED, live};
use crate::workspace;

/// So many questions are asked before the answers are stored.
const PART: usize = 200;

/// Makes all cases; those whose question is the same as before keep their answer.
pub(super) fn main() -> Result<()> {
    let path = workspace::path(GENERATED);
    let known: BTreeMap<String, BTreeMap<String, Answer>> = match path.exists() {
        true => case::read(&path)?.into_iter().map(|case| (case.digest, case.expect)).collect(),
        false => BTreeMap::new(),
    };
    let (mut cases, mut new) = (Vec::new(), Vec::new());
    for mut case in questions()? {
        match known.get(&case.digest) {
            Some(answers) => {
                case.expect.clone_from(answers);
                cases.push(case);
            }
            None => new.push(case),
        }
    }
    let count = new.len();
    if count > 0 {
        live::check_version()?;
    }
    // In parts, so that little is lost when one is interrupted.
    while !new.is_empty() {
        let mut part: Vec<Case> = new.drain(..new.len().min(PART)).collect();
        live::ask_all(&mut part.iter_mut().collect::<Vec<_>>())?;
        cases.extend(part);
        cases.sort_by(|a, b| a.id.cmp(&b.id));
        case::write(&path, &cases)?;
        println!("asked {} of {count}", count - new.len());
    }
    case::write(&path, &cases)?;
    let refused = cases.iter().filter(|case| case.is_refused()).count();
    println!("{} cases, {refused} refused, {count} asked anew", cases.len());
    Ok(())
}

/// All cases, with their digests, without answers.
pub(super) fn questions() -> Result<Vec<Case>> {
    let mut cases = schema::cases()?;
    cases.extend(flags::cases());
    cases.extend(grammar::cases()?);
    cases.extend(written::cases()?);
    let mut seen = BTreeSet::new();
    for case in &mut cases {
        ensure!(seen.insert(case.id.clone()), "two cases have the id {}", case.id);
        case.digest = case.input_digest();
    }
    cases.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(cases)
}

pub(super) use self::grammar::values_of;

/// A case that is asked for the whole project as JSON.
fn case(id: impl Into<String>, tags: &[&str], files: &[(&str, &str)]) -> Case {
    Case {
        args: Vec::new(),
        config_args: Vec::new(),
        cwd: ".".to_owned(),
        digest: String::new(),
        env: BTreeMap::new(),
        expect: modes(&["json"]),
        files: files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), Content::Text((*text).to_owned())))
            .collect(),
        id: id.into(),
        stdin: None,
        tags: tags.iter().map(|&tag| tag.to_owned()).collect(),
    }
}

/// Questions without answers.
fn modes(modes: &[&str]) -> BTreeMap<String, Answer> {
    modes.iter().map(|&mode| (mode.to_owned(), Answer::default())).collect()
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stored_cases_are_the_ones_that_would_be_made() {
        let stored = case::read(&workspace::path(GENERATED)).unwrap();
        let stored: Vec<_> = stored.into_iter().map(|case| (case.id, case.digest)).collect();
        let made: Vec<_> =
            questions().unwrap().into_iter().map(|case| (case.id, case.digest)).collect();
        assert!(stored == made, "run `cargo xtask conformance generate`");
    }
}
