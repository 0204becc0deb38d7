//! A file's place in the review before anything was found out about it, and the places of files that hold no flow any
//! more, or none that could be published.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::flow::{Flow, names};
use crate::ids::FlowId;
use crate::plan::{Action, Planned, Reason, Touch};
use crate::redact::FoundSecrets;
use crate::review::{Baseline, FlowFile, FlowReview, Side};

/// The place as its plan and baseline alone have it.
pub(super) fn shown(
    file: &FlowFile,
    head: Option<&Arc<Flow>>,
    baseline: Baseline,
    plan: Planned,
) -> FlowReview {
    let named = head.or(baseline.flow());
    FlowReview {
        path: file.path.clone(),
        flow_id: plan.flow_id.clone(),
        name: named.map_or_else(|| file.path.to_string(), |flow| names::flow(flow)),
        touch: file.touch,
        head: head.cloned().map(Side::from),
        digest: None,
        baseline,
        delta: None,
        risk: None,
        types: Arc::default(),
        said: None,
        platform: None,
        standing: None,
        console_edits: Vec::new(),
        secrets: FoundSecrets::default(),
        plan,
        server_adds: BTreeSet::new(),
        told: None,
    }
}

/// The plan for a file that is gone: nothing.
pub(super) fn deleted(file: &FlowFile, flow_id: Option<FlowId>) -> Planned {
    let text = "the file is deleted; what is live stays live until somebody removes it on CXone";
    Planned {
        arrival: None,
        path: file.path.clone(),
        flow_id,
        action: Action::Nothing,
        reasons: vec![Reason {
            code: "file-deleted",
            text: text.to_owned(),
        }],
    }
}

/// A file that cannot be read blocks its flow where this change touches it; an old one is only said.
pub(super) fn unreadable(file: &FlowFile, flow_id: Option<FlowId>) -> Planned {
    Planned {
        arrival: None,
        path: file.path.clone(),
        flow_id,
        action: match file.touch {
            Touch::Touched | Touch::Named => Action::Blocked,
            Touch::Asked | Touch::Covered | Touch::Untouched => Action::Nothing,
        },
        reasons: vec![Reason {
            code: UNREADABLE,
            text: "the file cannot be published before its errors are fixed".to_owned(),
        }],
    }
}

/// The reason's code where a file holds no flow that could be published.
pub(super) const UNREADABLE: &str = "unreadable";

/// Whether the plan says so.
pub(super) fn has_reason(plan: &Planned, code: &str) -> bool {
    plan.reasons.iter().any(|reason| reason.code == code)
}
