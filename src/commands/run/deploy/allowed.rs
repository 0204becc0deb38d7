//! What the gate is told, and what it said.

use flowgate_core::flow::Content;
use flowgate_core::ids::{CommitSha, RepoPath};

use super::super::{Job, hub};
use crate::cli::DirectPushChoice;
use crate::event::Event;
use crate::exit::{Exit, Failure};
use crate::gate::{self, DirectPush, Lookup, Permit, Refusal, Situation, Target};
use crate::github::{self, Client, GitHub as _, contents};
use crate::settings::{FileSettings, PLACES};

/// A larger file is no settings file.
const SETTINGS_LIMIT: u64 = 1024 * 1024;

/// What the gate said, and what it was told on the way there.
pub(super) struct Allowed {
    pub(super) decision: Result<Permit, Refusal>,
    /// The branch that is deployed from, where it is known.
    pub(super) branch: Option<String>,
    /// The pull request whose merge this is.
    pub(super) pull: Option<u64>,
}

/// Asks the gate. `head` is what git says is checked out.
pub(super) async fn ask(
    job: &Job<'_>,
    github: Option<&Client>,
    head: Option<&CommitSha>,
    file: &FileSettings,
) -> Result<Allowed, Failure> {
    let Some(github) = github else {
        return Ok(Allowed {
            decision: Err(Refusal {
                why: "there is no token, so GitHub cannot be asked what was merged".to_owned(),
                hint: Some("pass `github-token`, or set `GITHUB_TOKEN` for the step".to_owned()),
            }),
            branch: job.context.repository.default_branch.clone(),
            pull: None,
        });
    };
    let branch = match deploy_branch(job, github, file).await? {
        Ok(branch) => branch,
        Err(refusal) => {
            return Ok(Allowed {
                decision: Err(refusal),
                branch: None,
                pull: None,
            });
        }
    };
    let lookup = match (job.event, head, &branch) {
        (Event::Push(_), Some(head), Some(branch)) => {
            github::lookup(github, head, branch, job.context.repository.id).await
        }
        (Event::Push(_), None, _) => {
            Lookup::Failed("git does not say which commit is checked out".to_owned())
        }
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
                    .unwrap_or_default()
            }
            _ => None,
        },
        _ => None,
    };
    let direct_push = match job.args.direct_push.or(file.direct_push) {
        Some(DirectPushChoice::Deploy) => DirectPush::Deploy,
        Some(DirectPushChoice::Refuse) | None => DirectPush::Refuse,
    };
    let decision = gate::decide(&Situation {
        target: Target::Tenant,
        trigger: job.event.trigger(),
        deploy_branch: branch.clone(),
        head: head.cloned(),
        lookup,
        direct_push,
    });
    Ok(Allowed {
        decision,
        branch,
        pull,
    })
}

/// The branch that is deployed from. Another one than the default branch must be named where only people who may merge
/// into the default branch can name it.
async fn deploy_branch(
    job: &Job<'_>,
    github: &Client,
    file: &FileSettings,
) -> Result<Result<Option<String>, Refusal>, Failure> {
    let default = job.context.repository.default_branch.as_ref();
    let asked = job
        .args
        .deploy_branch
        .as_ref()
        .or(file.deploy_branch.as_ref());
    let (Some(asked), Some(default)) = (asked, default) else {
        // Without the payload's word on the default branch nothing is known to be allowed.
        return Ok(Ok(default.cloned()));
    };
    if asked == default || named_on(github, default).await?.as_ref() == Some(asked) {
        return Ok(Ok(Some(asked.clone())));
    }
    Ok(Err(Refusal {
        why: format!(
            "`deploy-branch` is `{asked}`, and `{}` on the default branch `{default}` does not say so",
            PLACES[0]
        ),
        hint: Some(format!(
            "merge `deploy-branch = \"{asked}\"` in `{}` into `{default}`",
            PLACES[0]
        )),
    }))
}

/// The deploy branch that the settings file at the tip of this branch names.
async fn named_on(github: &Client, branch: &str) -> Result<Option<String>, Failure> {
    let Some(tip) = github.branch_tip(branch).await.map_err(hub::failed)? else {
        return Ok(None);
    };
    let is_place = |path: &RepoPath| PLACES.contains(&path.as_str());
    let listed = contents::list(github, &tip, |folder| folder == ".github", is_place)
        .await
        .map_err(hub::failed)?;
    let read = contents::read(github, &listed, SETTINGS_LIMIT)
        .await
        .map_err(hub::failed)?;
    for (path, content) in read {
        let Content::Bytes(bytes) = content else {
            continue;
        };
        let text = String::from_utf8_lossy(&bytes);
        let settings =
            FileSettings::parse(std::path::Path::new(path.as_str()), &text).map_err(|error| {
                Failure::new(Exit::Usage, error)
                    .context(format!("could not use the settings on `{branch}`"))
            })?;
        if settings.deploy_branch.is_some() {
            return Ok(settings.deploy_branch);
        }
    }
    Ok(None)
}
