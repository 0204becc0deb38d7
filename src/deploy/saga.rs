//! One flow's way from plan to receipt, as a state machine: each step says what the next one is.
//!
//! Steps that find out what an unclear answer means are in `resolve` (creates) and `confirm` (publications).

use std::sync::Arc;

use flowgate_core::flow::Containment;
use flowgate_core::hash::sha256_hex;
use flowgate_core::ids::VersionId;
use flowgate_core::order::Arrival;
use flowgate_core::plan::{Action, Planned, Shipment};
use flowgate_core::platform::{FlowOnPlatform, History, Published, RecordSource};
use flowgate_core::receipt::State;

use super::ending::{End, Ended};
use super::{Job, Progress, Shared};
use crate::audit::{AuditAction, AuditStatus, Event};
use crate::cxone::{
    ErrorKind, FlowPlatform, Operation, Outcome, PlatformError, Provenance, WriteAnswer,
};

/// What comes next.
pub(super) enum Step {
    /// Look whether the world is still the plan's.
    Recheck,
    /// Send the version.
    Create,
    /// The create may have happened.
    ResolveCreate(PlatformError),
    /// The number was taken.
    ResolveConflict(PlatformError),
    /// Look whether a version that an earlier run stored is what would be sent.
    Adopt(VersionId),
    /// Make a stored version live.
    Publish(VersionId),
    /// The publication may have happened.
    ResolvePublish(VersionId, PlatformError),
    /// CXone accepted the publication: look.
    ReadBack(VersionId),
    /// Our version is live with content that is not ours.
    RollBack(VersionId, Containment),
    /// Over.
    End(End),
}

/// One flow's deployment.
pub(super) struct Saga<P> {
    pub(super) shared: Arc<Shared<P>>,
    pub(super) name: String,
    pub(super) planned: Planned,
    pub(super) seen: Option<FlowOnPlatform>,
    is_twice: bool,
    /// What is being done, for the audit.
    pub(super) phase: AuditAction,
    /// What was live at the last look before a write.
    pub(super) before: Option<Arc<Published>>,
    /// Whether this tenant has shown what is published.
    pub(super) tells: bool,
    /// The stored version that is ours.
    pub(super) version_id: Option<VersionId>,
    pub(super) progress: Progress,
    pub(super) notices: Vec<String>,
    pub(super) created_at: Option<String>,
    pub(super) audit_error: Option<String>,
    /// The server's id of the last write that failed.
    pub(super) failed_request: Option<String>,
}

impl<P: FlowPlatform> Saga<P> {
    pub(super) fn new(shared: Arc<Shared<P>>, job: Job, is_twice: bool) -> Self {
        let published = job.seen.as_ref().and_then(|seen| seen.published.known());
        Self {
            before: published.cloned(),
            shared,
            name: job.name,
            planned: job.planned,
            seen: job.seen,
            is_twice,
            phase: AuditAction::Plan,
            tells: false,
            version_id: None,
            progress: Progress::default(),
            notices: Vec::new(),
            created_at: None,
            audit_error: None,
            failed_request: None,
        }
    }

    pub(super) async fn run(mut self) -> Ended {
        let release = match &self.planned.action {
            Action::CreateAndPublish(release)
            | Action::Publish { release, .. }
            | Action::RollBack { release, .. }
            | Action::TakeBack { release, .. } => Shipment::of(release),
            Action::Nothing => {
                self.notices.extend(worth_saying(&self.planned));
                return self.finish(None, End::new(State::Skipped)).await;
            }
            Action::Blocked => {
                let end = Self::stopped(State::Blocked, self.planned.why());
                return self.finish(None, end).await;
            }
        };
        let Some(release) = release.map(Box::new) else {
            let what = "nothing was sent: the plan holds no content for it; report this";
            let end = Self::stopped(State::Failed, what.to_owned());
            return self.finish(None, end).await;
        };
        let mut step = self.admit(&release);
        loop {
            step = match step {
                Step::Recheck => self.recheck(&release).await,
                Step::Create => self.create(&release).await,
                Step::ResolveCreate(err) => self.resolve_create(&release, err).await,
                Step::ResolveConflict(err) => self.resolve_conflict(&release, err).await,
                Step::Adopt(id) => self.adopt_left(&release, id).await,
                Step::Publish(id) => self.publish(&release, id).await,
                Step::ResolvePublish(id, err) => self.resolve_publish(&release, id, err).await,
                Step::ReadBack(id) => self.read_back(&release, id).await,
                Step::RollBack(id, wrong) => self.roll_back(&release, &id, &wrong).await,
                Step::End(end) => return self.finish(Some(release), end).await,
            };
        }
    }

    /// What must hold before anything is asked or written.
    fn admit(&mut self, release: &Shipment) -> Step {
        if let Some(why) = &self.shared.refused {
            return Step::End(Self::stopped(State::Failed, why.clone()));
        }
        if self.is_twice {
            let what = format!(
                "the plan holds flow `{}` more than once: keep one file of it",
                release.flow_id
            );
            return Step::End(Self::stopped(State::Blocked, what));
        }
        if self.shared.stop.is_set() {
            return Step::End(Self::stopped(
                State::Failed,
                "not begun, since the run was cancelled: run it again".to_owned(),
            ));
        }
        Step::Recheck
    }

    async fn create(&mut self, release: &Shipment) -> Step {
        self.phase = AuditAction::CreateVersion;
        if let Err(end) = self.go_on("creation") {
            return Step::End(end);
        }
        let created_at = self.shared.clock.stamp();
        self.created_at = Some(created_at.clone());
        if let Err(end) = self.initiate(release, None).await {
            return Step::End(end);
        }
        let provenance = Provenance {
            created_by: self.shared.settings.created_by.clone(),
            max_rollback_depth: self.shared.settings.max_rollback_depth,
            created_at,
            source: RecordSource {
                pull_request: self.pull_request(),
                ..self.shared.settings.source.clone()
            },
            idempotency_key: idempotency_key(release),
        };
        let (stop, flow) = (&self.shared.stop, &release.flow_id);
        let call = self.shared.platform.create(release, &provenance);
        let sent = stop.write(Operation::CreateVersion, flow, call).await;
        match self.sent(sent) {
            Ok((id, answer)) if self.stood_before(&id) => {
                self.failed_request.clone_from(&answer.request_id);
                Step::ResolveCreate(about_another(release, &id, answer))
            }
            Ok((id, answer)) => {
                let event = Event::new(self.phase, AuditStatus::Created).answer(&answer);
                self.created(release, id, event).await
            }
            Err(err) if err.is_conflict_of(Operation::CreateVersion) => Step::ResolveConflict(err),
            Err(err) if err.outcome == Outcome::Unknown => Step::ResolveCreate(err),
            Err(err) => Step::End(Self::stopped(State::Failed, err.to_string())),
        }
    }

    /// What came of a write, of which a failure is kept in mind for the audit.
    pub(super) fn sent<T>(&mut self, sent: Result<T, PlatformError>) -> Result<T, PlatformError> {
        sent.inspect_err(|err| self.failed_request.clone_from(&err.request_id))
    }

    /// The last question before a write: a look takes time, in which the run may have been cancelled.
    fn go_on(&self, write: &str) -> Result<(), End> {
        if self.shared.stop.is_set() {
            let what = format!("the run was cancelled before the {write}: run it again");
            return Err(Self::stopped(State::Failed, what));
        }
        Ok(())
    }

    pub(super) async fn created(
        &mut self,
        release: &Shipment,
        id: VersionId,
        event: Event,
    ) -> Step {
        self.progress.created = true;
        self.version_id = Some(id.clone());
        match self.record(release, event.version_id(Some(&id))).await {
            Ok(()) => Step::Publish(id),
            Err(why) => Step::End(Self::stopped(State::Failed, why)),
        }
    }

    async fn publish(&mut self, release: &Shipment, id: VersionId) -> Step {
        self.phase = match self.planned.action {
            Action::RollBack { .. } | Action::TakeBack { .. } => AuditAction::Rollback,
            _ => AuditAction::PublishVersion,
        };
        if let Err(end) = self.go_on("publication") {
            return Step::End(end);
        }
        // After a create time has passed; without one the look was just now.
        if self.progress.attempted
            && let Err(end) = self.still_as_planned(release).await
        {
            return Step::End(end);
        }
        if let Err(end) = self.still_our_turn(release).await {
            return Step::End(end);
        }
        if let Err(end) = self.go_on("publication") {
            return Step::End(end);
        }
        if let Err(end) = self.initiate(release, Some(&id)).await {
            return Step::End(end);
        }
        let (stop, flow) = (&self.shared.stop, &release.flow_id);
        let call = self.shared.platform.publish(flow, &id);
        let sent = stop.write(Operation::Publish, flow, call).await;
        match self.sent(sent) {
            Ok(answer) => {
                let event = Event::new(self.phase, AuditStatus::Published).answer(&answer);
                self.published(release, &id, event).await;
                Step::ReadBack(id)
            }
            Err(err) if err.outcome == Outcome::Unknown => Step::ResolvePublish(id, err),
            Err(err) => Step::End(Self::stopped(State::Failed, err.to_string())),
        }
    }

    /// Whether the branch still says what is about to be published. A rollback is not about the branch.
    async fn still_our_turn(&self, release: &Shipment) -> Result<(), End> {
        let is_of_branch = matches!(
            self.planned.action,
            Action::CreateAndPublish(_) | Action::Publish { .. }
        );
        let Some(branch) = self.shared.branch.as_ref().filter(|_| is_of_branch) else {
            return Ok(());
        };
        let what = match branch.before_publication().await {
            Ok(overtaken) => match overtaken.get(&release.flow_id) {
                None => return Ok(()),
                Some(tip) => format!(
                    "overtaken: the branch says otherwise of it since commit {}, whose own run deploys that; {} was not published",
                    tip.short(),
                    release.version
                ),
            },
            Err(why) => format!(
                "whether the branch still says {} is not known, so it was not published: {why}; run again",
                release.version
            ),
        };
        Err(Self::stopped(self.refusal(), what))
    }

    pub(super) async fn published(&mut self, release: &Shipment, id: &VersionId, event: Event) {
        self.progress.published = true;
        // No write follows: a failed record is kept for the run's result, and the look goes on.
        let _kept = self.record(release, event.version_id(Some(id))).await;
    }

    /// Puts a write on record before it is sent.
    pub(super) async fn initiate(
        &mut self,
        release: &Shipment,
        id: Option<&VersionId>,
    ) -> Result<(), End> {
        let mut event = Event::new(self.phase, AuditStatus::Initiated).version_id(id);
        if let Action::RollBack { .. } = self.planned.action {
            // What was forced is on record before it is done.
            event = event.detail(self.planned.why());
        }
        match self.record(release, event).await {
            Ok(()) => {
                self.progress.attempted = true;
                Ok(())
            }
            Err(why) => Err(Self::stopped(State::Failed, why)),
        }
    }

    async fn record(&mut self, release: &Shipment, mut event: Event) -> Result<(), String> {
        event.version = Some(release.version.to_string());
        event.digest = Some(release.digest.clone());
        self.note(release, event).await
    }

    /// Puts an event about another version than the release's on record.
    pub(super) async fn note(&mut self, release: &Shipment, event: Event) -> Result<(), String> {
        let mut event = event.flow(Some(&release.flow_id), &self.planned.path);
        event.pull_request = self.pull_request();
        self.shared.audit.record(event).await.map_err(|err| {
            let why = err.to_string();
            self.audit_error.get_or_insert_with(|| why.clone());
            why
        })
    }

    /// The pull request that brought the flow's content: its own, not another one of the same push.
    pub(super) fn pull_request(&self) -> Option<u64> {
        match self.planned.arrival {
            Some(Arrival::Merged { pull_request }) => Some(pull_request),
            Some(_) => None,
            None => self.shared.settings.source.pull_request,
        }
    }

    /// The history that the plan was made from.
    pub(super) fn seen_history(&self) -> Option<&History> {
        self.seen.as_ref().map(|seen| &seen.history)
    }
}

/// Why nothing is done, where a reader of the result would wonder; and what a rollback leaves to be done.
pub(super) fn worth_saying(planned: &Planned) -> impl Iterator<Item = String> {
    let wondered = |code| {
        matches!(
            code,
            "edited-in-console"
                | "held"
                | "taken-back"
                | "not-looked-after"
                | "superseded"
                | "direct-push"
                | "still-blocked"
                | "origin-unknown"
                | "file-deleted"
                | "already-live"
                | "routing-forced"
                | "repository-differs"
        )
    };
    planned
        .reasons
        .iter()
        .filter(move |reason| wondered(reason.code))
        .map(|reason| reason.text.clone())
}

/// An answer to a create that names a version of before: what became of ours it does not say.
fn about_another(release: &Shipment, id: &VersionId, answer: WriteAnswer) -> PlatformError {
    PlatformError {
        operation: Operation::CreateVersion,
        flow: Some(release.flow_id.clone()),
        kind: ErrorKind::Protocol,
        status: None,
        said: format!("the answer names version id `{id}`, which was stored before"),
        request_id: answer.request_id,
        hint: None,
        outcome: Outcome::Unknown,
    }
}

/// The same for the same version whichever run sends it, so that two runs at a time cannot store it twice.
fn idempotency_key(release: &Shipment) -> String {
    let text = format!(
        "{}\n{}\n{}",
        release.flow_id, release.version, release.digest
    );
    sha256_hex(text).chars().take(32).collect()
}
