//! The words of the command: cosign's names where cosign has them.

use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};
use std::{ffi::OsString, path::PathBuf};

const AFTER: &str = "\
Without a policy, Chainguard's public images must be signed by Chainguard, and every other image is refused.
A pattern must match the whole value.

Exit codes:
  0  every image may run
  1  at least one image was refused
  2  the command line or the policy is wrong
  3  nothing was refused, but something could not be verified

Environment:
  PERRY_CONTAINER_VERIFY_POLICY  the policy's file, as --policy
  PERRY_CONTAINER_TRUSTED_ROOT   the trust root's file, as --trusted-root
  DOCKER_CONFIG, REGISTRY_AUTH_FILE  where credentials of registries lie";

/// Verify that images are signed by whom you trust
#[derive(Debug, Parser)]
#[command(name = "perry-verify", version, after_help = AFTER, max_term_width = 100)]
#[command(args_conflicts_with_subcommands = true, no_binary_name = true)]
#[command(
    override_usage = "perry-verify [OPTIONS] [IMAGE]...\n       perry-verify explain [OPTIONS] [IMAGE]..."
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Sub>,
    #[command(flatten)]
    how: How,
    /// References of images, by tag or digest
    #[arg(value_name = "IMAGE")]
    images: Vec<String>,
}

#[derive(Debug, Subcommand)]
enum Sub {
    /// Show every signature found, and why it does or does not count
    Explain {
        #[command(flatten)]
        how: Box<How>,
        /// References of images, by tag or digest
        #[arg(value_name = "IMAGE")]
        images: Vec<String>,
    },
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Command {
    Verify,
    Explain,
}

/// What is asked for.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) command: Command,
    pub(crate) how: How,
    pub(crate) images: Vec<String>,
}

/// By what is verified.
#[derive(Debug, Default, Args)]
pub(crate) struct How {
    /// Who must have signed: the identity in the certificate
    #[arg(long, value_name = "IDENTITY", help_heading = "Whom to trust")]
    pub(crate) certificate_identity: Option<String>,
    /// The same as a pattern for the whole of it
    #[arg(
        long,
        value_name = "REGEX",
        conflicts_with = "certificate_identity",
        help_heading = "Whom to trust"
    )]
    pub(crate) certificate_identity_regexp: Option<String>,
    /// Who must vouch for that: the issuer in the certificate
    #[arg(long, value_name = "URL", help_heading = "Whom to trust")]
    pub(crate) certificate_oidc_issuer: Option<String>,
    /// The same as a pattern for the whole of it
    #[arg(
        long,
        value_name = "REGEX",
        conflicts_with = "certificate_oidc_issuer",
        help_heading = "Whom to trust"
    )]
    pub(crate) certificate_oidc_issuer_regexp: Option<String>,
    /// The event that ran the workflow
    #[arg(long, value_name = "NAME", help_heading = "Whom to trust")]
    pub(crate) certificate_github_workflow_trigger: Option<String>,
    /// The commit of the workflow
    #[arg(long, value_name = "SHA", help_heading = "Whom to trust")]
    pub(crate) certificate_github_workflow_sha: Option<String>,
    /// The workflow's name
    #[arg(long, value_name = "NAME", help_heading = "Whom to trust")]
    pub(crate) certificate_github_workflow_name: Option<String>,
    /// The workflow's repository
    #[arg(long, value_name = "OWNER/NAME", help_heading = "Whom to trust")]
    pub(crate) certificate_github_workflow_repository: Option<String>,
    /// The workflow's ref
    #[arg(long, value_name = "REF", help_heading = "Whom to trust")]
    pub(crate) certificate_github_workflow_ref: Option<String>,
    /// Authorities for signing certificates (PEM) instead of the trust root's
    #[arg(long, value_name = "FILE", help_heading = "Whom to trust")]
    pub(crate) certificate_chain: Option<PathBuf>,
    /// The same: roots
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "certificate_chain",
        help_heading = "Whom to trust"
    )]
    pub(crate) ca_roots: Option<PathBuf>,
    /// The same: what lies between roots and certificates
    #[arg(long, value_name = "FILE", requires = "ca_roots", help_heading = "Whom to trust")]
    pub(crate) ca_intermediates: Option<PathBuf>,
    /// A public key (PEM) that must have signed
    #[arg(long, value_name = "FILE", help_heading = "Whom to trust",
        conflicts_with_all = ["certificate_identity", "certificate_identity_regexp", "certificate_oidc_issuer", "certificate_oidc_issuer_regexp"])]
    pub(crate) key: Option<PathBuf>,
    /// A value that must have been signed along
    #[arg(short, long, value_name = "NAME=VALUE", help_heading = "Whom to trust")]
    pub(crate) annotations: Vec<String>,
    /// A policy (YAML or JSON) instead of these flags
    #[arg(long, value_name = "FILE", help_heading = "Whom to trust",
        conflicts_with_all = ["key", "certificate_identity", "certificate_identity_regexp", "certificate_oidc_issuer", "certificate_oidc_issuer_regexp"])]
    pub(crate) policy: Option<PathBuf>,
    /// Certificates, logs and clocks to believe (a trusted_root.json) instead of the public ones
    #[arg(long, value_name = "FILE", help_heading = "What to believe")]
    pub(crate) trusted_root: Option<PathBuf>,
    /// The signature need not stand in a transparency log
    #[arg(long, help_heading = "What to believe")]
    pub(crate) insecure_ignore_tlog: bool,
    /// The certificate need not stand in a certificate log
    #[arg(long, help_heading = "What to believe")]
    pub(crate) insecure_ignore_sct: bool,
    /// The signature must bear a timestamp (RFC 3161)
    #[arg(long, help_heading = "What to believe")]
    pub(crate) use_signed_timestamps: bool,
    /// Do not refresh the public trust root; nothing but registries is asked in any case
    #[arg(long, help_heading = "What to believe")]
    pub(crate) offline: bool,
    /// Also the images of this compose file or workload graph
    #[arg(short, long, value_name = "FILE")]
    pub(crate) file: Vec<PathBuf>,
    /// How verdicts are printed
    #[arg(
        long,
        visible_alias = "output",
        short = 'o',
        value_enum,
        default_value = "text",
        value_name = "FORMAT"
    )]
    pub(crate) format: Format,
    /// Talk to these registries without TLS
    #[arg(long, visible_alias = "allow-insecure-registry")]
    pub(crate) allow_http_registry: bool,
    /// Seconds for one image
    #[arg(short, long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) timeout: Option<u64>,
}

impl How {
    /// Whether flags say whom to trust, so that no policy does.
    pub(crate) const fn says_whom(&self) -> bool {
        self.key.is_some()
            || self.certificate_identity.is_some()
            || self.certificate_identity_regexp.is_some()
            || self.certificate_oidc_issuer.is_some()
            || self.certificate_oidc_issuer_regexp.is_some()
    }
}

/// How verdicts are printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A line for each image
    #[default]
    Text,
    /// One object
    Json,
    /// For code scanning (SARIF 2.1.0): what may not run
    Sarif,
}

/// A text instead of a request: help, or what is wrong.
#[derive(Debug)]
pub(crate) struct Instead {
    pub(crate) code: u8,
    pub(crate) text: String,
}

pub(crate) fn parse(words: &[OsString]) -> Result<Request, Instead> {
    let cli = Cli::try_parse_from(words).map_err(|error| Instead {
        code: if error.use_stderr() { 2 } else { 0 },
        text: error.render().to_string(),
    })?;
    let request = match cli.command {
        None => Request { command: Command::Verify, how: cli.how, images: cli.images },
        Some(Sub::Explain { how, images }) => {
            Request { command: Command::Explain, how: *how, images }
        }
    };
    let how = &request.how;
    let whom = how.says_whom();
    let alone = |flag: &str, given: bool, needs: &str| {
        let text = format!("perry-verify: {flag} is of no use without {needs}\n");
        if given { Err(Instead { code: 2, text }) } else { Ok(()) }
    };
    let flags = "flags that say whom to trust; a policy has words of its own for it";
    alone("--annotations", !whom && !how.annotations.is_empty(), flags)?;
    alone("--insecure-ignore-tlog", !whom && how.insecure_ignore_tlog, flags)?;
    alone("--insecure-ignore-sct", !whom && how.insecure_ignore_sct, flags)?;
    alone("--use-signed-timestamps", !whom && how.use_signed_timestamps, flags)?;
    alone("--certificate-chain", !whom && how.certificate_chain.is_some(), "an identity")?;
    alone("--ca-roots", !whom && how.ca_roots.is_some(), "an identity")?;
    if request.images.is_empty() && how.file.is_empty() {
        let usage = Cli::command().render_usage().to_string();
        return Err(Instead {
            code: 2,
            text: format!("perry-verify: no image is named\n\n{usage}\n"),
        });
    }
    Ok(request)
}
