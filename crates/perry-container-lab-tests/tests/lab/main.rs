//! perry-compose on real engines. One test per lane; see the crate's README.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod again;
mod attached;
mod bad_input;
mod big;
mod calls;
mod compose_lifecycle_test;
mod container_lifecycle_test;
mod contract;
mod ctrl_c;
mod digests;
mod faces;
mod failures;
mod halt;
mod keeper;
mod kept;
mod kills;
mod lab;
mod locks;
mod looks;
mod same_everywhere;
