//! A release with its content at hand: what can be sent. A plan alone can be shown, and not carried out.

use std::borrow::Cow;
use std::ops::Deref;
use std::sync::Arc;

use super::Release;
use crate::delta::{Delta, all_new};
use crate::flow::Flow;

/// A version that can be sent.
#[derive(Debug, Clone)]
pub struct Shipment {
    release: Release,
    flow: Arc<Flow>,
}

impl Shipment {
    /// What a plan has to send; `None` where its content was let go.
    pub fn of(release: &Release) -> Option<Self> {
        let flow = Arc::clone(release.content.as_ref()?);
        let release = release.clone();
        Some(Self { release, flow })
    }

    /// The content, by the file's own bytes.
    pub fn flow(&self) -> &Arc<Flow> {
        &self.flow
    }

    /// What it changes. That all of a new flow is new is said when somebody asks: only what is sent needs it.
    pub fn changes(&self) -> Cow<'_, Delta> {
        match &self.release.delta {
            Some(delta) => Cow::Borrowed(delta),
            None => Cow::Owned(all_new(&self.flow)),
        }
    }
}

impl Deref for Shipment {
    type Target = Release;

    fn deref(&self) -> &Release {
        &self.release
    }
}
