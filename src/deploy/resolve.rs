//! What an unclear answer to a create means, found out by reading; nothing here writes.

use flowgate_core::ids::VersionId;
use flowgate_core::plan::Shipment;
use flowgate_core::platform::{History, VersionSummary};
use flowgate_core::receipt::State;
use tokio::time::Instant;

use super::adopt::{Holds, not_the_same};
use super::ending::End;
use super::saga::{Saga, Step};
use crate::cxone::{FlowPlatform, Operation, PlatformError};

/// What the history says about the version that we tried to create.
enum Found {
    /// A version with our number is there.
    There(VersionSummary),
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
                Found::There(_) | Found::CannotTell(_) => break,
                Found::Absent | Found::Unread(_) if self.shared.stop.is_set() => {
                    is_whole = false;
                    break;
                }
                Found::Absent | Found::Unread(_) => {}
            }
        }
        let version = &release.version;
        let why = match last {
            Found::There(found) => return self.take_for_ours(release, &found, err).await,
            Found::Absent if is_whole => {
                let what = format!(
                    "{err}; version {version} was looked for until now and is not stored: run again"
                );
                return Step::End(Self::stopped(State::Failed, what));
            }
            Found::Absent => "the run was cancelled while looking".to_owned(),
            Found::CannotTell(why) | Found::Unread(why) => why,
        };
        let what = format!(
            "it is not known whether version {version} of flow `{}` was created: {err}; {why}; look for it in CXone before you run again",
            release.flow_id
        );
        Step::End(Self::stopped(State::Unknown, what))
    }

    /// 409: the number exists, so this create did not happen. What is stored may be what would have been sent: then it is
    /// taken over, unless it was live before and was taken back.
    pub(super) async fn resolve_conflict(
        &mut self,
        release: &Shipment,
        err: PlatformError,
    ) -> Step {
        let (begun, mut found) = (Instant::now(), Found::Absent);
        for at in self.shared.settings.resolve_at.clone() {
            self.pause_until(begun + at).await;
            found = self.find(release).await;
            // A list may not show yet what a write already meets.
            if !matches!(found, Found::Absent) || self.shared.stop.is_set() {
                break;
            }
        }
        let what = match found {
            Found::There(found) => match self.holds(release, &found.id).await {
                Holds::TheSame => return self.adopt(release, &found, &err).await,
                Holds::Other(what) => {
                    format!("{err}; {}", not_the_same(release, &found.id, &what))
                }
                Holds::NotShown => format!(
                    "{err}; version {} is stored already (id `{}`), and CXone does not tell its content; raise the version",
                    release.version, found.id
                ),
                Holds::Unread(why) => not_known(&err, &why),
            },
            Found::Absent => format!(
                "{err}; yet version {} is not listed: run again",
                release.version
            ),
            Found::CannotTell(why) | Found::Unread(why) => not_known(&err, &why),
        };
        // Whoever took the number may have published it too.
        Step::End(match self.still_as_planned(release).await {
            Ok(()) => Self::stopped(State::Blocked, what),
            Err(end) if end.error.is_none() => end,
            Err(end) => End::because(State::Blocked, what, end.live),
        })
    }

    async fn adopt(
        &mut self,
        release: &Shipment,
        found: &VersionSummary,
        err: &PlatformError,
    ) -> Step {
        let id = &found.id;
        if found.publication.is_known() {
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
            "version {} was stored already (id `{id}`), with exactly what would be sent",
            release.version
        ));
        tracing::debug!("adopting a stored version after: {err}");
        Step::Publish(id.clone())
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
        let numbered = versions
            .into_iter()
            .filter(|version| version.version.as_ref() == Some(&release.version));
        let is_ours = |version: &VersionSummary| {
            let record = version.record.as_ref();
            record.is_some_and(|record| record.content_digest == release.digest)
        };
        // Where there are several, the one whose record says that it is ours, else the last one.
        let found = numbered.max_by_key(is_ours);
        found.map_or(Found::Absent, Found::There)
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

fn not_known(err: &PlatformError, why: &str) -> String {
    format!("{err}; what is stored under this number is not known: {why}")
}
