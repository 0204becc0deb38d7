//! One connection carries many calls at once where the server can: HTTP/2 is agreed on while TLS is set up.

use std::fs;

use flowgate::http::{self, ClientOptions, Peer};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;

use crate::support::tls::Authorities;

/// What a client says first to a server that offers these protocols.
async fn first_words(authorities: &Authorities, offered: &[&[u8]]) -> [u8; 3] {
    let acceptor = authorities.acceptor(offered);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    let client = http::client(&ClientOptions {
        extra_roots: Some(fs::read(authorities.right()).unwrap()),
        ..ClientOptions::new(Peer::Loopback)
    })
    .unwrap();
    let asking = tokio::spawn(async move { client.get(url).send().await });
    let (stream, _) = listener.accept().await.unwrap();
    let mut inside = acceptor.accept(stream).await.unwrap();
    let mut said = [0; 3];
    inside.read_exact(&mut said).await.unwrap();
    drop(inside);
    assert!(asking.await.unwrap().is_err());
    said
}

#[tokio::test]
async fn http2_is_spoken_where_the_server_has_it() {
    let authorities = Authorities::new();
    let both: [&[u8]; 2] = [b"h2", b"http/1.1"];
    assert_eq!(&first_words(&authorities, &both).await, b"PRI");
    assert_eq!(&first_words(&authorities, &[b"http/1.1"]).await, b"GET");
    assert_eq!(&first_words(&authorities, &[]).await, b"GET");
}
