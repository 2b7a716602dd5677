use crate::at;
use perry_container_project::{Env, FILE_NAMES, Memory, OVERRIDE_NAMES, ProjectOptions, discover};
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use std::path::{Path, PathBuf};

const DIRECTORIES: [&str; 3] = ["/a/b/c", "/a/b", "/a"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    /// The nearest directory with any of the names wins, in it the first name, and an override only from there.
    #[test]
    fn the_nearest_directory_and_the_first_name_win(present in btree_set((0..3_usize, 0..8_usize), 0..8)) {
        let name = |at: usize| if at < 4 { FILE_NAMES[at] } else { OVERRIDE_NAMES[at - 4] };
        let path = |&(directory, file): &(usize, usize)| Path::new(DIRECTORIES[directory]).join(name(file));
        let mut source: Memory = present.iter().map(|at| (path(at), "")).collect();
        source.insert("/a/b/c/other", "");
        let found = discover(&at(DIRECTORIES[0]), &source).expect("nothing can be wrong");
        let file = present.iter().find(|(_, file)| *file < 4);
        let beside = file.and_then(|file| present.iter().find(|(directory, at)| *directory == file.0 && *at >= 4));
        let expected: Vec<PathBuf> = file.into_iter().chain(beside).map(path).collect();
        prop_assert_eq!(&found.config_files, &expected);
        let directory = file.map_or(DIRECTORIES[0], |file| DIRECTORIES[file.0]);
        prop_assert_eq!(found.working_dir, Path::new(directory));
    }

    /// Whatever is said, there is an answer, and every path in it is absolute and clean.
    #[test]
    fn any_flags_and_variables_have_an_answer(
        files in vec("[-a-c./:]{0,6}", 0..3),
        directory in proptest::option::of("[a-c./]{0,5}"),
        variables in vec(("(COMPOSE_(FILE|PATH_SEPARATOR|ENV_FILES|PROFILES|PROJECT_NAME|DISABLE_ENV_FILE)|PWD)", "[ -~]{0,8}"), 0..4),
        dot_env in "[ -~\n]{0,40}",
    ) {
        let source: Memory = [("/a/compose.yaml", "services: {}"), ("/a/.env", dot_env.as_str())].into_iter().collect();
        let options = ProjectOptions {
            files: files.iter().map(PathBuf::from).collect(),
            project_directory: directory.map(PathBuf::from),
            ..ProjectOptions::new("/a/b", variables.into_iter().collect::<Env>())
        };
        if let Ok(found) = discover(&options, &source) {
            for path in found.config_files.iter().chain([&found.working_dir]).filter(|path| path.as_os_str() != "-") {
                prop_assert!(path.is_absolute(), "{}", path.display());
                prop_assert!(!path.to_string_lossy().split('/').any(|part| part == ".."), "{}", path.display());
            }
        }
    }
}
