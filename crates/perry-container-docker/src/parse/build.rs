//! Progress of `build`.

use super::image_id;
use crate::errors;
use perry_container_protocol::{LineReader, Output, Reader, ToolError};
use perry_container_spec::{BuildStep, LogSource};
use std::sync::{Arc, Mutex};

/// Lines, then the image's id: podman prints it last, buildx tells it between its lines.
pub(crate) fn reader(errors: errors::Reader) -> impl Reader<Item = BuildStep> + 'static {
    let built: Arc<Mutex<Option<String>>> = Arc::default();
    let seen = Arc::clone(&built);
    let line = move |source: LogSource, line: &[u8]| {
        let text = String::from_utf8_lossy(line).into_owned();
        if let (Some(id), Ok(mut seen)) = (id(source, &text), seen.lock()) {
            *seen = Some(id);
        }
        let noise = text.is_empty() || text.starts_with("time=\"");
        Ok((!noise).then_some(BuildStep::Line(text)))
    };
    let end = move |last: &Output<'_>, items: &mut Vec<BuildStep>| {
        errors.accepted(last)?;
        let built = built.lock().ok().and_then(|mut built| built.take());
        let id =
            built.ok_or_else(|| ToolError::Malformed { why: "it names no image".to_owned() })?;
        items.push(BuildStep::Built(id));
        Ok(())
    };
    LineReader::new(line, end)
}

/// The id that a line tells.
fn id(source: LogSource, line: &str) -> Option<String> {
    if source == LogSource::Stdout && image_id(line).len() == 71 {
        return Some(image_id(line));
    }
    // `#7 writing image sha256:...`, with the containerd store `#7 exporting config sha256:...`, or for several
    // platforms `exporting manifest list sha256:...`
    let (_, rest) = line.strip_prefix('#')?.split_once(' ')?;
    let digest = ["writing image ", "exporting manifest list ", "exporting config "]
        .iter()
        .find_map(|verb| rest.strip_prefix(verb))?;
    let id = digest.split(' ').next()?;
    (id.len() == 71 && id.starts_with("sha256:")).then(|| id.to_owned())
}
