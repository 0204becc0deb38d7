//! The flow files that are deployed, and what stood there before: from the clone where it has the commits, else from
//! GitHub, so that any depth of checkout will do.

use std::collections::{BTreeMap, BTreeSet};

use flowgate_core::ids::{CommitSha, RepoPath};

use super::super::{Job, hub};
use crate::commands::inputs::{Inputs, Typed};
use crate::event::Event;
use crate::exit::{Exit, Failure};
use crate::github::contents::{self, Listed};
use crate::github::{Client, GitHub as _};
use crate::source::{BaseChoice, ComparedWith, FlowGlobs};

/// What is checked out, with nothing touched. The work tree must be the commit's: what a step before this one changed
/// has not been reviewed by anybody.
pub(super) fn head(job: &Job<'_>) -> Result<Inputs, Failure> {
    let inputs = Inputs::gather(
        &typed(job, BaseChoice::Revision("HEAD".to_owned())),
        job.world,
    )?;
    match inputs.sources.changed.first() {
        None => Ok(inputs),
        Some(path) => Err(Failure::new(
            Exit::Failed,
            anyhow::anyhow!("`{path}` in the work tree is not what the commit holds"),
        )
        .hint("deploy right after the checkout, before any step that changes flow files")),
    }
}

/// Fills in what stood there before, and with it what was touched.
pub(super) async fn base(
    job: &Job<'_>,
    github: Option<&Client>,
    inputs: &mut Inputs,
) -> Result<(), Failure> {
    let local = match (BaseChoice::from(&job.args.base), job.event) {
        (BaseChoice::Default, Event::Push(push)) => match &push.before {
            Some(before) => BaseChoice::Revision(before.to_string()),
            None => return Ok(()),
        },
        (BaseChoice::Default, Event::PullRequest(_)) => BaseChoice::Revision("HEAD^1".to_owned()),
        // Nothing is touched by starting a run by hand: what an earlier one missed is healed.
        (BaseChoice::Default, _) => return Ok(()),
        (chosen, _) => chosen,
    };
    let failure = match Inputs::gather(&typed(job, local), job.world) {
        Ok(found) => {
            *inputs = found;
            return Ok(());
        }
        Err(failure) => failure,
    };
    let (Some(github), Some(head)) = (github, inputs.sources.commit.clone()) else {
        return Err(failure);
    };
    let before = match job.event {
        Event::Push(push) => push.before.clone(),
        _ => github
            .commit(&head)
            .await
            .map_err(hub::failed)?
            .parents
            .into_iter()
            .next(),
    };
    match before {
        Some(before) => from_github(github, inputs, &before, &head).await,
        None => Err(failure),
    }
}

async fn from_github(
    github: &Client,
    inputs: &mut Inputs,
    before: &CommitSha,
    head: &CommitSha,
) -> Result<(), Failure> {
    let globs = FlowGlobs::new(&inputs.flows)?;
    let file = |path: &RepoPath| globs.matches(path.as_str());
    let folder = |folder: &str| globs.may_hold(folder);
    let (then, now) = futures_util::try_join!(
        contents::list(github, before, folder, file),
        contents::list(github, head, folder, file),
    )
    .map_err(hub::failed)?;
    let differs = |path: &RepoPath| blob(then.get(path)) != blob(now.get(path));
    let changed: BTreeSet<RepoPath> = then
        .keys()
        .chain(now.keys())
        .filter(|path| differs(path))
        .cloned()
        .collect();
    let wanted: BTreeMap<RepoPath, Listed> = then
        .into_iter()
        .filter(|(path, _)| changed.contains(path))
        .collect();
    inputs.sources.base = contents::read(github, &wanted, inputs.max_file_size)
        .await
        .map_err(hub::failed)?;
    inputs.sources.changed = changed;
    inputs.sources.compared_with = ComparedWith::Commit {
        name: "the commit before, from GitHub".to_owned(),
        id: before.clone(),
    };
    inputs.notes = vec![format!("compared with {}", inputs.sources.compared_with)];
    Ok(())
}

/// What stands at a path: a file's content, a link (which is never followed), or nothing.
fn blob(listed: Option<&Listed>) -> Option<&str> {
    match listed? {
        Listed::File { id, .. } => Some(id.as_str()),
        Listed::Symlink => Some("link"),
    }
}

fn typed<'a>(job: &Job<'a>, base: BaseChoice) -> Typed<'a> {
    Typed {
        paths: &[],
        base,
        read: &job.args.read,
        policy: &job.args.policy,
        platform: &job.args.platform,
    }
}
