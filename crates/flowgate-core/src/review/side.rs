//! One side of a reviewed flow: at hand, or let go.
//!
//! A flow is needed whole while it is judged and told about; afterwards few questions are left, and a check of thousands
//! of flows does not keep them all for these.

use std::sync::Arc;

use semver::Version;

use crate::flow::Flow;

/// A flow before or after a change.
#[derive(Debug, Clone)]
pub enum Side {
    /// With everything that it holds.
    AtHand(Arc<Flow>),
    /// What is still known of it.
    LetGo {
        /// Its version, where its file has a valid one.
        version: Option<Version>,
    },
}

impl Side {
    /// Its version, where its file has a valid one.
    pub fn version(&self) -> Option<&Version> {
        match self {
            Side::AtHand(flow) => flow.version(),
            Side::LetGo { version } => version.as_ref(),
        }
    }

    /// The flow; `None` where it was let go.
    pub fn flow(&self) -> Option<&Arc<Flow>> {
        match self {
            Side::AtHand(flow) => Some(flow),
            Side::LetGo { .. } => None,
        }
    }

    /// Keeps no more of it than what [`Side::version`] says.
    pub fn let_go(&mut self) {
        let version = self.version().cloned();
        *self = Side::LetGo { version };
    }
}

impl From<Arc<Flow>> for Side {
    fn from(flow: Arc<Flow>) -> Self {
        Side::AtHand(flow)
    }
}
