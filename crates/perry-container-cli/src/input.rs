//! Standard input as a flow, with the sizes of the terminal.

use crate::{failure::Failure, terminal};
use futures_util::stream;
use perry_container_compose::backend::{Feed, FeedItem};
use std::io::Read as _;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::mpsc,
};

/// What is typed, as it is typed; with `sizes`, also each new size of the terminal.
///
/// A thread reads: nothing else waits for it when the command ends first.
pub(crate) fn feed(sizes: bool) -> Result<Feed, Failure> {
    let (send, receive) = mpsc::channel::<FeedItem>(16);
    if sizes {
        let (send, mut changed) = (send.downgrade(), signal(SignalKind::window_change())?);
        tokio::spawn(async move {
            while changed.recv().await.is_some() {
                let (columns, rows) = terminal::size();
                let Some(send) = send.upgrade() else { return };
                if send.send(FeedItem::Resize(columns, rows)).await.is_err() {
                    return;
                }
            }
        });
    }
    std::thread::Builder::new().name("stdin".to_owned()).spawn(move || {
        let mut buffer = vec![0; 8192];
        let mut stdin = std::io::stdin().lock();
        loop {
            match stdin.read(&mut buffer) {
                Ok(0) | Err(_) => return,
                Ok(count) => {
                    let bytes = buffer[..count].to_vec().into();
                    if send.blocking_send(FeedItem::Bytes(bytes)).is_err() {
                        return;
                    }
                }
            }
        }
    })?;
    let items =
        stream::unfold(
            receive,
            |mut receive| async move { Some((receive.recv().await?, receive)) },
        );
    Ok(Feed::Stream(Box::pin(items)))
}
