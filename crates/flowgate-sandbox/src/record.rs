//! What clients have sent, kept whole: tests search it for secrets and count calls.

use std::time::Instant;

use crate::operation::Operation;

/// One request, as it came in. Nothing is redacted.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// HTTP method.
    pub method: String,
    /// Path and query, as sent.
    pub target: String,
    /// The call, if the path is one of the platform's.
    pub operation: Option<Operation>,
    /// The flow it is about.
    pub flow_id: Option<String>,
    /// Headers in order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, to the byte.
    pub body: Vec<u8>,
    /// When it had been read whole.
    pub at: Instant,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Still at work, or held by a pause.
    Pending,
    /// Answered with this status.
    Answered(u16),
    /// The connection was closed without an answer.
    Dropped,
}

impl Recorded {
    /// The value of a header; `name` in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(header, _)| header == name)
            .map(|(_, value)| value.as_str())
    }

    /// The body as text, for assertions.
    pub fn body_text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}
