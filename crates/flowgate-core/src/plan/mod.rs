//! The plan: per flow, what merging will do, and why. Computed by one function for the check and for the deployment.
//!
//! Pure: what CXone said and what the repository holds come in as values. Carrying it out is the program's `deploy`.

mod decide;
mod decision;
mod facts;
mod provenance;
mod shipment;
mod write;

pub use decide::{decide, settle};
pub use decision::Fault;
pub use facts::{
    Facts, LayoutChanges, MAX_CHANGES, PlanSettings, Scope, Touch, UnknownFlows, VersionPolicy,
};
pub use provenance::{NOT_IN_ORDER, check_provenance};
pub use shipment::Shipment;

use std::sync::Arc;

use semver::Version;
use serde::Serialize;

use crate::delta::Delta;
use crate::flow::Flow;
use crate::ids::{Digest, ElementId, FlowId, RepoPath, VersionId};
use crate::order::Arrival;

/// A version to be created: everything that the wire needs but the time and the run.
#[derive(Debug, Clone)]
pub struct Release {
    /// Whose version.
    pub flow_id: FlowId,
    /// Its number: the file's, unless that one was taken (`version-policy: auto`).
    pub version: Version,
    /// Digest of the content.
    pub digest: Digest,
    /// What it changes on what is published now; `None` where nothing is published yet. See [`Shipment::changes`].
    pub delta: Option<Arc<Delta>>,
    /// Begin and End of the published flow (for a first version: of this one), in file order.
    pub immutable: Vec<ElementId>,
    /// What is sent, by the file's own bytes; `None` once it was let go: then the plan can be shown, and not carried out.
    pub content: Option<Arc<Flow>>,
}

/// What merging will do with one flow.
#[derive(Debug, Clone)]
pub enum Action {
    /// Create this version and publish it.
    CreateAndPublish(Box<Release>),
    /// The version is stored already (a crash after create, or an older version again): publish it.
    Publish {
        /// The content that the version must have.
        release: Box<Release>,
        /// The stored version.
        version_id: VersionId,
    },
    /// An earlier version was asked for by name: publish it again. Nothing is created.
    RollBack {
        /// The content that the version has.
        release: Box<Release>,
        /// The stored version.
        version_id: VersionId,
    },
    /// What is live is ours and not what was sent: publish the version before it again.
    TakeBack {
        /// The version that is wrong.
        release: Box<Release>,
        /// Its id.
        version_id: VersionId,
        /// The version that was live before it.
        to: VersionId,
    },
    /// Nothing.
    Nothing,
    /// Nothing, since something stands in the way.
    Blocked,
}

impl Action {
    /// The word in JSON reports.
    pub fn as_str(&self) -> &'static str {
        match self {
            Action::CreateAndPublish(_) => "createAndPublish",
            Action::Publish { .. } => "publish",
            Action::RollBack { .. } => "rollBack",
            Action::TakeBack { .. } => "takeBack",
            Action::Nothing => "nothing",
            Action::Blocked => "blocked",
        }
    }

    /// The version that it makes live.
    pub fn release(&self) -> Option<&Release> {
        match self {
            Action::CreateAndPublish(release)
            | Action::Publish { release, .. }
            | Action::RollBack { release, .. }
            | Action::TakeBack { release, .. } => Some(release),
            Action::Nothing | Action::Blocked => None,
        }
    }

    /// Keeps no more of it than what can be shown.
    pub fn let_go(&mut self) {
        match self {
            Action::CreateAndPublish(release)
            | Action::Publish { release, .. }
            | Action::RollBack { release, .. }
            | Action::TakeBack { release, .. } => release.content = None,
            Action::Nothing | Action::Blocked => {}
        }
    }

    /// Whether it would write to CXone.
    pub fn writes(&self) -> bool {
        self.release().is_some()
    }
}

/// Why the plan does what it does with a flow, for machines (`code`) and people (`text`).
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// Stable kebab-case word.
    pub code: &'static str,
    /// One sentence: lower case, no full stop. May hold text from the flow: escape before showing.
    pub text: String,
}

/// One changed flow file's place in the plan. Every changed flow file has one.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The file.
    pub path: RepoPath,
    /// The flow, where the file says one.
    pub flow_id: Option<FlowId>,
    /// What will be done.
    pub action: Action,
    /// Why; never empty.
    pub reasons: Vec<Reason>,
    /// How the content came to the branch, where that was asked.
    pub arrival: Option<Arrival>,
}

impl Planned {
    /// All reasons in one line, for people.
    pub fn why(&self) -> String {
        let texts: Vec<&str> = self
            .reasons
            .iter()
            .map(|reason| reason.text.as_str())
            .collect();
        texts.join("; ")
    }
}
