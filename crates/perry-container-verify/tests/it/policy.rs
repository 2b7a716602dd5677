//! Policies as they are written.

use crate::bed;
use perry_container_registry::Reference;
use perry_container_verify::{TrustPolicy, TrustRoot};
use serde_json::{Value, json};
use snapbox::{assert_data_eq, str};

fn files(name: &str) -> Result<String, String> {
    match name {
        "cosign.pub" => Ok(bed::read("trust/k1.pub")),
        "root.json" => Ok(bed::read("trust/good.json")),
        "bad.json" => Ok("{}".to_owned()),
        _ => Err("no such file".to_owned()),
    }
}

fn read(policy: &Value) -> Result<TrustPolicy, String> {
    TrustPolicy::read(policy, &TrustRoot::public(), &files).map_err(|error| error.to_string())
}

#[test]
fn the_first_rule_that_matches_counts() {
    let policy = read(&json!({
        "roots": {"ours": "root.json"},
        "rules": [
            {"images": ["redis", "ghcr.io/acme/*"], "key": {"file": "cosign.pub"}, "log": "not-required", "root": "ours"},
            {"images": "ghcr.io/**", "any-of": [
                {"keyless": {"identity-regexp": "https://github\\.com/acme/.*", "issuer": "https://token.example",
                    "claims": {"source-repository-ref": "refs/heads/main"}}, "annotations": {"env": "prod"}},
                {"key": {"file": "cosign.pub"}},
            ]},
            {"images": "localhost:5000/**", "skip": true},
        ],
    })).unwrap();
    let rule = |image: &str| {
        let image: Reference = image.parse().unwrap();
        policy
            .rule(&image.repository)
            .map_or_else(|| "none".to_owned(), |(n, requirement)| format!("{n}: {requirement}"))
    };
    let text =
        ["redis:7", "ghcr.io/acme/app", "ghcr.io/acme/app/x", "localhost:5000/a", "postgres"]
            .map(rule)
            .join("\n");
    assert_data_eq!(
        text,
        str![[r#"
1: key da4634e27f179aaa
1: key da4634e27f179aaa
2: identity /https://github/.com/acme/.*/ of https://token.example, or key da4634e27f179aaa
3: nothing (skip)
none
"#]]
    );
}

#[test]
fn the_default_is_to_refuse() {
    let others: Reference = "postgres".parse().unwrap();
    let strict = read(&json!({"rules": []})).unwrap();
    assert!(strict.rule(&others.repository).is_none());
    let loose = read(&json!({"rules": [], "default": "skip"})).unwrap();
    assert!(loose.rule(&others.repository).is_some());
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let rule = |rule: Value| {
        read(&json!({"rules": [rule]})).map_or_else(|error| error, |_| "fine".to_owned())
    };
    let keyless = |keyless: Value| rule(json!({"images": "a", "keyless": keyless}));
    let text = [
        rule(json!({"images": "a"})),
        rule(json!({"keyless": {}})),
        rule(json!({"images": []})),
        rule(json!({"images": "a*", "skip": true})),
        rule(json!({"images": "ghcr.io", "skip": true})),
        rule(json!({"images": "a", "skip": false})),
        rule(json!({"images": "a", "skip": true, "key": {"file": "cosign.pub"}})),
        rule(json!({"images": "a", "any-of": []})),
        rule(json!({"images": "a", "key": {"file": "none.pub"}})),
        rule(json!({"images": "a", "key": {"pem": "nonsense"}})),
        rule(json!({"images": "a", "key": {}})),
        rule(json!({"images": "a", "key": {"file": "cosign.pub"}, "root": "x"})),
        rule(json!({"images": "a", "key": {"file": "cosign.pub"}, "loog": "required"})),
        rule(json!({"images": "a", "key": {"file": "cosign.pub"}, "log": "maybe"})),
        keyless(json!({"identity": "a"})),
        keyless(json!({"issuer": "a"})),
        keyless(json!({"identity": "a", "identity-regexp": "a", "issuer": "b"})),
        keyless(json!({"identity-regexp": ".*", "issuer": "b"})),
        keyless(json!({"identity-regexp": "(", "issuer": "b"})),
        keyless(json!({"identity": "a", "issuer": "b", "claims": {"weather": "fine"}})),
        keyless(json!({"identity": "a", "issuer": "b", "certificate-chain": "cosign.pub"})),
        read(&json!({"rules": [], "roots": {"x": "bad.json"}})).unwrap_err(),
        read(&json!({"rule": []})).unwrap_err(),
        read(&json!([])).unwrap_err(),
    ]
    .join("\n");
    assert_data_eq!(
        text,
        str![[r#"
rules[0]: either keyless (who signed) or key (with which key)
rules[0]: images: says which images the rule is for
rules[0].images: a list of no names matches nothing
rules[0].images: "a*": * stands for a whole segment, ** for all that follow, at the end
rules[0].images: "ghcr.io" names a registry but no image; end it with /**
rules[0].skip: true, or leave it out
rules[0]: skip stands alone
rules[0].any-of: a list of at least one authority
rules[0].key: none.pub: no such file
rules[0].key: it is no public key in PEM (Invalid encoding: failed to parse PEM: malformedframing); `cosign public-key` prints one
rules[0].key: either file or pem
rules[0].root: "x" is none of the policy's roots
rules[0].loog: unknown field `loog`, expected one of `keyless`, `key`, `annotations`, `log`, `timestamp`, `root`
rules[0].log: unknown variant `maybe`, expected `required` or `not-required`
rules[0].keyless: either issuer or issuer-regexp: a signature by anybody proves nothing
rules[0].keyless: either identity or identity-regexp: a signature by anybody proves nothing
rules[0].keyless: either identity or identity-regexp: a signature by anybody proves nothing
rules[0].keyless.identity-regexp: ".*" matches anything; say whom you trust
rules[0].keyless.identity-regexp: "(" is not a pattern: unclosed group
rules[0].keyless.claims.?: unknown variant `weather`, expected one of `github-workflow-trigger`, `github-workflow-sha`, `github-workflow-name`, `github-workflow-repository`, `github-workflow-ref`, `build-signer-uri`, `runner-environment`, `source-repository-uri`, `source-repository-digest`, `source-repository-ref`, `source-repository-identifier`, `source-repository-owner-uri`, `source-repository-owner-identifier`, `build-config-uri`, `build-trigger`, `source-repository-visibility`, `deployment-environment`
cosign.pub is not a trust root: there is no PEM certificate in it
bad.json is not a trust root: failed to parse JSON: missing field `mediaType` at line 1 column 2
policy.rule: unknown field `rule`, expected one of `roots`, `default`, `rules`
policy: a map with rules, and maybe roots and default
"#]]
    );
}

/// Two policies that accept different signatures are never taken for the same.
#[test]
fn every_field_is_part_of_what_a_success_is_kept_for() {
    let base = json!({"keyless": {"identity": "a", "issuer": "b", "claims": {"build-trigger": "push"}}, "annotations": {"x": "y"}});
    let mut seen = std::collections::BTreeSet::new();
    let mut add = |rule: Value| {
        let mut rule = rule;
        rule["images"] = "a".into();
        let policy = read(&json!({"rules": [rule], "roots": {"ours": "root.json"}})).unwrap();
        assert!(seen.insert(policy.rules[0].requirement.digest()));
    };
    let change = |path: &str, value: Value| {
        let mut rule = base.clone();
        let (parent, name) = path.rsplit_once('/').unwrap();
        rule.pointer_mut(parent).unwrap()[name] = value;
        rule
    };
    add(base.clone());
    add(change("/keyless/identity", "c".into()));
    add(change("/keyless/issuer", "c".into()));
    add(change("/keyless/claims", json!({"build-trigger": "tag"})));
    add(change("/keyless/sct", "not-required".into()));
    add(change("/annotations", json!({})));
    add(change("/log", "not-required".into()));
    add(change("/timestamp", "required".into()));
    add(change("/root", "ours".into()));
    add(json!({"key": {"file": "cosign.pub"}}));
    add(json!({"key": {"pem": bed::read("trust/k2.pub")}}));
}
