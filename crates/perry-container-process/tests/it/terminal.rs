//! Children at a terminal of their own.

use crate::{eventually, host, is_child, script, sh};
use bytes::Bytes;
use futures_util::StreamExt as _;
use perry_container_backend::{Feed, FeedItem};
use perry_container_process::{Host as _, Running, Sign, Window};
use perry_container_protocol::{Deadline, Invocation};
use tokio::sync::mpsc;

async fn open(text: &str) -> (Running, mpsc::Sender<FeedItem>) {
    let (send, receive) = mpsc::channel(8);
    let items =
        futures_util::stream::unfold(receive, |mut receive: mpsc::Receiver<_>| async move {
            receive.recv().await.map(|item| (item, receive))
        });
    let call: Invocation = script(text).within(Deadline::None);
    let window = Some(Window { columns: 100, rows: 30 });
    let feed = Feed::Stream(Box::pin(items));
    (host().start(&sh(), &call, feed, window).await.unwrap(), send)
}

/// Everything up to and with `mark`.
async fn until(running: &mut Running, mark: &str) -> String {
    let mut all = String::new();
    while !all.contains(mark) {
        match running.next().await.unwrap().unwrap() {
            Sign::Printed(chunk) => all.push_str(&String::from_utf8_lossy(&chunk.bytes)),
            Sign::Ended(code) => panic!("ended with {code} after {all:?}"),
        }
    }
    all
}

async fn end(running: &mut Running) -> (String, i32) {
    let mut all = String::new();
    loop {
        match running.next().await.unwrap().unwrap() {
            Sign::Printed(chunk) => all.push_str(&String::from_utf8_lossy(&chunk.bytes)),
            Sign::Ended(code) => return (all, code),
        }
    }
}

#[tokio::test]
async fn all_three_streams_are_its_own_controlling_terminal() {
    let text = "test -t 0 && test -t 1 && test -t 2 && stty size </dev/tty; echo err >&2; exit 5";
    let (mut running, _send) = open(text).await;
    assert_eq!(end(&mut running).await, ("30 100\nerr\n".to_owned(), 5));
}

#[tokio::test]
async fn it_is_told_of_new_sizes() {
    let text = "trap 'stty size; exit 0' WINCH; echo ready; while :; do sleep 0.05; done";
    let (mut running, send) = open(text).await;
    until(&mut running, "ready\n").await;
    send.send(FeedItem::Resize(120, 40)).await.unwrap();
    assert_eq!(end(&mut running).await, ("40 120\n".to_owned(), 0));
}

#[tokio::test]
async fn nothing_typed_is_echoed_before_the_tool_asks_for_it() {
    let (mut running, send) = open("sleep 0.3; read -r line; echo \"got $line\"").await;
    send.send(FeedItem::Bytes(Bytes::from_static(b"typed\n"))).await.unwrap();
    assert_eq!(end(&mut running).await, ("got typed\n".to_owned(), 0));
}

#[tokio::test]
async fn the_end_of_the_input_is_typed() {
    let (mut running, send) = open("stty cooked; echo ready; cat; echo over").await;
    until(&mut running, "ready\r\n").await;
    send.send(FeedItem::Bytes(Bytes::from_static(b"line\n"))).await.unwrap();
    until(&mut running, "line\r\n").await;
    drop(send);
    until(&mut running, "over").await;
}

#[tokio::test]
async fn a_terminal_child_ends_with_its_flow() {
    let (mut running, _send) = open("echo $$; exec sleep 60").await;
    let pid: u32 = until(&mut running, "\n").await.trim().parse().unwrap();
    drop(running);
    eventually("it is gone", || !is_child(pid)).await;
}
