//! The known name that was probably meant.

/// The nearest of `names` to `given`, if it is near enough to be a slip.
pub(super) fn nearest<'a>(given: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let bound = (given.chars().count() / 3).clamp(1, 4);
    names
        .filter(|name| name.len().abs_diff(given.len()) <= 4)
        .map(|name| (distance(given, name), name))
        .filter(|(distance, _)| *distance <= bound)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// How many letters must be put in, taken out, changed or swapped with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) =
        (a.to_lowercase().chars().take(64).collect(), b.chars().take(64).collect());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let changed = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = changed.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_found_and_strangers_are_not() {
        let names = ["image", "ports", "environment", "depends_on", "deploy", "user", "dns"];
        let near = |given| nearest(given, names.into_iter());
        assert_eq!(near("imagge"), Some("image"));
        assert_eq!(near("iamge"), Some("image"));
        assert_eq!(near("Image"), Some("image"));
        assert_eq!(near("port"), Some("ports"));
        assert_eq!(near("enviroment"), Some("environment"));
        assert_eq!(near("dependson"), Some("depends_on"));
        assert_eq!(near("foo"), None);
        assert_eq!(near("replicas"), None);
    }
}
