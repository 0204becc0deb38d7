//! The gate: the one function that decides whether this run may write to CXone. Pure.
//!
//! It stops mistakes; credentials stop people. A [`Permit`] can be made nowhere else, and the deployment asks for one, so
//! nothing is written that the gate has not seen.

use std::fmt;

use flowgate_core::ids::CommitSha;

/// Where a deployment would write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The embedded sandbox: not CXone.
    Sandbox,
    /// A tenant of CXone.
    Tenant,
}

/// The event that started this run, as far as the gate looks at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trigger {
    /// Not in GitHub Actions.
    Outside,
    /// A push.
    Push(Push),
    /// `pull_request`, any action.
    PullRequest(PullRequest),
    /// `workflow_dispatch`, on this ref.
    Dispatch {
        /// The full ref.
        reference: String,
    },
    /// Any other event (`pull_request_target`, `merge_group`, `schedule`, …): these never write.
    Other(String),
}

/// What a `push` event says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// The full ref.
    pub reference: String,
    /// The branch was created.
    pub created: bool,
    /// The branch was deleted.
    pub deleted: bool,
    /// History was rewritten.
    pub forced: bool,
}

/// What a `pull_request` event says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullRequest {
    /// Its number.
    pub number: u64,
    /// `closed`, `opened`, …
    pub action: String,
    /// Whether it was merged.
    pub merged: bool,
    /// The branch it is to be merged into, without `refs/heads/`.
    pub base: String,
    /// Where its head lives.
    pub head: HeadRepository,
    /// The commit that the merge made.
    pub merge_commit: Option<CommitSha>,
}

/// Where the head of a pull request lives. A repository that is itself a fork of another is no fork here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HeadRepository {
    /// In the repository itself.
    Same,
    /// In a fork.
    Fork,
    /// In one that is gone (`head.repo` is null).
    Gone,
}

/// Whether the commit that is checked out was made by the merge of a pull request into the deploy branch, as GitHub says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup {
    /// To this one.
    Found(u64),
    /// To none: a direct push.
    NotFound,
    /// GitHub could not say.
    Failed(String),
    /// GitHub was not asked, since no commit is checked out: why.
    NoCheckOut(String),
}

/// What to do with a push that belongs to no pull request (`direct-push`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DirectPush {
    /// Refuse it.
    Refuse,
    /// Deploy it.
    Deploy,
}

/// All that the gate looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Situation {
    /// Where a deployment would write.
    pub target: Target,
    /// What started the run.
    pub trigger: Trigger,
    /// The branch that is deployed from, without `refs/heads/`; `None` where it is not known.
    pub deploy_branch: Option<String>,
    /// HEAD of the checkout, read from git; `GITHUB_SHA` is not trusted.
    pub head: Option<CommitSha>,
    /// Where the deploy branch stands, as GitHub says it; looked at where a run was started by hand.
    pub tip: Option<CommitSha>,
    /// What merge made the commit that is checked out; asked where a push or a merge started the run.
    pub lookup: Lookup,
    /// What to do with direct pushes.
    pub direct_push: DirectPush,
}

impl Situation {
    /// A run that GitHub Actions did not start.
    pub fn outside(target: Target) -> Self {
        Self {
            target,
            trigger: Trigger::Outside,
            deploy_branch: None,
            head: None,
            tip: None,
            lookup: Lookup::NotFound,
            direct_push: DirectPush::Refuse,
        }
    }
}

/// Proof that the gate said yes. Only [`decide`] makes one.
#[derive(Debug, PartialEq, Eq)]
pub struct Permit {
    why: String,
}

/// Why the gate said no, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("nothing is written to CXone: {why}")]
pub struct Refusal {
    /// In one line.
    pub why: String,
    /// What to do next.
    pub hint: Option<String>,
}

impl fmt::Display for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "writing is allowed: {}", self.why)
    }
}

/// May this run write?
///
/// # Errors
/// The reason why not.
pub fn decide(situation: &Situation) -> Result<Permit, Refusal> {
    if situation.target == Target::Sandbox {
        return Ok(yes("the target is a sandbox, not CXone".to_owned()));
    }
    let branch = match (&situation.trigger, &situation.deploy_branch) {
        (Trigger::Outside, _) => {
            return no("this is not a GitHub Actions run").hint(
                "merge a pull request into the deploy branch; to try things out, use `--sandbox`",
            );
        }
        (Trigger::Other(event), _) => return no(format!("the event `{event}` never writes")).end(),
        (_, None) => return no("the deploy branch is not known").hint("set `deploy-branch`"),
        (_, Some(branch)) => branch,
    };
    match &situation.trigger {
        Trigger::Outside | Trigger::Other(_) => no("this event never writes").end(),
        Trigger::Push(push) => decide_push(push, branch, situation),
        Trigger::PullRequest(pull) => decide_pull_request(pull, branch, situation),
        Trigger::Dispatch { reference } if is_branch(reference, branch) => {
            decide_dispatch(branch, situation)
        }
        Trigger::Dispatch { reference } => no(format!(
            "started by hand on `{reference}`, not on the deploy branch `{branch}`"
        ))
        .end(),
    }
}

/// May this run put earlier versions live again? As [`decide`], and only where a person started it by hand.
///
/// # Errors
/// The reason why not.
pub fn decide_rollback(situation: &Situation) -> Result<Permit, Refusal> {
    let permit = decide(situation)?;
    match (&situation.target, &situation.trigger) {
        (Target::Sandbox, _) | (_, Trigger::Dispatch { .. }) => Ok(permit),
        _ => no("a rollback is started by hand, not by a merge")
            .hint("start the workflow by hand on the deploy branch (`workflow_dispatch`)"),
    }
}

/// A run that was started by hand deploys what the branch says now, and no other checkout.
fn decide_dispatch(branch: &str, situation: &Situation) -> Result<Permit, Refusal> {
    match (&situation.head, &situation.tip) {
        (Some(head), Some(tip)) if head == tip => Ok(yes(format!("started by hand on `{branch}`"))),
        (_, None) => no(format!("GitHub could not say where `{branch}` stands"))
            .hint("start the workflow again; the job needs `permissions: contents: read`"),
        (None, Some(_)) => no("git does not say which commit is checked out").hint(CHECK_OUT),
        (Some(head), Some(tip)) => no(format!(
            "the checkout is at {}, and `{branch}` stands at {}",
            head.short(),
            tip.short()
        ))
        .hint("start the workflow again, and give its checkout step no `ref`"),
    }
}

fn decide_push(push: &Push, branch: &str, situation: &Situation) -> Result<Permit, Refusal> {
    if !is_branch(&push.reference, branch) {
        return no(format!(
            "the push went to `{}`, not to the deploy branch `{branch}`",
            push.reference
        ))
        .end();
    }
    if push.deleted {
        return no(format!("the push deleted `{branch}`")).end();
    }
    if push.created {
        return no(format!("the push created `{branch}`"))
            .hint("start the workflow by hand on the branch if this is meant");
    }
    if push.forced {
        return no(format!("the push rewrote the history of `{branch}`"))
            .hint("start the workflow by hand on the branch if this is meant");
    }
    match (&situation.lookup, situation.direct_push) {
        (Lookup::Found(number), _) => Ok(yes(format!(
            "pull request #{number} was merged into `{branch}`"
        ))),
        (Lookup::NotFound, DirectPush::Deploy) => Ok(yes(format!(
            "pushed to `{branch}`, and `direct-push` is `deploy`"
        ))),
        (Lookup::NotFound, DirectPush::Refuse) => {
            no("the commit belongs to no merged pull request")
                .hint("if it was merged a moment ago, run the job again; what was pushed directly is published by a pull request that touches it, or by a start by hand that names the flow")
        }
        (Lookup::Failed(why), _) => no(format!(
            "GitHub could not say whether the commit belongs to a merged pull request: {why}"
        ))
        .hint("run the job again"),
        (Lookup::NoCheckOut(why), _) => without_checkout(why),
    }
}

fn without_checkout(why: &str) -> Result<Permit, Refusal> {
    no(format!(
        "git does not say which commit is checked out: {why}"
    ))
    .hint(CHECK_OUT)
}

/// What brings a commit that is checked out.
const CHECK_OUT: &str = "put `actions/checkout` before this step, in an image that has git; where it has a `path`, name that folder in `working-directory`";

fn decide_pull_request(
    pull: &PullRequest,
    branch: &str,
    situation: &Situation,
) -> Result<Permit, Refusal> {
    let number = pull.number;
    if pull.action != "closed" || !pull.merged {
        return no(format!("pull request #{number} is not merged")).end();
    }
    if pull.base != branch {
        return no(format!(
            "pull request #{number} was merged into `{}`, not into the deploy branch `{branch}`",
            pull.base
        ))
        .end();
    }
    if pull.head != HeadRepository::Same {
        return no(format!("pull request #{number} comes from a fork")).hint(
            "deploy on `push` instead: it runs with the repository's own code and credentials",
        );
    }
    match (&pull.merge_commit, &situation.head) {
        (Some(merge), Some(head)) if merge == head => merged(number, head, branch, situation),
        (Some(merge), Some(head)) => no(format!(
            "the checkout is at {}, not at the merge commit {} of pull request #{number}",
            head.short(),
            merge.short()
        ))
        .hint("give the checkout step `ref: ${{ github.event.pull_request.merge_commit_sha }}`"),
        (Some(_), None) => no("git does not say which commit is checked out").hint(CHECK_OUT),
        (None, _) => no(format!(
            "GitHub names no merge commit for pull request #{number}"
        ))
        .end(),
    }
}

/// Whether GitHub says of the commit that git has checked out what the event says of it: that this pull request made it.
fn merged(
    number: u64,
    head: &CommitSha,
    branch: &str,
    situation: &Situation,
) -> Result<Permit, Refusal> {
    let commit = head.short();
    match &situation.lookup {
        Lookup::Found(found) if *found == number => Ok(yes(format!(
            "pull request #{number} was merged into `{branch}`"
        ))),
        Lookup::Found(other) => no(format!(
            "the event says that pull request #{number} made {commit}, and GitHub says that #{other} did"
        ))
        .end(),
        Lookup::NotFound => no(format!(
            "the event says that pull request #{number} made {commit}, and GitHub knows of no merge into `{branch}` that did"
        ))
        .hint("if it was merged a moment ago, run the job again"),
        Lookup::NoCheckOut(why) => without_checkout(why),
        Lookup::Failed(why) => no(format!(
            "GitHub could not say whether pull request #{number} made {commit}: {why}"
        ))
        .hint("run the job again"),
    }
}

fn is_branch(reference: &str, branch: &str) -> bool {
    reference.strip_prefix("refs/heads/") == Some(branch)
}

fn yes(why: String) -> Permit {
    Permit { why }
}

/// A refusal whose hint is still to be said.
struct No(String);

fn no(why: impl Into<String>) -> No {
    No(why.into())
}

impl No {
    fn hint(self, hint: &str) -> Result<Permit, Refusal> {
        Err(Refusal {
            why: self.0,
            hint: Some(hint.to_owned()),
        })
    }

    fn end(self) -> Result<Permit, Refusal> {
        Err(Refusal {
            why: self.0,
            hint: None,
        })
    }
}

#[cfg(test)]
mod tests;
