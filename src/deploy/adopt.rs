//! Whether a stored version that this run did not create may be made live: its whole content is read, and it has to be
//! exactly what would be sent. Nothing here writes.

use flowgate_core::flow::{Flow, containment, digest};
use flowgate_core::ids::VersionId;
use flowgate_core::plan::{Action, Shipment};
use flowgate_core::platform::{Answer, VersionSummary};
use flowgate_core::receipt::State;
use tokio::time::Instant;

use super::confirm::places;
use super::saga::{Saga, Step};
use crate::audit::{AuditStatus, Event};
use crate::cxone::{FlowPlatform, Operation, PlatformError};

/// What a stored version holds.
pub(super) enum Holds {
    /// What would be sent, and nothing else.
    TheSame,
    /// Something else: what is different, for people.
    Other(String),
    /// This tenant does not show a stored version.
    NotShown,
    /// It could not be read.
    Unread(String),
}

impl<P: FlowPlatform> Saga<P> {
    /// Before a version that an earlier run stored, or that was live before, is made live.
    pub(super) async fn adopt_left(&mut self, release: &Shipment, id: VersionId) -> Step {
        self.version_id = Some(id.clone());
        let is_rollback = matches!(self.planned.action, Action::RollBack { .. });
        let version = &release.version;
        let what = match self.holds(release, &id).await {
            Holds::TheSame => return Step::Publish(id),
            // What it holds was read in git then, and it was live once.
            Holds::NotShown if is_rollback => return Step::Publish(id),
            Holds::Other(what) if is_rollback => format!(
                "version {version} (id `{id}`) is not what it was when the plan was made: {what}; look in CXone, and start a new run by hand"
            ),
            Holds::Other(what) => not_the_same(release, &id, &what),
            Holds::NotShown => format!(
                "version {version} is stored (id `{id}`), and this tenant does not show what is in it: it is not published unread; raise the version"
            ),
            Holds::Unread(why) => {
                let what = format!(
                    "version {version} is stored (id `{id}`), and what is in it could not be read: {why}; run again"
                );
                self.version_id = None;
                return Step::End(Self::stopped(State::Failed, what));
            }
        };
        self.version_id = None;
        Step::End(Self::stopped(State::Blocked, what))
    }

    /// A create of this run whose answer was lost, and a version that is listed under its number.
    pub(super) async fn take_for_ours(
        &mut self,
        release: &Shipment,
        found: &VersionSummary,
        err: PlatformError,
    ) -> Step {
        let (id, version) = (found.id.clone(), &release.version);
        let phase = self.phase;
        let created = |how: &str| {
            Event::new(phase, AuditStatus::Created)
                .request_of(&err)
                .detail(format!("found by reading{how}, after: {err}"))
        };
        let is_ours = found
            .record
            .as_ref()
            .is_some_and(|record| record.content_digest == release.digest);
        let unknown = |why: &str| {
            let what = format!(
                "it is not known whether version {version} of flow `{}` was created: {err}; a version with this number is listed (id `{id}`), and {why}; look at it in CXone before you run again",
                release.flow_id
            );
            Step::End(Self::stopped(State::Unknown, what))
        };
        match self.holds(release, &id).await {
            Holds::TheSame => {
                let event = created("");
                self.created(release, id, event).await
            }
            Holds::Other(what) => {
                let what = format!("{err}; {}", not_the_same(release, &id, &what));
                Step::End(Self::stopped(State::Failed, what))
            }
            Holds::NotShown if is_ours && !self.stood_before(&id) => {
                let event = created(", by its number and digest");
                self.notices.push(format!(
                    "the answer to creating {version} was lost, and this tenant does not show a stored version: the one that is listed since then with this number and digest was taken for it (id `{id}`)"
                ));
                self.created(release, id, event).await
            }
            Holds::NotShown => unknown("this tenant does not show what is in it"),
            Holds::Unread(why) => unknown(&format!("what is in it could not be read: {why}")),
        }
    }

    /// What a stored version holds. One that is listed and does not show yet is looked for as long as a lost create is.
    pub(super) async fn holds(&mut self, release: &Shipment, id: &VersionId) -> Holds {
        let (begun, mut last) = (Instant::now(), Holds::NotShown);
        for at in self.shared.settings.resolve_at.clone() {
            self.pause_until(begun + at).await;
            let (stop, flow) = (&self.shared.stop, &release.flow_id);
            let call = self.shared.platform.version(flow, id);
            last = match stop.read(Operation::ReadVersion, flow, call).await {
                Ok(Answer::Known(stored)) => match stored.flow {
                    Some(flow) => {
                        self.created_at = stored.created_at.or(self.created_at.take());
                        return self.compare(release, &flow);
                    }
                    None => return Holds::NotShown,
                },
                Ok(Answer::CannotTell) => return Holds::NotShown,
                Ok(Answer::Absent) => Holds::NotShown,
                Ok(Answer::Unavailable(why)) => return Holds::Unread(why),
                Err(err) => return Holds::Unread(err.to_string()),
            };
            if self.shared.stop.is_set() {
                break;
            }
        }
        last
    }

    fn compare(&self, release: &Shipment, got: &Flow) -> Holds {
        let layout = &self.shared.settings.layout;
        let ours = digest(release.flow(), layout);
        if ours.is_some() && ours == digest(got, layout) {
            return Holds::TheSame;
        }
        let found = containment(release.flow(), got, layout);
        let additions = &self.shared.settings.additions;
        let is_more = |added: &&_| !additions.explain(added);
        let more: Vec<_> = found.added.iter().filter(is_more).cloned().collect();
        let mut said = Vec::new();
        for (what, differences) in [
            ("lacks or has otherwise", &found.missing),
            ("has besides", &found.strangers),
            ("has besides", &more),
        ] {
            if !differences.is_empty() {
                said.push(format!("{what} {}", places(differences)));
            }
        }
        if said.is_empty() {
            // Its additions are CXone's own.
            return Holds::TheSame;
        }
        let stored = digest(got, layout).map_or_else(String::new, |stored| {
            format!("stored {stored}, ours {}; ", release.digest)
        });
        Holds::Other(format!("{stored}it {}", said.join(" and ")))
    }
}

/// A stored version that has our number and is not ours, or not any more.
pub(super) fn not_the_same(release: &Shipment, id: &VersionId, what: &str) -> String {
    format!(
        "version {} is stored already (id `{id}`), with other content: {what}; raise the version",
        release.version
    )
}
