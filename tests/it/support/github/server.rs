//! The socket, and the handle that a test holds.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::exchanges::record;
use super::faults::{Fault, Script, When};
use super::routes::answer;
use super::state::State;
use super::world::NOW;

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Recorded {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Value,
}

impl Recorded {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }

    pub(crate) fn is_write(&self) -> bool {
        let query = self.body["query"].as_str().unwrap_or_default();
        self.method != "GET" && (!self.path.ends_with("/graphql") || query.starts_with("mutation"))
    }
}

#[derive(Debug, Default)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
}

impl Reply {
    pub(super) fn ok(json: impl Into<Value>) -> Self {
        let body = json.into().to_string().into_bytes();
        Self {
            status: 200,
            headers: Vec::new(),
            body,
        }
    }

    pub(super) fn message(status: u16, message: &str) -> Self {
        Self {
            status,
            ..Self::ok(serde_json::json!({"message": message}))
        }
    }
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    script: Mutex<Script>,
    requests: Mutex<Vec<Recorded>>,
}

/// A running fake. It stops when it is dropped.
pub(crate) struct FakeGitHub {
    shared: Arc<Shared>,
    address: SocketAddr,
    accepting: JoinHandle<()>,
}

impl Drop for FakeGitHub {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl FakeGitHub {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        let accepting = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Self {
            shared,
            address,
            accepting,
        }
    }

    /// Like an Enterprise Server's: REST and GraphQL side by side.
    pub(crate) fn api_url(&self) -> String {
        format!("http://{}/api/v3", self.address)
    }

    pub(crate) fn graphql_url(&self) -> String {
        format!("http://{}/api/graphql", self.address)
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap()
    }

    pub(crate) fn requests(&self) -> Vec<Recorded> {
        self.shared.requests.lock().unwrap().clone()
    }

    pub(crate) fn writes(&self) -> Vec<String> {
        let requests = self.requests().into_iter().filter(Recorded::is_write);
        requests.map(|r| r.method).collect()
    }

    /// The next request like this suffers this; several wait for one another.
    pub(crate) fn fail_next(&self, when: When, fault: Fault) {
        self.shared
            .script
            .lock()
            .unwrap()
            .faults
            .push((when, fault));
    }

    /// What is scripted and did not happen yet does not happen any more.
    pub(crate) fn clear_faults(&self) {
        self.shared.script.lock().unwrap().faults.clear();
    }

    /// Something happens just before the next request like this is handled: another run, a push, a person.
    pub(crate) fn just_before(&self, when: When, hook: impl FnOnce(&mut State) + Send + 'static) {
        self.shared
            .script
            .lock()
            .unwrap()
            .before
            .push((when, Box::new(hook)));
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            let service = service_fn(move |request| serve(Arc::clone(&shared), request));
            // An error is a scripted drop or a client that left.
            let _ = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

/// An error makes hyper close the connection without an answer.
async fn serve(
    shared: Arc<Shared>,
    request: Request<Incoming>,
) -> io::Result<Response<Full<Bytes>>> {
    let (parts, body) = request.into_parts();
    let bytes = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let header = |(name, value): (&hyper::header::HeaderName, &hyper::header::HeaderValue)| {
        (name.to_string(), value.to_str().unwrap().to_owned())
    };
    let recorded = Recorded {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers.iter().map(header).collect(),
        body: serde_json::from_slice(&bytes).unwrap_or_default(),
    };
    shared.requests.lock().unwrap().push(recorded.clone());
    let place = format!("{}?{}", recorded.path, recorded.query);
    let (hook, fault) = {
        let mut script = shared.script.lock().unwrap();
        (
            script.take_hook(&recorded.method, &place),
            script.take_fault(&recorded.method, &place),
        )
    };
    if matches!(fault, Some(Fault::Hangs)) {
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
    let mut state = shared.state.lock().unwrap();
    if let Some(hook) = hook {
        hook(&mut state);
    }
    let broken = || {
        record(&recorded, None, true);
        io::Error::other("scripted")
    };
    let scripted = fault.is_some();
    let reply = match fault {
        None => answer(&mut state, &recorded),
        Some(Fault::Status(status)) => Reply::message(status, "scripted"),
        Some(Fault::Dropped | Fault::Hangs) => return Err(broken()),
        Some(Fault::DoneThenStatus(status)) => {
            answer(&mut state, &recorded);
            Reply::message(status, "scripted")
        }
        Some(Fault::DoneThenDropped) => {
            answer(&mut state, &recorded);
            return Err(broken());
        }
        Some(Fault::SecondaryLimit(seconds)) => {
            let mut reply = Reply::message(403, "You have exceeded a secondary rate limit.");
            reply.headers.push(("retry-after", seconds.to_string()));
            reply
        }
        Some(Fault::TooMany) => Reply::message(429, "Too many requests"),
        Some(Fault::UsedUp(seconds)) => {
            let now = NOW + 3600;
            let date = httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(now));
            let until = now + seconds;
            let mut reply = Reply::message(403, "API rate limit exceeded");
            reply.headers.push(("date", date));
            reply.headers.push(("x-ratelimit-remaining", "0".into()));
            reply.headers.push(("x-ratelimit-reset", until.to_string()));
            reply
        }
    };
    record(&recorded, Some(&reply), scripted);
    let mut response = Response::builder().status(reply.status);
    for (name, value) in reply.headers {
        response = response.header(name, value);
    }
    let body = Full::new(Bytes::from(reply.body));
    response.body(body).map_err(io::Error::other)
}
