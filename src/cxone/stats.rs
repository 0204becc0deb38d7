//! What each call to CXone took, kept for the metrics. How figures are made of it is for `metrics`.

use std::sync::{Arc, Mutex, PoisonError};

use flowgate_core::ids::FlowId;
use serde::Serialize;

use super::Operation;

/// One call, with all its attempts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CallRecord {
    /// What was asked.
    pub operation: Operation,
    /// About which flow; `None` for the token.
    pub flow: Option<FlowId>,
    /// From asking to the last byte of the answer, waits and repeats included.
    pub latency_ms: u64,
    /// How many requests it took; 0 when none was sent.
    pub attempts: u32,
    /// How much of the time was spent waiting for a turn or before a repeat.
    pub waited_ms: u64,
    /// The last HTTP status; `None` where there was no answer.
    pub status: Option<u16>,
    /// The server's id of the last request.
    pub request_id: Option<String>,
}

/// All calls of a run, in the order in which they ended. Cheap to clone: clones share the list.
#[derive(Debug, Clone, Default)]
pub struct CallLog(Arc<Mutex<Vec<CallRecord>>>);

impl CallLog {
    /// Adds a call.
    pub fn push(&self, record: CallRecord) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(record);
    }

    /// How many calls of an operation were answered with yes so far.
    pub fn done(&self, operation: Operation) -> usize {
        let calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let done = |call: &&CallRecord| {
            call.operation == operation && call.status.is_some_and(|status| status < 300)
        };
        calls.iter().filter(done).count()
    }

    /// All calls so far.
    pub fn records(&self) -> Vec<CallRecord> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
