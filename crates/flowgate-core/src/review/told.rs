//! What reports say of a flow that can only be said while both of its sides are at hand.
//!
//! Text and no judgement: it is made by a [`Teller`], which a report is, and kept where the flow itself is not.

use std::collections::HashMap;

use super::FlowReview;
use crate::finding::{Finding, Fingerprint};

/// Tells about flows before they are let go.
pub trait Teller: Sync {
    /// What is to be kept of a flow whose sides are at hand; `findings` are those about it.
    fn tell(&self, flow: &FlowReview, findings: &[Finding]) -> Told;
}

/// What was told about a flow before it was let go.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// What callers would notice, in a plain sentence; `None` where there is nothing to compare.
    pub callers: Option<String>,
    /// The sections of a comment; `None` where there is nothing to compare, or nobody wants them.
    pub scenes: Option<Scenes>,
    /// The connectors that findings stand in, as a comment names them.
    pub connectors: HashMap<Fingerprint, String>,
}

/// The sections of a comment that show both sides, in markdown.
#[derive(Debug, Clone)]
pub struct Scenes {
    /// What callers would notice, in a sentence.
    pub verdict: String,
    /// What callers would notice, way by way.
    pub callers: Option<String>,
    /// What is behind that.
    pub behind: Option<String>,
    /// A picture of the changed part.
    pub picture: Option<String>,
    /// Every changed field.
    pub fields: Option<String>,
}
