//! What reports keep of a flow that is let go once it was judged: as much as the report that is wanted will say.

use super::comment;
use crate::finding::Finding;
use crate::redact::Redactor;
use crate::review::{FlowReview, Teller, Told};

/// How much will be said of each flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// What a terminal and data say.
    Plain,
    /// What a comment says too.
    Comment,
}

/// Tells about flows in the words of the reports.
#[derive(Debug, Clone, Copy)]
pub struct Telling<'a> {
    /// Hides what nobody may see.
    pub redactor: &'a Redactor,
    /// How much is wanted.
    pub detail: Detail,
}

impl Teller for Telling<'_> {
    fn tell(&self, flow: &FlowReview, findings: &[Finding]) -> Told {
        match self.detail {
            Detail::Plain => Told {
                callers: comment::callers(flow, self.redactor),
                ..Told::default()
            },
            Detail::Comment => comment::tell(flow, findings.iter(), self.redactor),
        }
    }
}
