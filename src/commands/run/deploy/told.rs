//! What a deployment says outside of its log: remarks on flows, what was published, comments on pull requests.

use std::collections::BTreeMap;

use flowgate_core::ids::CommitSha;
use flowgate_core::receipt::{AsReviewed, Receipt, State};
use flowgate_core::redact::Redactor;
use flowgate_core::report::result::{self, ResultSettings};

use super::super::told::Told;
use crate::actions::{Annotation, Level, OutputName, Place};
use crate::change::Job;
use crate::github::Client;
use crate::sticky::{self, Kind, Outcome, StickyError, Wish, Writes};

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

/// What the comments on the merged pull requests need.
pub(super) struct Commenting<'a> {
    pub(super) job: &'a Job<'a>,
    pub(super) github: &'a Client,
    pub(super) redactor: &'a Redactor,
    pub(super) commit: &'a CommitSha,
    pub(super) audit_head: Option<String>,
}

impl Commenting<'_> {
    /// Writes the result on each pull request that has one; three writes at most. Notes what was not written.
    pub(super) async fn publish(
        &self,
        pulls: &BTreeMap<u64, Vec<&Receipt>>,
        told: &mut Told,
        notes: &mut Vec<String>,
    ) {
        let mut writes = Writes::default();
        for (&pull, receipts) in pulls {
            // What stands there tells of a deployment; that there was nothing more to do is no news.
            if receipts
                .iter()
                .all(|receipt| receipt.state == State::Skipped)
            {
                continue;
            }
            let receipts: Vec<Receipt> = receipts.iter().map(|&receipt| receipt.clone()).collect();
            match self.one(pull, &receipts, &mut writes).await {
                Ok(Outcome::Written(comment) | Outcome::Unchanged(comment)) => {
                    told.outputs
                        .entry(OutputName::CommentId)
                        .or_insert_with(|| comment.id.to_string());
                    told.outputs.entry(OutputName::CommentUrl).or_insert(comment.url);
                }
                Ok(Outcome::NewerRun { run, attempt }) => notes.push(format!(
                    "no comment on pull request #{pull}: run {run}, attempt {attempt}, has written there since"
                )),
                Ok(Outcome::NotNeeded | Outcome::HeadMoved { .. }) => {}
                Err(error) => notes.push(error.to_string()),
            }
        }
    }

    async fn one(
        &self,
        pull: u64,
        receipts: &[Receipt],
        writes: &mut Writes,
    ) -> Result<Outcome, StickyError> {
        let context = self.job.context;
        let marker = self.job.marker(Kind::Deployment, self.commit);
        let settings = ResultSettings {
            commit: Some(self.commit.clone()),
            run_link: Some(context.run_url()),
            rollback_link: context.rollback_help(),
            audit_head: self.audit_head.clone(),
            max_bytes: marker.room(),
        };
        let body = result::render(receipts, self.redactor, &settings);
        sticky::publish(self.github, pull, &marker, Wish::Show(&body), writes).await
    }
}
