//! The Actions event, parsed once at the border: what happened, and where the run stands.
//!
//! The environment and the payload are handed in. What follows from an event is decided by [`crate::gate`] and the commands.

mod context;
mod payload;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use flowgate_core::ids::{CommitSha, InvalidId};

use crate::gate::{self, HeadRepository};

pub use context::{ActionSource, Repository, RunContext};

/// The account that Dependabot's runs are started by, also those that somebody runs again.
const DEPENDABOT: &str = "dependabot[bot]";

/// What started this run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Not in GitHub Actions.
    Local,
    /// `pull_request`, any action.
    PullRequest(PullRequest),
    /// `pull_request_target`: runs with the base's rights, so the change is data and nothing more.
    PullRequestTarget(PullRequest),
    /// `push`.
    Push(Push),
    /// `merge_group`.
    MergeGroup(MergeGroup),
    /// `workflow_dispatch`.
    Dispatch(Dispatch),
    /// `schedule`.
    Schedule,
    /// Another event about a pull request, such as `pull_request_review`: its name, and the pull request.
    OnPullRequest(String, PullRequest),
    /// Any other, by its name.
    Other(String),
}

/// A pull request, as its event tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullRequest {
    /// Its number.
    pub number: u64,
    /// `opened`, `synchronize`, `closed`, …
    pub action: String,
    /// The commit that is proposed.
    pub head_sha: CommitSha,
    /// The branch that is proposed, without `refs/heads/` (hostile).
    pub head_ref: String,
    /// Where it lives.
    pub head: HeadRepository,
    /// The branch it is to be merged into, without `refs/heads/`.
    pub base_ref: String,
    /// Where that branch stood when the pull request was opened or pushed to last: it is not moved on with the branch.
    pub base_sha: CommitSha,
    /// Whether this event is that somebody chose another base branch (`edited` with `changes.base`).
    pub retargeted: bool,
    /// Whether it was merged.
    pub merged: bool,
    /// The commit that a merge made; before that GitHub's trial merge, or nothing.
    pub merge_commit: Option<CommitSha>,
    /// Where its head stood before the push that made the event; `None` where another event made it.
    pub before: Option<CommitSha>,
    /// How many commits are proposed.
    pub commits: u32,
}

/// A push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// The full ref.
    pub reference: String,
    /// Where the ref stood; `None` where it is new.
    pub before: Option<CommitSha>,
    /// Where it stands now; `None` where it is gone.
    pub after: Option<CommitSha>,
    /// The ref is new.
    pub created: bool,
    /// The ref is gone.
    pub deleted: bool,
    /// History was rewritten.
    pub forced: bool,
}

/// A trial of a merge queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeGroup {
    /// The commit that would be merged.
    pub head_sha: CommitSha,
    /// What it is built on.
    pub base_sha: CommitSha,
    /// The full ref that it is to be merged into.
    pub base_ref: String,
}

/// A run that somebody started by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispatch {
    /// The full ref that it was started on.
    pub reference: String,
    /// What was filled into the form; numbers and switches as text.
    pub inputs: BTreeMap<String, String>,
}

/// Why GitHub hands a run no secrets of the repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withheld {
    /// It is for a pull request from a fork.
    Fork,
    /// Dependabot started it: it gets Dependabot's own secrets alone.
    Dependabot,
}

impl Withheld {
    /// Why, for people. No full stop.
    pub fn words(self) -> &'static str {
        match self {
            Withheld::Fork => "GitHub hands no secrets to a run for a pull request from a fork",
            Withheld::Dependabot => {
                "GitHub hands a run that Dependabot started no secrets but Dependabot's own"
            }
        }
    }
}

/// The event, and where the run stands if it is one of GitHub Actions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// What happened.
    pub event: Event,
    /// The run; `None` outside Actions.
    pub context: Option<RunContext>,
}

/// Why the event cannot be understood.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// A variable that GitHub Actions always sets is not there.
    #[error("could not read the Actions environment: `{name}` is not set")]
    Missing {
        /// The variable.
        name: &'static str,
    },
    /// A variable does not hold what it should.
    #[error("could not read the Actions environment: `{name}` is not {expected}")]
    Invalid {
        /// The variable.
        name: &'static str,
        /// What it should hold, with its article.
        expected: &'static str,
    },
    /// The payload's file cannot be read.
    #[error("could not read the event payload {path}")]
    Unreadable {
        /// `GITHUB_EVENT_PATH`.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The payload is no JSON, or lacks what its event always has.
    #[error("could not understand the payload of the event `{event}`")]
    Payload {
        /// `GITHUB_EVENT_NAME`.
        event: String,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The payload is about another ref than the run.
    #[error(
        "the payload of the event `{event}` is about {payload}, and `GITHUB_REF` is `{environment}`"
    )]
    Reference {
        /// `GITHUB_EVENT_NAME`.
        event: String,
        /// What the payload names.
        payload: String,
        /// `GITHUB_REF`.
        environment: String,
    },
    /// A commit id in the payload is none.
    #[error(
        "could not understand the payload of the event `{event}`: `{field}` is not a commit id"
    )]
    Commit {
        /// `GITHUB_EVENT_NAME`.
        event: String,
        /// The JSON path.
        field: &'static str,
        /// What is wrong with it.
        source: InvalidId,
    },
}

impl EventError {
    /// What to do next.
    pub fn hint(&self) -> &'static str {
        match self {
            EventError::Missing { .. } | EventError::Invalid { .. } => {
                "the runner sets it for every step; inside a container, pass the `GITHUB_*` variables through"
            }
            EventError::Unreadable { .. } => {
                "inside a container, mount the runner's temporary folder; outside Actions, unset `GITHUB_ACTIONS`"
            }
            EventError::Payload { .. }
            | EventError::Commit { .. }
            | EventError::Reference { .. } => {
                "the runner writes this file from GitHub's own event; a step before this one may have changed it"
            }
        }
    }
}

/// Understands what started this run. `variable` knows the environment (a variable that is set but empty counts as not
/// set), `read` reads the payload's file.
pub fn read<'a>(
    variable: impl Fn(&str) -> Option<&'a str>,
    read: impl FnOnce(&Path) -> io::Result<Vec<u8>>,
) -> Result<Started, EventError> {
    let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
    if variable("GITHUB_ACTIONS") != Some("true") {
        return Ok(Started {
            event: Event::Local,
            context: None,
        });
    }
    let name = variable("GITHUB_EVENT_NAME").ok_or(EventError::Missing {
        name: "GITHUB_EVENT_NAME",
    })?;
    let path = PathBuf::from(variable("GITHUB_EVENT_PATH").ok_or(EventError::Missing {
        name: "GITHUB_EVENT_PATH",
    })?);
    let bytes = read(&path).map_err(|source| EventError::Unreadable { path, source })?;
    let known = payload::read(name, &bytes, variable("GITHUB_REF"))?;
    let context = RunContext::read(variable, known.repository)?;
    Ok(Started {
        event: known.event,
        context: Some(context),
    })
}

impl Started {
    /// Why this run gets no secrets, where that is so.
    pub fn withheld(&self) -> Option<Withheld> {
        self.event.withheld(self.context.as_ref()?.actor.as_deref())
    }
}

impl Event {
    /// Why a run that `actor` started gets no secrets, where that is so. A repository may be set up to hand them out all
    /// the same.
    pub fn withheld(&self, actor: Option<&str>) -> Option<Withheld> {
        const LIKE_A_PULL_REQUEST: [&str; 2] =
            ["pull_request_review", "pull_request_review_comment"];
        match self {
            Event::PullRequest(pull) if pull.head != HeadRepository::Same => Some(Withheld::Fork),
            Event::PullRequest(_) | Event::Push(_) if actor == Some(DEPENDABOT) => {
                Some(Withheld::Dependabot)
            }
            Event::Other(name) if actor == Some(DEPENDABOT) => LIKE_A_PULL_REQUEST
                .contains(&name.as_str())
                .then_some(Withheld::Dependabot),
            _ => None,
        }
    }

    /// The event as far as the gate looks at it.
    pub fn trigger(&self) -> gate::Trigger {
        match self {
            Event::Local => gate::Trigger::Outside,
            Event::PullRequest(pull) => gate::Trigger::PullRequest(gate::PullRequest {
                number: pull.number,
                action: pull.action.clone(),
                merged: pull.merged,
                base: pull.base_ref.clone(),
                head: pull.head,
                merge_commit: pull.merge_commit.clone(),
            }),
            Event::Push(push) => gate::Trigger::Push(gate::Push {
                reference: push.reference.clone(),
                created: push.created,
                deleted: push.deleted,
                forced: push.forced,
            }),
            Event::Dispatch(dispatch) => gate::Trigger::Dispatch {
                reference: dispatch.reference.clone(),
            },
            Event::PullRequestTarget(_)
            | Event::OnPullRequest(..)
            | Event::MergeGroup(_)
            | Event::Schedule
            | Event::Other(_) => gate::Trigger::Other(self.name().to_owned()),
        }
    }

    /// GitHub's name for it.
    pub fn name(&self) -> &str {
        match self {
            Event::Local => "local",
            Event::PullRequest(_) => "pull_request",
            Event::PullRequestTarget(_) => "pull_request_target",
            Event::Push(_) => "push",
            Event::MergeGroup(_) => "merge_group",
            Event::Dispatch(_) => "workflow_dispatch",
            Event::Schedule => "schedule",
            Event::OnPullRequest(name, _) | Event::Other(name) => name,
        }
    }

    /// The pull request that a comment belongs to, where the event is one.
    pub fn pull_request(&self) -> Option<&PullRequest> {
        match self {
            Event::PullRequest(pull)
            | Event::PullRequestTarget(pull)
            | Event::OnPullRequest(_, pull) => Some(pull),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
