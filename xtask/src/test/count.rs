//! From what test runners print to numbers.

use std::ops::AddAssign;

/// Tests, or checks that count like tests.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl Count {
    pub(crate) fn passed(passed: u64) -> Self {
        Self { passed, ..Self::default() }
    }

    pub(crate) fn failed() -> Self {
        Self { failed: 1, ..Self::default() }
    }
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// Adds up every summary line of libtest and nextest in a text.
///
/// libtest: `test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; ...`;
/// nextest: `Summary [ 0.2s] 3/4 tests run: 3 passed (1 slow), 1 failed, 1 timed out, 2 skipped`.
/// What a filter left out counts as nothing.
pub(crate) fn in_output(text: &str) -> Count {
    let mut count = Count::default();
    for line in text.lines() {
        let line = without_colours(line);
        // What nextest shows of a single test is indented, and counted by its summary.
        if let Some(rest) = line.strip_prefix("test result: ") {
            let rest = rest.split_once(". ").map_or("", |(_, rest)| rest);
            add(&mut count, rest.split(';'), false);
        } else if let Some((_, rest)) = line.split_once("Summary [")
            && let Some((_, rest)) = rest.split_once(" run: ")
        {
            add(&mut count, rest.split(','), true);
        }
    }
    count
}

fn add<'a>(count: &mut Count, parts: impl Iterator<Item = &'a str>, nextest: bool) {
    for part in parts {
        let mut words = part.split_whitespace();
        let Some(number) = words.next().and_then(|word| word.parse::<u64>().ok()) else { continue };
        match words.next().unwrap_or_default() {
            "passed" => count.passed += number,
            "failed" | "timed" | "exec" => count.failed += number,
            "ignored" => count.skipped += number,
            // nextest says "skipped" both of ignored tests and of those that its filter left out
            "skipped" if nextest => count.skipped += number,
            _ => {}
        }
    }
}

fn without_colours(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        plain.push_str(before);
        rest = after.split_once('m').map_or("", |(_, after)| after);
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libtest_summaries_add_up() {
        let text = "running 4 tests\n\
             test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
             test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 7 filtered out; finished in 0.00s\n";
        assert_eq!(in_output(text), Count { passed: 4, failed: 2, skipped: 1 });
    }

    #[test]
    fn a_nextest_summary_counts_every_kind_of_failure() {
        let text = "\u{1b}[32m     Summary\u{1b}[0m [   0.214s] 9/10 tests run: 5 passed (1 slow), 2 failed, 1 timed out, 1 skipped\n";
        assert_eq!(in_output(text), Count { passed: 5, failed: 3, skipped: 1 });
    }

    #[test]
    fn text_about_tests_is_no_summary() {
        assert_eq!(in_output("test it::passed ... ok\n12 passed, in words\n"), Count::default());
    }
}
