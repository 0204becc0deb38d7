//! What a deployment says outside of its log and off the pull requests: remarks on flows, what was published.

use flowgate_core::receipt::{AsReviewed, Receipt, State};
use flowgate_core::redact::Redactor;

use super::super::told::Told;
use crate::actions::{Annotation, Level, OutputName, Place};

/// What a deployment adds to what is said at the end of a run.
impl Told {
    /// Remarks on flows that did not end well.
    pub(super) fn remark(&mut self, receipts: &[Receipt], redactor: &Redactor) {
        for receipt in receipts {
            let level = match (receipt.state, receipt.as_reviewed) {
                (State::Unknown | State::Failed | State::Blocked | State::RolledBack, _) => {
                    Level::Error
                }
                (State::PublishedUnverified, _) | (_, Some(AsReviewed::Different)) => {
                    Level::Warning
                }
                (State::Skipped, _) if receipt.warns => Level::Warning,
                (State::Skipped, _) if !receipt.notices.is_empty() => Level::Notice,
                _ => continue,
            };
            let message = receipt.error.clone().unwrap_or_else(|| {
                if receipt.notices.is_empty() {
                    "live, but see the summary".to_owned()
                } else {
                    receipt.notices.join("; ")
                }
            });
            self.annotations.push(Annotation {
                level,
                title: Some(format!("Deployment of {}", redactor.of_flow(&receipt.name))),
                message: redactor.text(&message).into_owned(),
                place: Some(Place {
                    path: receipt.path.to_string(),
                    at: None,
                }),
            });
        }
    }

    /// The outputs that tell what was published.
    pub(super) fn published(&mut self, receipts: &[Receipt]) {
        let rows: Vec<serde_json::Value> = receipts
            .iter()
            .filter(|receipt| matches!(receipt.state, State::Verified | State::PublishedUnverified))
            .map(|receipt| {
                serde_json::json!({
                    "flowId": receipt.flow_id,
                    "path": receipt.path,
                    "version": receipt.version,
                    "versionId": receipt.version_id,
                    "verified": receipt.verified,
                    "asReviewed": receipt.as_reviewed,
                })
            })
            .collect();
        if !rows.is_empty() {
            let rows = serde_json::Value::Array(rows).to_string();
            self.outputs.insert(OutputName::Published, rows);
        }
    }
}
