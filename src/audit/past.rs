//! What an audit says of versions that earlier runs published.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use flowgate_core::ids::VersionId;
use serde::Deserialize;

use super::{AuditAction, AuditStatus};

/// What an audit says of versions that earlier runs published; nothing where there is no audit.
#[derive(Debug, Default)]
pub struct Past {
    right: BTreeSet<String>,
    taken_back: BTreeSet<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    action: AuditAction,
    status: AuditStatus,
    version_id: Option<String>,
}

impl Past {
    /// Reads an audit. A line that cannot be read says nothing: whether the chain is sound is for
    /// [`verify`](super::verify).
    pub fn read(path: &Path) -> Self {
        let mut past = Self::default();
        // A device has no end.
        let Some(file) = path.is_file().then(|| File::open(path).ok()).flatten() else {
            return past;
        };
        for line in BufReader::new(file).split(b'\n').map_while(Result::ok) {
            let Ok(line) = serde_json::from_slice::<Line>(&line) else {
                continue;
            };
            let Some(id) = line.version_id else { continue };
            match (line.action, line.status) {
                (_, AuditStatus::Verified) => {
                    past.taken_back.remove(&id);
                    past.right.insert(id);
                }
                (AuditAction::Rollback, AuditStatus::RolledBack) => {
                    past.taken_back.insert(id);
                }
                _ => {}
            }
        }
        past
    }

    /// Whether a run read it back as what was sent.
    pub fn was_right(&self, version: &VersionId) -> bool {
        self.right.contains(version.as_str())
    }

    /// Whether a run took it back, since it was not what was sent.
    pub fn was_taken_back(&self, version: &VersionId) -> bool {
        self.taken_back.contains(version.as_str())
    }
}
