//! Whether a flow's turn has come: an older commit never writes over a newer one. Pure; the program asks GitHub.
//!
//! What it means for the plan is in [`crate::plan`].

use crate::ids::CommitSha;

/// How the commit that is deployed stands to the deploy branch, and to the commit that what is live comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// The branch says the same of this flow, and what is live comes from this commit, from one before it, or from none
    /// of ours.
    InOrder,
    /// The branch has moved on and says something else of this flow.
    Superseded {
        /// Where the branch stands.
        tip: CommitSha,
    },
    /// What the file says was made live by this commit or by a later one, and was taken back: this commit's change of
    /// the file is older than that.
    TakenBack,
    /// What is live comes from a commit after this one.
    LiveIsNewer {
        /// That commit.
        live: CommitSha,
    },
    /// What is live comes from a commit that is neither before nor after this one.
    Unrelated {
        /// That commit.
        live: CommitSha,
    },
    /// Nobody knows how the two stand to each other.
    Unknown {
        /// The commit that what is live comes from.
        live: CommitSha,
        /// Why nobody knows, for people.
        why: String,
    },
}

impl Order {
    /// Why the flow must not be written, in a sentence without full stop; `None` where nothing speaks against it, where
    /// the newer commit's own run sees to it, or where it is not to be written at all.
    pub fn objection(&self) -> Option<String> {
        match self {
            Order::InOrder | Order::Superseded { .. } | Order::TakenBack => None,
            Order::LiveIsNewer { live } => Some(format!(
                "what is live comes from commit {}, which is newer than this one",
                live.short()
            )),
            Order::Unrelated { live } => Some(format!(
                "what is live comes from commit {}, which this one does not build on",
                live.short()
            )),
            Order::Unknown { live, why } => Some(format!(
                "what is live comes from commit {}, and whether this one builds on it is not known: {why}",
                live.short()
            )),
        }
    }

    /// Whether somebody who names the flow by hand may go on: then the branch still says what is written, and what is
    /// live comes from no later commit of it. After a rewritten history there is no other way.
    pub fn may_be_overruled(&self) -> bool {
        matches!(self, Order::Unrelated { .. } | Order::Unknown { .. })
    }
}
