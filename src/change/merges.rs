//! By which merges the commits of a push came: each with its pull request, the files that it changed, and the commit that
//! it was merged into, whose settings it was checked under.

use std::collections::{BTreeMap, BTreeSet};

use flowgate_core::ids::{CommitSha, RepoPath};
use flowgate_core::order::Arrival;

use crate::github::{Client, ComparedCommit, PullRequest, Relation};
use crate::source::{Change, Differences, History, HistoryError};

/// So many commits are asked about in one call.
const BATCH: usize = 100;

/// Commits of a push that came together: by one pull request, or one by one without any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Merge {
    /// The merged pull request that brought them; `None` for a commit that was pushed directly.
    pub(crate) pull_request: Option<u64>,
    /// The last of them.
    pub(crate) commit: CommitSha,
    /// Who made that one, where GitHub tells.
    pub(crate) author: Option<String>,
    /// The commit that they were put upon.
    pub(crate) before: CommitSha,
    /// The flow files that they changed.
    pub(crate) changed: BTreeSet<RepoPath>,
    /// Whether they changed files that say what a change may do.
    pub(crate) changes_settings: bool,
}

impl Merge {
    /// How the changes of its files came to the branch.
    pub(crate) fn arrival(&self) -> Arrival {
        match self.pull_request {
            Some(pull_request) => Arrival::Merged { pull_request },
            None => Arrival::Pushed {
                commit: self.commit.clone(),
                author: self.author.clone(),
            },
        }
    }
}

/// The merges of a push, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Merges {
    /// The push is one merge, or one commit: which pull request brought it, the gate asks.
    One,
    /// These.
    Several(Vec<Merge>),
    /// They could not be told apart: why, for people.
    Unknown(String),
}

impl Merges {
    /// The commit that a pull request was merged upon, where this is one of several merges.
    pub(crate) fn upon(&self, pull_request: u64) -> Option<&CommitSha> {
        let Merges::Several(merges) = self else {
            return None;
        };
        let mut its = merges
            .iter()
            .filter(|merge| merge.pull_request == Some(pull_request));
        its.next().map(|merge| &merge.before)
    }

    /// The last one that changed a file; `None` where none of several did.
    pub(crate) fn last_of(&self, path: &RepoPath) -> Option<&Merge> {
        match self {
            Merges::Several(merges) => merges
                .iter()
                .rev()
                .find(|merge| merge.changed.contains(path)),
            Merges::One | Merges::Unknown(_) => None,
        }
    }
}

impl Merge {
    /// Finds the flow files that the merge changed; `look` says which files are flow files.
    pub(super) async fn find_changed(
        &mut self,
        history: &mut History<'_>,
        look: &Change<'_>,
    ) -> Result<(), HistoryError> {
        let differences = between(history, look, &self.before, &self.commit).await?;
        self.changed.clone_from(differences.changed());
        Ok(())
    }
}

async fn between(
    history: &mut History<'_>,
    look: &Change<'_>,
    before: &CommitSha,
    after: &CommitSha,
) -> Result<Differences, HistoryError> {
    let change = Change {
        head: after,
        base: Some(("", before)),
        left_at: None,
        allow_empty: true,
        ..look.clone()
    };
    history.compare(&change).await
}

/// Whether GitHub says that a pull request was merged into this branch of this repository.
pub(crate) fn is_merged_into(pull: &PullRequest, branch: &str, repository: Option<u64>) -> bool {
    pull.merged
        && pull.base_ref == branch
        && (repository.is_none() || pull.base_repository == repository)
}

/// A push whose merges are to be told apart.
pub(super) struct Pushed<'a> {
    pub(super) before: &'a CommitSha,
    pub(super) head: &'a CommitSha,
    /// The branch that was pushed to, without `refs/heads/`.
    pub(super) branch: &'a str,
    /// GitHub's number of the repository.
    pub(super) repository: Option<u64>,
    /// What to look at between two commits; its own two are left aside.
    pub(super) look: Change<'a>,
}

impl Pushed<'_> {
    /// Tells the merges of the push apart.
    pub(super) async fn merges(
        &self,
        history: &mut History<'_>,
        github: Option<&Client>,
    ) -> Result<Merges, HistoryError> {
        let parents = history.parents(self.head).await?;
        if parents.first() == Some(self.before) || self.before == self.head {
            return Ok(Merges::One);
        }
        let Some(github) = github else {
            return Ok(Merges::Unknown(
                "there is no token to ask GitHub with".to_owned(),
            ));
        };
        let line = match self.line(github).await {
            Ok(line) => line,
            Err(why) => return Ok(Merges::Unknown(why)),
        };
        let pulls = match self.pull_requests(github, &line).await {
            Ok(pulls) => pulls,
            Err(why) => return Ok(Merges::Unknown(why)),
        };
        let mut merges: Vec<Merge> = Vec::new();
        for commit in line {
            let Some(before) = commit.parents.first() else {
                continue;
            };
            let no_flows = Change {
                flows: &[],
                ..self.look.clone()
            };
            let differences = between(history, &no_flows, before, &commit.id).await?;
            let pull_request = pulls.get(&commit.id).copied();
            let changes_settings = differences.touch_policy();
            match merges.last_mut() {
                // A rebase leaves a commit for each that was proposed.
                Some(last) if pull_request.is_some() && last.pull_request == pull_request => {
                    last.commit = commit.id;
                    last.author = commit.author;
                    last.changes_settings |= changes_settings;
                }
                _ => merges.push(Merge {
                    pull_request,
                    before: before.clone(),
                    commit: commit.id,
                    author: commit.author,
                    changed: BTreeSet::new(),
                    changes_settings,
                }),
            }
        }
        Ok(Merges::Several(merges))
    }

    /// The commits that the branch itself went through, the oldest first.
    async fn line(&self, github: &Client) -> Result<Vec<ComparedCommit>, String> {
        let said = github.comparison(self.before, self.head).await;
        let said = said.map_err(|error| error.to_string())?;
        if said.relation != Relation::Ahead {
            return Err("the commits of the push do not follow those of before".to_owned());
        }
        let mut known: BTreeMap<CommitSha, ComparedCommit> = said
            .commits
            .into_iter()
            .map(|commit| (commit.id.clone(), commit))
            .collect();
        let mut line = Vec::new();
        let mut next = self.head.clone();
        while next != *self.before {
            let Some(commit) = known.remove(&next) else {
                return Err(if said.is_whole {
                    "the branch was merged into something else, and not the other way round"
                        .to_owned()
                } else {
                    "the push holds more commits than GitHub tells of at once".to_owned()
                });
            };
            let Some(parent) = commit.parents.first().cloned() else {
                return Err("GitHub does not say what a commit was built on".to_owned());
            };
            line.push(commit);
            next = parent;
        }
        line.reverse();
        Ok(line)
    }

    /// The merged pull request that brought each of these commits.
    async fn pull_requests(
        &self,
        github: &Client,
        line: &[ComparedCommit],
    ) -> Result<BTreeMap<CommitSha, u64>, String> {
        let ids: Vec<CommitSha> = line.iter().map(|commit| commit.id.clone()).collect();
        let mut found = BTreeMap::new();
        for ids in ids.chunks(BATCH) {
            let said = github.pull_requests_of_each(ids).await;
            for (commit, pulls) in said.map_err(|error| error.to_string())? {
                let pull = pulls
                    .iter()
                    .find(|pull| is_merged_into(pull, self.branch, self.repository));
                if let Some(pull) = pull {
                    found.insert(commit, pull.number);
                }
            }
        }
        Ok(found)
    }
}
