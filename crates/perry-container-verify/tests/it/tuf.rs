//! Refreshing the public trust root, as far as it can be tried without the public repository.

use perry_container_verify::{Refresh, TrustRoot};
use std::time::Duration;

#[tokio::test]
async fn a_repository_that_does_not_answer_leaves_the_built_in_root_and_says_so() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let dir = tempfile::tempdir().unwrap();
    let root = include_bytes!("../../../../fixtures/sigs/trust/good.json").to_vec();
    let refresh = Refresh {
        cache: Some(dir.path().to_owned()),
        within: Duration::from_secs(5),
        repository: Some((url, root)),
        ..Refresh::new(None)
    };
    let refreshed = refresh.run().await.unwrap();
    assert_eq!(refreshed.root, TrustRoot::public());
    let note = refreshed.note.unwrap();
    assert!(note.starts_with("the public trust root could not be refreshed ("), "{note}");
    assert!(note.ends_with("the one of this program is used"), "{note}");
}
