//! The side before the change: a commit, a directory, or nothing.

use std::collections::{BTreeMap, BTreeSet};

use flowgate_core::flow::Content;
use flowgate_core::ids::{CommitSha, RepoPath};

use super::git::{Entry, Repository};
use super::selection::normal;
use super::{BaseChoice, ComparedWith, Request, Selection, SourceError, SourceFile, worktree};

/// The side before the change, while it is compared.
pub(super) struct Base<'a> {
    files: Files<'a>,
    limit: u64,
    /// What stood at the paths that differ; filled by [`Base::unchanged`].
    pub(super) before: BTreeMap<RepoPath, Content>,
    pub(super) compared_with: ComparedWith,
    pub(super) commit: Option<CommitSha>,
    pub(super) notes: Vec<String>,
}

enum Files<'a> {
    Commit(Repository<'a>, BTreeMap<RepoPath, Entry>),
    Directory(Vec<SourceFile>),
    Nothing,
}

impl<'a> Base<'a> {
    /// Finds the flow files of the side before.
    pub(super) fn open(
        request: &'a Request<'_>,
        selection: &Selection,
    ) -> Result<Self, SourceError> {
        let mut base = Self {
            files: Files::Nothing,
            limit: request.limit,
            before: BTreeMap::new(),
            compared_with: ComparedWith::Nothing {
                why: "this is not a git repository".to_owned(),
            },
            commit: None,
            notes: Vec::new(),
        };
        let place = request.place;
        let mut repository = match &request.base {
            BaseChoice::Revision(revision) if !place.is_repository => {
                return Err(SourceError::NotARepository {
                    revision: revision.clone(),
                    root: place.root.clone(),
                });
            }
            // Comparing with a directory must work without git.
            BaseChoice::Directory(_) => None,
            _ if place.is_repository => Some(Repository::open(&place.root, request.environment)?),
            _ => None,
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
                let mut files = found.unlisted;
                files.extend(
                    found
                        .files
                        .into_iter()
                        .filter(|path| worktree::exists(&root, path))
                        .map(|path| SourceFile {
                            content: worktree::read(&root, &path, request.limit),
                            path,
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
            Files::Directory(files) => files.iter().map(|file| &file.path).collect(),
            Files::Nothing => Vec::new(),
        }
    }

    /// The files that are the same on both sides. What stood at all others is kept in `before`.
    pub(super) fn unchanged(
        &mut self,
        head: &[SourceFile],
    ) -> Result<BTreeSet<RepoPath>, SourceError> {
        let head: BTreeMap<&RepoPath, &Content> = head
            .iter()
            .map(|file| (&file.path, &file.content))
            .collect();
        let mut same = BTreeSet::new();
        let before = &mut self.before;
        let mut compare = |path: &RepoPath, content: Content| {
            if head.get(path).is_some_and(|now| is_same(now, &content)) {
                same.insert(path.clone());
            } else {
                before.insert(path.clone(), content);
            }
        };
        match &mut self.files {
            Files::Commit(repository, files) => {
                let mut blobs: Vec<(&RepoPath, &str)> = Vec::with_capacity(files.len());
                for (path, entry) in files {
                    match entry {
                        Entry::Symlink => compare(path, Content::Symlink),
                        Entry::Blob(id) => blobs.push((path, id)),
                    }
                }
                let ids: Vec<&str> = blobs.iter().map(|&(_, id)| id).collect();
                repository
                    .objects
                    .each_blob(&ids, self.limit, |index, content| {
                        if let Some(&(path, _)) = blobs.get(index) {
                            compare(path, content);
                        }
                    })?;
            }
            Files::Directory(files) => {
                for file in std::mem::take(files) {
                    compare(&file.path, file.content);
                }
            }
            Files::Nothing => {}
        }
        Ok(same)
    }
}

/// Whether both sides are known to be the same; of what could not be read nothing is known.
fn is_same(now: &Content, before: &Content) -> bool {
    matches!(
        (now, before),
        (Content::Bytes(_), Content::Bytes(_)) | (Content::Symlink, Content::Symlink)
    ) && now == before
}
