//! What a plan is made from: the settings it depends on, and all that is known about one flow.

use std::sync::Arc;

use semver::Version;

use crate::delta::Delta;
use crate::drift::{OnDrift, OnNewFlow};
use crate::flow::{Flow, Layout};
use crate::ids::{Digest, FlowId, RepoPath};
use crate::platform::FlowOnPlatform;

/// Which flows a deployment looks after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// All that we deployed before, and all that this change touches.
    Managed,
    /// Only what this change touches.
    Changed,
}

/// Whether this change touches the flow file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Touch {
    /// It does.
    Touched,
    /// It does not, but somebody asked what is wrong with it: it is judged as a whole, and planned like an untouched one.
    Asked,
    /// It does not.
    Untouched,
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
    /// What is different from the baseline; `None` without baseline.
    pub delta: Option<&'a Arc<Delta>>,
    /// What CXone said; `None` where it was not asked.
    pub platform: Option<&'a FlowOnPlatform>,
}
