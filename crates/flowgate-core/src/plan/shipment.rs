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
    /// What was planned.
    pub release: Release,
    /// The content, by the file's own bytes.
    pub flow: Arc<Flow>,
}

impl Shipment {
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
