//! A server on loopback that answers each request with the next of a list of raw answers, for what a well-behaved server
//! cannot be told to do.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Behind each piece of an answer.
const PAUSE: Duration = Duration::from_millis(5);

/// The server and the requests it has had.
pub(crate) struct Scripted {
    pub(crate) base_url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Scripted {
    /// Answers the n-th request for anything but a token with the n-th answer, and with the last one from then on.
    pub(crate) async fn start(answers: Vec<String>) -> Self {
        let whole = |answer: String| vec![answer.into_bytes()];
        Self::in_pieces(answers.into_iter().map(whole).collect()).await
    }

    /// The same with answers that come piece by piece, with a pause behind each.
    pub(crate) async fn in_pieces(answers: Vec<Vec<Vec<u8>>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        tokio::spawn(async move {
            let mut next = 0;
            while let Ok((mut stream, _)) = listener.accept().await {
                let request = read_request(&mut stream).await;
                let answer = if request.contains("/oauth/token") {
                    let token = r#"{"access_token":"scripted-token","expires_in":3600}"#;
                    vec![json(200, token).into_bytes()]
                } else {
                    next += 1;
                    answers[(next - 1).min(answers.len() - 1)].clone()
                };
                seen.lock().unwrap().push(request);
                for piece in answer {
                    let _ = stream.write_all(&piece).await;
                    let _ = stream.flush().await;
                    tokio::time::sleep(PAUSE).await;
                }
                let _ = stream.shutdown().await;
            }
        });
        Self { base_url, requests }
    }

    /// All requests, as they came.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// A whole answer with a JSON body.
pub(crate) fn json(status: u16, body: &str) -> String {
    format!(
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

async fn read_request(stream: &mut tokio::net::TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| {
                    line.to_ascii_lowercase()
                        .strip_prefix("content-length: ")?
                        .parse()
                        .ok()
                })
                .unwrap_or(0);
            if body.len() >= length {
                return text;
            }
        }
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return text,
            Ok(read) => bytes.extend_from_slice(&chunk[..read]),
        }
    }
}
