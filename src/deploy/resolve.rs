//! What an unclear answer to a create means, found out by reading; nothing here writes.

use flowgate_core::flow::{containment, digest};
use flowgate_core::ids::{Digest, VersionId};
use flowgate_core::plan::Shipment;
use flowgate_core::platform::{Answer, History, Publication, VersionSummary};
use flowgate_core::receipt::State;
use tokio::time::Instant;

use super::ending::End;
use super::saga::{Saga, Step};
use crate::audit::{AuditStatus, Event};
use crate::cxone::{FlowPlatform, Operation, PlatformError, StoredVersion};

/// What the history says about the version that we tried to create.
enum Found {
    /// It is there, with our content.
    Ours(VersionId, Publication),
    /// A version with our number is there that was not before; this tenant does not say what is in it.
    ByNumber(VersionId),
    /// The number is taken by other content.
    Foreign(VersionId, Option<Digest>),
    /// It is not there.
    Absent,
    /// This tenant does not list versions.
    CannotTell(String),
    /// It could not be read.
    Unread(String),
}

impl<P: FlowPlatform> Saga<P> {
    pub(super) async fn resolve_create(&mut self, release: &Shipment, err: PlatformError) -> Step {
        let mut last = Found::Unread("not looked".to_owned());
        let (begun, mut is_whole) = (Instant::now(), true);
        for at in self.shared.settings.resolve_at.clone() {
            self.pause_until(begun + at).await;
            last = self.find(release).await;
            match last {
                Found::Ours(..) | Found::ByNumber(_) | Found::CannotTell(_) => break,
                Found::Foreign(..) | Found::Absent | Found::Unread(_)
                    if self.shared.stop.is_set() =>
                {
                    is_whole = false;
                    break;
                }
                Found::Foreign(..) | Found::Absent | Found::Unread(_) => {}
            }
        }
        let version = &release.version;
        let why = match last {
            Found::Ours(id, _) => {
                let event = Event::new(self.phase, AuditStatus::Created)
                    .request_of(&err)
                    .detail(format!("found by reading, after: {err}"));
                return self.created(release, id, event).await;
            }
            Found::ByNumber(id) => {
                self.notices.push(format!(
                    "the answer to creating {version} was lost; the new version with this number was taken for it (id `{id}`)"
                ));
                let event = Event::new(self.phase, AuditStatus::Created)
                    .request_of(&err)
                    .detail(format!(
                        "found by reading, by its number alone, after: {err}"
                    ));
                return self.created(release, id, event).await;
            }
            Found::Foreign(id, digest) if is_whole => {
                return Step::End(Self::stopped(
                    State::Failed,
                    taken(release, &id, digest.as_ref(), &err),
                ));
            }
            Found::Absent if is_whole => {
                let what = format!(
                    "{err}; version {version} was looked for until now and is not stored: run again"
                );
                return Step::End(Self::stopped(State::Failed, what));
            }
            Found::Foreign(..) | Found::Absent => "the run was cancelled while looking".to_owned(),
            Found::CannotTell(why) | Found::Unread(why) => why,
        };
        let what = format!(
            "it is not known whether version {version} of flow `{}` was created: {err}; {why}; look for it in CXone before you run again",
            release.flow_id
        );
        Step::End(Self::stopped(State::Unknown, what))
    }

    /// 409: the number exists, so this create did not happen.
    pub(super) async fn resolve_conflict(
        &mut self,
        release: &Shipment,
        err: PlatformError,
    ) -> Step {
        let what = match self.find(release).await {
            Found::Ours(id, was_live) => return self.adopt(release, id, was_live, &err).await,
            Found::ByNumber(id) => taken(release, &id, None, &err),
            Found::Foreign(id, digest) => taken(release, &id, digest.as_ref(), &err),
            Found::Absent => format!(
                "{err}; yet version {} is not listed: run again",
                release.version
            ),
            Found::CannotTell(why) | Found::Unread(why) => {
                format!("{err}; what is stored under this number is not known: {why}")
            }
        };
        // Whoever took the number may have published it too.
        Step::End(match self.still_as_planned(release).await {
            Ok(()) => Self::stopped(State::Blocked, what),
            Err(end) if end.error.is_none() => end,
            Err(end) => End::because(State::Blocked, what, end.live),
        })
    }

    /// Our content is stored under our number: publish it, unless it was live before and was taken back.
    async fn adopt(
        &mut self,
        release: &Shipment,
        id: VersionId,
        was_live: Publication,
        err: &PlatformError,
    ) -> Step {
        if was_live.is_known() {
            let what = format!(
                "version {} (id `{id}`) was published before and is not live now: it is held; raise the version to publish it again",
                release.version
            );
            return match self.still_as_planned(release).await {
                Ok(()) => Step::End(Self::stopped(State::Blocked, what)),
                Err(end) => Step::End(end),
            };
        }
        self.version_id = Some(id.clone());
        self.notices.push(format!(
            "version {} was stored already (id `{id}`)",
            release.version
        ));
        tracing::debug!("adopting a stored version after: {err}");
        Step::Publish(id)
    }

    async fn history(&self, release: &Shipment) -> Result<History, PlatformError> {
        let (stop, flow) = (&self.shared.stop, &release.flow_id);
        let call = self.shared.platform.history(flow);
        stop.read(Operation::ListVersions, flow, call).await
    }

    async fn find(&self, release: &Shipment) -> Found {
        let versions = match self.history(release).await {
            // "No versions" is believed only where the flow itself is new (contract, "Read").
            Ok(History::Listed(versions)) if versions.is_empty() && self.before.is_some() => {
                return Found::Unread("CXone lists no version of a flow that is live".to_owned());
            }
            Ok(History::Listed(versions)) => versions,
            Ok(History::Counted(_)) => {
                return Found::CannotTell(
                    "this tenant counts its versions and does not list them".to_owned(),
                );
            }
            Ok(History::Unknown(why)) => return Found::CannotTell(why),
            Err(err) => return Found::Unread(err.to_string()),
        };
        let numbered: Vec<&VersionSummary> = versions
            .iter()
            .filter(|version| version.version.as_ref() == Some(&release.version))
            .collect();
        let is_ours = |version: &&&VersionSummary| {
            version
                .record
                .as_ref()
                .is_some_and(|record| record.content_digest == release.digest)
        };
        match (numbered.iter().find(is_ours), numbered.last()) {
            (Some(ours), _) => Found::Ours(ours.id.clone(), ours.publication),
            (None, None) => Found::Absent,
            (None, Some(other)) => self.judge(release, other).await,
        }
    }

    /// A stored version with our number whose listing does not say that it is ours.
    async fn judge(&self, release: &Shipment, found: &VersionSummary) -> Found {
        if let Some(record) = &found.record {
            return Found::Foreign(found.id.clone(), Some(record.content_digest.clone()));
        }
        let layout = &self.shared.settings.layout;
        let (stop, flow) = (&self.shared.stop, &release.flow_id);
        let call = self.shared.platform.version(flow, &found.id);
        let stored = stop.read(Operation::ReadVersion, flow, call).await;
        match stored {
            Ok(Answer::Known(StoredVersion {
                flow: Some(got), ..
            })) => {
                if containment(&release.flow, &got, layout).holds() {
                    Found::Ours(found.id.clone(), found.publication)
                } else {
                    Found::Foreign(found.id.clone(), digest(&got, layout))
                }
            }
            Ok(Answer::Unavailable(why)) => Found::Unread(why),
            Err(err) => Found::Unread(err.to_string()),
            Ok(_) if self.is_new(&found.id) => Found::ByNumber(found.id.clone()),
            Ok(_) => Found::Foreign(found.id.clone(), None),
        }
    }

    /// Whether a version was not there when the plan was made.
    fn is_new(&self, id: &VersionId) -> bool {
        let seen = self.seen_history().and_then(History::listed);
        seen.is_some() && !self.stood_before(id)
    }

    /// Whether a version was there when the plan was made.
    pub(super) fn stood_before(&self, id: &VersionId) -> bool {
        let seen = self.seen_history().and_then(History::listed);
        seen.is_some_and(|seen| seen.iter().any(|version| version.id == *id))
    }

    pub(super) async fn pause_until(&self, at: Instant) {
        self.shared
            .stop
            .pause(at.saturating_duration_since(Instant::now()))
            .await;
    }
}

/// The number is taken by other content: both digests, so that a person can look them up.
fn taken(
    release: &Shipment,
    id: &VersionId,
    digest: Option<&Digest>,
    err: &PlatformError,
) -> String {
    let stored = digest.map_or_else(
        || "CXone does not tell its content".to_owned(),
        |digest| format!("with other content: stored {digest}"),
    );
    format!(
        "{err}; version {} is stored already (id `{id}`), {stored}, ours {}; raise the version",
        release.version, release.digest
    )
}
