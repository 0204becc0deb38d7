//! Commits and what stands in them: from local git where it has the objects, else from GitHub's API. Of the work
//! tree only bytes are taken that git's own id proves, so no symbolic link and no earlier step can put others in place of
//! the commit's.

mod between;
mod error;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::Path;

use flowgate_core::flow::Content;
use flowgate_core::ids::{CommitSha, RepoPath};

use super::aside::has_large_ending;
use super::git::{self, Repository};
use super::{FlowGlobs, SourceError};
use crate::github::contents::{self, Listed};
use crate::github::{self, Client, Extent, GitHubError};
use crate::settings::Environment;

pub use between::{Between, Change, Differences, POLICY};
pub use error::HistoryError;

/// The commits of a repository.
pub struct History<'a> {
    git: Option<Repository<'a>>,
    github: Option<&'a Client>,
    /// What GitHub said that commits hold: nobody is asked twice.
    roots: BTreeMap<CommitSha, github::Tree>,
    notes: Vec<String>,
}

impl<'a> History<'a> {
    /// The history that a clone at `root` and GitHub know together. Where git cannot be run, GitHub serves alone.
    pub fn open(
        root: Option<&'a Path>,
        environment: &'a Environment,
        github: Option<&'a Client>,
    ) -> Self {
        let mut notes = Vec::new();
        let git = root.filter(|root| root.join(".git").symlink_metadata().is_ok());
        let git = git.and_then(|root| match Repository::open(root, environment) {
            Ok(git) => Some(git),
            Err(error) => {
                notes.push(format!("{error}: GitHub is asked instead"));
                None
            }
        });
        Self {
            git,
            github,
            roots: BTreeMap::new(),
            notes,
        }
    }

    /// What `ask` finds in the clone. Where git fails it is not asked again: GitHub serves.
    fn local<T>(
        &mut self,
        ask: impl FnOnce(&mut Repository<'a>) -> Result<Option<T>, SourceError>,
    ) -> Option<T> {
        match ask(self.git.as_mut()?) {
            Ok(found) => found,
            Err(error) => {
                tracing::info!(%error, "asking GitHub instead of git");
                self.git = None;
                None
            }
        }
    }

    /// The commit that is checked out, read from git.
    pub fn head(&mut self) -> Option<CommitSha> {
        self.local(|git| git.commit("HEAD"))
    }

    /// The parents of a commit, the first one first.
    pub async fn parents(&mut self, commit: &CommitSha) -> Result<Vec<CommitSha>, HistoryError> {
        if let Some(parents) = self.local(|git| git.parents(commit)) {
            return Ok(parents);
        }
        let attempted = "find what a commit was built on";
        let github = self.github(attempted, commit)?;
        let found = github.commit(commit).await;
        let found = found.map_err(|source| HistoryError::GitHub { attempted, source })?;
        Ok(found.parents)
    }

    /// Where two commits parted; `None` where they have nothing in common.
    pub async fn merge_base(
        &mut self,
        one: &CommitSha,
        two: &CommitSha,
    ) -> Result<Option<CommitSha>, HistoryError> {
        if let Some(base) = self.local(|git| git.merge_base(one, two)) {
            return Ok(Some(base));
        }
        let attempted = "find where the pull request left its base branch";
        let github = self.github(attempted, one)?;
        let base = github.merge_base(one, two).await;
        base.map_err(|source| HistoryError::GitHub { attempted, source })
    }

    /// The commit that the clone knows under a name.
    pub fn local_commit(&mut self, name: &str) -> Option<CommitSha> {
        self.local(|git| git.commit(name))
    }

    /// The commit that a person named.
    pub fn named(&mut self, revision: &str) -> Option<CommitSha> {
        let local = self.local(|git| git.commit(revision));
        local.or_else(|| revision.parse().ok())
    }

    /// Those of these files that a commit has.
    pub async fn files(
        &mut self,
        commit: &CommitSha,
        paths: &[RepoPath],
        limit: u64,
    ) -> Result<BTreeMap<RepoPath, Content>, HistoryError> {
        let holds = |folder: &str| {
            let below = format!("{folder}/");
            paths.iter().any(|path| path.as_str().starts_with(&below))
        };
        let wants = |found: &str| paths.iter().any(|path| path.as_str() == found);
        let found = self.list(commit, holds, wants, Depth::Named(paths)).await?;
        self.read(&found.files, limit).await
    }

    /// All flow files of a commit.
    pub async fn flow_files(
        &mut self,
        commit: &CommitSha,
        flows: &[String],
        limit: u64,
    ) -> Result<BTreeMap<RepoPath, Content>, HistoryError> {
        let globs = FlowGlobs::new(flows)?;
        let holds = |folder: &str| globs.may_hold(folder);
        let wants = |path: &str| globs.matches(path);
        let found = self.list(commit, holds, wants, Depth::All).await?;
        self.read(&found.files, limit).await
    }

    fn github(
        &self,
        attempted: &'static str,
        commit: &CommitSha,
    ) -> Result<&'a Client, HistoryError> {
        self.github.ok_or_else(|| HistoryError::NotHere {
            attempted,
            commit: commit.clone(),
        })
    }

    /// The files of a commit that are wanted, and what else stands where they may be.
    async fn list(
        &mut self,
        commit: &CommitSha,
        holds: impl Fn(&str) -> bool + Copy,
        wants: impl Fn(&str) -> bool + Copy,
        depth: Depth<'_>,
    ) -> Result<Tree, HistoryError> {
        // A tree that is not here is no reason to do without git for the rest.
        let here = match &mut self.git {
            Some(git) => git
                .files(commit, holds, wants)
                .inspect_err(
                    |error| tracing::info!(%error, "git cannot list the files of {commit}"),
                )
                .ok(),
            None => None,
        };
        if let Some(found) = here {
            let known = |(path, entry)| Some((path, listed(entry)?));
            return Ok(Tree {
                files: found.files.into_iter().filter_map(known).collect(),
                others: found.others.into_iter().filter_map(known).collect(),
            });
        }
        let attempted = "list the files of a commit";
        let github = self.github(attempted, commit)?;
        let found = async {
            let root = root(&mut self.roots, github, commit).await?;
            // Too much for one answer: the folders on the way are less.
            if let (Depth::Named(paths), Extent::Truncated) = (depth, root.extent) {
                return contents::find(github, commit, paths).await;
            }
            let either = |path: &RepoPath, listed: &Listed| {
                let is_file = matches!(listed, Listed::File { .. } | Listed::Nameless { .. });
                wants(path.as_str()) || !is_file || has_large_ending(path.as_str())
            };
            contents::list_from(github, commit, root, holds, either).await
        };
        let found = found.await;
        let found = found.map_err(|source| HistoryError::GitHub { attempted, source })?;
        let wanted = |(path, listed): &(RepoPath, Listed)| {
            *listed != Listed::Submodule && wants(path.as_str())
        };
        let (files, others) = found.into_iter().partition(wanted);
        Ok(Tree { files, others })
    }

    /// The files of one commit that another one has not, or otherwise, wherever they stand; `None` where there are more files
    /// than GitHub lists at once.
    async fn gone(
        &mut self,
        before: &CommitSha,
        after: &CommitSha,
    ) -> Result<Option<BTreeMap<RepoPath, Listed>>, HistoryError> {
        let here = match &mut self.git {
            Some(git) => git
                .gone(before, after)
                .inspect_err(|error| tracing::info!(%error, "git cannot compare two commits"))
                .ok(),
            None => None,
        };
        if let Some(gone) = here {
            let known = |(path, entry)| Some((path, listed(entry)?));
            return Ok(Some(gone.into_iter().filter_map(known).collect()));
        }
        let (old, new) = (self.all(before).await?, self.all(after).await?);
        let (Some(mut old), Some(new)) = (old, new) else {
            return Ok(None);
        };
        old.retain(|path, listed| new.get(path).map(Listed::id) != Some(listed.id()));
        Ok(Some(old))
    }

    /// Everything that a commit holds; `None` where that is more than GitHub lists at once.
    async fn all(
        &mut self,
        commit: &CommitSha,
    ) -> Result<Option<BTreeMap<RepoPath, Listed>>, HistoryError> {
        let attempted = "list the files of a commit";
        let github = self.github(attempted, commit)?;
        let found = async {
            let root = root(&mut self.roots, github, commit).await?;
            if root.extent == Extent::Truncated {
                return Ok(None);
            }
            let all = contents::list_from(github, commit, root, |_| true, |_, _| true).await?;
            Ok(Some(all))
        };
        let found = found.await;
        found.map_err(|source| HistoryError::GitHub { attempted, source })
    }

    /// What stands at these places: from the clone, and what it lacks from GitHub.
    async fn read<K: Ord + Clone>(
        &mut self,
        wanted: &BTreeMap<K, Listed>,
        limit: u64,
    ) -> Result<BTreeMap<K, Content>, HistoryError> {
        let mut found = BTreeMap::new();
        let (mut keys, mut ids) = (Vec::new(), Vec::new());
        for (key, listed) in wanted {
            if let Listed::File { id, .. } = listed {
                keys.push(key);
                ids.push(id.as_str());
            }
        }
        self.local(|git| {
            git.objects.each_blob(&ids, limit, |index, content| {
                if let Some(key) = keys.get(index)
                    && !matches!(content, Content::Unreadable(_))
                {
                    found.insert((*key).clone(), content);
                }
            })?;
            Ok(Some(()))
        });
        let missing: BTreeMap<K, Listed> = wanted
            .iter()
            .filter(|(key, _)| !found.contains_key(*key))
            .map(|(key, listed)| (key.clone(), listed.clone()))
            .collect();
        if missing
            .values()
            .all(|listed| !matches!(listed, Listed::File { .. }))
        {
            let known = missing
                .into_iter()
                .filter_map(|(key, listed)| Some((key, listed.content().ok()?)));
            found.extend(known);
            return Ok(found);
        }
        let Some(github) = self.github else {
            found.extend(missing.into_keys().map(|key| {
                (key, Content::Unreadable("its content is not in this clone, and there is no token to ask GitHub with".to_owned()))
            }));
            return Ok(found);
        };
        let attempted = "read the files of a commit";
        let read = contents::read(github, &missing, limit).await;
        found.extend(read.map_err(|source| HistoryError::GitHub { attempted, source })?);
        Ok(found)
    }
}

/// What a commit holds that is of interest.
struct Tree {
    /// The files that were wanted.
    files: BTreeMap<RepoPath, Listed>,
    /// What else may have to be named: links, submodules, and files whose ending is not in small letters.
    others: BTreeMap<RepoPath, Listed>,
}

/// How GitHub is asked for a list.
#[derive(Clone, Copy)]
enum Depth<'p> {
    /// Whole trees at once.
    All,
    /// The folders on the way to these files.
    Named(&'p [RepoPath]),
}

/// What GitHub lists of a commit at once, asked once a run.
async fn root<'r>(
    known: &'r mut BTreeMap<CommitSha, github::Tree>,
    github: &Client,
    commit: &CommitSha,
) -> Result<&'r github::Tree, GitHubError> {
    Ok(match known.entry(commit.clone()) {
        Entry::Occupied(known) => known.into_mut(),
        Entry::Vacant(free) => free.insert(contents::root(github, commit).await?),
    })
}

fn listed(entry: git::Entry) -> Option<Listed> {
    let id = |id: String| Some(id.parse::<CommitSha>().ok()?.into());
    Some(match entry {
        git::Entry::Blob(blob) => Listed::File {
            id: id(blob)?,
            size: None,
        },
        git::Entry::Nameless(blob) => Listed::Nameless { id: id(blob)? },
        git::Entry::Symlink => Listed::Symlink,
        git::Entry::Submodule => Listed::Submodule,
    })
}
