//! Progress of `pull` and `push`, as the tools print it where there is no terminal.

use perry_container_spec::PullStep;

/// A step out of a line; `None` for a line that tells none.
///
/// nerdctl: `layer-sha256:...: downloading |++--|`, again and again, with colours. docker: `a1b2c3d4e5f6: Pull complete`, `Status: Downloaded newer image for x`. podman: `Copying blob sha256:...`.
pub(crate) fn step(line: &[u8]) -> Option<PullStep> {
    let line = String::from_utf8_lossy(line);
    let line = line.trim();
    if let Some((what, bar)) = line.split_once('|')
        && bar.starts_with('\u{1b}')
    {
        return bar_of(what);
    }
    if line.is_empty()
        || line.starts_with("elapsed: ")
        || line.starts_with("time=\"")
        || line.starts_with("Error")
    {
        return None;
    }
    if let Some((layer, text)) = line.split_once(": ")
        && layer.len() == 12
        && layer.bytes().all(|b| b.is_ascii_hexdigit())
    {
        return Some(PullStep {
            layer: Some(layer.to_owned()),
            text: text.to_owned(),
            ..PullStep::default()
        });
    }
    for verb in ["Copying blob ", "Copying config "] {
        if let Some(digest) = line.strip_prefix(verb) {
            let hex = digest.strip_prefix("sha256:").unwrap_or(digest);
            let layer: String = hex.chars().take_while(char::is_ascii_hexdigit).take(12).collect();
            let done = digest.ends_with("done");
            let text = if done {
                format!("{}: done", verb.trim_end())
            } else {
                verb.trim_end().to_owned()
            };
            return Some(PullStep { layer: Some(layer), text, ..PullStep::default() });
        }
    }
    let id = line.len() == 64 && line.bytes().all(|b| b.is_ascii_hexdigit());
    (!id).then(|| PullStep { text: line.to_owned(), ..PullStep::default() })
}

/// nerdctl's line about one thing: `layer-sha256:...: done`.
fn bar_of(what: &str) -> Option<PullStep> {
    let (name, state) = what.trim().rsplit_once(':')?;
    let layer = name.strip_prefix("layer-sha256:").map(|hex| hex.chars().take(12).collect());
    let state = state.trim();
    let text = if layer.is_some() { state.to_owned() } else { format!("{name}: {state}") };
    (!state.is_empty()).then(|| PullStep { layer, text, ..PullStep::default() })
}
