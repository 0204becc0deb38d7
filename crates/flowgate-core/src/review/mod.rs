//! The review: everything that is known about a change, as one value. Reports show it, the deployment applies its plan.
//!
//! [`assemble`] is the one way to make it, for the check and for the deployment alike.

mod assemble;
mod input;
mod said;
mod side;
#[cfg(test)]
mod telling;
#[cfg(test)]
mod tests;
mod told;

pub use assemble::{Assembly, Judged, assemble};
pub use input::{FlowFile, Input, Settings};
pub use said::{Live, Said};
pub use side::Side;
pub use told::{Picture, Scenes, Teller, Told};

use std::collections::BTreeSet;
use std::sync::Arc;

use semver::Version;

use crate::delta::Delta;
use crate::drift::{ConsoleEdit, Standing};
use crate::finding::Finding;
use crate::flow::{ElementTypes, Flow};
use crate::ids::{CommitSha, Digest, FlowId, RepoPath};
use crate::plan::{Action, Planned, Reason, Touch};
use crate::platform::FlowOnPlatform;
use crate::redact::FoundSecrets;
use crate::risk::{FlowRisk, VersionStep};
use crate::rules::OldFaults;

/// What a proposed flow was compared with.
#[derive(Debug, Clone)]
pub enum Baseline {
    /// What callers reach now.
    Published(Side),
    /// The file on the base branch, and why it is not the published flow.
    Base {
        /// The flow on the base branch.
        flow: Side,
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
    /// The side that it is, where it is one.
    pub fn side(&self) -> Option<&Side> {
        match self {
            Baseline::Published(side) | Baseline::Base { flow: side, .. } => Some(side),
            Baseline::New | Baseline::Unknown(_) => None,
        }
    }

    /// The flow that it is, where it is one and at hand.
    pub fn flow(&self) -> Option<&Arc<Flow>> {
        self.side()?.flow()
    }

    /// The version of the flow that it is, where it is one that has a version.
    pub fn version(&self) -> Option<&Version> {
        self.side()?.version()
    }

    fn let_go(&mut self) {
        match self {
            Baseline::Published(side) | Baseline::Base { flow: side, .. } => side.let_go(),
            Baseline::New | Baseline::Unknown(_) => {}
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
    pub head: Option<Side>,
    /// Digest of the proposed content, where it has one.
    pub digest: Option<Digest>,
    /// What it was compared with.
    pub baseline: Baseline,
    /// What is different; `None` where there is nothing to compare.
    pub delta: Option<Arc<Delta>>,
    /// What the change means for callers; `None` where there is nothing to compare.
    pub risk: Option<FlowRisk>,
    /// What types mean.
    pub types: Arc<ElementTypes>,
    /// What CXone said, without content; `None` where it was not asked.
    pub said: Option<Said>,
    /// All that CXone said; `None` where it was not asked, and where the flow was let go.
    pub platform: Option<FlowOnPlatform>,
    /// Where what is live stands against the branch; `None` where nothing is live or CXone could not say.
    pub standing: Option<Standing>,
    /// What was edited in the console, where somebody did and it can be told.
    pub console_edits: Vec<ConsoleEdit>,
    /// Secrets that stand in it, before or after: they are shown nowhere.
    pub secrets: FoundSecrets,
    /// What merging will do.
    pub plan: Planned,
    /// What CXone shows of what is live besides what we sent, as [`Containment::additions`] tells it.
    ///
    /// [`Containment::additions`]: crate::flow::Containment::additions
    pub server_adds: BTreeSet<String>,
    /// What was told about it before its flows were let go; `None` while they are at hand.
    pub told: Option<Box<Told>>,
}

impl FlowReview {
    /// The proposed flow, where there is one and it is at hand.
    pub fn flow(&self) -> Option<&Arc<Flow>> {
        self.head.as_ref()?.flow()
    }

    /// The version that is proposed.
    pub fn version(&self) -> Option<&Version> {
        self.head.as_ref()?.version()
    }

    /// Holds the proposed version against what the change asks for; `None` where no new version is needed, or one of
    /// the two is not known.
    pub fn version_step(&self) -> Option<VersionStep> {
        let risk = self.risk.as_ref()?;
        risk.version_step(self.baseline.version()?, self.version()?)
    }

    /// Keeps of both sides no more than what was told, and what can be said without them.
    fn let_go(&mut self, told: Told) {
        if let Some(head) = &mut self.head {
            head.let_go();
        }
        self.baseline.let_go();
        self.plan.action.let_go();
        self.platform = None;
        self.told = Some(Box::new(told));
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
    /// What CXone is known to add to what we send: all that [`FlowReview::server_adds`] tells, of flows too that stand not
    /// in this review.
    pub server_adds: BTreeSet<String>,
    /// What was not looked at where flow files may be, and why: one sentence each.
    pub notes: Vec<String>,
}

impl Review {
    /// Whether this change answers for a finding: nobody excused it, and the baseline does not have it, or that does not
    /// matter.
    pub fn counts(&self, finding: &Finding) -> bool {
        let is_old = finding.existing && self.old_faults == OldFaults::Fold;
        finding.excuse.is_none() && !is_old
    }

    /// Leaves flows alone that are blocked and that the change does not touch: where it touches no flow at all, its check
    /// said nothing of them, and its merge is not to fail for them.
    pub fn leave_blocked(&mut self) {
        for flow in &mut self.flows {
            if flow.touch == Touch::Untouched && matches!(flow.plan.action, Action::Blocked) {
                let text = format!(
                    "still blocked, and this change does not touch it: {}",
                    flow.plan.why()
                );
                flow.plan.action = Action::Nothing;
                flow.plan.reasons = vec![Reason {
                    code: "still-blocked",
                    text,
                }];
            }
        }
    }

    /// How many flows the plan writes.
    pub fn writes(&self) -> usize {
        let writes = |flow: &&FlowReview| flow.plan.action.writes();
        self.flows.iter().filter(writes).count()
    }
}
