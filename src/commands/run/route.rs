//! Which task fits the event. Pure. Whether a deployment may write is the gate's to say, never decided here.

use crate::cli::Mode;
use crate::event::Event;

/// What this run is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Task {
    /// Check, and comment where there is a pull request.
    Check,
    /// Deploy, if the gate says yes.
    Deploy,
    /// Take flows back, if the gate says yes.
    Rollback,
    /// Report what is live and not from the branch.
    Drift,
    /// Nothing: why, in one line.
    Nothing(String),
}

/// The task of a run in this mode, started by this event. `deploy_branch` is `None` where nobody knows it: the gate then
/// says so.
pub(super) fn route(mode: Mode, event: &Event, deploy_branch: Option<&str>) -> Task {
    match mode {
        Mode::Check => Task::Check,
        Mode::Deploy => Task::Deploy,
        Mode::Rollback => Task::Rollback,
        Mode::Drift => Task::Drift,
        Mode::Auto => fitting(event, deploy_branch),
    }
}

fn fitting(event: &Event, deploy_branch: Option<&str>) -> Task {
    match event {
        Event::PullRequest(pull) if pull.action == "closed" => {
            if !pull.merged {
                return nothing("the pull request was closed without a merge");
            }
            match deploy_branch {
                Some(branch) if branch != pull.base_ref => nothing(format!(
                    "the pull request was merged into `{}`, and flows are deployed from `{branch}`",
                    pull.base_ref
                )),
                _ => Task::Deploy,
            }
        }
        Event::PullRequestTarget(pull) if pull.action == "closed" => {
            nothing("`pull_request_target` never deploys, and the pull request is closed")
        }
        Event::PullRequest(_) | Event::PullRequestTarget(_) | Event::MergeGroup(_) => Task::Check,
        Event::Push(push) if push.deleted => nothing(format!("`{}` was deleted", push.reference)),
        Event::Push(push) => match (push.reference.strip_prefix("refs/heads/"), deploy_branch) {
            (Some(branch), Some(deploy)) if branch == deploy => Task::Deploy,
            (Some(_), None) => Task::Deploy,
            (_, Some(deploy)) => nothing(format!(
                "the push went to `{}`, and flows are deployed from `{deploy}`",
                push.reference
            )),
            (None, None) => nothing(format!("`{}` is no branch", push.reference)),
        },
        Event::Dispatch(_) => Task::Deploy,
        Event::Schedule => Task::Drift,
        Event::Local => nothing("this is not a GitHub Actions run"),
        Event::OnPullRequest(name, _) | Event::Other(name) => {
            nothing(format!("there is nothing to do for the event `{name}`"))
        }
    }
}

fn nothing(why: impl Into<String>) -> Task {
    Task::Nothing(why.into())
}

#[cfg(test)]
mod tests;
