//! The output of several containers as lines. Prefixes and colours are a face's business.

mod follow;
mod lines;
mod merge;

pub(crate) use follow::From;
pub(crate) use lines::last_lines;

use crate::{EngineError, Session};
use futures_util::{Stream, StreamExt as _, TryStreamExt as _, stream};
use indexmap::IndexSet;
use perry_container_reconcile::{is_oneoff, service_of, unit_of};
use perry_container_spec::{ContainerInfo, LogSource, Timestamp};
use serde::Serialize;
use std::pin::Pin;

/// How many logs are opened at once.
const AT_ONCE: usize = 8;

/// One line of one container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogLine {
    /// The service.
    pub service: String,
    /// Which of its containers; absent for one-off containers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<u32>,
    /// The container's name.
    pub container: String,
    /// Where it was printed.
    pub source: LogSource,
    /// When it was printed, where the runtime tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<Timestamp>,
    /// Without its end; bytes that are no UTF-8 are U+FFFD. Longer ones than 64 KiB come in pieces.
    pub line: String,
}

/// What a log tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "event")]
#[non_exhaustive]
pub enum LogItem {
    /// A container printed a line.
    Line(LogLine),
    /// A container that was followed ended. It may be started again.
    Ended {
        /// The service.
        service: String,
        /// The container's name.
        container: String,
        /// Its exit status, where the runtime tells.
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<i32>,
    },
}

/// Lines as they come. It ends with its first error; dropping it ends what feeds it.
pub type LogFlow = Pin<Box<dyn Stream<Item = Result<LogItem, EngineError>> + Send>>;

/// Which part of which logs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogsOptions {
    /// Of these services; empty: all.
    pub services: IndexSet<String>,
    /// Of the container with this number only.
    pub index: Option<u32>,
    /// Wait for more, also from containers that are made or started later.
    pub follow: bool,
    /// Only the last so many lines of each container; all when absent.
    pub tail: Option<u64>,
    /// RFC 3339, or seconds since 1970 as text.
    pub since: Option<Timestamp>,
    /// RFC 3339, or seconds since 1970 as text.
    pub until: Option<Timestamp>,
}

impl LogsOptions {
    fn takes(&self, seen: &ContainerInfo) -> bool {
        let unit = unit_of(seen);
        let service = service_of(seen).unwrap_or_default();
        (self.services.is_empty() || self.services.contains(service))
            && match self.index {
                Some(index) => unit.is_some_and(|unit| unit.number == index),
                None => !is_oneoff(seen),
            }
    }
}

/// Whose lines they are.
#[derive(Debug, Clone)]
struct Whose {
    id: String,
    service: String,
    number: Option<u32>,
    container: String,
}

impl Whose {
    fn of(seen: &ContainerInfo) -> Self {
        Self {
            id: seen.id.clone(),
            service: service_of(seen).unwrap_or_default().to_owned(),
            number: unit_of(seen).map(|unit| unit.number),
            container: seen.name.clone(),
        }
    }

    fn line(&self, raw: lines::RawLine) -> LogLine {
        LogLine {
            service: self.service.clone(),
            number: self.number,
            container: self.container.clone(),
            source: raw.source,
            time: raw.time,
            line: raw.text,
        }
    }
}

impl Session {
    /// The output of a project's containers: without `follow` merged in the order of time, with it as it comes.
    ///
    /// # Errors
    /// [`perry_container_reconcile::ReconcileError::NoSuchService`] is the face's to say; here a service without
    /// containers is silent. The runtime's errors.
    pub async fn logs(&self, project: &str, options: &LogsOptions) -> Result<LogFlow, EngineError> {
        if options.follow {
            return self.follow(project, options.clone(), From::Options).await;
        }
        let observed = self.containers(project).await?;
        let mut all: Vec<&ContainerInfo> =
            observed.containers.values().filter(|seen| options.takes(seen)).collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        let opening =
            all.into_iter().map(|seen| lines::open(&self.backend, Whose::of(seen), options, false));
        let flows = stream::iter(opening).buffered(AT_ONCE).try_collect().await?;
        Ok(merge::by_time(flows).map(|line| line.map(LogItem::Line)).boxed())
    }
}
