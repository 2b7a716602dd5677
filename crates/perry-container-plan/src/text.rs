//! The text form: one line a node.

use crate::{Act, Edge, Plan, Step, Why};
use std::fmt;

/// `#4 create db-1 (missing) needs 0 2 follows 3`.
impl<A: Act> fmt::Display for Plan<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (id, node) in self.nodes.iter().enumerate() {
            write!(f, "#{id} ")?;
            match &node.step {
                Step::Act(action) => write!(f, "{action}")?,
                Step::Barrier => write!(f, "barrier")?,
                Step::Commit => write!(f, "commit")?,
            }
            match &node.why {
                Why::Cause(cause) => write!(f, " ({cause})")?,
                Why::Undoes(node) => write!(f, " (undoes #{node})")?,
                Why::Order => {}
            }
            for (kind, word) in [(Edge::Needs, "needs"), (Edge::Follows, "follows")] {
                let mut word = Some(word);
                for (before, _) in node.after.iter().filter(|(_, edge)| *edge == kind) {
                    word.take().map_or(Ok(()), |word| write!(f, " {word}"))?;
                    write!(f, " {before}")?;
                }
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
