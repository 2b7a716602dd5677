use crate::{at, env, files, refusal};
use perry_container_project::{ComposeProject, ProjectOptions};
use snapbox::{assert_data_eq, str};

const C: &str = "
services:
  a: {image: x, secrets: [file, variable, unset, gone, theirs], configs: [inline, named]}
secrets:
  file: {file: ./secret.bin}
  variable: {environment: TOKEN}
  unset: {environment: NOWHERE}
  gone: {file: ./gone.txt}
  theirs: {external: true}
configs:
  inline: {content: 'for ${WHO}'}
  named: {environment: TOKEN}
";

#[test]
fn content_comes_from_files_variables_and_the_document() {
    let source =
        files(&[("/p/compose.yaml", C), ("/p/secret.bin", "\u{1}s3cret"), ("/p/.env", "WHO=me")]);
    let options = ProjectOptions { env: env(&[("TOKEN", "t0ken")]), ..at("/p") };
    let project = ComposeProject::open_from(&options, &source).expect("a project");
    let secret = |key| project.secret_content(key, &source);
    assert_eq!(secret("file").expect("bytes").expose(), b"\x01s3cret");
    assert_eq!(secret("variable").expect("bytes").expose(), b"t0ken");
    assert_eq!(project.config_content("inline", &source).expect("bytes").expose(), b"for me");
    assert_eq!(project.config_content("named", &source).expect("bytes").expose(), b"t0ken");
    assert_data_eq!(
        refusal(secret("unset")),
        str![[r#"environment variable "NOWHERE" required by secret "unset" is not set"#]]
    );
    assert_data_eq!(
        refusal(secret("gone")),
        str!["cannot read secret `gone`: open /p/gone.txt: no such file or directory"]
    );
    assert_data_eq!(
        refusal(secret("theirs")),
        str![
            "secret `theirs` is provided by the engine or a driver, so its content is not known here"
        ]
    );
    assert_data_eq!(refusal(secret("nope")), str!["no secret `nope` in project `p`"]);
    assert!(!format!("{:?}", secret("variable")).contains("t0ken"));
    assert!(!format!("{project:?}").contains("t0ken"));
}
