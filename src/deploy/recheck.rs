//! The look just before a write: whether the world is still the plan's. Nothing here writes.

use std::sync::Arc;

use flowgate_core::ids::FlowId;
use flowgate_core::plan::{Action, Shipment};
use flowgate_core::platform::{Answer, Published};
use flowgate_core::receipt::State;

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
    fn refusal(&self) -> State {
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
