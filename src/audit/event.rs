//! What an audit event says. The chain around it (`seq`, `prev`, `at`) is the parent's.

use flowgate_core::ids::{Digest, FlowId, RepoPath, VersionId};
use flowgate_core::receipt::AsReviewed;
use serde::{Deserialize, Serialize};

use super::Redactor;
use crate::cxone::{PlatformError, WriteAnswer};

/// What was being done when the event happened.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AuditAction {
    /// The run as a whole.
    Run,
    /// The plan's decision about one flow.
    Plan,
    /// Creating a version.
    CreateVersion,
    /// Publishing a version.
    PublishVersion,
    /// Reading back what was published.
    ReadBack,
    /// Publishing the version before again.
    Rollback,
    /// Appending to the audit itself.
    Audit,
}

/// What happened: the name of the event.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AuditStatus {
    /// The first event of a run.
    RunStart,
    /// A write is about to be sent.
    Initiated,
    /// The version is stored.
    Created,
    /// CXone accepted the publication.
    Published,
    /// Read back, and ours.
    Verified,
    /// Accepted; this tenant offers no way to look.
    PublishedUnverified,
    /// Nothing was to be done.
    Skipped,
    /// Something stands in the way; nothing was written.
    Blocked,
    /// It failed; what happened is known.
    Failed,
    /// The version before was published again.
    RolledBack,
    /// It is not known what happened: a person must look.
    Unknown,
    /// The last event of a run.
    RunEnd,
    /// A crash tore the line before this one.
    Recovered,
}

/// Who runs, on what, and where: part of `RUN_START`.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunInfo {
    /// `owner/name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    /// Who started it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// The commit that is deployed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The pull request that was merged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pull_request: Option<u64>,
    /// Who approved it, where GitHub tells.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reviewers: Vec<String>,
    /// The workflow run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_id: Option<u64>,
    /// The attempt of that run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_attempt: Option<u64>,
    /// What was asked for, where versions are taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollback: Option<RollbackAsked>,
}

/// Which versions somebody wants to take back: part of `RUN_START`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct RollbackAsked {
    /// The flows, by their ids.
    pub flows: Vec<String>,
    /// `previous`, or a version.
    pub to: String,
    /// Whether routing elements may be lost.
    pub force_routing: bool,
}

/// One thing that happened. Texts are redacted when it is recorded, not before.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// What was being done.
    pub action: AuditAction,
    /// What happened.
    pub status: AuditStatus,
    /// The flow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flow_id: Option<String>,
    /// Its file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The version's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// CXone's id of the version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version_id: Option<String>,
    /// Digest of the content.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// The server's id of the request, of a write that failed too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// How long the write took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<u64>,
    /// What went wrong, with the server's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Anything else that a reader should know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// What callers get now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub live_now: Option<String>,
    /// The pull request that brought the flow's content, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pull_request: Option<u64>,
    /// Whether it is what the pull request's comment showed.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_reviewed: Option<AsReviewed>,
    /// Who runs, on what, and where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<RunInfo>,
    /// In `RUN_END`: events of the run, from `RUN_START` to this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<u64>,
}

impl Event {
    /// An event that says nothing but its name.
    pub fn new(action: AuditAction, status: AuditStatus) -> Self {
        Self {
            action,
            status,
            flow_id: None,
            path: None,
            version: None,
            version_id: None,
            digest: None,
            request_id: None,
            latency_ms: None,
            error: None,
            detail: None,
            live_now: None,
            pull_request: None,
            as_reviewed: None,
            run: None,
            events: None,
        }
    }

    /// About this flow.
    #[must_use]
    pub fn flow(mut self, flow: Option<&FlowId>, path: &RepoPath) -> Self {
        self.flow_id = flow.map(ToString::to_string);
        self.path = Some(path.to_string());
        self
    }

    /// About this stored version.
    #[must_use]
    pub fn version_id(mut self, id: Option<&VersionId>) -> Self {
        self.version_id = id.map(ToString::to_string);
        self
    }

    /// With what the server said of the request.
    #[must_use]
    pub fn answer(mut self, answer: &WriteAnswer) -> Self {
        self.request_id.clone_from(&answer.request_id);
        self.latency_ms = Some(answer.latency_ms);
        self
    }

    /// With the server's id of the request that failed.
    #[must_use]
    pub fn request_of(mut self, err: &PlatformError) -> Self {
        self.request_id.clone_from(&err.request_id);
        self
    }

    /// With what went wrong.
    #[must_use]
    pub fn error(mut self, error: impl Into<String>) -> Self {
        self.error = Some(error.into());
        self
    }

    /// With something that a reader should know.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// The same with every text from outside passed through the redactor. Digests are ours and stay.
    pub(super) fn redacted(mut self, redact: &Redactor) -> Self {
        let texts = [
            &mut self.flow_id,
            &mut self.path,
            &mut self.version,
            &mut self.version_id,
            &mut self.request_id,
            &mut self.error,
            &mut self.detail,
            &mut self.live_now,
        ];
        for text in texts.into_iter().flatten() {
            *text = redact(text);
        }
        if let Some(run) = &mut self.run {
            let texts = [&mut run.repository, &mut run.actor, &mut run.commit];
            let asked = run.rollback.iter_mut().flat_map(|asked| &mut asked.flows);
            for text in texts
                .into_iter()
                .flatten()
                .chain(&mut run.reviewers)
                .chain(asked)
            {
                *text = redact(text);
            }
        }
        self
    }
}
