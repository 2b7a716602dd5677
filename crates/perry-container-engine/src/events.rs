//! Events as long as somebody wants them: runtimes end them on their own (podman 4.3.1 with its events in a file).

use crate::{EngineError, Session};
use futures_util::{StreamExt as _, stream};
use jiff::Timestamp;
use perry_container_backend::{BackendError, ContainerBackend, Flow, Result};
use perry_container_spec::{ErrorKind, EventOptions, RuntimeEvent, RuntimeEventKind, Selector};
use std::sync::Arc;

/// How often in a row a runtime may end the events without having told one.
const IN_VAIN: usize = 5;

struct Following {
    backend: Arc<dyn ContainerBackend>,
    of: Selector,
    how: EventOptions,
    flow: Option<Flow<RuntimeEvent>>,
    /// Of the last event; what is told again from here on is known.
    last: Option<Timestamp>,
    in_vain: usize,
}

/// Subscribes, and again where the runtime ends what has no end.
pub(crate) async fn follow(
    session: &Session,
    of: Selector,
    how: EventOptions,
) -> std::result::Result<Flow<RuntimeEvent>, EngineError> {
    let backend = Arc::clone(&session.backend);
    let flow = Some(backend.events(&of, &how).await?);
    let state = Following { backend, of, how, flow, last: None, in_vain: 0 };
    Ok(stream::unfold(state, Following::next).boxed())
}

impl Following {
    async fn next(mut self) -> Option<(Result<RuntimeEvent>, Self)> {
        loop {
            let item = self.flow.as_mut()?.next().await;
            match item {
                Some(Ok(event)) => {
                    let time = event.time.parse::<Timestamp>().ok();
                    if event.kind == RuntimeEventKind::Subscribed {
                        self.last = self.last.or(time);
                    } else if self.in_vain > 0 && time.is_some() && time <= self.last {
                        continue;
                    } else {
                        (self.last, self.in_vain) = (time.or(self.last), 0);
                    }
                    return Some((Ok(event), self));
                }
                Some(Err(error)) => {
                    self.flow = None;
                    return Some((Err(error), self));
                }
                None if self.how.until.is_some() => return None,
                None => {
                    self.in_vain += 1;
                    let again = match self.in_vain {
                        ..=IN_VAIN => {
                            self.how.since = self.last.map(|last| last.to_string());
                            self.backend.events(&self.of, &self.how).await
                        }
                        _ => {
                            let text = "the runtime keeps ending them";
                            Err(BackendError::new("watch", "events", ErrorKind::Cut, text))
                        }
                    };
                    match again {
                        Ok(flow) => self.flow = Some(flow),
                        Err(error) => {
                            self.flow = None;
                            return Some((Err(error), self));
                        }
                    }
                }
            }
        }
    }
}
