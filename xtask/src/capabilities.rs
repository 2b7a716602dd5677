//! `cargo xtask capabilities`: `docs/capabilities.md` is written from the tables of `perry-container-support`.

use std::fmt::Write as _;

use anyhow::Result;
use perry_container_compose::support::{Capabilities, Feature, Group, Level, TABLES};

use crate::tidy::Findings;
use crate::written;

const DOCUMENT: &str = "docs/capabilities.md";

pub(crate) fn main(options: &written::Options) -> Result<()> {
    written::main(options, DOCUMENT, || Ok(document()), || Ok(findings()))
}

/// Whether the document is what the tables say.
pub(crate) fn findings() -> Findings {
    let mut findings = Findings::default();
    written::check(DOCUMENT, &document(), "capabilities", &mut findings);
    findings
}

/// One column: a runtime in a range of versions in which nothing changes.
struct Column {
    title: String,
    can: Capabilities,
}

/// The newest versions of every runtime, and for those with more than one major version that is driven the oldest of each.
fn columns() -> Vec<Column> {
    let mut all = Vec::new();
    for table in TABLES {
        let newest: u32 =
            table.newest.split('.').next().and_then(|major| major.parse().ok()).unwrap_or(0);
        let own = table.base.is_none();
        for (major, minor) in table.steps().into_iter().filter(|_| own) {
            if major < newest {
                let until =
                    table.steps().into_iter().find(|step| *step > (major, minor) && step.0 > 0);
                let Some(until) = until else { continue };
                let title = format!("{} before {}", table.runtime, version(until));
                let can = Capabilities::of(table, &version((major, minor)));
                all.push(Column { title, can });
            }
        }
        let can = Capabilities::of(table, table.newest);
        all.push(Column { title: format!("{} {}", table.runtime, table.newest), can });
    }
    all
}

fn version((major, minor): (u32, u32)) -> String {
    format!("{major}.{minor}")
}

const fn word(level: Level) -> &'static str {
    match level {
        Level::Native => "yes",
        Level::Emulated => "emulated",
        Level::Partial => "partly",
        Level::Unsupported => "no",
    }
}

fn document() -> String {
    let columns = columns();
    let mut text = "# What each runtime can do\n\n\
        Written by `cargo xtask capabilities write` from the tables of `perry-container-support`: change those, not this file.\n\n\
        - **yes**: the runtime does it by itself.\n\
        - **emulated**: it is done in the runtime's place.\n\
        - **partly**: it works with a difference, which is told below.\n\
        - **no**: it is left out with a warning, or refused where `--enforcement strict` is given.\n"
        .to_owned();
    for group in Group::ALL {
        let _ = write!(text, "\n## {}\n\n| feature | what |", group.title());
        for column in &columns {
            let _ = write!(text, " {} |", column.title);
        }
        text.push_str("\n| --- | --- |");
        text.push_str(&" --- |".repeat(columns.len()));
        text.push('\n');
        for &feature in Feature::ALL.iter().filter(|feature| feature.group() == group) {
            let _ = write!(text, "| `{feature}` | {} |", feature.what());
            for column in &columns {
                let _ = write!(text, " {} |", word(column.can.level(feature)));
            }
            text.push('\n');
        }
    }
    text.push_str("\n## What differs, and how it is known\n");
    for column in &columns {
        let _ = write!(text, "\n### {}\n\n", column.title);
        for &feature in Feature::ALL {
            let cell = column.can.cell(feature);
            if cell.level != Level::Native {
                let (level, said, source) = (word(cell.level), cell.text, cell.source);
                let _ = writeln!(text, "- `{feature}` ({level}): {said} ({source})");
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_is_what_the_tables_say() {
        assert_eq!(findings().faults, [""; 0]);
    }

    #[test]
    fn every_runtime_has_a_column_and_each_range_of_versions_its_own() {
        let titles: Vec<_> = columns().into_iter().map(|column| column.title).collect();
        for table in TABLES {
            assert!(titles.contains(&format!("{} {}", table.runtime, table.newest)));
        }
        assert!(titles.contains(&"podman before 5.0".to_owned()), "{titles:?}");
    }
}
