//! The audit: append-only JSON lines, each chained to the one before, on disk before a write is sent and after its answer.
//!
//! `{seq, prev, at, action, status, …}`: `seq` is the number of the line from 1, `prev` the SHA-256 of the line before
//! (without its new line), 64 zeros in the first. Nothing here knows what a deployment is.

mod event;
mod file;
#[cfg(test)]
pub(crate) mod memory;
mod past;
#[cfg(test)]
mod tests;
mod verify;

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use flowgate_core::hash::sha256_hex;
use flowgate_core::report::safe;
use serde::Serialize;

use crate::clock::Clock;

pub use event::{AuditAction, AuditStatus, Event, RollbackAsked, RunInfo};
pub use file::{FileSink, Tail};
pub use past::Past;
pub use verify::{Fault, FaultKind, Verification, verify};

/// Takes secrets out of a text.
pub type Redactor = dyn Fn(&str) -> String + Send + Sync;

/// Where audit lines go. What `append` returned `Ok` for survives a crash.
pub trait Sink: Send {
    /// Appends these bytes and waits until they are safe.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;
}

/// The audit could not be written. What is not on record is not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "could not write the audit: {0}; nothing is written to CXone without a record, see `--audit-file`"
)]
pub struct AuditError(String);

/// `prev` of the first line.
fn first_prev() -> String {
    "0".repeat(64)
}

fn hash(line: &[u8]) -> String {
    sha256_hex(line)
}

/// The audit of a run. Cheap to clone; all clones append to the same chain.
#[derive(Clone)]
pub struct Audit {
    chain: Arc<Mutex<Chain>>,
}

impl fmt::Debug for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Audit").finish_non_exhaustive()
    }
}

struct Chain {
    sink: Box<dyn Sink>,
    clock: Arc<dyn Clock>,
    redact: Arc<Redactor>,
    /// Number of the last line.
    seq: u64,
    /// Hash of the last line.
    head: String,
    /// Events since `RUN_START`, that one included.
    events: u64,
    /// After a failed append nobody knows what is on disk: no line follows.
    broken: Option<AuditError>,
}

#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Serialize)]
struct Line<'a> {
    seq: u64,
    prev: &'a str,
    at: String,
    #[serde(flatten)]
    event: &'a Event,
}

impl Audit {
    /// An audit that goes on after `tail` in `sink`.
    pub fn new(
        sink: Box<dyn Sink>,
        tail: &Tail,
        clock: Arc<dyn Clock>,
        redact: Arc<Redactor>,
    ) -> Self {
        let chain = Chain {
            sink,
            clock,
            redact,
            seq: tail.lines,
            head: tail.head.clone(),
            events: 0,
            broken: None,
        };
        Self {
            chain: Arc::new(Mutex::new(chain)),
        }
    }

    /// An audit that nobody keeps: its events are chained and counted, and then gone.
    pub fn unkept(clock: Arc<dyn Clock>, redact: Arc<Redactor>) -> Self {
        struct Nowhere;
        impl Sink for Nowhere {
            fn append(&mut self, _: &[u8]) -> io::Result<()> {
                Ok(())
            }
        }
        Self::new(Box::new(Nowhere), &Tail::default(), clock, redact)
    }

    /// Opens an audit file, or makes one. A last line that a crash tore is closed and named by a `RECOVERED` event.
    ///
    /// # Errors
    /// The file cannot be opened, read or written, or another process is appending to it.
    pub fn open(
        path: &Path,
        clock: Arc<dyn Clock>,
        redact: Arc<Redactor>,
    ) -> Result<Self, AuditError> {
        let failed = |err: io::Error| AuditError(format!("`{}`: {err}", path.display()));
        let (mut sink, tail) = FileSink::open(path).map_err(failed)?;
        if tail.torn.is_some() {
            sink.append(b"\n").map_err(failed)?;
        }
        let audit = Self::new(Box::new(sink), &tail, clock, redact);
        if let Some(bytes) = tail.torn {
            let torn = tail.lines;
            let event = Event::new(AuditAction::Audit, AuditStatus::Recovered).detail(format!(
                "line {torn} had no end ({bytes} bytes): the run before was cut off while writing it"
            ));
            audit.lock().append(&event)?;
        }
        Ok(audit)
    }

    /// Appends an event; it is safe when this returns.
    ///
    /// # Errors
    /// It could not be written, now or at an earlier event.
    pub async fn record(&self, event: Event) -> Result<(), AuditError> {
        let audit = self.clone();
        tokio::task::spawn_blocking(move || audit.lock().append(&event))
            .await
            .unwrap_or_else(|err| Err(AuditError(err.to_string())))
    }

    /// The first event of a run.
    ///
    /// # Errors
    /// As [`Audit::record`].
    pub async fn start_run(&self, run: RunInfo) -> Result<(), AuditError> {
        self.lock().events = 0;
        let mut event = Event::new(AuditAction::Run, AuditStatus::RunStart);
        event.run = Some(run);
        self.record(event).await
    }

    /// The last event of a run.
    ///
    /// # Errors
    /// As [`Audit::record`].
    pub async fn end_run(&self) -> Result<(), AuditError> {
        let mut event = Event::new(AuditAction::Run, AuditStatus::RunEnd);
        event.events = Some(self.lock().events + 1);
        self.record(event).await
    }

    /// Hash of the last line: with it, [`verify`] proves that nothing was cut off.
    pub fn head(&self) -> String {
        self.lock().head.clone()
    }

    /// Events of this run so far.
    pub fn events(&self) -> u64 {
        self.lock().events
    }

    fn lock(&self) -> MutexGuard<'_, Chain> {
        self.chain.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Chain {
    fn append(&mut self, event: &Event) -> Result<(), AuditError> {
        if let Some(err) = &self.broken {
            return Err(err.clone());
        }
        let written = self.write(&event.clone().redacted(self.redact.as_ref()));
        if let Err(err) = &written {
            self.broken = Some(err.clone());
        }
        written
    }

    fn write(&mut self, event: &Event) -> Result<(), AuditError> {
        let line = Line {
            seq: self.seq + 1,
            prev: &self.head,
            at: self.clock.stamp(),
            event,
        };
        let text = serde_json::to_string(&line).map_err(|err| AuditError(err.to_string()))?;
        // People look at it in terminals.
        let mut bytes = safe::json(text).into_bytes();
        let head = hash(&bytes);
        bytes.push(b'\n');
        self.sink
            .append(&bytes)
            .map_err(|err| AuditError(err.to_string()))?;
        self.seq += 1;
        self.head = head;
        self.events += 1;
        Ok(())
    }
}
