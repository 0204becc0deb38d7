//! What rules about all files together need of one flow: whose it is, and where its file says so.

use crate::finding::Location;
use crate::flow::Flow;
use crate::ids::FlowId;

/// A flow of which no more is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// Its identity, where its file has a valid one.
    pub id: Option<FlowId>,
    /// The best place for something that concerns the whole flow.
    pub anchor: Location,
}

impl Outline {
    /// The outline of a flow.
    pub fn of(flow: &Flow) -> Self {
        let anchor = flow.anchor();
        // Nothing below that line is looked at: an index of the whole text would cost more than its place is worth.
        let source = flow.source().as_far_as_line_of(anchor);
        Self {
            id: flow.id().cloned(),
            anchor: Location::new(&source, anchor),
        }
    }
}
