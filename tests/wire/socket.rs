//! WebSockets: the tunnel works both ways, and its handshake is a request like any other.

use crate::raw::{soon, until};
use crate::site::Site;
use crate::support::{CONFIG, Gateway};
use futures_util::{SinkExt as _, StreamExt as _};
use http::HeaderMap;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::{Error, Message};

/// A site that echoes, and remembers the heads of handshakes and how many tunnels have ended.
async fn echo() -> (String, Arc<Mutex<Vec<HeaderMap>>>, Arc<Mutex<u32>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (heads, ended): (Arc<Mutex<Vec<HeaderMap>>>, Arc<Mutex<u32>>) = Default::default();
    let (remember, over) = (Arc::clone(&heads), Arc::clone(&ended));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (remember, over) = (Arc::clone(&remember), Arc::clone(&over));
            tokio::spawn(async move {
                #[expect(clippy::result_large_err, reason = "the shape the library asks for")]
                let look = move |request: &Request, mut response: Response| {
                    remember.lock().unwrap().push(request.headers().clone());
                    response.headers_mut().append("set-cookie", http::HeaderValue::from_static("forum_x=1"));
                    response.headers_mut().append("set-cookie", http::HeaderValue::from_static("session=1"));
                    Ok(response)
                };
                let mut socket = tokio_tungstenite::accept_hdr_async(stream, look).await.unwrap();
                while let Some(Ok(message)) = socket.next().await {
                    if message.is_text() || message.is_binary() {
                        socket.send(message).await.unwrap();
                    }
                }
                *over.lock().unwrap() += 1;
            });
        }
    });
    (url, heads, ended)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_websocket_echoes_through_and_carries_no_held_cookie() {
    let (url, heads, ended) = echo().await;
    let gateway = Gateway::start(&url, CONFIG);
    let mut request = format!("ws://127.0.0.1:{}/live?x=1", gateway.port).into_client_request().unwrap();
    request.headers_mut().insert("cookie", "session=1; forum_id=2; _ad=3".parse().unwrap());
    let (mut socket, response) = soon("the handshake", tokio_tungstenite::connect_async(request)).await.unwrap();
    assert_eq!(response.status(), 101);
    let set: Vec<_> = response.headers().get_all("set-cookie").iter().map(|line| line.to_str().unwrap()).collect();
    assert!(set.contains(&"session=1") && !set.contains(&"forum_x=1"), "{set:?}");
    for message in [Message::text("hello"), Message::binary(vec![7; 200_000]), Message::text("é")] {
        socket.send(message.clone()).await.unwrap();
        assert_eq!(soon("the echo", socket.next()).await.unwrap().unwrap(), message);
    }
    let head = heads.lock().unwrap()[0].clone();
    assert_eq!(head["cookie"], "session=1");
    assert_eq!(head["x-forwarded-for"], "127.0.0.1");
    socket.close(None).await.unwrap();
    drop(socket);
    until("the site's end of the tunnel ends too", || async { *ended.lock().unwrap() == 1 }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_does_not_want_to_talk_says_so() {
    let site = Site::page("no sockets here").await;
    let gateway = Gateway::start(&site.url, CONFIG);
    let connected = soon("an answer", tokio_tungstenite::connect_async(format!("ws://127.0.0.1:{}/", gateway.port)));
    match connected.await {
        Err(Error::Http(response)) => assert_eq!(response.status(), 200),
        other => panic!("{other:?}"),
    }
}
