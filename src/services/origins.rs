//! How what a run would publish came to the branch: nothing that was pushed past the pull requests goes live unasked.

use std::collections::{BTreeMap, BTreeSet};

use flowgate_core::ids::{CommitSha, FlowId, RepoPath};
use flowgate_core::order::Arrival;
use flowgate_core::plan::Touch;
use flowgate_core::review::FlowReview;

use crate::change::{Merges, is_merged_into};
use crate::gate::DirectPush;
use crate::github::{Client, FileHistory, GitHubError, Relation};

/// So many files are asked about in one call.
const BATCH: usize = 100;

/// What is asked about.
pub(crate) struct Origins<'a> {
    pub(crate) github: &'a Client,
    /// The branch that is deployed from, without `refs/heads/`.
    pub(crate) branch: &'a str,
    /// GitHub's number of the repository.
    pub(crate) repository: Option<u64>,
    /// The commit whose files are published.
    pub(crate) head: &'a CommitSha,
    /// What becomes of what was pushed without a pull request.
    pub(crate) direct_push: DirectPush,
}

/// How the changes of a flow came that is published although the change does not touch it.
pub(crate) struct Came {
    pub(crate) arrival: Arrival,
    /// The last merge that changed its file: the pull request, and the commit that it made, where GitHub says.
    pub(crate) merge: Option<(u64, CommitSha)>,
}

impl From<Arrival> for Came {
    fn from(arrival: Arrival) -> Self {
        Self {
            arrival,
            merge: None,
        }
    }
}

impl Origins<'_> {
    /// How the changes came that the push itself brings; `pull_request` is the one that the gate found for its last commit.
    pub(crate) fn of_push<'r>(
        &self,
        written: &[&'r FlowReview],
        merges: &Merges,
        pull_request: Option<u64>,
    ) -> BTreeMap<&'r FlowId, Arrival> {
        let touched = written.iter().filter(|flow| flow.touch == Touch::Touched);
        let arrival = |flow: &FlowReview| match merges {
            Merges::One => Some(match pull_request {
                Some(pull_request) => Arrival::Merged { pull_request },
                // The gate lets such a push pass only where that is wanted.
                None => Arrival::PushAllowed,
            }),
            Merges::Several(_) => match merges.last_of(&flow.path) {
                Some(merge) => Some(self.allowed(merge.arrival())),
                None => Some(Arrival::Unknown {
                    why: "none of the commits of the push changed its file".to_owned(),
                }),
            },
            Merges::Unknown(why) => Some(self.allowed(Arrival::Unknown { why: why.clone() })),
        };
        touched
            .filter_map(|flow| Some((flow.flow_id.as_ref()?, arrival(flow)?)))
            .collect()
    }

    /// How the changes came of flows that are published although the change does not touch them: every commit that changed
    /// their files since what is on record counts.
    pub(crate) async fn of_untouched<'r>(
        &self,
        written: &[&'r FlowReview],
    ) -> BTreeMap<&'r FlowId, Came> {
        let untouched: Vec<(&FlowId, &FlowReview)> = written
            .iter()
            .filter(|flow| flow.touch == Touch::Untouched)
            .filter_map(|flow| Some((flow.flow_id.as_ref()?, *flow)))
            .collect();
        if untouched.is_empty() {
            return BTreeMap::new();
        }
        let paths: Vec<RepoPath> = untouched
            .iter()
            .map(|(_, flow)| flow.path.clone())
            .collect();
        let histories = self.histories(&paths).await;
        let mut since = BTreeMap::new();
        let mut arrivals = BTreeMap::new();
        for (id, flow) in untouched {
            let came = match &histories {
                Ok(histories) => {
                    self.of_one(flow, histories.get(&flow.path), &mut since)
                        .await
                }
                Err(error) => Some(unknown(error.to_string()).into()),
            };
            let allowed = |came: Came| Came {
                arrival: self.allowed(came.arrival),
                ..came
            };
            arrivals.extend(came.map(|came| (id, allowed(came))));
        }
        arrivals
    }

    /// What did not come by a pull request, as the settings have it.
    fn allowed(&self, arrival: Arrival) -> Arrival {
        match (&arrival, self.direct_push) {
            (Arrival::Merged { .. }, _) | (_, DirectPush::Refuse) => arrival,
            (_, DirectPush::Deploy) => Arrival::PushAllowed,
        }
    }

    async fn histories(
        &self,
        paths: &[RepoPath],
    ) -> Result<BTreeMap<RepoPath, FileHistory>, GitHubError> {
        let mut all = BTreeMap::new();
        for paths in paths.chunks(BATCH) {
            all.extend(self.github.file_histories(self.head, paths).await?);
        }
        Ok(all)
    }

    /// `since` keeps what was found out of each commit on record.
    async fn of_one(
        &self,
        flow: &FlowReview,
        history: Option<&FileHistory>,
        since: &mut BTreeMap<CommitSha, Result<BTreeSet<CommitSha>, String>>,
    ) -> Option<Came> {
        let unknown = |why: String| Some(Came::from(unknown(why)));
        let recorded = flow
            .said
            .as_ref()
            .and_then(|said| said.recorded_commit.as_ref());
        let Some(recorded) = recorded else {
            return unknown("the record of what is live names no commit".to_owned());
        };
        let Some(history) = history else {
            return unknown("GitHub does not say which commits changed its file".to_owned());
        };
        if !since.contains_key(recorded) {
            let found = self.commits_since(recorded).await;
            since.insert(recorded.clone(), found);
        }
        let newer = match since.get(recorded)? {
            Ok(newer) => newer,
            Err(why) => return unknown(why.clone()),
        };
        let mut last = None;
        for commit in history
            .commits
            .iter()
            .filter(|commit| newer.contains(&commit.id))
        {
            let merged = commit
                .pulls
                .iter()
                .find(|pull| is_merged_into(pull, self.branch, self.repository));
            let Some(pull) = merged else {
                let pushed = Arrival::Pushed {
                    commit: commit.id.clone(),
                    author: commit.author.clone(),
                };
                return Some(pushed.into());
            };
            last = last.or(Some(pull));
        }
        let reaches_back = history.is_whole
            || history
                .commits
                .iter()
                .any(|commit| !newer.contains(&commit.id));
        if !reaches_back {
            return unknown(
                "more commits changed its file than GitHub tells of at once".to_owned(),
            );
        }
        last.map(|pull| Came {
            arrival: Arrival::Merged {
                pull_request: pull.number,
            },
            merge: pull
                .merge_commit
                .clone()
                .map(|commit| (pull.number, commit)),
        })
    }

    /// The commits that the branch has and the commit on record has not.
    async fn commits_since(&self, recorded: &CommitSha) -> Result<BTreeSet<CommitSha>, String> {
        if recorded == self.head {
            return Ok(BTreeSet::new());
        }
        let said = self.github.comparison(recorded, self.head).await;
        let said = said.map_err(|error| error.to_string())?;
        if !matches!(said.relation, Relation::Ahead | Relation::Identical) {
            // How the two stand to each other is told by their order.
            return Ok(BTreeSet::new());
        }
        if !said.is_whole {
            return Err(
                "there are more commits since then than GitHub tells of at once".to_owned(),
            );
        }
        Ok(said.commits.into_iter().map(|commit| commit.id).collect())
    }
}

fn unknown(why: impl Into<String>) -> Arrival {
    Arrival::Unknown { why: why.into() }
}
