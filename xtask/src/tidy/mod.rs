//! `cargo xtask tidy`: rules of the workspace that no compiler checks.

mod layers;
mod licences;
mod readmes;
mod spdx;
mod texts;

pub(crate) use self::texts::files;

use anyhow::{Result, bail};
use clap::Args;

use crate::test::count::Count;
use crate::ui::{green, red, warn};
use crate::{capabilities, requirements, workspace};

#[derive(Args)]
pub(crate) struct Options;

/// What a check found: faults fail it, remarks are shown.
#[derive(Default)]
pub(crate) struct Findings {
    pub(crate) faults: Vec<String>,
    pub(crate) remarks: Vec<String>,
}

impl Findings {
    pub(crate) fn fault(&mut self, text: impl Into<String>) {
        self.faults.push(text.into());
    }

    pub(crate) fn remark(&mut self, text: impl Into<String>) {
        self.remarks.push(text.into());
    }
}

pub(crate) fn main(_: &Options) -> Result<()> {
    check(&mut Count::default())
}

/// Runs every check; each counts as one.
pub(crate) fn check(count: &mut Count) -> Result<()> {
    let metadata = workspace::metadata()?;
    let packages = layers::Packages::read(&metadata)?;
    let checks: [(&str, Findings); 7] = [
        ("layers: what each crate may reach", layers::check(&packages)),
        ("licences, bans and sources of every dependency", licences::check(&metadata)?),
        ("READMEs open like the crate and have an example", readmes::check(&metadata)?),
        ("texts: no machine path, nothing unfinished", texts::check()?),
        ("top level: licences, workflows, toolchain", texts::top_level()),
        (
            "requirements: every named test exists, the document is written",
            requirements::findings()?,
        ),
        ("capabilities: the document is what the tables say", capabilities::findings()),
    ];
    let mut failed = 0;
    for (name, findings) in checks {
        for remark in &findings.remarks {
            warn(remark);
        }
        if findings.faults.is_empty() {
            println!("{} {name}", green("ok"));
            *count += Count::passed(1);
        } else {
            println!("{} {name}", red("FAILED"));
            for fault in &findings.faults {
                println!("   {fault}");
            }
            *count += Count::failed();
            failed += findings.faults.len();
        }
    }
    if failed > 0 {
        bail!("{failed} faults");
    }
    Ok(())
}
