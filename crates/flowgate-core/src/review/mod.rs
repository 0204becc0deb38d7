//! The review: everything that is known about a change, as one value. Reports show it, the deployment applies its plan.
//!
//! [`assemble`] is the one way to make it, for the check and for the deployment alike.

mod assemble;
mod input;
#[cfg(test)]
mod telling;
#[cfg(test)]
mod tests;

pub use assemble::{assemble, assemble_on};
pub use input::{FlowFile, Input, Settings};

use std::sync::Arc;

use crate::delta::Delta;
use crate::drift::{ConsoleEdit, Standing};
use crate::finding::Finding;
use crate::flow::Flow;
use crate::ids::{CommitSha, Digest, FlowId, RepoPath};
use crate::plan::{Planned, Touch};
use crate::platform::FlowOnPlatform;
use crate::risk::{FlowRisk, VersionStep, assess};
use crate::rules::OldFaults;

/// What a proposed flow was compared with.
#[derive(Debug, Clone)]
pub enum Baseline {
    /// What callers reach now.
    Published(Arc<Flow>),
    /// The file on the base branch, and why it is not the published flow.
    Base {
        /// The flow on the base branch.
        flow: Arc<Flow>,
        /// Why the published flow was not used, for people.
        why: BaseReason,
    },
    /// Nothing: the flow is new.
    New,
    /// Not known: the platform failed and there is no base.
    Unknown(String),
}

/// Why the base branch serves as baseline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BaseReason {
    /// No credentials, or told so (`baseline: base`).
    Chosen,
    /// This tenant has no call to read a published flow.
    CannotTell,
    /// Nothing is published yet.
    NotPublished,
    /// The platform was asked and failed.
    Unavailable(String),
}

impl Baseline {
    /// The flow that it is, where it is one.
    pub fn flow(&self) -> Option<&Arc<Flow>> {
        match self {
            Baseline::Published(flow) | Baseline::Base { flow, .. } => Some(flow),
            Baseline::New | Baseline::Unknown(_) => None,
        }
    }

    /// The word in JSON reports.
    pub fn kind(&self) -> &'static str {
        match self {
            Baseline::Published(_) => "published",
            Baseline::Base { .. } => "base",
            Baseline::New => "new",
            Baseline::Unknown(_) => "unknown",
        }
    }
}

/// What the change does to one flow.
#[derive(Debug, Clone)]
pub struct FlowReview {
    /// The file.
    pub path: RepoPath,
    /// The flow's identity, where the file says one.
    pub flow_id: Option<FlowId>,
    /// The flow's name for people.
    pub name: String,
    /// Whether this change touches it.
    pub touch: Touch,
    /// The proposed flow, where it could be read; `None` too for a deleted file.
    pub head: Option<Arc<Flow>>,
    /// Digest of the proposed content, where it has one.
    pub digest: Option<Digest>,
    /// What it was compared with.
    pub baseline: Baseline,
    /// What is different; `None` where there is nothing to compare.
    pub delta: Option<Arc<Delta>>,
    /// What CXone said; `None` where it was not asked.
    pub platform: Option<FlowOnPlatform>,
    /// Where what is live stands against the branch; `None` where nothing is live or CXone could not say.
    pub standing: Option<Standing>,
    /// What was edited in the console, where somebody did and it can be told.
    pub console_edits: Vec<ConsoleEdit>,
    /// What merging will do.
    pub plan: Planned,
}

impl FlowReview {
    /// What the change means for callers; `None` where there is nothing to compare.
    pub fn risk(&self) -> Option<FlowRisk> {
        let (old, new) = (self.baseline.flow()?, self.head.as_ref()?);
        Some(assess(old, new, self.delta.as_ref()?))
    }

    /// Holds the proposed version against what the change asks for; `None` where no new version is needed, or one of
    /// the two is not known.
    pub fn version_step(&self, risk: &FlowRisk) -> Option<VersionStep> {
        let before = self.baseline.flow()?.version()?;
        risk.version_step(before, self.head.as_ref()?.version()?)
    }
}

/// Everything that is known about a change.
#[derive(Debug, Clone)]
pub struct Review {
    /// The commit that was checked, where there is one.
    pub commit: Option<CommitSha>,
    /// Changed flows, in order of their paths.
    pub flows: Vec<FlowReview>,
    /// All findings, sorted.
    pub findings: Vec<Finding>,
    /// What becomes of findings that the baseline has already.
    pub old_faults: OldFaults,
    /// How many flow files the repository holds that this change does not touch.
    pub untouched: usize,
    /// How many of these merging would look after, and CXone was not asked about although it was about others.
    pub unasked: usize,
}

impl Review {
    /// Whether this change answers for a finding: nobody excused it, and the baseline does not have it, or that does not
    /// matter.
    pub fn counts(&self, finding: &Finding) -> bool {
        let is_old = finding.existing && self.old_faults == OldFaults::Fold;
        finding.excuse.is_none() && !is_old
    }

    /// How many flows the plan writes.
    pub fn writes(&self) -> usize {
        let writes = |flow: &&FlowReview| flow.plan.action.writes();
        self.flows.iter().filter(writes).count()
    }
}
