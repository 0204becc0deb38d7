//! How one flow's deployment ends: what callers get now, the last event of the flow, the receipt.

use std::fmt::Write as _;

use flowgate_core::ids::VersionId;
use flowgate_core::plan::{Action, Reason, Shipment};
use flowgate_core::platform::Answer;
use flowgate_core::receipt::{AsReviewed, Receipt, State};

use super::saga::{Saga, worth_saying};
use super::{Announcement, FlowResult, Moved, content};
use crate::audit::{AuditStatus, Event};
use crate::cxone::FlowPlatform;

/// How it ended.
pub(super) struct End {
    pub(super) state: State,
    /// What went wrong, without what callers get now.
    pub(super) error: Option<String>,
    pub(super) live: Live,
}

/// What callers get now.
pub(super) enum Live {
    /// What they got before.
    Unchanged,
    /// The version that was deployed.
    Ours,
    /// The version that was deployed, if CXone did what it accepted: nobody could look.
    Accepted,
    /// What they got before, after something else.
    Again,
    /// Named for people.
    Other(String),
    /// Nobody knows.
    Unknown,
}

/// The end of a saga.
pub(super) struct Ended {
    pub(super) result: FlowResult,
    pub(super) audit_error: Option<String>,
}

impl End {
    pub(super) fn because(state: State, error: String, live: Live) -> Self {
        Self {
            state,
            error: Some(error),
            live,
        }
    }

    pub(super) fn new(state: State) -> Self {
        Self {
            state,
            error: None,
            live: Live::Unchanged,
        }
    }
}

impl<P: FlowPlatform> Saga<P> {
    /// An end before anything reached callers.
    pub(super) fn stopped(state: State, error: String) -> End {
        End::because(state, error, Live::Unchanged)
    }

    /// The version of ours that is stored and was not made live.
    pub(super) fn unpublished(&self) -> Option<&VersionId> {
        // What a rollback goes back to was live before: no run has to finish anything.
        let is_old = matches!(
            self.planned.action,
            Action::RollBack { .. } | Action::TakeBack { .. }
        );
        self.version_id
            .as_ref()
            .filter(|_| !self.progress.published && !is_old)
    }

    /// Whether the pull request's comment showed what is deployed.
    fn as_reviewed(&self, release: &Shipment) -> Option<AsReviewed> {
        let shown = self.shared.settings.reviewed.as_ref()?;
        let shown = shown.shown.get(&release.flow_id);
        let shown = shown.map(|shown| &shown.digest);
        Some(AsReviewed::of(shown, &release.digest))
    }

    /// What changed between check and merge, where that may be why something ended otherwise than the check said.
    fn changed_since(&self, state: State, as_reviewed: Option<AsReviewed>) -> Vec<String> {
        let Some(reviewed) = &self.shared.settings.reviewed else {
            return Vec::new();
        };
        let flow_id = self.planned.flow_id.as_ref();
        let Some(shown) = flow_id.and_then(|id| reviewed.shown.get(id)) else {
            let unseen = "no comment of the pull request showed it".to_owned();
            return match (as_reviewed, state) {
                (Some(AsReviewed::NotShown), _) => reviewed.moved.clone(),
                (_, State::Blocked) if reviewed.moved.is_empty() => vec![unseen],
                (_, State::Blocked) => reviewed.moved.clone(),
                _ => Vec::new(),
            };
        };
        match (as_reviewed, state, &shown.moved) {
            (Some(AsReviewed::Different), _, moved) => vec![moved.why_different().to_owned()],
            (_, State::Blocked, Moved::On(how)) => vec![how.clone()],
            _ => Vec::new(),
        }
    }

    fn live_now(&self, release: Option<&Shipment>, live: &Live) -> String {
        let before = match (&self.before, self.seen.as_ref().map(|seen| &seen.published)) {
            (Some(before), _) => Some(content::name(before)),
            (None, Some(Answer::Absent)) => Some("nothing".to_owned()),
            _ => None,
        };
        match (live, before) {
            (Live::Unchanged, Some(before)) => format!("live now: {before}, unchanged"),
            (Live::Unchanged, None) => {
                "live now: what was live before, which is not known".to_owned()
            }
            (Live::Again, Some(before)) => format!("live now: {before}, as before"),
            (Live::Again, None) => "live now: what was live before".to_owned(),
            (Live::Other(name), _) => format!("live now: {name}"),
            (Live::Unknown, Some(before)) => format!("live now: not known, before it was {before}"),
            (Live::Unknown, None) => "live now: not known".to_owned(),
            (Live::Ours, _) => format!("live now: {}", self.named(release)),
            (Live::Accepted, _) => format!(
                "live now: not read back; CXone accepted {}",
                self.named(release)
            ),
        }
    }

    /// The version of this deployment, for people.
    fn named(&self, release: Option<&Shipment>) -> String {
        let number = release.map_or_else(String::new, |release| release.version.to_string());
        match &self.version_id {
            Some(id) => format!("{number} (id `{id}`)"),
            None => number,
        }
    }

    pub(super) async fn finish(mut self, release: Option<Box<Shipment>>, end: End) -> Ended {
        let is_fault = |reason: &Reason| reason.code == "taken-back";
        let warns = self.planned.reasons.iter().any(is_fault);
        let live_now = self.live_now(release.as_deref(), &end.live);
        let error = end.error.map(|mut error| {
            if end.state == State::Failed
                && let (Some(id), Some(release)) = (self.unpublished(), &release)
            {
                let _infallible = write!(
                    error,
                    "; version {} is stored with id `{id}` and not published: the next run publishes it",
                    release.version
                );
            }
            format!("{error}; {live_now}")
        });
        let mut event = Event::new(self.phase, status_of(end.state))
            .flow(self.planned.flow_id.as_ref(), &self.planned.path)
            .version_id(self.version_id.as_ref());
        event.version = release.as_ref().map(|release| release.version.to_string());
        event.digest = release.as_ref().map(|release| release.digest.clone());
        event.error.clone_from(&error);
        event.live_now = Some(live_now.clone());
        event.pull_request = self.pull_request();
        if matches!(
            end.state,
            State::Failed | State::Blocked | State::Unknown | State::RolledBack
        ) {
            event.request_id = self.failed_request.take();
        }
        // Whether people saw it before is a question about what is live.
        let is_live = matches!(end.state, State::Verified | State::PublishedUnverified);
        let as_reviewed = release
            .as_deref()
            .filter(|_| is_live)
            .and_then(|release| self.as_reviewed(release));
        event.as_reviewed = as_reviewed;
        let changed = self.changed_since(end.state, as_reviewed);
        self.notices.extend(changed);
        event.detail = Some(self.planned.why()).filter(|text| !text.is_empty());
        if let Err(err) = self.shared.audit.record(event).await {
            self.audit_error.get_or_insert(err.to_string());
        }
        let verified = match end.state {
            State::Verified => true,
            State::Skipped => self.tells,
            _ => false,
        };
        let is_rollback = matches!(self.planned.action, Action::RollBack { .. });
        if is_rollback && end.state == State::Verified {
            self.notices.extend(worth_saying(&self.planned));
        }
        let announcement = match (&release, end.state) {
            // No version was created by putting an old one live again.
            _ if is_rollback => None,
            (Some(release), State::Verified) => Some(Announcement {
                release: release.clone(),
                created_at: self.created_at.unwrap_or_else(|| self.shared.clock.stamp()),
            }),
            _ => None,
        };
        let receipt = Receipt {
            name: self.name,
            flow_id: self.planned.flow_id,
            path: self.planned.path,
            version: release.as_ref().map(|release| release.version.to_string()),
            version_id: self.version_id,
            state: end.state,
            verified,
            error,
            live_now: Some(live_now),
            digest: release.map(|release| release.digest.clone()),
            as_reviewed,
            warns: warns && end.state == State::Skipped,
            notices: self.notices,
        };
        Ended {
            result: FlowResult {
                receipt,
                progress: self.progress,
                announcement,
            },
            audit_error: self.audit_error,
        }
    }
}

fn status_of(state: State) -> AuditStatus {
    match state {
        State::Verified => AuditStatus::Verified,
        State::PublishedUnverified => AuditStatus::PublishedUnverified,
        State::Skipped => AuditStatus::Skipped,
        State::Blocked => AuditStatus::Blocked,
        State::Failed => AuditStatus::Failed,
        State::RolledBack => AuditStatus::RolledBack,
        State::Unknown => AuditStatus::Unknown,
    }
}
