use crate::{at, env, files, refusal};
use perry_container_model::Sensitive;
use perry_container_project::{ComposeProject, Env, Memory, ProjectOptions, ProjectOrName};
use snapbox::{assert_data_eq, str};
use std::fs;

const C: &str = "services: {a: {image: 'x:${TAG-none}'}}";

fn name(options: &ProjectOptions, source: &Memory) -> String {
    match ComposeProject::open_from(options, source) {
        Ok(project) => project.name,
        Err(error) => format!("! {error}"),
    }
}

#[test]
fn a_project_on_disk() {
    let root = tempfile::tempdir().expect("a directory");
    let directory = root.path().canonicalize().expect("a path").join("My Shop");
    fs::create_dir_all(directory.join("web/src")).expect("directories");
    fs::write(directory.join("compose.yaml"), C).expect("a file");
    fs::write(
        directory.join("compose.override.yaml"),
        "services: {b: {image: y, env_file: web/b.env}}",
    )
    .expect("a file");
    fs::write(directory.join("web/b.env"), "B=$TAG\n").expect("a file");
    fs::write(directory.join(".env"), "TAG=1").expect("a file");
    let project = ComposeProject::open(&ProjectOptions::new(directory.join("web/src"), Env::new()))
        .expect("a project");
    assert_eq!(project.name, "myshop");
    assert_eq!(project.working_dir, directory);
    assert_eq!(
        project.config_files,
        [directory.join("compose.yaml"), directory.join("compose.override.yaml")]
    );
    assert_eq!(project.env.get("COMPOSE_PROJECT_NAME"), Some("myshop"));
    assert_eq!(project.env.get("PWD"), directory.join("web/src").to_str());
    assert_eq!(project.spec().services["a"].image.as_deref(), Some("x:1"));
    let b = project.spec().services["b"].environment.get("B").cloned().flatten().expect("a value");
    assert_eq!(b.expose(), "1");
    assert!(project.notices.is_empty());
}

#[cfg(unix)]
#[test]
fn a_project_named_after_a_link_says_so() {
    let root = tempfile::tempdir().expect("a directory");
    let root = root.path().canonicalize().expect("a path");
    fs::create_dir(root.join("real")).expect("a directory");
    fs::write(root.join("real/compose.yaml"), C).expect("a file");
    std::os::unix::fs::symlink("real", root.join("link")).expect("a link");
    let options = ProjectOptions::new(root.join("link"), Env::new());
    let project = ComposeProject::open(&options).expect("a project");
    assert_eq!(project.name, "link");
    assert_eq!(project.notices.len(), 1);
    assert!(project.notices[0].to_string().ends_with("is a symbolic link; using the name `link`"));
    let named = ProjectOptions { project_name: Some("mine".to_owned()), ..options };
    assert!(ComposeProject::open(&named).expect("a project").notices.is_empty());
}

#[test]
fn names_in_their_order() {
    let source = files(&[
        ("/The.Shop/compose.yaml", C),
        ("/q/compose.yaml", "name: Top.Level\nservices: {a: {image: x}}"),
        ("/\u{e4}/compose.yaml", C),
    ]);
    assert_eq!(name(&at("/The.Shop"), &source), "theshop");
    assert_eq!(name(&at("/q"), &source), "toplevel");
    let variable = ProjectOptions { env: env(&[("COMPOSE_PROJECT_NAME", "var")]), ..at("/q") };
    assert_eq!(name(&variable, &source), "var");
    let flag = ProjectOptions { project_name: Some("flag".to_owned()), ..variable };
    assert_eq!(name(&flag, &source), "flag");
    let bad = ProjectOptions { project_name: Some("My.Name".to_owned()), ..flag };
    assert_data_eq!(
        name(&bad, &source),
        str![
            "! invalid project name `My.Name`: must consist only of lowercase alphanumeric characters, hyphens, and underscores as well as start with a letter or number"
        ]
    );
    let bad = ProjectOptions { env: env(&[("COMPOSE_PROJECT_NAME", "_x")]), ..at("/q") };
    assert!(name(&bad, &source).starts_with("! invalid project name `_x`"));
    assert!(
        name(&at("/\u{e4}"), &source).contains("project name must not be empty"),
        "{}",
        name(&at("/\u{e4}"), &source)
    );
}

#[test]
fn refusals_name_the_path() {
    let source = files(&[("/p/compose.yaml", C), ("/p/d/x", "")]);
    let named = |file: &str| ProjectOptions { files: vec![file.into()], ..at("/p") };
    let open = |options: &ProjectOptions| refusal(ComposeProject::open_from(options, &source));
    assert_data_eq!(open(&named("no.yaml")), str!["open /p/no.yaml: no such file or directory"]);
    assert_data_eq!(open(&named("d")), str!["open /p/d: is a directory"]);
    assert_data_eq!(
        open(&named("-")),
        str!["the compose file is `-`, but nothing was given on standard input"]
    );
    assert_data_eq!(
        open(&at("/q")),
        str![
            "no configuration file provided: not found in /q or a folder above it (looked for compose.yaml, compose.yml, docker-compose.yml, docker-compose.yaml)"
        ]
    );
}

#[test]
fn standard_input_is_a_file() {
    let options = ProjectOptions {
        files: vec!["-".into()],
        stdin: Some(Sensitive::new(C.into())),
        ..at("/p")
    };
    let project = ComposeProject::open_from(&options, &Memory::default()).expect("a project");
    assert_eq!(project.spec().services["a"].image.as_deref(), Some("x:none"));
    assert_eq!((project.name.as_str(), project.config_files[0].to_str()), ("p", Some("-")));
}

#[test]
fn profiles_come_from_the_flag_or_the_variable() {
    let source = files(&[
        ("/p/compose.yaml", "services: {a: {image: x}, b: {image: x, profiles: [debug]}}"),
        ("/p/.env", "COMPOSE_PROFILES=other, debug"),
    ]);
    let services = |options: &ProjectOptions| {
        let project = ComposeProject::open_from(options, &source).expect("a project");
        project.spec().services.keys().cloned().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(services(&at("/p")), "a b");
    assert_eq!(services(&ProjectOptions { profiles: vec!["none".to_owned()], ..at("/p") }), "a");
}

#[test]
fn a_name_is_enough_where_files_are_not_needed() {
    let source =
        files(&[("/p/compose.yaml", C), ("/broken/compose.yaml", "services: {a: {imag: x}}")]);
    let open = |options: &ProjectOptions| match ProjectOrName::open_from(options, &source) {
        Ok(ProjectOrName::Project(project)) => format!("project {}", project.name),
        Ok(ProjectOrName::Name { name, why }) => format!(
            "name {name}, {}",
            why.map_or("no files wanted".to_owned(), |why| why.to_string())
        ),
        Err(error) => format!("! {error}"),
    };
    let named =
        |directory: &str| ProjectOptions { project_name: Some("shop".to_owned()), ..at(directory) };
    let variable = |directory: &str| ProjectOptions {
        env: env(&[("COMPOSE_PROJECT_NAME", "shop")]),
        ..at(directory)
    };
    assert_eq!(open(&at("/p")), "project p");
    assert_eq!(open(&named("/p")), "name shop, no files wanted");
    assert_eq!(open(&named("/nowhere")), "name shop, no files wanted");
    assert_eq!(
        open(&ProjectOptions { files: vec!["compose.yaml".into()], ..named("/p") }),
        "project shop"
    );
    assert_eq!(open(&variable("/p")), "project shop");
    assert!(
        open(&variable("/nowhere"))
            .starts_with("name shop, no configuration file provided: not found in /nowhere")
    );
    assert_eq!(
        open(&variable("/broken")),
        "name shop, /broken/compose.yaml:1:16: services.a: additional property `imag` is not allowed (did you mean `image`?)"
    );
    assert!(open(&at("/nowhere")).starts_with("! no configuration file"));
    assert!(open(&at("/broken")).starts_with("! /broken/compose.yaml:1:16"));
}
