//! A terminal of our own for a child: one that belongs to a background group of the user's terminal would be stopped.

use crate::Window;
use rustix::{
    fs::{Mode, OFlags},
    pty::OpenptFlags,
    termios::{OptionalActions, Winsize},
};
use std::{
    io,
    os::fd::OwnedFd,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};
use tokio::io::{AsyncRead, ReadBuf, unix::AsyncFd};

/// Opens a pair: our side and the child's. It starts raw, so that nothing typed before the tool has prepared its
/// terminal is echoed or held back.
pub(super) fn open(window: Window) -> io::Result<(OwnedFd, OwnedFd)> {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY;
    #[cfg(target_os = "linux")]
    let flags = flags | OpenptFlags::CLOEXEC;
    let ours = rustix::pty::openpt(flags)?;
    rustix::io::fcntl_setfd(&ours, rustix::io::FdFlags::CLOEXEC)?;
    rustix::pty::grantpt(&ours)?;
    rustix::pty::unlockpt(&ours)?;
    let name = rustix::pty::ptsname(&ours, Vec::new())?;
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    let theirs = rustix::fs::open(&*name, flags, Mode::empty())?;
    let mut raw = rustix::termios::tcgetattr(&theirs)?;
    raw.make_raw();
    rustix::termios::tcsetattr(&theirs, OptionalActions::Now, &raw)?;
    rustix::termios::tcsetwinsize(&ours, size(window))?;
    let status = rustix::fs::fcntl_getfl(&ours)?;
    rustix::fs::fcntl_setfl(&ours, status | OFlags::NONBLOCK)?;
    Ok((ours, theirs))
}

fn size(Window { columns, rows }: Window) -> Winsize {
    Winsize { ws_col: columns, ws_row: rows, ws_xpixel: 0, ws_ypixel: 0 }
}

/// Our side of a terminal.
#[derive(Debug, Clone)]
pub(super) struct Pty(Arc<AsyncFd<OwnedFd>>);

impl Pty {
    /// Takes our side of a pair; in a runtime.
    #[expect(unsafe_code, reason = "the safe way to watch a descriptor is deprecated")]
    pub(super) fn new(ours: OwnedFd) -> io::Result<Self> {
        // SAFETY: an `OwnedFd` names the same open descriptor until it is dropped, and only `AsyncFd` has it.
        let watched = unsafe { AsyncFd::register(ours) }?;
        Ok(Self(Arc::new(watched)))
    }

    /// Types.
    pub(super) async fn write_all(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let mut ready = self.0.writable().await?;
            match ready.try_io(|fd| rustix::io::write(fd, bytes).map_err(Into::into)) {
                Ok(Ok(n)) => bytes = &bytes[n..],
                Ok(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(Err(error)) => return Err(error),
                Err(_would_block) => {}
            }
        }
        Ok(())
    }

    /// Gives it another size; the child's foreground group is told by SIGWINCH.
    pub(super) fn resize(&self, window: Window) -> io::Result<()> {
        Ok(rustix::termios::tcsetwinsize(&*self.0, size(window))?)
    }
}

impl AsyncRead for Pty {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            let mut ready = ready!(self.0.poll_read_ready(cx))?;
            let into = buf.initialize_unfilled();
            match ready.try_io(|fd| rustix::io::read(fd, &mut *into).map_err(Into::into)) {
                Ok(Ok(n)) => {
                    buf.advance(n);
                    return Poll::Ready(Ok(()));
                }
                // Linux says EIO once the last process has closed its side.
                Ok(Err(error))
                    if error.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error()) =>
                {
                    return Poll::Ready(Ok(()));
                }
                Ok(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(Err(error)) => return Poll::Ready(Err(error)),
                Err(_would_block) => {}
            }
        }
    }
}
