//! A way to a server that takes 50 ms longer each time, and a record of who waited for whom.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use flowgate::http::{self, ClientOptions, Peer};
use http_body_util::{BodyExt as _, Collected, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// What a call to a server across an ocean takes longer than one to this machine.
const DELAY: Duration = Duration::from_millis(50);

/// A call, from when it came to when its answer was given.
#[derive(Debug, Clone)]
struct Call {
    what: String,
    begin: Instant,
    end: Instant,
}

/// All calls of a run, to whichever server.
#[derive(Debug, Clone, Default)]
pub(super) struct Calls(Arc<Mutex<Vec<Call>>>);

impl Calls {
    /// How many there were.
    pub(super) fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    /// How many of them began only after another one had ended: what the run waited for, one after the other.
    pub(super) fn rounds(&self) -> Vec<String> {
        let mut calls = self.0.lock().unwrap().clone();
        calls.sort_by_key(|call| call.end);
        let mut chain: Vec<Call> = Vec::new();
        for call in calls {
            if chain.last().is_none_or(|last| last.end <= call.begin) {
                chain.push(call);
            }
        }
        chain.into_iter().map(|call| call.what).collect()
    }
}

/// Opens the way to `target`; the address of its beginning.
pub(super) fn open(runtime: &Runtime, target: SocketAddr, calls: &Calls) -> SocketAddr {
    let (listener, client) = runtime.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        (
            listener,
            http::client(&ClientOptions::new(Peer::Loopback)).unwrap(),
        )
    });
    let address = listener.local_addr().unwrap();
    let calls = calls.clone();
    runtime.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (calls, client) = (calls.clone(), client.clone());
            let service = service_fn(move |request| {
                let (calls, client) = (calls.clone(), client.clone());
                async move { pass(request, target, &client, &calls).await }
            });
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    address
}

async fn pass(
    request: Request<Incoming>,
    target: SocketAddr,
    client: &reqwest::Client,
    calls: &Calls,
) -> Result<Response<Full<Bytes>>, reqwest::Error> {
    let begin = Instant::now();
    tokio::time::sleep(DELAY).await;
    let (head, body) = request.into_parts();
    let what = format!("{} {}", head.method, head.uri);
    let body = body.collect().await.map(Collected::to_bytes);
    let answer = client
        .request(head.method, format!("http://{target}{}", head.uri))
        .headers(head.headers)
        .body(body.unwrap_or_default())
        .send()
        .await?;
    let mut passed = Response::new(Full::default());
    *passed.status_mut() = answer.status();
    *passed.headers_mut() = answer.headers().clone();
    *passed.body_mut() = Full::new(answer.bytes().await?);
    let end = Instant::now();
    calls.0.lock().unwrap().push(Call { what, begin, end });
    Ok(passed)
}
