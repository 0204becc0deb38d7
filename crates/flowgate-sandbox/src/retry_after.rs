//! When a refused caller may come again.

use serde::{Deserialize, Serialize};

use crate::clock;

/// The two forms of a `Retry-After` header. In fault scripts `{"seconds": 2}` or `{"date": 2}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RetryAfter {
    /// Plain seconds.
    Seconds(u64),
    /// An HTTP date so many seconds from now.
    Date(u64),
}

impl RetryAfter {
    /// What the header says.
    pub(crate) fn header(self) -> String {
        match self {
            Self::Seconds(seconds) => seconds.to_string(),
            Self::Date(seconds) => clock::http_date(clock::now() + seconds),
        }
    }
}
