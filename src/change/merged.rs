//! Where the commits that a merged pull request brought begin.

use flowgate_core::ids::CommitSha;

use crate::event::PullRequest;
use crate::github::Client;
use crate::source::{History, HistoryError};

/// A pull request has no more commits than this.
const MOST: u32 = 250;

/// The commit on the base branch that the merge was put upon; `None` where there was none.
///
/// A merge has two parents, and a squash is one commit. A rebase left as many as were proposed, or fewer: all those that
/// GitHub says came with this pull request. (Of them `merge` is the last.)
pub(crate) async fn before_merge(
    pull: &PullRequest,
    merge: &CommitSha,
    history: &mut History<'_>,
    github: Option<&Client>,
) -> Result<Option<CommitSha>, HistoryError> {
    put_upon((pull.number, pull.commits), merge, history, github).await
}

/// The same of a pull request by its number, and as many commits as it has at most.
pub(crate) async fn put_upon(
    (number, commits): (u64, u32),
    merge: &CommitSha,
    history: &mut History<'_>,
    github: Option<&Client>,
) -> Result<Option<CommitSha>, HistoryError> {
    let mut parents = history.parents(merge).await?;
    for _ in 1..commits.min(MOST) {
        let ([before], Some(github)) = (parents.as_slice(), github) else {
            break;
        };
        let with = github.pull_requests_of(before).await;
        let with = with.map_err(|source| HistoryError::GitHub {
            attempted: "find the commits that the pull request brought",
            source,
        })?;
        if !with.iter().any(|with| with.number == number) {
            break;
        }
        parents = history.parents(before).await?;
    }
    Ok(parents.into_iter().next())
}
