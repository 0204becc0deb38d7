//! What a plan is made from: the settings it depends on, and all that is known about one flow.

use std::sync::Arc;

use semver::Version;

use super::decision::Fault;
use crate::delta::Delta;
use crate::drift::{Files, LookedBack, OnDrift, OnNewFlow};
use crate::flow::{Flow, Layout, digest};
use crate::ids::{Digest, FlowId, RepoPath};
use crate::platform::{FlowOnPlatform, Wrong};

/// Which flows a deployment looks after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// All that we deployed before, and all that this change touches.
    Managed,
    /// Only what this change touches.
    Changed,
}

/// Which number a version gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum VersionPolicy {
    /// The file's; where it is taken, the flow is blocked.
    #[default]
    File,
    /// The file's; where it is taken, the next free patch number.
    Auto,
}

/// What changes of layout alone are worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum LayoutChanges {
    /// Nothing: callers notice nothing.
    #[default]
    Ignore,
    /// A version, as any other change.
    Publish,
}

/// What becomes of a flow that is in no change, that CXone does not know, and of which it stores no version of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum UnknownFlows {
    /// It waits for a pull request of its own: nobody was shown that it would go live.
    #[default]
    Wait,
    /// It is created: on a sandbox, which no caller reaches.
    Create,
}

/// More writes than this in one run are taken for a mistake, unless settings say otherwise.
pub const MAX_CHANGES: usize = 20;

/// Whether this change touches the flow file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Touch {
    /// It does.
    Touched,
    /// It does not, but somebody started a deployment by hand and named it: planned like a touched one.
    Named,
    /// It does not, but somebody asked what is wrong with it: it is judged as a whole, and planned like an untouched one.
    Asked,
    /// It was no flow file before, and the change widens `flows` to it: it is judged as a whole, and nothing is published
    /// before the next change.
    Covered,
    /// It does not.
    Untouched,
}

impl Touch {
    /// Whether somebody wants this very flow to be as the file says.
    pub fn asks_for_write(self) -> bool {
        matches!(self, Touch::Touched | Touch::Named)
    }
}

/// The settings that a plan depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanSettings {
    /// Fields that are layout.
    pub layout: Layout,
    /// What to do about console edits.
    pub on_drift: OnDrift,
    /// What to do with a flow that CXone does not know.
    pub on_new_flow: OnNewFlow,
    /// Which flows are looked after.
    pub scope: Scope,
    /// Which number a version gets.
    pub version_policy: VersionPolicy,
    /// What changes of layout alone are worth.
    pub layout_changes: LayoutChanges,
    /// More writes than this are taken for a mistake: then nothing is written.
    pub max_changes: usize,
    /// What becomes of flows beside the change that CXone does not know.
    pub unknown_flows: UnknownFlows,
    /// Why merging publishes nothing at all, in a sentence without full stop; `None` where it publishes what is planned.
    pub publishes_nothing: Option<String>,
}

impl Default for PlanSettings {
    fn default() -> Self {
        Self {
            layout: Layout::default(),
            on_drift: OnDrift::default(),
            on_new_flow: OnNewFlow::default(),
            scope: Scope::Managed,
            version_policy: VersionPolicy::default(),
            layout_changes: LayoutChanges::default(),
            max_changes: MAX_CHANGES,
            unknown_flows: UnknownFlows::Wait,
            publishes_nothing: None,
        }
    }
}

impl Facts<'_> {
    /// The files that may be what we sent when we made the live version.
    pub fn files(&self) -> Files<'_> {
        Files {
            head: self.head,
            base: self.base,
            recorded: self.recorded,
        }
    }

    /// Whether this run is about another content of the flow than before, or somebody names it: what was taken back is moved
    /// by that alone, not by a new number, another place of the file or of its elements, or another way of writing it.
    pub(super) fn moves(&self, layout: &Layout) -> bool {
        match self.touch {
            Touch::Named => true,
            Touch::Touched => self
                .base
                .is_none_or(|base| digest(base, layout).as_ref() != Some(self.digest)),
            Touch::Asked | Touch::Covered | Touch::Untouched => false,
        }
    }

    pub(super) fn fault(&self) -> Fault<'_> {
        Fault {
            wrong: self.wrong,
            by_hand: self.by_hand,
        }
    }

    /// What the file says: its content and its number.
    pub(super) fn said(&self) -> (&Digest, Option<&Version>) {
        (self.digest, Some(self.version))
    }
}

/// All that is known about one flow when its plan is made.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    /// The file.
    pub path: &'a RepoPath,
    /// The flow's identity.
    pub flow_id: &'a FlowId,
    /// The version that the file says.
    pub version: &'a Version,
    /// The proposed content.
    pub head: &'a Arc<Flow>,
    /// Its digest.
    pub digest: &'a Digest,
    /// Whether this change touches it.
    pub touch: Touch,
    /// The file before this change.
    pub base: Option<&'a Flow>,
    /// The file at the commit that the record of what is live names, where somebody looked for it.
    pub recorded: Option<&'a Flow>,
    /// What is different from the baseline; `None` without baseline.
    pub delta: Option<&'a Arc<Delta>>,
    /// What CXone said; `None` where it was not asked.
    pub platform: Option<&'a FlowOnPlatform>,
    /// The version of ours that CXone holds with other content than was sent, where one is known.
    pub wrong: Option<&'a Wrong>,
    /// Whether a person started the run.
    pub by_hand: bool,
    /// How far back it was looked for what is live without a record.
    pub looked_back: LookedBack,
}
