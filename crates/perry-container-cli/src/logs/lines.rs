//! From chunks of several containers to whole lines with prefixes.

use super::colour::{Colour, Colours};
use perry_container_compose::spec::LogSource;
use std::io::{self, Write};

/// Where lines go.
#[derive(Debug)]
pub(crate) struct Sink<O, E> {
    pub(crate) out: O,
    pub(crate) err: E,
}

/// One container among those that print.
#[derive(Debug)]
struct Lane {
    name: String,
    colour: Colour,
    time: [Option<String>; 2],
    open: [Vec<u8>; 2],
}

/// Prints the lines of several containers, each line whole, with the container's name before it.
///
/// A line appears when its end has come, so two containers never share one. What has no end yet when a container is done
/// becomes a line of its own.
#[derive(Debug)]
pub(crate) struct Printer {
    lanes: Vec<Lane>,
    colours: Colours,
    prefix: bool,
    width: usize,
}

/// A line longer than this is printed in pieces, so that output without line ends cannot fill the memory.
const LONGEST: usize = 1 << 20;

impl Printer {
    /// With the names before the lines, or without.
    pub(crate) const fn new(colours: Colours, prefix: bool) -> Self {
        Self { lanes: Vec::new(), colours, prefix, width: 0 }
    }

    /// A container that will print; the number is how it is called from now on. One that is known keeps number and colour.
    pub(crate) fn add(&mut self, name: &str) -> usize {
        if let Some(known) = self.lanes.iter().position(|lane| lane.name == name) {
            return known;
        }
        self.width = self.width.max(name.chars().count());
        let colour = self.colours.next();
        self.lanes.push(Lane {
            name: name.to_owned(),
            colour,
            time: [None, None],
            open: [Vec::new(), Vec::new()],
        });
        self.lanes.len() - 1
    }

    /// A piece of output; `time` is printed before each line that begins in it.
    pub(crate) fn chunk<O: Write, E: Write>(
        &mut self,
        sink: &mut Sink<O, E>,
        lane: usize,
        source: LogSource,
        time: Option<&str>,
        bytes: &[u8],
    ) -> io::Result<()> {
        let prefix = self.before(lane);
        let side = usize::from(source == LogSource::Stderr);
        let Some(lane) = self.lanes.get_mut(lane) else { return Ok(()) };
        let (open, stamp) = (&mut lane.open[side], &mut lane.time[side]);
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            if open.is_empty() {
                *stamp = time.map(str::to_owned);
            }
            open.extend_from_slice(piece);
            if piece.ends_with(b"\n") || open.len() > LONGEST {
                let line = std::mem::take(open);
                sink.line(source, &prefix, stamp.as_deref(), &line)?;
            }
        }
        sink.flush()
    }

    /// The container prints no more.
    pub(crate) fn end<O: Write, E: Write>(
        &mut self,
        sink: &mut Sink<O, E>,
        lane: usize,
    ) -> io::Result<()> {
        let prefix = self.before(lane);
        let Some(lane) = self.lanes.get_mut(lane) else { return Ok(()) };
        for (side, source) in [LogSource::Stdout, LogSource::Stderr].into_iter().enumerate() {
            let line = std::mem::take(&mut lane.open[side]);
            if !line.is_empty() {
                sink.line(source, &prefix, lane.time[side].as_deref(), &line)?;
            }
        }
        sink.flush()
    }

    /// Something that is said of a container: `web-1 exited with code 0`.
    pub(crate) fn status<O: Write, E: Write>(
        &mut self,
        sink: &mut Sink<O, E>,
        lane: usize,
        what: &str,
    ) -> io::Result<()> {
        self.end(sink, lane)?;
        let Some(lane) = self.lanes.get(lane) else { return Ok(()) };
        writeln!(sink.out, "{}", lane.colour.paint(&format!("{} {what}", lane.name)))?;
        sink.flush()
    }

    fn before(&self, lane: usize) -> String {
        match self.lanes.get(lane).filter(|_| self.prefix) {
            Some(lane) => {
                let width = self.width + 1;
                lane.colour.paint(&format!("{:<width$} | ", lane.name))
            }
            None => String::new(),
        }
    }
}

impl<O: Write, E: Write> Sink<O, E> {
    fn line(
        &mut self,
        source: LogSource,
        prefix: &str,
        time: Option<&str>,
        line: &[u8],
    ) -> io::Result<()> {
        let to: &mut dyn Write = match source {
            LogSource::Stdout => &mut self.out,
            LogSource::Stderr => &mut self.err,
        };
        let mut whole = prefix.as_bytes().to_vec();
        if let Some(time) = time {
            whole.extend_from_slice(time.as_bytes());
            whole.push(b' ');
        }
        whole.extend_from_slice(line);
        if !line.ends_with(b"\n") {
            whole.push(b'\n');
        }
        to.write_all(&whole)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()?;
        self.err.flush()
    }
}
