//! Command lines that are wrong.

use crate::bed::Bed;
use snapbox::{assert_data_eq, str};
use std::fmt::Write as _;

#[tokio::test]
async fn what_is_wrong_with_them() {
    let bed = Bed::new().await;
    bed.write("bad.yaml", "rules:\n  - images: a\n    kee: {}\n");
    let mut text = String::new();
    for words in [
        "",
        "explain",
        "--nonsense a",
        "Upper",
        "--key none.pub a",
        "--key TRUST/good.json a",
        "--certificate-identity me a",
        "--certificate-oidc-issuer https://i a",
        "--certificate-identity-regexp .* --certificate-oidc-issuer https://i a",
        "--key TRUST/k1.pub --certificate-identity me a",
        "--key TRUST/k1.pub -a novalue a",
        "--policy none.yaml a",
        "--policy bad.yaml a",
        "--policy bad.yaml --key TRUST/k1.pub a",
        "--trusted-root TRUST/k1.pub a",
        "--insecure-ignore-tlog a",
        "--file none.yaml",
        "--timeout 0 a",
    ] {
        let done = bed.run(words).await;
        assert_eq!((done.code, done.out.as_str()), (2, ""), "{words}");
        let first = done.err.lines().next().unwrap_or_default();
        let first = first.replace(&bed.dir.path().display().to_string(), "DIR");
        writeln!(text, "{words}\n    {first}").unwrap();
    }
    assert!(bed.server.log().is_empty());
    assert_data_eq!(
        text,
        str![[r#"

    perry-verify: no image is named
explain
    perry-verify: no image is named
--nonsense a
    error: unexpected argument '--nonsense' found
Upper
    perry-verify: "Upper" is not a reference of an image: "Upper" is not part of a name: lower case letters and digits, separated by '.', '_', '__' or '-'
--key none.pub a
    perry-verify: --key: none.pub: No such file or directory (os error 2)
--key TRUST/good.json a
    perry-verify: --key: TRUST/good.json: it is no public key in PEM (Invalid encoding: failed to parse PEM: malformedframing); `cosign public-key` prints one
--certificate-identity me a
    perry-verify: --certificate-oidc-issuer or --certificate-oidc-issuer-regexp is needed: a signature by anybody proves nothing
--certificate-oidc-issuer https://i a
    perry-verify: --certificate-identity or --certificate-identity-regexp is needed: a signature by anybody proves nothing
--certificate-identity-regexp .* --certificate-oidc-issuer https://i a
    perry-verify: --certificate-identity-regexp: ".*" matches anything; say whom you trust
--key TRUST/k1.pub --certificate-identity me a
    error: the argument '--key <FILE>' cannot be used with '--certificate-identity <IDENTITY>'
--key TRUST/k1.pub -a novalue a
    perry-verify: --annotations: "novalue" is not NAME=VALUE
--policy none.yaml a
    perry-verify: the policy: DIR/none.yaml: No such file or directory (os error 2)
--policy bad.yaml a
    perry-verify: rules[0].kee: unknown field `kee`, expected one of `keyless`, `key`, `annotations`, `log`, `timestamp`, `root`
--policy bad.yaml --key TRUST/k1.pub a
    error: the argument '--policy <FILE>' cannot be used with '--key <FILE>'
--trusted-root TRUST/k1.pub a
    perry-verify: TRUST/k1.pub is not a trust root: failed to parse JSON: invalid number at line 1 column 2
--insecure-ignore-tlog a
    perry-verify: --insecure-ignore-tlog is of no use without flags that say whom to trust; a policy has words of its own for it
--file none.yaml
    perry-verify: open DIR/none.yaml: no such file or directory
--timeout 0 a
    error: invalid value '0' for '--timeout <SECONDS>': 0 is not in 1..=3600

"#]]
    );
}

#[tokio::test]
async fn help_tells_the_exit_codes() {
    let bed = Bed::new().await;
    for words in ["--help", "explain --help"] {
        let done = bed.run(words).await;
        assert_eq!((done.code, done.err.as_str()), (0, ""));
        assert!(done.out.contains("--certificate-oidc-issuer-regexp"), "{}", done.out);
    }
    let done = bed.run("--help").await;
    assert!(done.out.contains("3  nothing was refused, but something could not be verified"));
}

#[tokio::test]
async fn a_pattern_that_does_not_say_how_a_value_begins_is_told() {
    let bed = Bed::new().await;
    let words = "--trusted-root TRUST/good.json --certificate-identity-regexp .*@refs/heads/main --certificate-oidc-issuer-regexp https://token\\.actions\\..* REG/pos/kl-v1:1";
    let done = bed.run(words).await;
    assert_eq!(done.code, 0, "{}{}", done.out, done.err);
    assert_eq!(
        done.err,
        "perry-verify: the pattern \".*@refs/heads/main\" does not say how the value begins\n"
    );
}
