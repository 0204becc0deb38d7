//! Which merged pull request a pushed commit belongs to: what the gate asks GitHub.

use flowgate_core::ids::CommitSha;

use super::GitHubError;
use super::client::Client;
use crate::gate::Lookup;

/// Looks for the pull request whose merge into `branch` of `repository` made this commit. GitHub learns of a merge a
/// moment after the push, so "none" is asked again for half a minute before it counts.
pub async fn lookup(
    github: &Client,
    commit: &CommitSha,
    branch: &str,
    repository: Option<u64>,
) -> Lookup {
    let mut waits = github.settle();
    loop {
        match merged_as(github, commit, branch, repository).await {
            Ok(Some(number)) => return Lookup::Found(number),
            Ok(None) => match waits.next() {
                Some(wait) => github.sleep(wait).await,
                None => return Lookup::NotFound,
            },
            Err(error) => return Lookup::Failed(error.told()),
        }
    }
}

/// The same, asked once: for a run whose right to write does not hang on it.
pub async fn merged_as(
    github: &Client,
    commit: &CommitSha,
    branch: &str,
    repository: Option<u64>,
) -> Result<Option<u64>, GitHubError> {
    // The list also has open pull requests that contain the commit, and merges into other branches.
    let pulls = github.pull_requests_of(commit).await?;
    Ok(pulls
        .into_iter()
        .find(|pull| {
            pull.merged
                && pull.merge_commit.as_ref() == Some(commit)
                && pull.base_ref == branch
                && (repository.is_none() || pull.base_repository == repository)
        })
        .map(|pull| pull.number))
}
