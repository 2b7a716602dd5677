//! Documents that are written here: one writer, and one check that nobody else has written.

use anyhow::{Result, bail};
use clap::{Args, Subcommand};

use crate::tidy::Findings;
use crate::workspace;

#[derive(Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Write the document
    Write,
    /// Fail when the document is not what `write` would write
    Check,
}

/// `text` is what the document has to be, `findings` what is wrong with it now.
pub(crate) fn main(
    options: &Options,
    document: &str,
    text: impl FnOnce() -> Result<String>,
    findings: impl FnOnce() -> Result<Findings>,
) -> Result<()> {
    match options.what {
        What::Write => {
            std::fs::write(workspace::path(document), text()?)?;
            println!("wrote {document}");
        }
        What::Check => {
            let faults = findings()?.faults;
            for fault in &faults {
                println!("{fault}");
            }
            if !faults.is_empty() {
                bail!("{} faults in {document} or what it is written from", faults.len());
            }
        }
    }
    Ok(())
}

/// Whether the document is this text; `task` writes it.
pub(crate) fn check(document: &str, text: &str, task: &str, findings: &mut Findings) {
    let written = std::fs::read_to_string(workspace::path(document)).unwrap_or_default();
    if written != text {
        findings.fault(format!("{document} is out of date: cargo xtask {task} write"));
    }
}
