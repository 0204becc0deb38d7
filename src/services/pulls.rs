//! Which pull requests a deployment belongs to: one push may hold several (a merge queue, runs that were cancelled).

use std::collections::BTreeSet;

use flowgate_core::ids::CommitSha;

use crate::change::Job;
use crate::deploy::{Moved, Reviewed, Shown};
use crate::event::Event;
use crate::github::{Client, GitHubError};
use crate::sticky::{self, Seen};

/// So many commits are asked about in one call, and so many calls are made.
const BATCH: usize = 100;
const BATCHES: usize = 3;

/// Of more pull requests than this nobody is asked, and nothing is told on them.
const MOST_LOOKED_AT: usize = 50;

/// The pull requests that were merged, and what could not be found out.
#[derive(Debug, Default)]
pub(crate) struct Pulls {
    /// In order of their numbers.
    pub(crate) numbers: Vec<u64>,
    /// For the log: one sentence each.
    pub(crate) notes: Vec<String>,
}

/// Finds the pull requests that this run deploys; `known` is the one that the gate found.
pub(crate) async fn find(
    job: &Job<'_>,
    github: &Client,
    known: Option<u64>,
    branch: &str,
) -> Pulls {
    let mut pulls = Pulls::default();
    pulls.numbers.extend(known);
    if let Event::Push(push) = job.event
        && let (Some(before), Some(after)) = (&push.before, &push.after)
    {
        match between(github, before, after, branch).await {
            Ok(more) => pulls.numbers.extend(more),
            Err(error) => pulls.notes.push(format!(
                "which other pull requests the push holds is not known: {}",
                error.told()
            )),
        }
    }
    pulls.numbers.sort_unstable();
    pulls.numbers.dedup();
    if pulls.numbers.len() > MOST_LOOKED_AT {
        let rest: Vec<String> = pulls
            .numbers
            .drain(MOST_LOOKED_AT..)
            .map(|number| format!("#{number}"))
            .collect();
        pulls.notes.push(format!(
            "these pull requests of the push are not told: {}",
            rest.join(", ")
        ));
    }
    pulls
}

async fn between(
    github: &Client,
    before: &CommitSha,
    after: &CommitSha,
    branch: &str,
) -> Result<Vec<u64>, GitHubError> {
    let between = github.comparison(before, after).await?.commits;
    let commits: Vec<CommitSha> = between.into_iter().map(|commit| commit.id).collect();
    // One commit is the merge that the gate has found already.
    if commits.len() < 2 {
        return Ok(Vec::new());
    }
    let mut numbers = Vec::new();
    for commits in commits.chunks(BATCH).take(BATCHES) {
        let pulls = github.pull_requests_of_each(commits).await?;
        numbers.extend(
            pulls
                .into_values()
                .flatten()
                .filter(|pull| pull.merged && pull.base_ref == branch)
                .filter(|pull| {
                    let merge = pull.merge_commit.as_ref();
                    merge.is_some_and(|merge| commits.contains(merge))
                })
                .map(|pull| pull.number),
        );
    }
    Ok(numbers)
}

/// Who approved the pull requests, by name; what could not be found out is a note.
pub(crate) async fn reviewers(github: &Client, pulls: &mut Pulls) -> Vec<String> {
    let mut names = BTreeSet::new();
    for &number in &pulls.numbers {
        match github.reviews(number).await {
            Ok(reviews) => names.extend(
                reviews
                    .into_iter()
                    .filter(|review| review.approves)
                    .filter_map(|review| review.author)
                    .map(|author| author.login),
            ),
            Err(error) => {
                let why = error.told();
                pulls
                    .notes
                    .push(format!("who approved #{number} is not in the audit: {why}"));
            }
        }
    }
    names.into_iter().collect()
}

/// What the comments of the pull requests showed. Where two of them show a flow, the later one's word counts. `upon` says
/// which commit of the branch a pull request was merged upon.
pub(crate) async fn reviewed(
    github: &Client,
    pulls: &mut Pulls,
    target: &str,
    (branch, upon): (&str, impl Fn(u64) -> Option<CommitSha>),
) -> Reviewed {
    let mut reviewed = Reviewed::default();
    for &number in &pulls.numbers {
        let before = upon(number);
        let moved = |base: Option<CommitSha>| match (base, &before) {
            (Some(base), Some(before)) if base == *before => Moved::Not,
            (Some(base), Some(before)) => Moved::On(format!(
                "`{branch}` moved on from {} to {} between check and merge",
                base.short(),
                before.short()
            )),
            _ => Moved::Unknown,
        };
        match sticky::reviewed(github, number, target).await {
            Ok(said) => {
                if let Moved::On(how) = moved(said.base) {
                    reviewed.moved.push(how);
                }
                let shown = said.flows.into_iter().map(|(flow, seen)| {
                    let Seen { digest, base } = seen;
                    let moved = moved(base);
                    (flow, Shown { digest, moved })
                });
                reviewed.shown.extend(shown);
            }
            Err(error) => pulls.notes.push(format!(
                "what the comment on #{number} showed is not known: {error}"
            )),
        }
    }
    reviewed.moved.dedup();
    reviewed
}
