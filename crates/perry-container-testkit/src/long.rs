//! How much is tested.

/// Whether long suites run in full (`cargo xtask test --long`), and not only a sample of them.
#[expect(clippy::disallowed_methods, reason = "tests have no other front door")]
pub fn long() -> bool {
    std::env::var("PERRY_TEST_LONG").is_ok_and(|value| value == "1")
}
