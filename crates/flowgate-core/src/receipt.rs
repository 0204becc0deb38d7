//! Receipts: what happened to one flow in a deployment.
//!
//! How it came about is the program's `deploy`; how it looks is for [`crate::report`].

use serde::Serialize;

use crate::ids::{Digest, FlowId, RepoPath, VersionId};

/// Where a flow ended up.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum State {
    /// Published, read back, ours.
    Verified,
    /// Accepted by CXone; this tenant offers no way to look.
    PublishedUnverified,
    /// Nothing was to be done.
    Skipped,
    /// The plan blocked it; nothing was written.
    Blocked,
    /// It failed; what happened is known.
    Failed,
    /// Published with content that is not ours; the version before was published again.
    RolledBack,
    /// It is not known what callers reach now: a person must look.
    Unknown,
}

impl State {
    /// Whether callers now reach what the branch says.
    pub fn is_good(self) -> bool {
        matches!(
            self,
            State::Verified | State::PublishedUnverified | State::Skipped
        )
    }
}

/// Whether what was deployed is what the pull request's comment showed, by digest.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum AsReviewed {
    /// It is.
    Same,
    /// The comment showed other content.
    Different,
    /// No comment showed this flow.
    NotShown,
}

impl AsReviewed {
    /// What the comment showed, held against what is deployed.
    pub fn of(shown: Option<&Digest>, deployed: &Digest) -> Self {
        match shown {
            Some(shown) if shown == deployed => AsReviewed::Same,
            Some(_) => AsReviewed::Different,
            None => AsReviewed::NotShown,
        }
    }
}

/// What happened to one flow in a deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    /// The flow; `None` where the file says none (then it is blocked).
    pub flow_id: Option<FlowId>,
    /// What people call the flow.
    pub name: String,
    /// The file.
    pub path: RepoPath,
    /// The version's number.
    pub version: Option<String>,
    /// CXone's id of the version that was created or published.
    pub version_id: Option<VersionId>,
    /// Where it ended up.
    pub state: State,
    /// Whether it was read back and is ours.
    pub verified: bool,
    /// What went wrong, with the server's words and what to do next.
    pub error: Option<String>,
    /// What callers get now, for people: `live now: 1.2.0, unchanged`.
    pub live_now: Option<String>,
    /// Digest of what was deployed.
    pub digest: Option<Digest>,
    /// Whether that is what the comment showed; `None` where it did not become live, or nobody looked.
    pub as_reviewed: Option<AsReviewed>,
    /// Things to know that are not faults (what the server added, a value it rewrote).
    pub notices: Vec<String>,
    /// Whether one of them is about a fault of before that this run has not mended.
    #[serde(skip)]
    pub warns: bool,
}
