//! The policy that flags make, and what is odd about one.

use crate::{Outside, grammar::How};
use perry_container_compose::verify::{
    Authority, Claim, Key, LogRule, Matcher, Requirement, SignedBy, TrustPolicy, TrustRoot,
};
use std::path::Path;

/// One requirement for every image.
pub(crate) fn of_flags(
    how: &How,
    root: &TrustRoot,
    outside: &Outside,
) -> Result<TrustPolicy, String> {
    let read = |flag: &str, path: &Path| {
        std::fs::read_to_string(outside.here.join(path))
            .map_err(|error| format!("{flag}: {}: {error}", path.display()))
    };
    let mut authority = match &how.key {
        Some(path) => {
            let key = Key::from_pem(&read("--key", path)?)
                .map_err(|why| format!("--key: {}: {why}", path.display()))?;
            Authority::key(key, root.clone())
        }
        None => {
            let identity = matcher(
                "--certificate-identity",
                how.certificate_identity.as_ref(),
                how.certificate_identity_regexp.as_ref(),
            )?;
            let issuer = matcher(
                "--certificate-oidc-issuer",
                how.certificate_oidc_issuer.as_ref(),
                how.certificate_oidc_issuer_regexp.as_ref(),
            )?;
            let mut root = root.clone();
            let chain = how.certificate_chain.as_ref().or(how.ca_roots.as_ref());
            if let Some(path) = chain {
                let mut pem = read("--certificate-chain", path)?;
                if let Some(more) = &how.ca_intermediates {
                    pem += &read("--ca-intermediates", more)?;
                }
                let name = path.display().to_string();
                root = root.with_authorities(&name, &pem).map_err(|error| error.to_string())?;
            }
            Authority::keyless(identity, issuer, root)
        }
    };
    if how.insecure_ignore_tlog {
        authority.log = LogRule::NotRequired;
    }
    authority.timestamp = how.use_signed_timestamps;
    for pair in &how.annotations {
        let Some((name, value)) = pair.split_once('=') else {
            return Err(format!("--annotations: {pair:?} is not NAME=VALUE"));
        };
        authority.annotations.insert(name.to_owned(), value.to_owned());
    }
    if let SignedBy::Keyless(keyless) = &mut authority.by {
        // As cosign: a log of certificates is wanted of a chain of one's own, too, unless it is said not to be.
        keyless.sct = !how.insecure_ignore_sct;
        let claims = [
            (Claim::GithubWorkflowTrigger, &how.certificate_github_workflow_trigger),
            (Claim::GithubWorkflowSha, &how.certificate_github_workflow_sha),
            (Claim::GithubWorkflowName, &how.certificate_github_workflow_name),
            (Claim::GithubWorkflowRepository, &how.certificate_github_workflow_repository),
            (Claim::GithubWorkflowRef, &how.certificate_github_workflow_ref),
        ];
        for (claim, value) in claims {
            if let Some(value) = value {
                keyless.claims.insert(claim, Matcher::Exact(value.clone()));
            }
        }
    }
    Ok(TrustPolicy::of(Requirement::AnyOf(vec![authority])))
}

fn matcher(
    flag: &str,
    exact: Option<&String>,
    pattern: Option<&String>,
) -> Result<Matcher, String> {
    match (exact, pattern) {
        (Some(value), _) if !value.is_empty() => Ok(Matcher::Exact(value.clone())),
        (None, Some(text)) => Matcher::pattern(text).map_err(|why| format!("{flag}-regexp: {why}")),
        _ => {
            Err(format!("{flag} or {flag}-regexp is needed: a signature by anybody proves nothing"))
        }
    }
}

/// What a person should look at.
pub(crate) fn doubts(policy: &TrustPolicy) -> Vec<String> {
    let mut doubts = Vec::new();
    for rule in &policy.rules {
        let Requirement::AnyOf(authorities) = &rule.requirement else { continue };
        for authority in authorities {
            if let SignedBy::Keyless(keyless) = &authority.by {
                doubts.extend(keyless.identity.doubt());
                doubts.extend(keyless.issuer.doubt());
            }
        }
    }
    doubts
}
