//! Must hold 6: a large stack answers at once.

use std::fmt::Write as _;
use std::time::Duration;

use perry_container_lab_tests::Lane;

/// 300 services, each of which needs ten others.
fn stack() -> String {
    let mut text = "services:\n".to_owned();
    for number in 0..300_usize {
        let _ = write!(text, "  s{number}:\n    image: @graceful@\n    command: [idle]\n");
        let needed: Vec<String> =
            (1..=10).filter_map(|back| number.checked_sub(back)).map(|n| format!("s{n}")).collect();
        if !needed.is_empty() {
            let _ = writeln!(text, "    depends_on: [{}]", needed.join(", "));
        }
    }
    text
}

#[test]
fn three_hundred_services_answer_within_a_second() {
    Lane::DockerSocket.test("three_hundred_services_answer_within_a_second", |project| {
        project.file("compose.yaml", &stack());
        for args in [&["config", "-q"][..], &["config"], &["up", "-d", "--dry-run"]] {
            // The first of ten that the machine leaves alone: it is busy with the other tests.
            let within = |took: &Duration| *took < Duration::from_secs(1);
            let mut took = (0..10).map(|_| project.compose(args).checked().took);
            assert!(took.any(|took| within(&took)), "{args:?} never took less than a second");
        }
        project.assert_gone();
    });
}
