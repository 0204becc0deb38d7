//! Whether what was published is live and ours, found out by reading; nothing here sends a publication again.
//!
//! The one write in this file is the automatic rollback, which needs the proof of a bad publication.

use std::time::Duration;

use flowgate_core::flow::{Containment, Difference};
use flowgate_core::ids::VersionId;
use flowgate_core::plan::Shipment;
use flowgate_core::receipt::State;
use tokio::time::Instant;

use super::content::{self, Sighting};
use super::ending::{End, Live};
use super::recheck::Look;
use super::saga::{Saga, Step};
use crate::audit::{AuditAction, AuditStatus, Event};
use crate::cxone::{FlowPlatform, Operation, Outcome, PlatformError};

/// What a series of looks at the published flow ended with.
enum Seen {
    Sighted(Sighting),
    Absent,
    CannotTell,
    Failed(String),
}

const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// How many places an error names.
const NAMED_PLACES: usize = 3;

impl<P: FlowPlatform> Saga<P> {
    pub(super) async fn resolve_publish(
        &mut self,
        release: &Shipment,
        id: VersionId,
        err: PlatformError,
    ) -> Step {
        let mut last = Seen::Failed("not looked".to_owned());
        let (begun, mut is_whole) = (Instant::now(), true);
        for at in self.shared.settings.resolve_at.clone() {
            self.pause_until(begun + at).await;
            last = self.see(release, &id).await;
            match last {
                Seen::Sighted(Sighting::Ours(_) | Sighting::Corrupt(_)) | Seen::CannotTell => break,
                _ if self.shared.stop.is_set() => {
                    is_whole = false;
                    break;
                }
                _ => {}
            }
        }
        let why = match last {
            Seen::Sighted(Sighting::Ours(_) | Sighting::Corrupt(_)) => {
                let event = Event::new(self.phase, AuditStatus::Published)
                    .request_of(&err)
                    .detail(format!("found by reading, after: {err}"));
                self.published(release, &id, event).await;
                return Step::ReadBack(id);
            }
            Seen::Sighted(Sighting::Previous) if is_whole => {
                return Step::End(Self::stopped(State::Failed, err.to_string()));
            }
            Seen::Absent if is_whole && self.before.is_none() => {
                return Step::End(Self::stopped(State::Failed, err.to_string()));
            }
            Seen::Sighted(Sighting::Other(name)) if is_whole => {
                return Step::End(End::because(
                    State::Failed,
                    err.to_string(),
                    Live::Other(name),
                ));
            }
            Seen::Sighted(_) => "the run was cancelled while looking".to_owned(),
            Seen::Absent => "CXone shows no published flow".to_owned(),
            Seen::CannotTell => "this tenant cannot show what is published".to_owned(),
            Seen::Failed(why) => why,
        };
        Step::End(Self::not_known(release, &id, &format!("{err}; {why}")))
    }

    fn not_known(release: &Shipment, id: &VersionId, why: &str) -> End {
        let what = format!(
            "it is not known whether version {} (id `{id}`) of flow `{}` is live: {why}; look in CXone",
            release.version, release.flow_id
        );
        End::because(State::Unknown, what, Live::Unknown)
    }

    pub(super) async fn read_back(&mut self, release: &Shipment, id: VersionId) -> Step {
        self.phase = AuditAction::ReadBack;
        let limit = self.shared.settings.read_back_deadline;
        let deadline = Instant::now() + limit;
        let mut wait = FIRST_WAIT;
        loop {
            let seen = self.see(release, &id).await;
            match seen {
                Seen::Sighted(Sighting::Ours(found)) => return Step::End(self.verified(&found)),
                Seen::CannotTell if !self.tells => {
                    self.notices
                        .push("not verified: this tenant cannot show what is published".to_owned());
                    return Step::End(End {
                        state: State::PublishedUnverified,
                        error: None,
                        live: Live::Accepted,
                    });
                }
                _ if self.shared.stop.is_set() => {
                    let why = "CXone accepted it and the run was cancelled before it was read back";
                    return Step::End(Self::not_known(release, &id, why));
                }
                _ if Instant::now() + wait > deadline => {
                    return Self::conclude(release, id, seen, limit);
                }
                _ => self.shared.stop.pause(wait).await,
            }
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }

    fn verified(&mut self, found: &Containment) -> End {
        if !found.added.is_empty() {
            self.notices
                .push(format!("CXone added {}", places(&found.added)));
        }
        if self.progress.created {
            self.shared.settings.additions.learn(found);
        }
        End {
            state: State::Verified,
            error: None,
            live: Live::Ours,
        }
    }

    fn conclude(release: &Shipment, id: VersionId, seen: Seen, limit: Duration) -> Step {
        let version = &release.version;
        let accepted = format!("CXone accepted the publication of {version} (id `{id}`)");
        let why = match seen {
            Seen::Sighted(Sighting::Corrupt(wrong)) => return Step::RollBack(id, wrong),
            Seen::Sighted(Sighting::Other(name)) => {
                let what = format!(
                    "{accepted}, but {name} is published: somebody else published meanwhile"
                );
                return Step::End(End::because(State::Failed, what, Live::Other(name)));
            }
            Seen::Sighted(_) => format!(
                "accepted, not visible yet: after {} s the version before shows still",
                limit.as_secs_f32()
            ),
            Seen::Absent | Seen::CannotTell => "it shows no published flow".to_owned(),
            Seen::Failed(why) => why,
        };
        Step::End(Self::not_known(
            release,
            &id,
            &format!("{accepted}, but {why}"),
        ))
    }

    pub(super) async fn roll_back(
        &mut self,
        release: &Shipment,
        id: &VersionId,
        wrong: &Containment,
    ) -> Step {
        self.phase = AuditAction::Rollback;
        let what = format!(
            "version {} (id `{id}`) is published, but it is not what was sent: {}",
            release.version,
            wrong_places(wrong)
        );
        let bad = || {
            Live::Other(format!(
                "{} (id `{id}`), which is not what was sent",
                release.version
            ))
        };
        let Some(before) = self.before.clone() else {
            let what = format!("{what}; a first version has none before it to go back to");
            return Step::End(End::because(State::Failed, what, bad()));
        };
        let Some(previous) = before.version_id.clone() else {
            let what = format!(
                "{what}; CXone does not say which version was live before, so it was not rolled back"
            );
            return Step::End(End::because(State::Failed, what, bad()));
        };
        let event = |status| {
            let mut event = Event::new(AuditAction::Rollback, status).version_id(Some(&previous));
            event.version = before.version().map(ToString::to_string);
            let record = before.record.as_ref();
            event.digest = record.map(|record| record.content_digest.clone());
            event
        };
        let initiated = event(AuditStatus::Initiated).detail(what.clone());
        if let Err(why) = self.note(release, initiated).await {
            return Step::End(End::because(State::Failed, format!("{what}; {why}"), bad()));
        }
        let (stop, flow) = (&self.shared.stop, &release.flow_id);
        let call = self.shared.platform.publish(flow, &previous);
        let sent = stop.write(Operation::Publish, flow, call).await;
        let sent = self.sent(sent);
        match &sent {
            Err(err) if err.outcome == Outcome::DidNotHappen => {
                let what =
                    format!("{what}; the version before could not be published again: {err}");
                return Step::End(End::because(State::Failed, what, bad()));
            }
            Err(_) => {}
            Ok(answer) => {
                let answered = event(AuditStatus::Published).answer(answer);
                // No write follows: a failed record is kept for the run's result, and the look goes on.
                let _kept = self.note(release, answered).await;
            }
        }
        let deadline = Instant::now() + self.shared.settings.read_back_deadline;
        let mut wait = FIRST_WAIT;
        loop {
            if let Look::Published(now) = self.look(&release.flow_id).await
                && content::is_same(&before, &now, &self.shared.settings.layout)
            {
                let what = format!("{what}; rolled back to {}", content::name(&before));
                return Step::End(End::because(State::RolledBack, what, Live::Again));
            }
            if self.shared.stop.is_set() || Instant::now() + wait > deadline {
                let said = sent
                    .err()
                    .map_or_else(|| "accepted".to_owned(), |err| err.to_string());
                let what = format!(
                    "{what}; publishing {} again was tried ({said}) and is not confirmed: look in CXone",
                    content::name(&before)
                );
                return Step::End(End::because(State::Unknown, what, Live::Unknown));
            }
            self.shared.stop.pause(wait).await;
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }

    async fn see(&mut self, release: &Shipment, id: &VersionId) -> Seen {
        match self.look(&release.flow_id).await {
            Look::Published(now) => Seen::Sighted(content::sight(
                release,
                id,
                self.before.as_deref(),
                &now,
                &self.shared.settings.layout,
            )),
            Look::Absent => Seen::Absent,
            Look::CannotTell => Seen::CannotTell,
            Look::Failed(why) => Seen::Failed(why),
        }
    }
}

/// What is wrong with a published version of ours.
pub(crate) fn wrong_places(wrong: &Containment) -> String {
    let mut said = Vec::new();
    for (what, differences) in [
        ("it lacks or has otherwise", &wrong.missing),
        ("nobody sent", &wrong.strangers),
    ] {
        if !differences.is_empty() {
            said.push(format!("{what} {}", places(differences)));
        }
    }
    said.join(", ")
}

/// Some places by their pointers.
pub(super) fn places(all: &[Difference]) -> String {
    let named = all
        .iter()
        .take(NAMED_PLACES)
        .map(|place| format!("`{}`", place.pointer));
    let mut text = named.collect::<Vec<_>>().join(", ");
    if all.len() > NAMED_PLACES {
        text = format!("{text} and {} more", all.len() - NAMED_PLACES);
    }
    text
}
