//! Events of a tool that names containers by their ids alone.

use super::CliBackend;
use futures_util::{StreamExt as _, stream};
use perry_container_backend::{ContainerBackend as _, Flow, Result};
use perry_container_protocol::CliProtocol;
use perry_container_spec::{ContainerInfo, Id, Parts, RuntimeEvent, RuntimeEventKind, Selector};
use std::collections::BTreeMap;
use tokio::{sync::mpsc, task::JoinSet};

/// What events are told of besides their container's id; none of a container that was never seen.
struct Whose {
    name: String,
    image: String,
    labels: indexmap::IndexMap<String, String>,
}

impl From<ContainerInfo> for Whose {
    fn from(info: ContainerInfo) -> Self {
        Self { name: info.name, image: info.image, labels: info.labels }
    }
}

struct Naming<P> {
    backend: CliBackend<P>,
    of: Selector,
    flow: Flow<RuntimeEvent>,
    known: BTreeMap<Id, Option<Whose>>,
}

impl<P: CliProtocol> CliBackend<P> {
    /// Gives events their names and labels, and leaves out those of containers that are not selected. A container is
    /// looked at when it is first heard of. One that is gone by then is told of by nobody, and neither is one of
    /// another namespace.
    pub(super) fn named(&self, of: &Selector, flow: Flow<RuntimeEvent>) -> Flow<RuntimeEvent> {
        let mut naming =
            Naming { backend: self.clone(), of: of.clone(), flow, known: BTreeMap::new() };
        let (send, events) = mpsc::unbounded_channel();
        // at once, not when somebody reads: by then a short life may be over
        let mut task = JoinSet::new();
        task.spawn(async move {
            while let Some(event) = naming.next().await {
                if send.send(event).is_err() {
                    return;
                }
            }
        });
        // the task lives in the flow: dropping the flow ends it
        let next = |(mut events, task): (mpsc::UnboundedReceiver<_>, JoinSet<()>)| async move {
            Some((events.recv().await?, (events, task)))
        };
        stream::unfold((events, task), next).boxed()
    }
}

impl<P: CliProtocol> Naming<P> {
    async fn next(&mut self) -> Option<Result<RuntimeEvent>> {
        loop {
            let mut event = match self.flow.next().await? {
                Ok(event) if event.kind == RuntimeEventKind::Subscribed => {
                    self.begin().await;
                    return Some(Ok(event));
                }
                Ok(event) => event,
                Err(error) => return Some(Err(error)),
            };
            if event.kind == RuntimeEventKind::Other("update".to_owned()) {
                // a new name, or only a note of nerdctl's own
                if self.known.get(&event.id).is_some_and(Option::is_some) {
                    self.known.remove(&event.id);
                }
                continue;
            }
            if !self.known.contains_key(&event.id) {
                let whose = self.look(&event.id).await;
                self.known.insert(event.id.clone(), whose);
            }
            if let Some(whose) = self.known.get(&event.id).and_then(Option::as_ref) {
                let selected = self.of.matches(&whose.labels);
                event.name.clone_from(&whose.name);
                event.labels.clone_from(&whose.labels);
                event.attributes.insert("image".to_owned(), whose.image.clone());
                if event.kind == RuntimeEventKind::Destroy {
                    self.known.remove(&event.id);
                }
                if selected {
                    return Some(Ok(event));
                }
            }
        }
    }

    /// Those that are there, so that their end can be told even when they are gone by then.
    async fn begin(&mut self) {
        let of = Selector { labels: self.of.labels.clone(), ..Selector::default() };
        if let Ok(seen) = self.backend.observe(&of, Parts::CONTAINERS).await {
            self.known
                .extend(seen.containers.into_iter().map(|(id, info)| (id, Some(info.into()))));
        }
    }

    async fn look(&mut self, id: &Id) -> Option<Whose> {
        let about = self.backend.about("watch", id);
        let asked = self.backend.protocol.inspect_each(std::slice::from_ref(id));
        let each = self.backend.talk(&about, asked).await.ok()?;
        each.into_iter().find_map(|(_, info)| info.ok()).map(Whose::from)
    }
}
