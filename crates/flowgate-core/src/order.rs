//! Where what a flow's file says comes from: how its commits came to the branch, and how the commit that is deployed
//! stands to what is live. Pure; the program asks GitHub.
//!
//! What it means for the plan is in [`crate::plan`].

use std::collections::BTreeMap;

use crate::ids::{CommitSha, FlowId};

/// All that was asked about where the content of one flow's file comes from. What was not asked does not stand in the way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Provenance {
    /// How the commit that is deployed stands to the branch and to what is live; `None` where nobody asked, as in a check.
    pub order: Option<Order>,
    /// How the file's last commits came to the branch; `None` where that does not matter.
    pub arrival: Option<Arrival>,
}

/// The same for all flows that a plan writes.
pub type Provenances = BTreeMap<FlowId, Provenance>;

/// How the commits that changed a flow's file came to the deploy branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arrival {
    /// All of them that count by merged pull requests; the last one by this one.
    Merged {
        /// Its number.
        pull_request: u64,
    },
    /// This one was pushed without a pull request: nobody was shown what it does.
    Pushed {
        /// The commit.
        commit: CommitSha,
        /// Who made it, where GitHub or git tells.
        author: Option<String>,
    },
    /// By merged pull requests too, but the file was no flow file by the settings that the last one was checked under.
    NotCovered {
        /// Its number.
        pull_request: u64,
    },
    /// At least one was pushed without a pull request, and the settings allow that.
    PushAllowed,
    /// That could not be found out.
    Unknown {
        /// Why, for people.
        why: String,
    },
}

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
        /// Where the branch stands is this very commit: then it was put back, and its history rewritten.
        is_tip: bool,
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
            Order::InOrder
            | Order::Superseded { .. }
            | Order::TakenBack
            | Order::LiveIsNewer { is_tip: false, .. } => None,
            Order::LiveIsNewer { live, .. } => Some(format!(
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

    /// The commit that has taken this one's place for the flow, where one has: its own run sees to it.
    pub fn superseded_by(&self) -> Option<&CommitSha> {
        match self {
            Order::Superseded { tip } => Some(tip),
            Order::LiveIsNewer {
                live,
                is_tip: false,
            } => Some(live),
            _ => None,
        }
    }

    /// Whether somebody who names the flow by hand may go on: then the branch still says what is written, and what is
    /// live comes from no later commit of it. After a rewritten history there is no other way.
    pub fn may_be_overruled(&self) -> bool {
        matches!(self, Order::Unrelated { .. } | Order::Unknown { .. })
    }
}
