//! How what a run would publish came to the branch: nothing that was pushed past the pull requests goes live unasked.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use flowgate_core::flow::{Content, native};
use flowgate_core::ids::{CommitSha, FlowId, RepoPath};
use flowgate_core::order::Arrival;
use flowgate_core::plan::Touch;
use flowgate_core::review::FlowReview;

use super::recorded::Reading;
use crate::change::{Merges, is_merged_into};
use crate::gate::DirectPush;
use crate::github::{Client, FileCommit, FileHistory, GitHubError, Relation};
use crate::source::History;

/// So many files are asked about in one call.
const BATCH: usize = 100;

/// Of each flow so many commits that changed its file are looked at.
const MOST_LOOKED_AT: usize = 100;

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
        git: &mut History<'_>,
        reading: &Reading<'_>,
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
                    let mut walk = Walk {
                        flow_id: id,
                        path: flow.path.clone(),
                        git: &mut *git,
                        reading,
                        left: MOST_LOOKED_AT,
                    };
                    let file = histories.get(&flow.path);
                    self.of_one(flow, file, &mut walk, &mut since).await
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
        walk: &mut Walk<'_, '_>,
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
        let untold = "GitHub does not say which commits changed its file";
        let Some(history) = history else {
            return unknown(untold.to_owned());
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
        let mut history = Cow::Borrowed(history);
        'places: loop {
            let is_newer = |commit: &&FileCommit| newer.contains(&commit.id);
            for commit in history.commits.iter().filter(is_newer) {
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
                last = last.or_else(|| Some(pull.clone()));
                match walk.before(&commit.id).await {
                    Ok(Before::Here) => {}
                    Ok(Before::Nowhere) => break 'places,
                    Ok(Before::At { path, parent }) => {
                        let paths = std::slice::from_ref(&path);
                        let found = self.github.file_histories(&parent, paths).await;
                        let found = match found {
                            Ok(mut found) => found.remove(&path),
                            Err(error) => return unknown(error.to_string()),
                        };
                        let Some(found) = found else {
                            return unknown(untold.to_owned());
                        };
                        history = Cow::Owned(found);
                        walk.path = path;
                        continue 'places;
                    }
                    Err(why) => return unknown(why),
                }
            }
            if history.is_whole || !history.commits.iter().all(|commit| is_newer(&commit)) {
                break;
            }
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

/// A walk back through the commits that changed the file of a flow, wherever that stood.
struct Walk<'w, 'h> {
    flow_id: &'w FlowId,
    /// Where its file stands, as far back as the walk has come.
    path: RepoPath,
    git: &'w mut History<'h>,
    reading: &'w Reading<'w>,
    /// So many commits more are looked at.
    left: usize,
}

/// Where the file of a flow stood before a commit.
enum Before {
    /// In the same place.
    Here,
    /// In another one, as of this parent of the commit.
    At { path: RepoPath, parent: CommitSha },
    /// It was not there.
    Nowhere,
}

impl Walk<'_, '_> {
    /// Where the file stood before a commit that changed what stands in its place now; else why that is not known.
    async fn before(&mut self, commit: &CommitSha) -> Result<Before, String> {
        self.left = self
            .left
            .checked_sub(1)
            .ok_or_else(|| format!("more than {MOST_LOOKED_AT} commits changed its file"))?;
        let Reading { flows, limit, .. } = *self.reading;
        let parents = self.git.parents(commit).await;
        let parents = parents.map_err(|error| error.to_string())?;
        let Some(parent) = parents.into_iter().next() else {
            return Ok(Before::Nowhere);
        };
        let here = std::slice::from_ref(&self.path);
        let files = self.git.files(&parent, here, limit).await;
        if self
            .find(files.map_err(|error| error.to_string())?)
            .is_some()
        {
            return Ok(Before::Here);
        }
        let files = self.git.flow_files(&parent, flows, limit).await;
        let found = self.find(files.map_err(|error| error.to_string())?);
        Ok(found.map_or(Before::Nowhere, |path| Before::At { path, parent }))
    }

    /// Which of these files holds the flow.
    fn find(&self, files: BTreeMap<RepoPath, Content>) -> Option<RepoPath> {
        files.into_iter().find_map(|(path, content)| {
            let flow = native::read(path.clone(), content).flow?;
            (flow.id() == Some(self.flow_id)).then_some(path)
        })
    }
}

fn unknown(why: impl Into<String>) -> Arrival {
    Arrival::Unknown { why: why.into() }
}
