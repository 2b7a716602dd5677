//! Health checks.

use super::Line;
use crate::{
    dialect::{HealthSyntax, Lack},
    quote,
};
use perry_container_protocol::ToolError;
use perry_container_spec::{HealthTest, Healthcheck};
use std::time::Duration;

/// Words with which podman takes the rest of a test for something else.
const KEYWORDS: &[&str] = &["CMD", "CMD-SHELL", "NONE"];

pub(crate) fn of_container(line: &mut Line, check: &Healthcheck) -> Result<(), ToolError> {
    line.need(Lack::StartInterval, check.start_interval.is_some())?;
    let test = match &check.test {
        HealthTest::Disabled => {
            line.words(["--no-healthcheck"]); // conflicts with every other flag of a check
            return Ok(());
        }
        HealthTest::Inherit => None,
        HealthTest::Shell(text) => Some(shell(line, text)),
        HealthTest::Command(words) => Some(match line.tool.health {
            // podman runs an array of one word by the shell
            HealthSyntax::Json if words.len() > 1 && !keyword(&words[0]) => {
                serde_json::json!(words).to_string()
            }
            HealthSyntax::Json | HealthSyntax::Shell => shell(line, &quote::shell(words)),
        }),
    };
    line.maybe("--health-cmd", test)
        .maybe("--health-interval", check.interval.map(time))
        .maybe("--health-timeout", check.timeout.map(time))
        .maybe("--health-start-period", check.start_period.map(time))
        .maybe("--health-start-interval", check.start_interval.map(time))
        .maybe("--health-retries", check.retries);
    Ok(())
}

fn keyword(word: &str) -> bool {
    KEYWORDS.contains(&word.to_ascii_uppercase().as_str())
}

fn shell(line: &Line, text: &str) -> String {
    match line.tool.health {
        HealthSyntax::Shell => text.to_owned(),
        HealthSyntax::Json => serde_json::json!(["CMD-SHELL", text]).to_string(),
    }
}

/// As Go reads durations.
pub(crate) fn time(time: Duration) -> String {
    let nanos = time.as_nanos();
    [("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000)]
        .iter()
        .find(|(_, unit)| nanos.is_multiple_of(*unit))
        .map_or_else(|| format!("{nanos}ns"), |(name, unit)| format!("{}{name}", nanos / unit))
}
