//! The listening socket and the handle that its owner holds.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::config::Config;
use crate::faults::{Entry, Fault};
use crate::operation::Operation;
use crate::platform::{ConsoleError, Platform, lock};
use crate::record::Recorded;
use crate::serve::serve;
use crate::state::State;
use crate::store::StoreError;
use crate::transport::{FlushBell, Watched};

/// A running sandbox. It stops when this is dropped.
#[derive(Debug)]
pub struct Sandbox {
    platform: Arc<Platform>,
    address: SocketAddr,
    stop: watch::Sender<bool>,
    accepting: Option<JoinHandle<()>>,
}

/// Why a sandbox cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The port cannot be had.
    #[error("cannot listen on 127.0.0.1:{port}")]
    Bind {
        /// The port that was asked for; 0 is any.
        port: u16,
        /// What the system said.
        source: io::Error,
    },
    /// The data folder cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Sandbox {
    /// Starts a sandbox on the current tokio runtime; it listens when this returns.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let port = config.port;
        let platform = Arc::new(Platform::new(config)?);
        let failed = |source| StartError::Bind { port, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .await
            .map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (stop, stopped) = watch::channel(false);
        let accepting = tokio::spawn(accept(listener, Arc::clone(&platform), stopped));
        Ok(Self {
            platform,
            address,
            stop,
            accepting: Some(accepting),
        })
    }

    /// Where it listens, such as `http://127.0.0.1:4010`; no slash at the end.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What the platform holds now.
    pub fn state(&self) -> State {
        self.platform.state().clone()
    }

    /// All requests so far, in the order in which they had been read.
    pub fn requests(&self) -> Vec<Recorded> {
        self.platform.records()
    }

    /// How often an operation was called.
    pub fn count(&self, operation: Operation) -> usize {
        self.requests()
            .iter()
            .filter(|recorded| recorded.operation == Some(operation))
            .count()
    }

    /// The next call of `operation` suffers `fault`; several wait for one another.
    pub fn fail_next(&self, operation: Operation, fault: Fault) {
        lock(&self.platform.book).queue(Entry::new(operation, fault));
    }

    /// Adds an entry to the script; it counts calls from now on.
    pub fn add_fault(&self, entry: Entry) {
        lock(&self.platform.book).push(entry);
    }

    /// Forgets every fault that has not happened yet.
    pub fn clear_faults(&self) {
        lock(&self.platform.book).clear();
    }

    /// Makes all tokens given out so far useless.
    pub fn revoke_tokens(&self) {
        lock(&self.platform.tokens).revoke_all();
    }

    /// A flow as somebody built and published it in the console, without our metadata: JSON with
    /// `flowId`, `elements`, `connectors`, perhaps `name`. Returns the id of its version.
    pub fn seed_published(&self, flow: &str, version: &str) -> Result<String, ConsoleError> {
        self.platform.console_save(flow, version)
    }

    /// Somebody edits a published flow in the console: a new version under the next free patch
    /// number, live at once, without our metadata. Returns the id of that version.
    pub fn console_edit(&self, flow_id: &str, flow: &str) -> Result<String, ConsoleError> {
        self.platform.console_edit(Some(flow_id), flow)
    }

    /// Stops listening, and closes all connections without answering what is under way; returns
    /// when the port is free.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(true);
        if let Some(accepting) = self.accepting.take() {
            // It ends by itself; a panic in it has been reported already.
            let _ = accepting.await;
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

async fn accept(
    listener: TcpListener,
    platform: Arc<Platform>,
    mut stopped: watch::Receiver<bool>,
) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopped.wait_for(|stop| *stop) => return,
        };
        // A connection that ended before it was accepted is the client's business.
        if let Ok((stream, _)) = accepted {
            tokio::spawn(connection(stream, Arc::clone(&platform), stopped.clone()));
        }
    }
}

async fn connection(
    stream: TcpStream,
    platform: Arc<Platform>,
    mut stopped: watch::Receiver<bool>,
) {
    // Only speed is lost where this cannot be set.
    let _ = stream.set_nodelay(true);
    let bell = FlushBell::default();
    let io = TokioIo::new(Watched {
        stream,
        bell: bell.clone(),
    });
    let stopping = stopped.clone();
    let service = service_fn(move |request| {
        serve(
            Arc::clone(&platform),
            request,
            bell.clone(),
            stopping.clone(),
        )
    });
    let serving = http1::Builder::new()
        .header_read_timeout(None)
        .serve_connection(io, service);
    // An error is a scripted drop or a client that left: both are recorded where they belong.
    tokio::select! {
        _ = serving => {}
        _ = stopped.wait_for(|stop| *stop) => {}
    }
}
