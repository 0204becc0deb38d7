//! What CXone adds to what it is sent, as far as that is known: no reason to refuse a stored version.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use flowgate_core::flow::{Containment, Difference, anywhere};

/// What CXone is known to add to elements and connectors. Clones share what is learned.
#[derive(Debug, Clone, Default)]
pub struct Additions {
    /// Names of members.
    named: Arc<BTreeSet<String>>,
    /// Places, as [`Containment::additions`] tells them.
    seen: Arc<Mutex<BTreeSet<String>>>,
}

impl Additions {
    /// Members with these names wherever they stand, and what was seen at these places.
    pub fn new(
        named: impl IntoIterator<Item = String>,
        seen: impl IntoIterator<Item = String>,
    ) -> Self {
        Self {
            named: Arc::new(named.into_iter().collect()),
            seen: Arc::new(Mutex::new(seen.into_iter().collect())),
        }
    }

    /// A version that this run created and read back shows this besides what was sent.
    pub(super) fn learn(&self, read_back: &Containment) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.extend(read_back.additions());
    }

    /// Whether this is one of them.
    pub(super) fn explain(&self, added: &Difference) -> bool {
        let name = added.pointer.rsplit('/').next().unwrap_or_default();
        let name = name.replace("~1", "/").replace("~0", "~");
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        self.named.contains(&name) || seen.contains(&anywhere(&added.pointer))
    }
}
