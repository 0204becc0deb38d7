//! Commits and what stands in them: from local git where it has the objects, else from GitHub's API. The work tree is
//! never looked at, so no symbolic link and no earlier step can put other bytes in place of the commit's.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use flowgate_core::flow::Content;
use flowgate_core::ids::{CommitSha, FlowId, RepoPath};
use flowgate_core::parallel;

use super::git::{self, Repository};
use super::{
    ComparedWith, FlowGlobs, SourceError, SourceFile, Sources, Untouched, blob, bystanders,
    worktree,
};
use crate::exit::{Ends, Exit};
use crate::github::contents::{self, Listed};
use crate::github::{Extent, GitHub, GitHubError, Tree};
use crate::pipeline::workers;
use crate::settings::Environment;

/// Of the files that a change leaves as they are, GitHub is asked for so many: their identities must differ from those of
/// changed files. More than that would cost more than it tells.
const UNTOUCHED_READ: usize = 200;

/// Files that say what a change may do: a change of them says so.
pub const POLICY: [&str; 6] = [
    "flowgate.toml",
    "flowgate-accepted.toml",
    ".github/flowgate.toml",
    ".github/flowgate-accepted.toml",
    ".flowgate/",
    ".github/workflows/",
];

/// Why a commit cannot be looked at.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// It is not in the clone, and nobody else can be asked.
    #[error("could not {attempted}: commit {} is not in this clone, and there is no token to ask GitHub with", commit.short())]
    NotHere {
        /// What it was needed for.
        attempted: &'static str,
        /// Which one.
        commit: CommitSha,
    },
    /// GitHub was asked and failed.
    #[error("could not {attempted}")]
    GitHub {
        /// What it was asked for.
        attempted: &'static str,
        /// What it said.
        source: GitHubError,
    },
    /// The files cannot be found.
    #[error(transparent)]
    Source(#[from] SourceError),
}

impl Ends for HistoryError {
    fn exit(&self) -> Exit {
        match self {
            HistoryError::NotHere { .. } | HistoryError::GitHub { .. } => Exit::Failed,
            HistoryError::Source(error) => error.exit(),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            HistoryError::NotHere { .. } => Some(
                "give the checkout step `fetch-depth: 0`, or the job `permissions: contents: read` and `GITHUB_TOKEN`"
                    .to_owned(),
            ),
            HistoryError::GitHub { source, .. } => Some(match source.missing_permission() {
                Some(permission) => format!("give the job `permissions: {permission}`"),
                None => "run the job again; `fetch-depth: 0` for the checkout step does without GitHub here".to_owned(),
            }),
            HistoryError::Source(error) => error.hint(),
        }
    }
}

/// The commits of a repository.
pub struct History<'a, G> {
    git: Option<Repository<'a>>,
    github: Option<&'a G>,
    /// What GitHub said that commits hold: nobody is asked twice.
    roots: BTreeMap<CommitSha, Tree>,
    notes: Vec<String>,
}

/// What to look at between two commits.
#[derive(Debug, Clone)]
pub struct Change<'a> {
    /// The side after.
    pub head: &'a CommitSha,
    /// The side before, with its name for people; `None` where every flow is new.
    pub base: Option<(&'a str, &'a CommitSha)>,
    /// Files that say what a change may do, besides [`POLICY`].
    pub policy: &'a [RepoPath],
    /// Globs of the flow files.
    pub flows: &'a [String],
    /// A larger file is not read.
    pub limit: u64,
    /// Whether it is fine that nothing matches.
    pub allow_empty: bool,
    /// What is read of the files that the change leaves as they are.
    pub untouched: Untouched,
}

/// What stands between two commits.
#[derive(Debug)]
pub struct Between {
    /// The flow files.
    pub sources: Sources,
    /// Changed files that say what a change may do, see [`POLICY`].
    pub policy: Vec<RepoPath>,
}

impl<'a, G: GitHub> History<'a, G> {
    /// The history that a clone at `root` and GitHub know together. Where git cannot be run, GitHub serves alone.
    pub fn open(
        root: Option<&'a Path>,
        environment: &'a Environment,
        github: Option<&'a G>,
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
        self.read(&found, limit).await
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
        self.read(&found, limit).await
    }

    /// The flow files before and after a change, and whether it touches what says what it may do.
    pub async fn between(&mut self, change: &Change<'_>) -> Result<Between, HistoryError> {
        let globs = FlowGlobs::new(change.flows)?;
        let is_policy = |path: &str| {
            POLICY
                .iter()
                .any(|place| path == *place || place.ends_with('/') && path.starts_with(place))
                || change.policy.iter().any(|place| path == place.as_str())
        };
        let holds = |folder: &str| {
            let below = format!("{folder}/");
            let has_policy = |place: &str| {
                place.starts_with(&below) || place.ends_with('/') && below.starts_with(place)
            };
            let mut asked = change.policy.iter().map(RepoPath::as_str);
            globs.may_hold(folder)
                || POLICY.iter().any(|place| has_policy(place))
                || asked.any(has_policy)
        };
        let wants = |path: &str| globs.matches(path) || is_policy(path);
        let head = self.list(change.head, holds, wants, Depth::All).await?;
        let base = match change.base {
            Some((_, base)) => self.list(base, holds, wants, Depth::All).await?,
            None => BTreeMap::new(),
        };
        let differs =
            |path: &RepoPath| head.get(path).map(identity) != base.get(path).map(identity);
        let all: BTreeSet<&RepoPath> = head.keys().chain(base.keys()).collect();
        let different: BTreeSet<RepoPath> = all
            .into_iter()
            .filter(|path| differs(path))
            .cloned()
            .collect();
        let (policy, changed): (Vec<RepoPath>, Vec<RepoPath>) = different
            .into_iter()
            .partition(|path| is_policy(path.as_str()));
        let changed: BTreeSet<RepoPath> = changed.into_iter().collect();
        let mut head: BTreeMap<RepoPath, Listed> = head
            .into_iter()
            .filter(|(path, _)| globs.matches(path.as_str()))
            .collect();
        let before: BTreeMap<RepoPath, Listed> = base
            .into_iter()
            .filter(|(path, _)| changed.contains(path))
            .collect();
        if head.is_empty() && before.is_empty() && !change.allow_empty {
            return Err(SourceError::NoMatch {
                globs: change.flows.to_vec(),
                nearest: Vec::new(),
            }
            .into());
        }
        let untouched = head.keys().filter(|path| !changed.contains(*path)).count();
        let mut unread = 0;
        // Where nothing is changed, somebody asks about all of them.
        if self.git.is_none() && untouched > UNTOUCHED_READ && !changed.is_empty() {
            unread = untouched;
            head.retain(|path, _| changed.contains(path));
            self.notes.push(format!(
                "{untouched} flow files that this change does not touch were not read: that none of them has the same `flowId` as a changed one was not checked"
            ));
        }
        let mut bystanders = BTreeMap::new();
        if change.untouched.identifies(head.len()) {
            bystanders = self.bystanders(&head, &changed, change.limit);
        }
        let (aside, head): (BTreeMap<_, _>, BTreeMap<_, _>) = head
            .into_iter()
            .partition(|(path, _)| bystanders.contains_key(path));
        let both: BTreeMap<(bool, RepoPath), Listed> = head
            .into_iter()
            .map(|(path, listed)| ((true, path), listed))
            .chain(
                before
                    .into_iter()
                    .map(|(path, listed)| ((false, path), listed)),
            )
            .collect();
        let (mut files, mut old) = (Vec::new(), BTreeMap::new());
        for ((is_head, path), content) in self.read(&both, change.limit).await? {
            if is_head {
                files.push(SourceFile { path, content });
            } else {
                old.insert(path, content);
            }
        }
        let read = files.iter().map(|file| (&file.path, &file.content));
        let claimed = bystanders::take_claimed(&mut bystanders, read.chain(&old));
        let claimed = claimed
            .into_iter()
            .filter_map(|path| aside.get_key_value(&path));
        let claimed = claimed
            .map(|(path, listed)| (path.clone(), listed.clone()))
            .collect();
        for (path, content) in self.read(&claimed, change.limit).await? {
            files.push(SourceFile { path, content });
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let sources = Sources {
            head: files,
            bystanders,
            base: old,
            changed,
            asked: BTreeSet::new(),
            unread,
            compared_with: change.base.map_or_else(
                || ComparedWith::Nothing {
                    why: "there is no commit before this one".to_owned(),
                },
                |(name, id)| ComparedWith::Commit {
                    name: name.to_owned(),
                    id: id.clone(),
                },
            ),
            commit: Some(change.head.clone()),
            notes: std::mem::take(&mut self.notes),
        };
        Ok(Between { sources, policy })
    }

    /// Untouched files whose bytes stand in the work tree, which saves asking git for them. That they are the commit's own
    /// bytes, whatever stands on the way to them, is proved by their id.
    fn bystanders(
        &self,
        head: &BTreeMap<RepoPath, Listed>,
        changed: &BTreeSet<RepoPath>,
        limit: u64,
    ) -> BTreeMap<RepoPath, FlowId> {
        let Some(git) = &self.git else {
            return BTreeMap::new();
        };
        let untouched: Vec<(&RepoPath, &Listed)> = head
            .iter()
            .filter(|(path, _)| !changed.contains(*path))
            .collect();
        let look = |(path, listed): (&RepoPath, &Listed)| {
            let Listed::File { id, .. } = listed else {
                return None;
            };
            let content = worktree::read(git.root, path, limit);
            let is_the_commits =
                matches!(&content, Content::Bytes(bytes) if blob::has_id(bytes, id.as_str()));
            let id = is_the_commits.then(|| bystanders::candidate(path, &content))?;
            Some((path.clone(), id?))
        };
        let found = parallel::map(workers(), untouched, look);
        found.into_iter().flatten().collect()
    }

    fn github(&self, attempted: &'static str, commit: &CommitSha) -> Result<&'a G, HistoryError> {
        self.github.ok_or_else(|| HistoryError::NotHere {
            attempted,
            commit: commit.clone(),
        })
    }

    /// The files of a commit that are wanted.
    async fn list(
        &mut self,
        commit: &CommitSha,
        holds: impl Fn(&str) -> bool + Copy,
        wants: impl Fn(&str) -> bool + Copy,
        depth: Depth<'_>,
    ) -> Result<BTreeMap<RepoPath, Listed>, HistoryError> {
        // A tree that is not here is no reason to do without git for the rest.
        let here = match &mut self.git {
            Some(git) => git.files(commit, holds, wants).ok(),
            None => None,
        };
        if let Some(files) = here {
            return Ok(files
                .into_iter()
                .filter_map(|(path, entry)| Some((path, listed(entry)?)))
                .collect());
        }
        let attempted = "list the files of a commit";
        let github = self.github(attempted, commit)?;
        let found = async {
            let root = match self.roots.entry(commit.clone()) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(free) => free.insert(contents::root(github, commit).await?),
            };
            // Too much for one answer: the folders on the way are less.
            if let (Depth::Named(paths), Extent::Truncated) = (depth, root.extent) {
                return contents::find(github, commit, paths).await;
            }
            let wants = |path: &RepoPath| wants(path.as_str());
            contents::list_from(github, commit, root, holds, wants).await
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
            .all(|listed| matches!(listed, Listed::Symlink))
        {
            found.extend(missing.into_keys().map(|key| (key, Content::Symlink)));
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

/// How GitHub is asked for a list.
#[derive(Clone, Copy)]
enum Depth<'p> {
    /// Whole trees at once.
    All,
    /// The folders on the way to these files.
    Named(&'p [RepoPath]),
}

/// What makes a file the same: its bytes' id. (A link is a link, wherever it leads.)
fn identity(listed: &Listed) -> Option<&str> {
    match listed {
        Listed::File { id, .. } => Some(id.as_str()),
        Listed::Symlink => None,
    }
}

fn listed(entry: git::Entry) -> Option<Listed> {
    Some(match entry {
        git::Entry::Blob(id) => Listed::File {
            id: id.parse::<CommitSha>().ok()?.into(),
            size: None,
        },
        git::Entry::Symlink => Listed::Symlink,
    })
}
