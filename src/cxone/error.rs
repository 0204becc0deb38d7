//! The one error of a call to CXone: what was attempted, on which flow, what the other side said, what to do next.

use std::fmt;

use flowgate_core::ids::FlowId;
use serde::Serialize;

/// A call of the dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Operation {
    /// Get an access token.
    Token,
    /// Read the published flow.
    ReadPublished,
    /// List (or count) the stored versions.
    ListVersions,
    /// Read one stored version.
    ReadVersion,
    /// Create a version.
    CreateVersion,
    /// Publish a version.
    Publish,
}

impl Operation {
    /// What it does, for people: completes "could not …".
    pub fn words(self) -> &'static str {
        match self {
            Operation::Token => "get an access token",
            Operation::ReadPublished => "read the published flow",
            Operation::ListVersions => "list the versions",
            Operation::ReadVersion => "read a stored version",
            Operation::CreateVersion => "create the version",
            Operation::Publish => "publish the version",
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

/// Whether a failed call changed something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// It certainly did not happen (a read; a write that was refused; a connection that never opened).
    DidNotHappen,
    /// It may have happened: resolve by reading.
    Unknown,
}

/// What kind of failure it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ErrorKind {
    /// 400 and its like: the payload was refused.
    Refused,
    /// 401: the credentials.
    Unauthorized,
    /// 403: the rights.
    Forbidden,
    /// 404.
    NotFound,
    /// 409.
    Conflict,
    /// 429, and the deadline or the attempts ran out.
    RateLimited,
    /// 5xx or another status that says that the other side failed.
    Server,
    /// No connection, or one that broke.
    Transport,
    /// No answer in time.
    Timeout,
    /// An answer that cannot be understood.
    Protocol,
    /// The run's own deadline passed.
    Deadline,
}

/// A call to CXone that failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct PlatformError {
    /// What was attempted.
    pub operation: Operation,
    /// On which flow; `None` for the token.
    pub flow: Option<FlowId>,
    /// What kind of failure it was.
    pub kind: ErrorKind,
    /// HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// The server's own words, else the transport's; redacted and cut.
    pub said: String,
    /// The server's id of the request.
    pub request_id: Option<String>,
    /// What to do next.
    pub hint: Option<String>,
    /// Whether it may have happened all the same.
    pub outcome: Outcome,
}

impl PlatformError {
    /// Whether this very call was answered 409, not another that it needed, such as the one for a token.
    pub fn is_conflict_of(&self, operation: Operation) -> bool {
        self.operation == operation && self.kind == ErrorKind::Conflict
    }
}

impl fmt::Display for PlatformError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "could not {}", self.operation)?;
        if let Some(flow) = &self.flow {
            write!(f, " of flow `{flow}`")?;
        }
        match self.status {
            Some(status) => write!(f, ": CXone answered HTTP {status}: {}", self.said)?,
            None => write!(f, ": {}", self.said)?,
        }
        if let Some(id) = &self.request_id {
            write!(f, " (request {id})")?;
        }
        if let Some(hint) = &self.hint {
            write!(f, "; {hint}")?;
        }
        Ok(())
    }
}
