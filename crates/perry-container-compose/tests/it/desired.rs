use perry_container_compose::{
    ComposeError, Purpose, StateOptions, desired_state,
    load::{Env, Memory},
    model::Separator,
    project::{ComposeProject, ProjectOptions},
    reconcile::{Mode, Unit, UpOptions, up},
    spec::Observed,
    support::Capabilities,
};
use snapbox::{assert_data_eq, str};

const FILE: &str = "
services:
  web:
    image: httpd
    depends_on: [db]
    secrets: [token]
  db:
    image: postgres
secrets:
  token: {environment: TOKEN}
";

fn project(env: &[(&str, &str)]) -> (ComposeProject, Memory) {
    let files: Memory = [("/shop/compose.yaml", FILE)].into_iter().collect();
    let env: Env = env.iter().copied().collect();
    let project = ComposeProject::open_from(&ProjectOptions::new("/shop", env), &files)
        .expect("the project holds together");
    (project, files)
}

#[test]
fn from_files_to_a_plan() {
    let (project, files) = project(&[("TOKEN", "hush")]);
    let scale = [("web".to_owned(), 2)].into_iter().collect();
    let options = StateOptions { scale, ..StateOptions::default() };
    let can = Capabilities::docker("28.0.0");
    let (desired, notes) = desired_state(&project, &options, &can, &files).unwrap();
    assert!(notes.is_empty(), "{notes:?}");
    let planned = up(&desired, &Observed::default(), &UpOptions::default()).unwrap();
    assert_data_eq!(
        planned.plan.to_string(),
        str![[r#"
#0 create network shop_default (missing)
#1 pull postgres (missing)
#2 pull httpd (missing)
#3 create shop-db-1 (missing) needs 0 1
#4 start shop-db-1 (missing) needs 3
#5 create shop-web-1 (missing) needs 0 2 4
#6 start shop-web-1 (missing) needs 5
#7 create shop-web-2 (missing) needs 0 2 4
#8 start shop-web-2 (missing) needs 7

"#]]
    );
}

#[test]
fn who_only_looks_needs_no_secret() {
    let (project, files) = project(&[]);
    let can = Capabilities::docker("28.0.0");
    let state = |purpose| {
        let options = StateOptions { purpose, ..StateOptions::default() };
        desired_state(&project, &options, &can, &files).map(drop)
    };
    assert_eq!(state(Purpose::Find), Ok(()));
    assert_data_eq!(
        state(Purpose::Create).unwrap_err().to_string(),
        str![[r#"environment variable "TOKEN" required by secret "token" is not set"#]]
    );
}

#[test]
fn only_what_is_there_can_be_scaled() {
    let (project, files) = project(&[("TOKEN", "hush")]);
    let scale = [("wbe".to_owned(), 2)].into_iter().collect();
    let options = StateOptions { scale, ..StateOptions::default() };
    let error = desired_state(&project, &options, &Capabilities::docker("28.0.0"), &files);
    let unknown = ComposeError::NotFound("no such service: wbe".to_owned());
    assert_eq!(error.map(drop), Err(unknown));
}

#[test]
fn names_of_the_old_kind() {
    let (project, files) = project(&[("TOKEN", "hush")]);
    let options = StateOptions { separator: Separator::Underscore, ..StateOptions::default() };
    let can = Capabilities::docker("28.0.0");
    let (desired, _) = desired_state(&project, &options, &can, &files).expect("a desired state");
    let names: Vec<&str> = desired.units.values().map(Unit::name).collect();
    assert_eq!(names, ["shop_web_1", "shop_db_1"]);
}

#[test]
fn strict_refuses_with_the_place_of_each_property() {
    let text =
        "services:\n  web:\n    image: httpd\n    domainname: example.org\n    expose: [80]\n";
    let files: Memory = [("/shop/compose.yaml", text)].into_iter().collect();
    let options = ProjectOptions::new("/shop", Env::default());
    let project = ComposeProject::open_from(&options, &files).unwrap();
    let state = |mode| {
        let options = StateOptions { mode, ..StateOptions::default() };
        desired_state(&project, &options, &Capabilities::nerdctl("2.1.6"), &files)
    };
    assert_eq!(state(Mode::Strict).map(drop), Ok(()));
    let podman = |mode| {
        let options = StateOptions { mode, ..StateOptions::default() };
        desired_state(&project, &options, &Capabilities::podman("5.8.6"), &files)
    };
    assert_data_eq!(
        podman(Mode::Strict).unwrap_err().to_string(),
        str![
            "Backend 'podman' cannot honor the spec for service 'web': /shop/compose.yaml:4:17: web: domainname (podman has no domain name of its own)"
        ]
    );
    let (_, notes) = podman(Mode::Lenient).unwrap();
    assert_eq!(notes.len(), 1);
}
