//! The side before the change: a commit, a directory, or nothing.

use std::collections::{BTreeMap, BTreeSet};

use flowgate_core::flow::Content;
use flowgate_core::ids::{CommitSha, RepoPath};

use super::git::{Entry, Repository};
use super::selection::normal;
use super::{BaseChoice, ComparedWith, Request, Selection, SourceError, blob, worktree};

/// The side before the change, while it is compared.
pub(super) struct Base<'a> {
    files: Files<'a>,
    limit: u64,
    pub(super) compared_with: ComparedWith,
    pub(super) commit: Option<CommitSha>,
    pub(super) notes: Vec<String>,
}

enum Files<'a> {
    Commit(Repository<'a>, BTreeMap<RepoPath, Entry>),
    Directory(BTreeMap<RepoPath, Content>),
    Nothing,
}

impl<'a> Base<'a> {
    /// Starts git where it will be asked: it gets ready while the work tree is looked at.
    pub(super) fn begin(request: &'a Request<'_>) -> Result<Option<Repository<'a>>, SourceError> {
        let place = request.place;
        match &request.base {
            BaseChoice::Revision(revision) if !place.is_repository => {
                Err(SourceError::NotARepository {
                    revision: revision.clone(),
                    root: place.root.clone(),
                })
            }
            // Comparing with a directory must work without git.
            BaseChoice::Directory(_) => Ok(None),
            _ if place.is_repository => {
                let mut repository = Repository::open(&place.root, request.environment)?;
                repository.objects.ask_ahead("HEAD")?;
                Ok(Some(repository))
            }
            _ => Ok(None),
        }
    }

    /// Finds the flow files of the side before.
    pub(super) fn open(
        request: &'a Request<'_>,
        selection: &Selection,
        mut repository: Option<Repository<'a>>,
    ) -> Result<Self, SourceError> {
        let mut base = Self {
            files: Files::Nothing,
            limit: request.limit,
            compared_with: ComparedWith::Nothing {
                why: "this is not a git repository".to_owned(),
            },
            commit: None,
            notes: Vec::new(),
        };
        if let Some(repository) = &mut repository {
            base.commit = repository.commit("HEAD")?;
        }
        match (&request.base, repository) {
            (BaseChoice::Directory(directory), _) => {
                let root = normal(request.cwd, directory);
                if !root.is_dir() {
                    return Err(SourceError::NoBaseDirectory(directory.clone()));
                }
                let found = worktree::find(&root, selection)?;
                let unlisted = found.unlisted.into_iter();
                let mut files: BTreeMap<RepoPath, Content> =
                    unlisted.map(|file| (file.path, file.content)).collect();
                let there = found.files.into_iter();
                files.extend(
                    there
                        .filter(|path| worktree::exists(&root, path))
                        .map(|path| {
                            let content = worktree::read(&root, &path, request.limit);
                            (path, content)
                        }),
                );
                base.files = Files::Directory(files);
                base.compared_with = ComparedWith::Directory(directory.clone());
            }
            (choice, Some(mut repository)) => {
                base.compared_with = match choice {
                    BaseChoice::Revision(revision) => repository.named(revision)?,
                    _ => repository.default_base(base.commit.as_ref())?,
                };
                if let ComparedWith::Commit { id, .. } = &base.compared_with {
                    let files = repository.files(
                        id,
                        |folder| selection.may_hold(folder),
                        |path| selection.wants(path),
                    )?;
                    base.files = Files::Commit(repository, files);
                }
            }
            (_, None) => {}
        }
        Ok(base)
    }

    /// Its flow files.
    pub(super) fn paths(&self) -> Vec<&RepoPath> {
        match &self.files {
            Files::Commit(_, files) => files.keys().collect(),
            Files::Directory(files) => files.keys().collect(),
            Files::Nothing => Vec::new(),
        }
    }

    /// What stood there, to be compared with.
    pub(super) fn look(&self) -> Before<'_> {
        match &self.files {
            Files::Commit(_, entries) => Before::Commit(entries),
            Files::Directory(files) => Before::Directory(files),
            Files::Nothing => Before::Nothing,
        }
    }

    /// What stood at all paths but those where nothing changed.
    pub(super) fn before(
        &mut self,
        same: &BTreeSet<RepoPath>,
    ) -> Result<BTreeMap<RepoPath, Content>, SourceError> {
        let mut before = BTreeMap::new();
        match &mut self.files {
            Files::Commit(repository, files) => {
                let mut blobs: Vec<(&RepoPath, &str)> = Vec::new();
                for (path, entry) in files.iter().filter(|(path, _)| !same.contains(*path)) {
                    match entry {
                        Entry::Symlink => {
                            before.insert(path.clone(), Content::Symlink);
                        }
                        Entry::Blob(id) => blobs.push((path, id)),
                    }
                }
                let ids: Vec<&str> = blobs.iter().map(|&(_, id)| id).collect();
                repository
                    .objects
                    .each_blob(&ids, self.limit, |index, content| {
                        if let Some(&(path, _)) = blobs.get(index) {
                            before.insert(path.clone(), content);
                        }
                    })?;
            }
            Files::Directory(files) => {
                before = std::mem::take(files);
                before.retain(|path, _| !same.contains(path));
            }
            Files::Nothing => {}
        }
        Ok(before)
    }
}

/// The side before the change, as far as it tells what is the same after it. Many threads may ask at once.
#[derive(Clone, Copy)]
pub(super) enum Before<'b> {
    Commit(&'b BTreeMap<RepoPath, Entry>),
    Directory(&'b BTreeMap<RepoPath, Content>),
    Nothing,
}

impl Before<'_> {
    /// Whether this stood at the path before.
    pub(super) fn is_same(self, path: &RepoPath, now: &Content) -> bool {
        match self {
            Before::Commit(entries) => entries
                .get(path)
                .is_some_and(|entry| blob::is_same(now, entry)),
            Before::Directory(files) => files.get(path).is_some_and(|before| is_same(now, before)),
            Before::Nothing => false,
        }
    }
}

/// Whether both sides are known to be the same; of what could not be read nothing is known.
fn is_same(now: &Content, before: &Content) -> bool {
    matches!(
        (now, before),
        (Content::Bytes(_), Content::Bytes(_)) | (Content::Symlink, Content::Symlink)
    ) && now == before
}
