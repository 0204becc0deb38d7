//! What is found out about one file by itself, before all of them come to a conclusion.

use super::flow_of;
use crate::finding::Finding;
use crate::ids::{FlowId, RepoPath};
use crate::order::Provenances;
use crate::plan::{Fault, Touch, check_provenance};
use crate::review::{FlowFile, FlowReview, Input, Teller};
use crate::rules::Outline;

/// What is found out about one file by itself. That its flow may be let go afterwards is what this is for. Many of these
/// are moved about, so what is large in them stands in a place of its own.
#[derive(Debug)]
pub struct Judged {
    /// What stands in the file now; `None` where it is gone.
    head: Option<Now>,
    /// The flow that stood in it before.
    pub(super) base: Option<Box<Outline>>,
    pub(super) flow: Box<FlowReview>,
    pub(super) findings: Vec<Finding>,
}

/// What stands in a file.
#[derive(Debug)]
enum Now {
    Flow(Box<Outline>),
    NoFlow,
}

impl Judged {
    pub(super) fn new(file: &FlowFile, flow: FlowReview, findings: Vec<Finding>) -> Self {
        let outline = |reading| flow_of(reading).map(|flow| Box::new(Outline::of(flow)));
        let now = |reading| outline(Some(reading)).map_or(Now::NoFlow, Now::Flow);
        Self {
            head: file.head.as_ref().map(now),
            base: outline(file.base.as_ref()),
            flow: Box::new(flow),
            findings,
        }
    }

    /// Whether a file stands there, be it one that cannot be read.
    pub(super) fn exists(&self) -> bool {
        self.head.is_some()
    }

    /// The file.
    pub fn path(&self) -> &RepoPath {
        &self.flow.path
    }

    pub(super) fn touch(&self) -> Touch {
        self.flow.touch
    }

    /// The flow that stood in the file before, as far as it can be told.
    pub(super) fn base(&self) -> Option<&FlowId> {
        self.base.as_ref()?.id.as_ref()
    }

    /// What was found out about the flow so far.
    pub fn review(&self) -> &FlowReview {
        &self.flow
    }

    /// Holds back what does not come from where it must.
    pub(super) fn check_provenance(&mut self, provenances: &Provenances, input: &Input) {
        let flow = &mut self.flow;
        if let Some(provenance) = flow.flow_id.as_ref().and_then(|id| provenances.get(id)) {
            let said = flow.platform.as_ref();
            let fault = Fault {
                wrong: flow.flow_id.as_ref().and_then(|id| input.wrong.get(id)),
                by_hand: input.by_hand,
            };
            let plan = flow.plan.clone();
            flow.plan = check_provenance(plan, flow.touch, said, provenance, fault);
        }
    }

    /// Keeps no more of the flow than what is told about it now.
    pub fn let_go(&mut self, teller: &dyn Teller) {
        let told = teller.tell(&self.flow, &self.findings);
        self.flow.let_go(told);
    }

    /// The flow that stands in the file now.
    pub(super) fn outline(&self) -> Option<&Outline> {
        match self.head.as_ref()? {
            Now::Flow(outline) => Some(outline),
            Now::NoFlow => None,
        }
    }

    /// The identity of the flow that stands in the file now, where it has a valid one.
    pub(super) fn id(&self) -> Option<&FlowId> {
        self.outline()?.id.as_ref()
    }
}
