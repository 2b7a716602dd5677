//! The shapes in which tools print JSON.

use serde_json::{Deserializer, Value};

/// All values in a text that holds an array, or one value after the other (docker and nerdctl print one object a line,
/// podman one array; an empty result is nothing, or `[]`). Never split at newlines: strings may hold them.
///
/// ```
/// # use perry_container_protocol::values;
/// assert_eq!(values(b"[{\"a\":1},{\"a\":2}]")?.len(), 2);
/// assert_eq!(values(b"{\"a\":1}\n{\"a\":2}\n")?.len(), 2);
/// assert_eq!(values(b"\n")?.len(), 0);
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// # Errors
/// When the text is no JSON.
pub fn values(text: &[u8]) -> Result<Vec<Value>, serde_json::Error> {
    let mut all = Vec::new();
    for value in Deserializer::from_slice(text).into_iter::<Value>() {
        match value? {
            Value::Array(values) => all.extend(values),
            Value::Null => {}
            value => all.push(value),
        }
    }
    Ok(all)
}
