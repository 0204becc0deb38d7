//! Stories of the webhook, against a listener on loopback.

use std::sync::Arc;

use flowgate_core::delta::Delta;
use flowgate_core::flow::json::Document;
use flowgate_core::flow::{Elements, Flow, Parts};
use flowgate_core::plan::{Release, Shipment};
use flowgate_core::text::SourceText;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use ::hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::*;

const TIMEOUT: Duration = Duration::from_secs(10);

fn announcement() -> Announcement {
    let path = "flows/main.json".parse().expect("a path");
    let document = Document::read(SourceText::new(path, "{}".to_owned())).expect("JSON");
    let flow = Flow::new(Parts {
        document,
        id: None,
        version: None,
        elements: Elements::default(),
        connectors: Vec::new(),
        damaged: std::collections::BTreeSet::new(),
        unidentified: 0,
        unread_connectors: 0,
    });
    Announcement {
        release: Box::new(
            Shipment::of(&Release {
                flow_id: "main".parse().expect("a flow id"),
                version: "1.1.0".parse().expect("a version"),
                digest: format!("fg1.{}.{}", "0".repeat(8), "0".repeat(64))
                    .parse()
                    .expect("a digest"),
                delta: Some(Arc::new(Delta::default())),
                immutable: Vec::new(),
                content: Some(Arc::new(flow)),
            })
            .expect("content"),
        ),
        created_at: "2026-01-31T09:30:00.000Z".to_owned(),
    }
}

fn client() -> Client {
    // An error means that another test has installed it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS;
    let roots = roots
        .iter()
        .map(|root| reqwest::Certificate::from_der(root).expect("a root"));
    Client::builder()
        .tls_certs_only(roots)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .expect("a client")
}

/// A listener that gives these answers, one a connection, and then tells what it was sent.
async fn listener(
    answers: Vec<&'static str>,
) -> (SecretString, tokio::task::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!(
        "http://{}/hook?token=s3cret",
        listener.local_addr().expect("an address")
    );
    let served = tokio::spawn(async move {
        let mut requests = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let mut text = Vec::new();
            while !text.ends_with(b"}") {
                let mut part = [0_u8; 4096];
                let read = stream.read(&mut part).await.expect("bytes");
                assert!(read > 0, "the request broke off");
                text.extend_from_slice(&part[..read]);
            }
            requests.push(String::from_utf8(text).expect("UTF-8"));
            let head =
                format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            stream.write_all(head.as_bytes()).await.expect("answered");
        }
        requests
    });
    (url.into(), served)
}

fn header<'r>(request: &'r str, name: &str) -> Option<&'r str> {
    request.lines().find_map(|line| {
        line.split_once(": ")
            .filter(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    })
}

#[test]
fn the_payload_is_the_tutorials() {
    let hook = Webhook::new(
        "https://example.test/".to_owned().into(),
        None,
        "cxone-flows".to_owned(),
        TIMEOUT,
    )
    .expect("a webhook");
    let payload = hook.payload(&announcement());
    assert_eq!(payload["event"], "flow_version_created");
    assert_eq!(payload["repository"], "cxone-flows");
    assert_eq!(payload["branch"], "versions/main");
    assert_eq!(
        payload["commit"]["message"],
        "Version 1.1.0 created for main"
    );
    let metadata = &payload["commit"]["metadata"];
    assert_eq!(metadata["flowId"], "main");
    assert_eq!(metadata["version"], "1.1.0");
    assert_eq!(metadata["timestamp"], "2026-01-31T09:30:00.000Z");
    assert_eq!(metadata["delta"]["added"], json!([]));
    assert_eq!(metadata["delta"]["computedAt"], "2026-01-31T09:30:00.000Z");
}

#[test]
fn only_https_or_this_machine_is_announced_to_and_the_url_is_never_shown() {
    let hook = |url: &str| Webhook::new(url.to_owned().into(), None, String::new(), TIMEOUT);
    for good in [
        "https://git.example/x",
        "http://127.0.0.1:1/x",
        "http://[::1]:1/x",
        "http://localhost/x",
    ] {
        assert!(hook(good).is_ok(), "{good}");
    }
    for bad in [
        "http://git.example/s3cret",
        "ftp://localhost/s3cret",
        "s3cret",
        "http://127.0.0.1.evil.test/s3cret",
    ] {
        let err = hook(bad).expect_err(bad);
        assert!(!err.to_string().contains("s3cret"));
    }
    assert!(!format!("{:?}", hook("https://git.example/s3cret")).contains("s3cret"));
}

#[tokio::test]
async fn a_retry_is_the_same_delivery_with_the_same_signature() {
    let (url, served) = listener(vec!["503 Busy", "204 No Content"]).await;
    let hook = Webhook::new(url, Some("key".to_owned().into()), String::new(), TIMEOUT)
        .expect("a webhook");

    hook.announce(&client(), &announcement())
        .await
        .expect("arrived");

    let requests = served.await.expect("served");
    let body = requests[0].split_once("\r\n\r\n").expect("a body").1;
    let mut mac = Hmac::<Sha256>::new_from_slice(b"key").expect("a key");
    mac.update(body.as_bytes());
    let expected = format!("sha256={}", hex(&mac.finalize().into_bytes()));
    assert_eq!(
        header(&requests[0], "x-hub-signature-256"),
        Some(expected.as_str())
    );
    assert_eq!(
        header(&requests[0], "content-type"),
        Some("application/json")
    );
    let deliveries: Vec<_> = requests
        .iter()
        .map(|request| header(request, "x-flowgate-delivery"))
        .collect();
    assert!(deliveries[0].is_some());
    assert_eq!(deliveries[0], deliveries[1]);
}

#[tokio::test]
async fn a_refusal_or_a_redirect_is_a_warning_without_the_url_and_is_not_repeated() {
    for answer in [
        "404 Not Found",
        "302 Found\r\nlocation: http://127.0.0.1:1/",
    ] {
        let (url, served) = listener(vec![answer]).await;
        let hook = Webhook::new(url, None, String::new(), TIMEOUT).expect("a webhook");

        let warning = hook
            .announce(&client(), &announcement())
            .await
            .expect_err("a warning");

        let text = warning.to_string();
        assert!(
            text.contains("HTTP") && !text.contains("s3cret") && !text.contains("127.0.0.1"),
            "{text}"
        );
        let requests = served.await.expect("served");
        assert_eq!(requests.len(), 1);
        assert_eq!(header(&requests[0], "x-hub-signature-256"), None);
    }
}
