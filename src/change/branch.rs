//! Which branch is deployed from: the default branch, or the one that `flowgate.toml` on the default branch names.
//! Only people who may merge into the default branch can name another one.

use flowgate_core::ids::CommitSha;

use super::{DeployBranch, Job, settings};
use crate::cli::Mode;
use crate::clients::github as hub;
use crate::event::Event;
use crate::exit::Failure;
use crate::gate::Refusal;
use crate::github::Client;
use crate::settings::PLACES;
use crate::source::History;

/// Whether a run in this mode, started by this event, is for one branch alone.
pub(crate) fn counts(mode: Mode, event: &Event) -> bool {
    match mode {
        Mode::Deploy | Mode::Rollback => true,
        Mode::Check | Mode::Drift => false,
        Mode::Auto => match event {
            Event::PullRequest(pull) => pull.action == "closed" && pull.merged,
            Event::Push(push) => !push.deleted && push.reference.starts_with("refs/heads/"),
            Event::Dispatch(_) => true,
            _ => false,
        },
    }
}

/// Finds the deploy branch. The default branch's own word is asked for where it may say something else.
pub(crate) async fn find(job: &Job<'_>) -> Result<DeployBranch, Failure> {
    let Some(default) = &job.context.repository.default_branch else {
        return Ok(DeployBranch::Unknown);
    };
    let asked = job.args.branch.deploy_branch.as_ref();
    if asked == Some(default) {
        return Ok(DeployBranch::Is(default.clone()));
    }
    let named = match job.github()? {
        Some(github) => match github.branch_tip(default).await.map_err(hub::failed)? {
            Some(tip) => named_at(job, &github, &tip).await?,
            None => None,
        },
        // Nothing is written without a token, so it is enough to know what the run would be for.
        None => None,
    };
    Ok(match (asked, named) {
        (None, named) => DeployBranch::Is(named.unwrap_or_else(|| default.clone())),
        (Some(asked), Some(named)) if *asked == named => DeployBranch::Is(named),
        (Some(asked), _) => DeployBranch::NotNamed {
            asked: asked.clone(),
            refusal: Refusal {
                why: format!(
                    "`deploy-branch` is `{asked}`, and `{}` on the default branch `{default}` does not say so",
                    PLACES[0]
                ),
                hint: Some(format!(
                    "merge `deploy-branch = \"{asked}\"` in `{}` into `{default}`",
                    PLACES[0]
                )),
            },
        },
    })
}

async fn named_at(
    job: &Job<'_>,
    github: &Client,
    tip: &CommitSha,
) -> Result<Option<String>, Failure> {
    let place = job.place()?;
    // GitHub says which commit it is; its files are the same wherever they are read.
    let mut history = History::open(Some(&place.root), &job.world.environment, Some(github));
    let settings = settings::of_commit(job, tip, &mut history).await?;
    Ok(settings.deploy_branch)
}
