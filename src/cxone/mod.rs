//! CXone, as the rest of the program sees it: a trait of few calls and one error.
//!
//! Wire formats live in one file per dialect and nowhere else. Retrying of reads, token handling and rate limits happen
//! below this trait; whether a failed write may have happened is for the caller to find out by reading.

mod auth;
mod budget;
mod call;
mod error;
pub mod flows;
mod hints;
mod server_words;
mod stats;
mod survey;
mod world;

use std::future::Future;

use flowgate_core::flow::Flow;
use flowgate_core::ids::{FlowId, VersionId};
use flowgate_core::plan::Shipment;
use flowgate_core::platform::{Answer, History, Published, Record, RecordSource};

pub use auth::{Credentials, OnToken, Purpose, Scopes};
pub use budget::{Budget, Limits};
pub use error::{ErrorKind, Operation, Outcome, PlatformError};
pub use stats::{CallLog, CallRecord};
pub use survey::{ask, asked_at_once, survey};
pub use world::Outside;

/// Who creates a version, when, and from where: what a payload says besides the flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// `metadata.createdBy`.
    pub created_by: String,
    /// `metadata.rollbackSafetyDirective.maxRollbackDepth`.
    pub max_rollback_depth: u32,
    /// `metadata.createdAt` and `deltaMatrix.computedAt`, ISO-8601.
    pub created_at: String,
    /// `metadata.source`.
    pub source: RecordSource,
    /// The same on every attempt to create this version: `Idempotency-Key`.
    pub idempotency_key: String,
}

/// One stored version with its content.
#[derive(Debug, Clone)]
pub struct StoredVersion {
    /// CXone's id.
    pub id: VersionId,
    /// Its content; `None` where the answer has none.
    pub flow: Option<Flow>,
    /// What we wrote when we created it.
    pub record: Option<Record>,
    /// `metadata.createdAt`, else when the platform says that it was created, as it was written.
    pub created_at: Option<String>,
}

/// What the platform answered to a write, besides success.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WriteAnswer {
    /// The server's own id of the request, for the audit.
    pub request_id: Option<String>,
    /// From the first byte sent to the last byte read, in milliseconds, waits and repeats included.
    pub latency_ms: u64,
}

/// A tenant of CXone. Reads are repeated below as the contract allows; writes are not.
pub trait FlowPlatform: Send + Sync {
    /// What callers reach now. `Absent`: nothing is published; `CannotTell`: this tenant has no such call.
    fn published(
        &self,
        flow: &FlowId,
    ) -> impl Future<Output = Result<Answer<Published>, PlatformError>> + Send;

    /// The stored versions, all pages.
    fn history(&self, flow: &FlowId)
    -> impl Future<Output = Result<History, PlatformError>> + Send;

    /// One stored version.
    fn version(
        &self,
        flow: &FlowId,
        version: &VersionId,
    ) -> impl Future<Output = Result<Answer<StoredVersion>, PlatformError>> + Send;

    /// Creates a version. An error with [`Outcome::Unknown`] may have created it.
    fn create(
        &self,
        release: &Shipment,
        provenance: &Provenance,
    ) -> impl Future<Output = Result<(VersionId, WriteAnswer), PlatformError>> + Send;

    /// Publishes a stored version. An error with [`Outcome::Unknown`] may have published it.
    fn publish(
        &self,
        flow: &FlowId,
        version: &VersionId,
    ) -> impl Future<Output = Result<WriteAnswer, PlatformError>> + Send;
}
