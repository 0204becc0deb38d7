//! Cancellation: a token that says "begin nothing new". What is in flight is finished and recorded.

use std::time::Duration;

use flowgate_core::ids::FlowId;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::cxone::{ErrorKind, Operation, Outcome, PlatformError};

/// A runner kills what is still there 7.5 s after it asked to stop: a write that was sent is waited for so long, and
/// what is then left of the time is for finding out by reading, and for the record.
const WRITE_GRACE: Duration = Duration::from_millis(4500);
const READ_GRACE: Duration = Duration::from_secs(6);

/// Sets the token; kept by whoever listens for signals.
#[derive(Debug)]
pub struct Stopper(watch::Sender<Option<Instant>>);

impl Stopper {
    /// Nothing new is begun from now on.
    pub fn stop(&self) {
        self.0.send_if_modified(|since| {
            let is_first = since.is_none();
            since.get_or_insert_with(Instant::now);
            is_first
        });
    }
}

/// The token. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<Option<Instant>>);

/// A token and what sets it.
pub fn stop_token() -> (Stopper, Stop) {
    let (sender, receiver) = watch::channel(None);
    (Stopper(sender), Stop(receiver))
}

impl Stop {
    /// Whether nothing new may be begun.
    pub fn is_set(&self) -> bool {
        self.0.borrow().is_some()
    }

    /// What comes of work that is no write; once the token is set it is waited for no longer than `grace`, and then `None`.
    pub async fn within<T>(&self, grace: Duration, work: impl Future<Output = T>) -> Option<T> {
        if self.is_set() {
            return tokio::time::timeout(grace, work).await.ok();
        }
        tokio::select! {
            biased;
            done = work => Some(done),
            () = self.passed(grace) => None,
        }
    }

    /// Waits, but not longer than until the token is set.
    pub(super) async fn pause(&self, length: Duration) {
        tokio::select! {
            () = tokio::time::sleep(length) => {}
            () = self.passed(Duration::ZERO) => {}
        }
    }

    /// Waits for the answer to a write. Once the token is set, not for long: then the write may have happened.
    pub(super) async fn write<T>(
        &self,
        operation: Operation,
        flow: &FlowId,
        call: impl Future<Output = Result<T, PlatformError>>,
    ) -> Result<T, PlatformError> {
        self.bounded(WRITE_GRACE, operation, flow, call).await
    }

    /// Waits for the answer to a read; a little longer than for a write, which is resolved by one.
    pub(super) async fn read<T>(
        &self,
        operation: Operation,
        flow: &FlowId,
        call: impl Future<Output = Result<T, PlatformError>>,
    ) -> Result<T, PlatformError> {
        self.bounded(READ_GRACE, operation, flow, call).await
    }

    async fn bounded<T>(
        &self,
        grace: Duration,
        operation: Operation,
        flow: &FlowId,
        call: impl Future<Output = Result<T, PlatformError>>,
    ) -> Result<T, PlatformError> {
        let outcome = match operation {
            Operation::CreateVersion | Operation::Publish => Outcome::Unknown,
            _ => Outcome::DidNotHappen,
        };
        tokio::select! {
            biased;
            answer = call => answer,
            () = self.passed(grace) => Err(PlatformError {
                operation,
                flow: Some(flow.clone()),
                kind: ErrorKind::Timeout,
                status: None,
                said: "the run was cancelled, and no answer came in the time that was left".to_owned(),
                request_id: None,
                hint: None,
                outcome,
            }),
        }
    }

    /// Waits until so long after the token is set.
    async fn passed(&self, grace: Duration) {
        let mut receiver = self.0.clone();
        let since = receiver.wait_for(Option::is_some).await.map(|since| *since);
        match since {
            Ok(Some(since)) => tokio::time::sleep_until(since + grace).await,
            // Nobody can set it any more.
            _ => std::future::pending::<()>().await,
        }
    }
}
