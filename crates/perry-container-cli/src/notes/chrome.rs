//! Spans as events of Chrome's trace format (the JSON array of it): `B` when one begins, `E` when it ends.

use super::sink::Sink;
use serde_json::{Map, Value, json};
use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};
use tracing::{
    Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{
    layer::{Context, Layer},
    registry::LookupSpan,
};

/// Writes spans.
#[derive(Debug, Clone)]
pub(super) struct Chrome(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    sink: Sink,
    begun: Instant,
    /// Which tracks are taken, and the open spans on each. A viewer draws a track as a stack, so what runs at once needs
    /// several.
    tracks: Vec<Track>,
    /// How many spans there were.
    spans: u64,
    finished: bool,
}

#[derive(Debug, Default)]
struct Track {
    taken: bool,
    open: Vec<&'static str>,
}

/// What is known of a span that is open.
struct Open {
    /// In the order in which spans begin.
    number: u64,
    track: usize,
    /// It has opened its track; else it lies on its parent's.
    owner: bool,
    /// A child lies on the same track.
    covered: bool,
    /// What was recorded since it began.
    late: Map<String, Value>,
}

impl Chrome {
    pub(super) fn new(mut sink: Sink, command: &str) -> Self {
        let name = json!({ "name": format!("perry-compose {command}") });
        sink.push(&json!({"name": "process_name", "ph": "M", "pid": 1, "tid": 0, "args": name}));
        #[expect(clippy::disallowed_methods, reason = "how long things take, for people to see")]
        let begun = Instant::now();
        Self(Arc::new(Mutex::new(State {
            sink,
            begun,
            tracks: Vec::new(),
            spans: 0,
            finished: false,
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The command is over, and with it whatever a task has not let go of yet.
    pub(super) fn finish(&self) -> std::io::Result<()> {
        let mut state = self.state();
        for track in 0..state.tracks.len() {
            while !state.tracks[track].open.is_empty() {
                state.end(track, &Map::new());
            }
        }
        state.finished = true;
        state.sink.finish()
    }
}

impl State {
    /// Microseconds since the command began.
    fn now(&self) -> f64 {
        self.begun.elapsed().as_nanos() as f64 / 1000.0
    }

    fn free_track(&mut self) -> usize {
        let free = self.tracks.iter().position(|track| !track.taken);
        let track = free.unwrap_or_else(|| {
            self.tracks.push(Track::default());
            self.tracks.len() - 1
        });
        self.tracks[track].taken = true;
        track
    }

    /// Ends what lies on top of a track.
    fn end(&mut self, track: usize, args: &Map<String, Value>) {
        let Some(kind) = self.tracks[track].open.pop().filter(|_| !self.finished) else { return };
        let event = json!({
            "cat": kind, "ph": "E", "ts": self.now(), "pid": 1, "tid": track + 1, "args": args,
        });
        self.sink.push(&event);
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Chrome {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut args = Fields::default();
        attributes.record(&mut args);
        let mut state = self.state();
        let mut shared = None;
        if let Some(parent) = span.parent() {
            let mut extensions = parent.extensions_mut();
            if let Some(open) = extensions.get_mut::<Open>() {
                args.0.insert("parent".to_owned(), open.number.into());
                shared = (!open.covered).then_some(open.track);
                open.covered = true;
            }
        }
        state.spans += 1;
        let number = state.spans;
        args.0.insert("id".to_owned(), number.into());
        let track = shared.unwrap_or_else(|| state.free_track());
        let kind = span.name();
        let said = |name| args.0.get(name).and_then(Value::as_str);
        // People look for what was done; the kind is what programs look for.
        let name = said("text").or_else(|| said("method")).or_else(|| said("name")).unwrap_or(kind);
        let event = json!({
            "name": name, "cat": kind, "ph": "B", "ts": state.now(), "pid": 1, "tid": track + 1, "args": args.0,
        });
        if !state.finished {
            state.sink.push(&event);
        }
        state.tracks[track].open.push(kind);
        let owner = shared.is_none();
        let open = Open { number, track, owner, covered: false, late: Map::new() };
        span.extensions_mut().insert(open);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut extensions = span.extensions_mut();
        if let Some(open) = extensions.get_mut::<Open>() {
            let mut late = Fields(std::mem::take(&mut open.late));
            values.record(&mut late);
            open.late = late.0;
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let Some(open) = span.extensions_mut().remove::<Open>() else { return };
        let mut state = self.state();
        state.end(open.track, &open.late);
        if open.owner {
            state.tracks[open.track].taken = false;
        } else if let Some(parent) = span.parent()
            && let Some(open) = parent.extensions_mut().get_mut::<Open>()
        {
            open.covered = false;
        }
    }
}

/// Fields as JSON.
#[derive(Debug, Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn put(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format!("{value:?}"));
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value);
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }
}
