#![doc = include_str!("../README.md")]

mod explain;
mod grammar;
mod images;
mod policy;
mod report;
mod sarif;
mod verdicts;

use grammar::{Command, Format, How, Request};
use perry_container_compose::process::{Environment, SystemHost};
use perry_container_compose::{Verification, VerificationOptions, registry, verify::TrustRoot};
use std::{
    ffi::OsString,
    io::{self, Write as _},
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
};

/// What the command meets outside of itself, read once.
#[derive(Debug, Clone)]
pub struct Outside {
    /// The environment.
    pub environment: Environment,
    /// The current directory.
    pub here: PathBuf,
}

impl Outside {
    /// No environment, and this directory.
    pub fn nowhere(here: impl Into<PathBuf>) -> Self {
        Self { environment: Environment::default(), here: here.into() }
    }
}

/// How it went.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Done {
    /// The exit code: 0 all may run, 1 refused, 2 the command line or the policy is wrong, 3 could not be verified.
    pub code: u8,
    /// For standard output.
    pub out: String,
    /// For standard error.
    pub err: String,
}

impl Done {
    fn wrong(text: &str) -> Self {
        Self { code: 2, out: String::new(), err: format!("perry-verify: {text}\n") }
    }
}

/// The command in this process.
pub fn main() -> ExitCode {
    #[expect(clippy::disallowed_methods, reason = "this is the binary's front door")]
    let here = std::env::current_dir().unwrap_or_default();
    let outside = Outside { environment: Environment::current(), here };
    let words: Vec<OsString> = std::env::args_os().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let done = match runtime {
        Ok(runtime) => {
            let done = runtime.block_on(run(words, &outside));
            // A name that is still looked up is not waited for.
            runtime.shutdown_background();
            done
        }
        Err(error) => Done::wrong(&error.to_string()),
    };
    // A reader that went away is no error.
    io::stderr().write_all(done.err.as_bytes()).ok();
    io::stdout().write_all(done.out.as_bytes()).ok();
    ExitCode::from(done.code)
}

/// Does what the words (without the program's own name) ask for.
pub async fn run(words: impl IntoIterator<Item = impl Into<OsString>>, outside: &Outside) -> Done {
    let words: Vec<OsString> = words.into_iter().map(Into::into).collect();
    let request = match grammar::parse(&words) {
        Ok(request) => request,
        Err(text) if text.code == 0 => return Done { code: 0, out: text.text, err: String::new() },
        Err(text) => return Done { code: text.code, out: String::new(), err: text.text },
    };
    match answer(&request, outside).await {
        Ok(done) => done,
        Err(text) => Done::wrong(&text),
    }
}

async fn answer(request: &Request, outside: &Outside) -> Result<Done, String> {
    let how = &request.how;
    let wanted = images::wanted(&request.images, &how.file, outside)?;
    if wanted.is_empty() {
        return Err("no image is named; name some, or a compose file by --file".to_owned());
    }
    let verification = open(how, &wanted, outside).await?;
    let mut notes = verification.notes.clone();
    notes.extend(policy::doubts(&verification.policy));
    let mut err: String = notes.iter().map(|note| format!("perry-verify: {note}\n")).collect();
    let (code, out) = match request.command {
        Command::Explain => {
            let told = explain::explain(&verification, &wanted).await;
            match how.format {
                Format::Json => (told.code(), told.json()),
                _ => (told.code(), told.text()),
            }
        }
        Command::Verify => {
            let verdicts = verdicts::verdicts(&verification, how, wanted, outside).await;
            let out = match how.format {
                Format::Text => report::text(&verdicts),
                Format::Json => report::json(&verdicts),
                Format::Sarif => sarif::sarif(&verdicts),
            };
            (verdicts::code(&verdicts), out)
        }
    };
    if code == 2 {
        err += "perry-verify: a demand of a service cannot be read\n";
    }
    Ok(Done { code, out, err })
}

/// The verifier that the flags ask for.
async fn open(
    how: &How,
    wanted: &[images::Wanted],
    outside: &Outside,
) -> Result<Verification, String> {
    let mut options = VerificationOptions {
        policy: how.policy.clone(),
        trusted_root: how.trusted_root.clone(),
        // Flags that say whom to trust may not believe the public root at all; it is refreshed below if they do.
        offline: how.offline || how.says_whom(),
        demands: how.policy.is_none() && wanted.iter().any(|one| one.demand.is_some()),
        registry: registry::Options::default(),
    };
    if how.says_whom() {
        options.policy = None;
    }
    if how.allow_http_registry {
        let registries = wanted.iter().filter_map(images::Wanted::registry);
        options.registry.insecure = registries.collect();
    }
    if let Some(seconds) = how.timeout {
        options.registry.limits.whole = std::time::Duration::from_secs(seconds);
    }
    let environment = if how.says_whom() {
        // The flags say all of it.
        outside.environment.clone().without(perry_container_compose::POLICY)
    } else {
        outside.environment.clone()
    };
    let host = Arc::new(SystemHost::new(environment.clone()));
    let opening = Verification::open(&options, &environment, host, &outside.here);
    let mut verification = opening.await.map_err(|error| error.to_string())?;
    if how.says_whom() {
        let public = TrustRoot::public();
        verification.policy = policy::of_flags(how, &verification.root, outside)?;
        if !how.offline && verification.policy.roots().any(|root| *root == public) {
            verification.refresh(&environment).await.map_err(|error| error.to_string())?;
        }
    }
    Ok(verification)
}
