//! The look just before a write: whether the world is still the plan's. Nothing here writes.

use std::sync::Arc;

use flowgate_core::ids::{FlowId, VersionId};
use flowgate_core::plan::{Action, Shipment};
use flowgate_core::platform::{Answer, Published};
use flowgate_core::receipt::State;

use super::content::Sighting;
use super::ending::{End, Live};
use super::saga::{Saga, Step};
use super::{Verify, content};
use crate::cxone::{FlowPlatform, Operation};

/// What a look at the published flow gave.
pub(super) enum Look {
    Published(Arc<Published>),
    Absent,
    CannotTell,
    Failed(String),
}

impl<P: FlowPlatform> Saga<P> {
    /// Reads again just before a write: only what the plan was made from may be overwritten.
    pub(super) async fn recheck(&mut self, release: &Shipment) -> Step {
        if let Action::TakeBack { version_id, to, .. } = self.planned.action.clone() {
            return self.still_wrong(release, version_id, to).await;
        }
        match self.still_as_planned(release).await {
            Err(end) => Step::End(end),
            Ok(()) => match &self.planned.action {
                Action::Publish { version_id, .. } | Action::RollBack { version_id, .. } => {
                    Step::Adopt(version_id.clone())
                }
                _ => Step::Create,
            },
        }
    }

    /// What an earlier run published is ours and not what was sent: whether it still is so, and what to go back to.
    async fn still_wrong(&mut self, release: &Shipment, id: VersionId, to: VersionId) -> Step {
        let layout = self.shared.settings.layout.clone();
        let now = match self.look(&release.flow_id).await {
            Look::Published(now) => now,
            Look::Failed(why) => {
                let what =
                    format!("could not read again what is published just before writing: {why}");
                return Step::End(End::because(State::Failed, what, Live::Unknown));
            }
            Look::Absent | Look::CannotTell => {
                let what = "CXone does not show any more what is published; run again".to_owned();
                return Step::End(End::because(State::Failed, what, Live::Unknown));
            }
        };
        let wrong = match content::sight(release, &id, None, &now, &layout) {
            Sighting::Corrupt(wrong) => wrong,
            Sighting::Ours(_) => return Step::End(self.already(&now)),
            Sighting::Previous | Sighting::Other(_) => {
                let what = format!(
                    "published by somebody else since the plan was made: {}; run again",
                    content::name(&now)
                );
                return Step::End(self.stopped_over(what, &now));
            }
        };
        let (stop, flow) = (&self.shared.stop, &release.flow_id);
        let call = self.shared.platform.version(flow, &to);
        let before = match stop.read(Operation::ReadVersion, flow, call).await {
            Ok(Answer::Known(stored)) => stored.flow.map(|flow| Published {
                flow: Arc::new(flow),
                version_id: Some(to.clone()),
                record: stored.record,
            }),
            _ => None,
        };
        let Some(before) = before else {
            let what = format!(
                "{} is published and is not what was sent; what is in the version before (id `{to}`) could not be read, so it was not put live: do it in CXone, or raise the version",
                release.version
            );
            return Step::End(End::because(
                State::Failed,
                what,
                Live::Other(content::name(&now)),
            ));
        };
        self.before = Some(Arc::new(before));
        self.progress.attempted = true;
        self.version_id = Some(id.clone());
        Step::RollBack(id, wrong)
    }

    pub(super) async fn still_as_planned(&mut self, release: &Shipment) -> Result<(), End> {
        let now = self.look(&release.flow_id).await;
        let layout = &self.shared.settings.layout;
        let Some(seen) = self.seen.as_ref().map(|seen| &seen.published) else {
            return Err(Self::stopped(
                State::Blocked,
                "the plan was made without asking CXone what is published".to_owned(),
            ));
        };
        if matches!(now, Look::CannotTell) && self.shared.settings.verify == Verify::Required {
            let what =
                "this tenant cannot show what is published, and `verify: required` asks for it";
            return Err(Self::stopped(self.refusal(), what.to_owned()));
        }
        match (seen, now) {
            (_, Look::Failed(why)) => {
                let what =
                    format!("could not read again what is published just before writing: {why}");
                Err(End::because(State::Failed, what, Live::Unknown))
            }
            // First: what the plan saw and wants written all the same differs in what digests do not see.
            (Answer::Known(seen), Look::Published(now)) if content::is_same(seen, &now, layout) => {
                self.before = Some(now);
                Ok(())
            }
            (_, Look::Published(now)) if content::in_sync(release, &now, layout) => {
                Err(self.already(&now))
            }
            (Answer::Absent, Look::Absent)
            | (Answer::CannotTell, Look::CannotTell | Look::Absent) => Ok(()),
            (Answer::Known(seen), Look::Published(now)) => {
                let what = format!(
                    "edited in the console since: the plan was made from {}, published is now {}; pull the edit into the repository, or run again to plan over it",
                    content::name(seen),
                    content::name(&now)
                );
                Err(self.stopped_over(what, &now))
            }
            (_, Look::Published(now)) => {
                let what = format!(
                    "published by somebody else since the plan was made: {}; run again",
                    content::name(&now)
                );
                Err(self.stopped_over(what, &now))
            }
            (Answer::Known(seen), Look::Absent) => {
                let what = format!(
                    "taken down since the plan was made from {}; run again",
                    content::name(seen)
                );
                Err(End::because(
                    self.refusal(),
                    what,
                    Live::Other("nothing".to_owned()),
                ))
            }
            (Answer::Unavailable(why), _) => {
                let what = format!(
                    "what is published was not known when the plan was made: {why}; run again"
                );
                Err(End::because(self.refusal(), what, Live::Unknown))
            }
            (_, Look::CannotTell) => {
                let what = "CXone showed what is published when the plan was made, and does not now; run again";
                Err(End::because(self.refusal(), what.to_owned(), Live::Unknown))
            }
        }
    }

    fn stopped_over(&self, what: String, now: &Published) -> End {
        End::because(self.refusal(), what, Live::Other(content::name(now)))
    }

    /// Blocked says that nothing was written; after a create that would be wrong.
    pub(super) fn refusal(&self) -> State {
        if self.progress.attempted {
            State::Failed
        } else {
            State::Blocked
        }
    }

    /// Somebody (another run) has done it meanwhile.
    fn already(&mut self, now: &Published) -> End {
        self.notices.push(format!(
            "{} is published already with this content",
            content::name(now)
        ));
        if let Some(id) = self.unpublished() {
            self.notices
                .push(format!("version id `{id}` was created and is not needed"));
        }
        let live = Live::Other(content::name(now));
        self.version_id.clone_from(&now.version_id);
        self.tells = true;
        End {
            state: State::Skipped,
            error: None,
            live,
        }
    }

    pub(super) async fn look(&mut self, flow: &FlowId) -> Look {
        let call = self.shared.platform.published(flow);
        match self
            .shared
            .stop
            .read(Operation::ReadPublished, flow, call)
            .await
        {
            Ok(Answer::Known(published)) => {
                self.tells = true;
                Look::Published(Arc::new(published))
            }
            Ok(Answer::Absent) => Look::Absent,
            Ok(Answer::CannotTell) => Look::CannotTell,
            Ok(Answer::Unavailable(why)) => Look::Failed(why),
            Err(err) => Look::Failed(err.to_string()),
        }
    }
}
