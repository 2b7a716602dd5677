//! Several logs as one, in the order of time. It holds one line of each.

use super::{
    LogLine,
    lines::{Lines, in_order},
};
use crate::EngineError;
use futures_util::{Stream, StreamExt as _, stream};

/// A log and its next line.
struct Source {
    lines: Lines,
    next: Option<LogLine>,
}

/// Lines without a time come as soon as it is their log's turn. Ends with the first error.
pub(super) fn by_time(
    flows: Vec<Lines>,
) -> impl Stream<Item = Result<LogLine, EngineError>> + Send {
    let sources: Vec<Source> =
        flows.into_iter().map(|lines| Source { lines, next: None }).collect();
    stream::unfold((sources, true), |(mut sources, alive)| async move {
        if !alive {
            return None;
        }
        let mut n = 0;
        while n < sources.len() {
            if sources[n].next.is_none() {
                match sources[n].lines.next().await {
                    Some(Ok(line)) => sources[n].next = Some(line),
                    Some(Err(error)) => return Some((Err(error), (sources, false))),
                    None => {
                        drop(sources.remove(n));
                        continue;
                    }
                }
            }
            n += 1;
        }
        let first = (0..sources.len()).min_by(|a, b| {
            let time = |n: &usize| sources[*n].next.as_ref().and_then(|line| line.time.as_deref());
            in_order(time(a), time(b))
        })?;
        let line = sources[first].next.take()?;
        Some((Ok(line), (sources, true)))
    })
}
