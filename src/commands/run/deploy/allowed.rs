//! What the gate is told, and what it said.

use std::io::Write;

use flowgate_core::ids::CommitSha;
use flowgate_core::redact::Redactor;

use super::super::Told;
use super::said;
use crate::change::DeployBranch;
use crate::change::Job;
use crate::event::Event;
use crate::exit::Failure;
use crate::gate::{DirectPush, Lookup, Permit, Refusal, Situation, Target};
use crate::github::{self, Client};
use crate::settings::FileSettings;
use crate::source::without_commit;
use crate::values::DirectPushChoice;

/// What the gate said, and what it was told on the way there.
pub(in crate::commands::run) struct Allowed {
    pub(in crate::commands::run) decision: Result<Permit, Refusal>,
    /// The branch that is deployed from, where it is known.
    pub(in crate::commands::run) branch: Option<String>,
    /// The pull request whose merge this is.
    pub(super) pull: Option<u64>,
    /// What becomes of pushes that belong to no pull request.
    pub(super) direct_push: DirectPush,
}

impl Allowed {
    /// Says what the gate said, and what may be written by it. A refusal ends the run, but for one that writes nothing.
    pub(in crate::commands::run) fn told(
        &self,
        plan_only: bool,
        redactor: &Redactor,
        told: &mut Told,
        err: &mut dyn Write,
    ) -> Result<Option<&Permit>, Failure> {
        let words = match &self.decision {
            Ok(permit) => permit.to_string(),
            Err(refusal) if plan_only => refusal.to_string(),
            Err(refusal) => return Err(refusal.clone().into()),
        };
        writeln!(err, "gate: {words}")?;
        told.summary(&format!("Gate: {}.", said(redactor, &words)));
        Ok(self.decision.as_ref().ok().filter(|_| !plan_only))
    }
}

/// What becomes of pushes that belong to no pull request.
pub(in crate::commands::run) fn direct_push(job: &Job<'_>, file: &FileSettings) -> DirectPush {
    match job.args.direct_push.or(file.direct_push) {
        Some(DirectPushChoice::Deploy) => DirectPush::Deploy,
        Some(DirectPushChoice::Refuse) | None => DirectPush::Refuse,
    }
}

/// Whether the right to write hangs on which pull request was merged.
fn asks_for_its_merge(event: &Event) -> bool {
    match event {
        Event::Push(_) => true,
        Event::PullRequest(pull) => pull.merged,
        _ => false,
    }
}

/// Why git does not say which commit is checked out.
fn without_head(job: &Job<'_>) -> String {
    match job.place() {
        Ok(place) => without_commit(&place, &job.world.environment),
        Err(failure) => format!("{:#}", failure.error),
    }
}

/// A question to the gate.
pub(in crate::commands::run) type Gate = fn(&Situation) -> Result<Permit, Refusal>;

/// Asks the gate. `head` is what git says is checked out.
pub(in crate::commands::run) async fn ask(
    gate: Gate,
    job: &Job<'_>,
    github: Option<&Client>,
    head: Option<&CommitSha>,
    file: &FileSettings,
) -> Allowed {
    let direct_push = direct_push(job, file);
    let Some(github) = github else {
        return Allowed {
            decision: Err(Refusal {
                why: "there is no token, so GitHub cannot be asked what was merged".to_owned(),
                hint: Some("pass `github-token`, or set `GITHUB_TOKEN` for the step".to_owned()),
            }),
            branch: job.branch.name().map(str::to_owned),
            pull: None,
            direct_push,
        };
    };
    let branch = match &job.branch {
        DeployBranch::Is(branch) => Some(branch.clone()),
        DeployBranch::Unknown => None,
        DeployBranch::NotNamed { refusal, .. } => {
            return Allowed {
                decision: Err(refusal.clone()),
                branch: None,
                pull: None,
                direct_push,
            };
        }
    };
    let lookup = match (job.event, head, &branch) {
        (event, Some(head), Some(branch)) if asks_for_its_merge(event) => {
            github::lookup(github, head, branch, job.context.repository.id).await
        }
        (event, None, _) if asks_for_its_merge(event) => Lookup::NoCheckOut(without_head(job)),
        _ => Lookup::NotFound,
    };
    let pull = match (job.event, &lookup) {
        (Event::PullRequest(pull), _) => Some(pull.number),
        (_, Lookup::Found(number)) => Some(*number),
        // A retry by hand: the word belongs on the pull request all the same, but the right to write does not hang on it.
        (Event::Dispatch(_), _) => match (head, &branch) {
            (Some(head), Some(branch)) => {
                github::merged_as(github, head, branch, job.context.repository.id)
                    .await
                    .unwrap_or_else(|error| {
                        tracing::info!(%error, "no pull request is told of this deployment");
                        None
                    })
            }
            _ => None,
        },
        _ => None,
    };
    let tip = match (job.event, &branch) {
        // What cannot be found out is not known: the gate says what follows.
        (Event::Dispatch(_), Some(branch)) => github.branch_tip(branch).await.ok().flatten(),
        _ => None,
    };
    let decision = gate(&Situation {
        target: Target::Tenant,
        trigger: job.event.trigger(),
        deploy_branch: branch.clone(),
        head: head.cloned(),
        tip,
        lookup,
        direct_push,
    });
    Allowed {
        decision,
        branch,
        pull,
        direct_push,
    }
}
