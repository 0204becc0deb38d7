//! What a review is made of: the flow files of the change, what CXone said, and the settings. Values alone; what they come
//! to is decided in `assemble`.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::drift::LookedBack;
use crate::flow::{Flow, Reading};
use crate::ids::{CommitSha, FlowId, RepoPath};
use crate::plan::{PlanSettings, Touch};
use crate::platform::{FlowOnPlatform, Wrong};
use crate::policy::Policy;
use crate::rules::{RuleSettings, UnknownBase};

/// One flow file of the repository.
#[derive(Debug, Clone)]
pub struct FlowFile {
    /// Where it stands (where it stood, if it is gone).
    pub path: RepoPath,
    /// The file as proposed; `None` if it is gone.
    pub head: Option<Reading>,
    /// The file before this change; `None` if it is new.
    pub base: Option<Reading>,
    /// Whether this change touches it.
    pub touch: Touch,
}

impl FlowFile {
    /// The identity of the flow that stands in the file now, where another one or none stood in it before: it may have
    /// stood in another file, since a renamed file is the same flow.
    pub fn moved_from(&self) -> Option<&FlowId> {
        let id = self.head.as_ref()?.flow.as_ref()?.id()?;
        let base = self.base.as_ref().and_then(|base| base.flow.as_ref());
        (base.and_then(|flow| flow.id()) != Some(id)).then_some(id)
    }
}

/// All that a review depends on besides its input.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What the plan depends on.
    pub plan: PlanSettings,
    /// What rules depend on.
    pub rules: RuleSettings,
    /// What findings mean.
    pub policy: Policy,
}

/// What a review is made of.
#[derive(Debug, Clone, Default)]
pub struct Input {
    /// The commit that is reviewed, where there is one.
    pub commit: Option<CommitSha>,
    /// The flow files, in order of their paths: all but the bystanders.
    pub files: Vec<FlowFile>,
    /// Flow files that the change does not touch, that could be published as they are, and whose flows stand in no other
    /// file: nothing is said of them.
    pub bystanders: BTreeMap<RepoPath, FlowId>,
    /// Changed files that say what a change may do; none in a local check, whose settings are those of the work tree.
    pub policy: Vec<RepoPath>,
    /// What CXone said, by flow; `None` where it was not asked at all.
    pub platform: Option<BTreeMap<FlowId, FlowOnPlatform>>,
    /// Settings that hold for single files in place of the run's: those that the merge which brought them was checked under.
    pub own_settings: BTreeMap<RepoPath, Arc<Settings>>,
    /// Flow files that this change does not touch and that were not read.
    pub unread: usize,
    /// Set where the change could not be compared with what it starts from.
    pub unknown_base: Option<UnknownBase>,
    /// What was not looked at where flow files may be, and why: one sentence each.
    pub notes: Vec<String>,
    /// Flows as they stood at the commit that the record of what is live names, where they had to be looked for.
    pub recorded: BTreeMap<FlowId, Arc<Flow>>,
    /// How far back it was looked for flows that are live without a record.
    pub looked_back: LookedBack,
    /// Versions of ours that CXone holds with other content than was sent, by flow: what is live, or what the file says and
    /// was taken back.
    pub wrong: BTreeMap<FlowId, Wrong>,
    /// Whether a person started the run: then what is not live is a failure of it, whatever it changes.
    pub by_hand: bool,
}

impl Input {
    /// All flows that are compared: those of the files, what is live, and what was sent once.
    pub fn compared(&self) -> impl Iterator<Item = &Flow> {
        let heads = self.files.iter().filter_map(|file| file.head.as_ref());
        let heads = heads.filter_map(|head| head.flow.as_deref());
        let said = self.platform.iter().flat_map(BTreeMap::values);
        let live = said.filter_map(|said| said.published.known());
        let live = live.map(|published| published.flow.as_ref());
        let recorded = self.recorded.values().map(AsRef::as_ref);
        heads.chain(live).chain(recorded)
    }
}
