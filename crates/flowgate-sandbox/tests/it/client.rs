//! The smallest HTTP client that can see a connection drop, and flows to send with it.

use std::fmt::Write as _;

use flowgate_sandbox::{CLIENT_ID, CLIENT_SECRET, Config, Sandbox};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: Vec<u8>,
}

/// The connection closed before the answer was whole; what had come until then.
#[derive(Debug)]
pub(crate) struct Lost(pub(crate) Vec<u8>);

impl Reply {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (header, value) = line.split_once(": ")?;
            header.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    /// `field code` of each field error.
    pub(crate) fn field_errors(&self) -> Vec<String> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        self.json()["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|error| format!("{} {}", text(&error["field"]), text(&error["code"])))
            .collect()
    }
}

/// Sends one request on a connection of its own.
pub(crate) async fn send(
    sandbox: &Sandbox,
    line: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Result<Reply, Lost> {
    let mut stream = TcpStream::connect(sandbox.base_url().strip_prefix("http://").unwrap())
        .await
        .unwrap();
    let mut request = format!("{line} HTTP/1.1\r\nHost: sandbox\r\nConnection: close\r\n");
    for (name, value) in headers {
        write!(request, "{name}: {value}\r\n").unwrap();
    }
    write!(request, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A reset tells the same as an early end: what is there is all there is.
    let _ = stream.read_to_end(&mut answer).await;
    let Some(end) = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n") else {
        return Err(Lost(answer));
    };
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    let body = answer[end + 4..].to_vec();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let reply = Reply { status, head, body };
    match reply.header("Content-Length") {
        Some(length) if length.parse::<usize>().unwrap() != reply.body.len() => Err(Lost(answer)),
        _ => Ok(reply),
    }
}

/// A client with a token, as most stories need it.
pub(crate) struct User<'a> {
    pub(crate) sandbox: &'a Sandbox,
    pub(crate) token: String,
}

impl<'a> User<'a> {
    pub(crate) async fn log_in(sandbox: &'a Sandbox) -> Self {
        let token = log_in(sandbox, CLIENT_ID, CLIENT_SECRET, "").await;
        Self { sandbox, token }
    }

    pub(crate) async fn try_get(&self, path: &str) -> Result<Reply, Lost> {
        let bearer = format!("Bearer {}", self.token);
        let line = format!("GET /api/v2/flows/{path}");
        send(self.sandbox, &line, &[("Authorization", &bearer)], "").await
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.try_get(path).await.unwrap()
    }

    pub(crate) async fn try_post(&self, path: &str, body: &str) -> Result<Reply, Lost> {
        self.post_with(path, &[], body).await
    }

    pub(crate) async fn post_with(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<Reply, Lost> {
        let bearer = format!("Bearer {}", self.token);
        let mut all = vec![
            ("Authorization", bearer.as_str()),
            ("Content-Type", "application/json"),
        ];
        all.extend(headers);
        send(
            self.sandbox,
            &format!("POST /api/v2/flows/{path}"),
            &all,
            body,
        )
        .await
    }

    pub(crate) async fn post(&self, path: &str, body: &str) -> Reply {
        self.try_post(path, body).await.unwrap()
    }

    /// Creates a version of flow `a` that must be accepted; its id.
    pub(crate) async fn create(&self, version: &str) -> String {
        let reply = self
            .post("a/versions", &version_of("a", version).to_string())
            .await;
        assert_eq!(reply.status, 201, "{}", reply.text());
        reply.json()["id"].as_str().unwrap().to_owned()
    }

    /// Publishes a version of flow `a` that must be accepted.
    pub(crate) async fn publish(&self, id: &str) {
        let reply = self.post("a/publish", &publish_of(id)).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
    }
}

/// The form of a token request.
pub(crate) fn form(client: &str, secret: &str, scope: &str) -> String {
    format!(
        "grant_type=client_credentials&client_id={client}&client_secret={secret}&scope={}",
        scope.replace(':', "%3A").replace(' ', "+")
    )
}

pub(crate) async fn ask_token(sandbox: &Sandbox, query: &str, form: &str) -> Reply {
    let content_type = [("Content-Type", "application/x-www-form-urlencoded")];
    send(
        sandbox,
        &format!("POST /oauth/token{query}"),
        &content_type,
        form,
    )
    .await
    .unwrap()
}

/// A token that must be granted.
pub(crate) async fn log_in(sandbox: &Sandbox, client: &str, secret: &str, scope: &str) -> String {
    let reply = ask_token(
        sandbox,
        "?environment=sandbox",
        &form(client, secret, scope),
    )
    .await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()["access_token"].as_str().unwrap().to_owned()
}

pub(crate) async fn sandbox() -> Sandbox {
    Sandbox::start(Config::default()).await.unwrap()
}

/// A good version: Begin, a menu, End, and the way through.
pub(crate) fn version_of(flow_id: &str, version: &str) -> Value {
    json!({
        "flowId": flow_id,
        "version": version,
        "name": format!("Version {version}"),
        "description": "three elements",
        "elements": [
            {"id": "begin", "type": "Begin", "configuration": {"lang": "en"}, "x": 1},
            {"id": "menu", "type": "IVR", "configuration": {"prompt": version}},
            {"id": "end", "type": "End", "configuration": {}},
        ],
        "connectors": [
            {"id": "c1", "sourceId": "begin", "targetId": "menu"},
            {"id": "c2", "sourceId": "menu", "targetId": "end"},
        ],
        "metadata": {"createdBy": "flow-versioner-service"},
    })
}

pub(crate) fn publish_of(version_id: &str) -> String {
    json!({"versionId": version_id, "snapshot": true, "bypassValidation": false}).to_string()
}
