//! Every signature found, and why it does or does not count.

use crate::images::Wanted;
use perry_container_compose::{
    Verification,
    verify::{About, Explanation, Finding, VerifyError},
};
use serde_json::{Value, json};
use std::fmt::{self, Write as _};

/// What was found of each image.
pub(crate) struct Told(Vec<(Wanted, Result<Explanation, VerifyError>)>);

pub(crate) async fn explain(verification: &Verification, wanted: &[Wanted]) -> Told {
    let mut all = Vec::new();
    for one in wanted {
        let told = verification.verifier.explain(&one.image, &verification.policy).await;
        all.push((one.clone(), told));
    }
    Told(all)
}

impl Told {
    /// 3 when something could not be read.
    pub(crate) fn code(&self) -> u8 {
        let whole = |told: &Result<Explanation, VerifyError>| {
            told.as_ref().is_ok_and(|told| told.fault.is_none())
        };
        if self.0.iter().all(|(_, told)| whole(told)) { 0 } else { 3 }
    }

    pub(crate) fn json(&self) -> String {
        let one = |(wanted, told): &(Wanted, Result<Explanation, VerifyError>)| match told {
            Ok(told) => json!(told),
            Err(error) => json!({"image": wanted.image.to_string(), "fault": error.to_string()}),
        };
        let images: Vec<Value> = self.0.iter().map(one).collect();
        serde_json::to_string_pretty(&json!({"images": images})).unwrap_or_default() + "\n"
    }

    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        for (wanted, told) in &self.0 {
            let written = match told {
                Ok(told) => write_one(&mut text, told),
                Err(error) => writeln!(text, "{}\n  {error}", wanted.image),
            };
            written.ok();
        }
        text
    }
}

fn write_one(text: &mut String, told: &Explanation) -> fmt::Result {
    writeln!(text, "{}\n  is {}", told.image, told.digest)?;
    match &told.rule {
        Some(rule) => writeln!(text, "  {rule}")?,
        None => writeln!(text, "  no rule of the policy is for it")?,
    }
    for finding in &told.findings {
        write_finding(text, finding)?;
    }
    if told.findings.is_empty() && told.fault.is_none() {
        writeln!(text, "  has no signature")?;
    }
    for more in &told.more {
        writeln!(text, "  there is more than is looked at in {more}")?;
    }
    match &told.fault {
        Some(fault) => writeln!(text, "  {fault}"),
        None => Ok(()),
    }
}

fn write_finding(text: &mut String, finding: &Finding) -> fmt::Result {
    let layout = finding.about.as_ref().map(|about| format!(" ({})", about.layout));
    writeln!(text, "  {}{}", finding.place, layout.unwrap_or_default())?;
    if let Some(about) = &finding.about {
        write_about(text, about)?;
    }
    match &finding.counts {
        Some(signer) => {
            let times = if signer.times.is_empty() {
                String::new()
            } else {
                format!(" at {}", signer.times.join(", "))
            };
            writeln!(text, "    counts: signed by {signer}{times}")
        }
        None => {
            for rejected in &finding.rejected {
                let of = if finding.rejected.len() > 1 {
                    format!(" for {}", rejected.wanted)
                } else {
                    String::new()
                };
                writeln!(text, "    does not count{of}: {}", rejected.why)?;
            }
            Ok(())
        }
    }
}

fn write_about(text: &mut String, about: &About) -> fmt::Result {
    if let Some(predicate) = &about.predicate {
        writeln!(text, "    says {predicate}")?;
    }
    if let Some(identity) = &about.identity {
        let issuer = about.issuer.as_deref().unwrap_or("nobody");
        writeln!(text, "    says that {identity} of {issuer} signed it")?;
    }
    if let Some((from, to)) = &about.valid {
        writeln!(text, "    certificate from {from} to {to}")?;
    }
    if let Some(hint) = &about.key_hint {
        writeln!(text, "    says that key {hint} signed it")?;
    }
    for entry in &about.log {
        writeln!(text, "    log entry {entry}")?;
    }
    if about.timestamps > 0 {
        writeln!(text, "    timestamps: {}", about.timestamps)?;
    }
    Ok(())
}
