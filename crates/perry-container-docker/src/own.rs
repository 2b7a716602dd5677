//! Lines of nerdctl's own log, which it writes between those of a command.

/// As it writes them into a pipe.
const LOG: &[u8] = b"time=\"";

/// And onto a terminal.
const FATAL: &[u8] = b"\x1b[31mFATA\x1b[0m[";

/// How long a time may be.
const TIME: usize = 48;

const LEVELS: [&[u8]; 4] =
    [b"\" level=fatal ", b"\" level=error ", b"\" level=warning ", b"\" level=info "];

/// Whether a line, or as much of it as is there yet, is or may become one of the log.
pub(crate) fn may_be(line: &[u8]) -> bool {
    let begins = |with: &[u8]| line.starts_with(with) || with.starts_with(line);
    if begins(FATAL) {
        return true;
    }
    if !begins(LOG) {
        return false;
    }
    let Some(rest) = line.get(LOG.len()..) else { return true };
    let Some(end) = rest.iter().position(|byte| *byte == b'"') else { return rest.len() < TIME };
    let rest = &rest[end..];
    LEVELS.iter().any(|level| rest.starts_with(level) || level.starts_with(rest))
}

/// Whether a whole line is one of the log.
pub(crate) fn is(line: &[u8]) -> bool {
    let whole = |level: &&[u8]| line.windows(level.len()).any(|part| part == *level);
    may_be(line) && (line.starts_with(FATAL) || LEVELS.iter().any(whole))
}
