//! What reports say of a flow that can only be said while both of its sides are at hand.
//!
//! Text and no judgement: it is made by a [`Teller`], which a report is, and kept where the flow itself is not.

use std::borrow::Cow;
use std::collections::HashMap;

use super::FlowReview;
use crate::finding::{Finding, Fingerprint};
use crate::redact::Redactor;

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

impl Told {
    /// The same without secrets that the redactor knows by now.
    pub(crate) fn redacted(&self, redactor: &Redactor) -> Cow<'_, Self> {
        if redactor.knows_nothing() {
            return Cow::Borrowed(self);
        }
        let text = |text: &String| redactor.told(text).into_owned();
        let scenes = self.scenes.as_ref().map(|scenes| Scenes {
            verdict: text(&scenes.verdict),
            callers: scenes.callers.as_ref().map(text),
            behind: scenes.behind.as_ref().map(text),
            picture: scenes.picture.as_ref().map(|picture| Picture {
                diagram: text(&picture.diagram),
                ..*picture
            }),
            fields: scenes.fields.as_ref().map(text),
        });
        let connectors = self.connectors.iter();
        Cow::Owned(Self {
            callers: self.callers.as_ref().map(text),
            scenes,
            connectors: connectors
                .map(|(at, name)| (at.clone(), text(name)))
                .collect(),
        })
    }
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
    pub picture: Option<Picture>,
    /// Every changed field.
    pub fields: Option<String>,
}

/// A picture of the changed part of a flow.
#[derive(Debug, Clone)]
pub struct Picture {
    /// As mermaid text in a fence.
    pub diagram: String,
    /// How many boxes it has.
    pub boxes: usize,
}
