//! Arguments that are files.

use perry_container_protocol::{Arg, Invocation};
use std::{
    ffi::OsString,
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
};
use tempfile::TempDir;

/// The arguments as the system takes them. What is a file is written with mode 0600 into a new directory of mode 0700
/// in `base`, which goes away with the value that is returned.
pub(super) fn materialise(
    call: &Invocation,
    base: &Path,
) -> io::Result<(Vec<OsString>, Option<TempDir>)> {
    let mut home: Option<TempDir> = None;
    let mut args = Vec::with_capacity(call.args.len());
    for (n, arg) in call.args.iter().enumerate() {
        let (prefix, content) = match arg {
            Arg::Text(text) => {
                args.push(OsString::from(text));
                continue;
            }
            Arg::File { prefix, content } => (prefix, content),
        };
        let dir = match home.take() {
            Some(dir) => dir,
            None => tempfile::Builder::new()
                .prefix("perry-")
                .permissions(fs::Permissions::from_mode(0o700))
                .tempdir_in(base)?,
        };
        let path = home.insert(dir).path().join(n.to_string());
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        file.write_all(content.expose())?;
        let mut arg = OsString::from(prefix);
        arg.push(path);
        args.push(arg);
    }
    Ok((args, home))
}
