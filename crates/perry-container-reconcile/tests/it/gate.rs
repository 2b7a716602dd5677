//! Images that are verified before anything is made of them.

use crate::world::{desired, made, text};
use perry_container_reconcile::{
    Action, Desired, GateOptions, Gated, UpOptions, inquire, lint, pull, up,
};
use perry_container_spec::{ImageInfo, Observed, Ref};
use snapbox::{assert_data_eq, str};

fn gated() -> UpOptions {
    UpOptions { gate: Some(GateOptions::default()), ..UpOptions::default() }
}

fn plan(desired: &Desired, seen: &Observed, options: &UpOptions) -> String {
    match up(desired, seen, options) {
        Ok(planned) => {
            assert_eq!(lint(&planned.plan), [""; 0]);
            text(&planned)
        }
        Err(error) => error.to_string(),
    }
}

fn stack() -> Desired {
    desired(
        r#"{
            "web": {"image": "httpd:1", "networks": {"default": null}, "depends_on": {
                "db": {"condition": "service_started", "required": true}}},
            "db": {"image": "postgres:16", "networks": {"default": null}},
            "copy": {"image": "httpd:1", "network_mode": "none", "x-perry-verify": {"key": {"file": "a.pub"}}}}"#,
    )
}

#[test]
fn everything_waits_until_every_image_is_verified() {
    assert_data_eq!(
        plan(&stack(), &Observed::default(), &gated()),
        str![[r#"
#0 resolve postgres:16 (requested)
#1 verify postgres:16 (requested) needs 0
#2 resolve httpd:1 (requested)
#3 verify httpd:1 (requested) needs 2
#4 verify httpd:1 (requested) needs 2
#5 barrier needs 1 3 4
#6 create network p_default (missing) needs 5
#7 pull postgres:16 (missing) needs 5
#8 pull httpd:1 (missing) needs 5
#9 create p-db-1 (missing) needs 6 7
#10 start p-db-1 (missing) needs 9
#11 create p-copy-1 (missing) needs 8
#12 start p-copy-1 (missing) needs 11
#13 create p-web-1 (missing) needs 6 8 10
#14 start p-web-1 (missing) needs 13

"#]]
    );
}

/// A registry knows it by a digest: that is what would run, so that is what is verified.
#[test]
fn what_is_here_is_verified_by_its_digest() {
    let desired = stack();
    let mut seen = Observed::default();
    for (reference, repository) in
        [("httpd:1", "docker.io/library/httpd"), ("postgres:16", "docker.io/library/postgres")]
    {
        let image = ImageInfo {
            id: "sha256:1".to_owned(),
            repository: repository.to_owned(),
            digests: vec![format!("other@sha256:2"), format!("{repository}@sha256:3")],
            ..ImageInfo::default()
        };
        seen.images.insert(reference.to_owned(), image);
    }
    assert_data_eq!(
        plan(&desired, &seen, &gated()),
        str![[r#"
#0 verify postgres:16 (requested)
#1 verify httpd:1 (requested)
#2 verify httpd:1 (requested)
#3 barrier needs 0 1 2
#4 create network p_default (missing) needs 3
#5 create p-db-1 (missing) needs 4
#6 start p-db-1 (missing) needs 5
#7 create p-copy-1 (missing) needs 3
#8 start p-copy-1 (missing) needs 7
#9 create p-web-1 (missing) needs 4 6
#10 start p-web-1 (missing) needs 9

"#]]
    );
    let planned = up(&desired, &seen, &gated()).unwrap();
    let pinned = planned.plan.facts.get(&Ref::Pinned("httpd:1".to_owned()));
    assert_eq!(pinned.map(String::as_str), Some("docker.io/library/httpd@sha256:3"));
    // What nobody has published cannot have been signed.
    seen.images["httpd:1"].digests.clear();
    assert_eq!(
        plan(&desired, &seen, &gated()),
        "service \"copy\": image httpd:1 cannot be verified: it is on this machine only: no registry knows it by a digest"
    );
}

#[test]
fn what_is_built_here_cannot_be_verified() {
    let desired = desired(r#"{"app": {"build": {"context": "."}, "network_mode": "none"}}"#);
    assert_data_eq!(
        plan(&desired, &Observed::default(), &gated()),
        str![[
            r#"service "app": image p-app cannot be verified: it is built here, so nobody has signed it; say that it needs no signature (skip)"#
        ]]
    );
    let gate = GateOptions { warn: true, ..GateOptions::default() };
    let warn = UpOptions { gate: Some(gate), ..UpOptions::default() };
    assert_data_eq!(
        plan(&desired, &Observed::default(), &warn),
        str![[r##"
#0 build p-app (missing)
#1 create p-app-1 (missing) needs 0
#2 start p-app-1 (missing) needs 1
note: service "app": image p-app cannot be verified: it is built here, so nobody has signed it; say that it needs no signature (skip)

"##]]
    );
    let free = [("p-app".to_owned(), None)].into();
    let skip = UpOptions { gate: Some(GateOptions { warn: false, free }), ..UpOptions::default() };
    assert_data_eq!(
        plan(&desired, &Observed::default(), &skip),
        str![[r#"
#0 build p-app (missing)
#1 create p-app-1 (missing) needs 0
#2 start p-app-1 (missing) needs 1

"#]]
    );
}

#[test]
fn what_stays_as_it_is_is_not_looked_at() {
    let desired = stack();
    assert_eq!(plan(&desired, &made(&desired), &gated()), "");
}

#[test]
fn pulls_come_after_their_verification() {
    let desired = stack();
    let always = UpOptions { pull: Some(perry_container_reconcile::PullPolicy::Always), ..gated() };
    let asked = inquire(&desired, &made(&desired), &always).unwrap();
    assert_data_eq!(
        asked.to_string(),
        str![[r#"
#0 resolve postgres:16 (requested)
#1 verify postgres:16 (requested) needs 0
#2 resolve httpd:1 (requested)
#3 verify httpd:1 (requested) needs 2
#4 verify httpd:1 (requested) needs 2
#5 pull postgres:16 (requested) needs 1
#6 pull httpd:1 (requested) needs 3 4

"#]]
    );
    let plan = pull(&desired, &Observed::default(), &gated(), true).unwrap();
    assert_data_eq!(
        plan.to_string(),
        str![[r#"
#0 resolve postgres:16 (requested)
#1 verify postgres:16 (requested) needs 0
#2 resolve httpd:1 (requested)
#3 verify httpd:1 (requested) needs 2
#4 verify httpd:1 (requested) needs 2
#5 pull postgres:16 (requested) needs 1
#6 pull httpd:1 (requested) needs 3 4

"#]]
    );
}

#[test]
fn what_was_verified_is_what_is_pulled_and_made() {
    let desired = desired(r#"{"web": {"image": "httpd:1", "network_mode": "none"}}"#);
    let planned = up(&desired, &Observed::default(), &gated()).unwrap();
    let mut facts = planned.plan.facts.clone();
    let told = |facts: &_| -> Vec<String> {
        let bound = planned.plan.actions().map(|(_, action)| action.bind(facts));
        bound
            .map(|action| match action {
                Ok(Action::Pull(image)) => format!("pull {}", image.reference),
                Ok(Action::Create(_, spec)) => format!("create of {}", spec.image),
                Ok(Action::Verify(Gated { pinned, .. })) => format!("verify {pinned:?}"),
                Ok(other) => other.to_string(),
                Err(unbound) => unbound.to_string(),
            })
            .collect()
    };
    assert_eq!(
        told(&facts)[1],
        "nothing before this step finds out the verified digest of httpd:1"
    );
    let pinned = "docker.io/library/httpd@sha256:3";
    facts.insert(Ref::Pinned("httpd:1".to_owned()), pinned.to_owned());
    let told = told(&facts);
    assert_eq!(told[1], format!("verify Some({pinned:?})"));
    assert_eq!(told[2], format!("pull {pinned}"));
    assert_eq!(told[3], format!("create of {pinned}"));
}
