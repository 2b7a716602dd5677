//! Published ports that are really bound, with somebody who answers.

use crate::record::{Image, Port};
use std::{io, sync::Arc};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, UdpSocket},
    task::JoinHandle,
};

/// Binds these on 127.0.0.1; they are let go with what is returned.
pub(crate) async fn bind(ports: &[Port], image: &Image) -> io::Result<Vec<JoinHandle<()>>> {
    let serves: Arc<str> = image.serves.clone().into();
    let mut held = Vec::new();
    for port in ports {
        for n in 0..port.count {
            let at = ("127.0.0.1", port.host.saturating_add(n));
            if port.protocol == "udp" {
                let socket = UdpSocket::bind(at).await?;
                held.push(tokio::spawn(async move {
                    let mut nothing = [0; 1];
                    while socket.recv_from(&mut nothing).await.is_ok() {}
                }));
                continue;
            }
            let listener = TcpListener::bind(at).await?;
            let listens = image.listens.contains(&port.container.saturating_add(n));
            held.push(tokio::spawn(answer(listener, listens, Arc::clone(&serves))));
        }
    }
    Ok(held)
}

/// HTTP for whoever asks in it; nobody is behind a port on which the image does not listen.
async fn answer(listener: TcpListener, listens: bool, serves: Arc<str>) {
    while let Ok((mut stream, _)) = listener.accept().await {
        if !listens {
            continue;
        }
        let serves = Arc::clone(&serves);
        tokio::spawn(async move {
            let mut asked = [0; 4096];
            drop(stream.read(&mut asked).await);
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", serves.len());
            drop(stream.write_all(format!("{head}{serves}").as_bytes()).await);
        });
    }
}
