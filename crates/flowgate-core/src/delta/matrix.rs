//! The delta matrix as it stands in a version's metadata and in reports: ids by kind of change.

use serde::Serialize;

use super::{Bucket, Buckets, Delta, SubjectKind};

/// Ids of what is different, in file order. The buckets of elements stand at the top, those of connectors under
/// `connectors`.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct DeltaMatrix {
    /// New elements.
    pub added: Bucket,
    /// Elements that are gone.
    pub removed: Bucket,
    /// Elements that differ in more than layout.
    pub modified: Bucket,
    /// Elements that differ in layout only.
    pub moved: Bucket,
    /// The same for connectors.
    pub connectors: Buckets,
}

impl DeltaMatrix {
    /// The description that a version with this delta carries (contract, "Version payload").
    pub fn description(&self) -> String {
        format!(
            "Auto-generated version with {} added, {} removed, {} modified elements",
            self.added.len(),
            self.removed.len(),
            self.modified.len(),
        )
    }
}

impl Delta {
    /// The ids of all that is different.
    pub fn matrix(&self) -> DeltaMatrix {
        let Buckets {
            added,
            removed,
            modified,
            moved,
        } = self.buckets(SubjectKind::Element);
        DeltaMatrix {
            added,
            removed,
            modified,
            moved,
            connectors: self.buckets(SubjectKind::Connector),
        }
    }
}
