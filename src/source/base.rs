//! The side before the change: a commit, a directory, or nothing.

use std::sync::Mutex;

use flowgate_core::ids::CommitSha;

use super::git::Repository;
use super::selection::normal;
use super::texts::Old;
use super::{BaseChoice, ComparedWith, Request, Selection, SourceError, SourceFile, worktree};

/// The side before the change.
pub(super) struct Base {
    pub(super) old: Old,
    /// What is there and cannot be looked into.
    pub(super) unlisted: Vec<SourceFile>,
    pub(super) compared_with: ComparedWith,
    pub(super) commit: Option<CommitSha>,
    pub(super) notes: Vec<String>,
}

impl Base {
    /// Starts git where it will be asked: it gets ready while the work tree is looked at.
    pub(super) fn begin<'a>(
        request: &'a Request<'_>,
    ) -> Result<Option<Repository<'a>>, SourceError> {
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
        request: &Request<'_>,
        selection: &Selection,
        mut repository: Option<Repository<'_>>,
    ) -> Result<Self, SourceError> {
        let mut base = Self {
            old: Old::Nothing,
            unlisted: Vec::new(),
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
                base.unlisted = found.unlisted;
                let there = found.files.into_iter();
                let there = there.filter(|path| worktree::exists(&root, path));
                let unlisted = base.unlisted.iter().map(|file| file.path.clone());
                base.old = Old::Directory(root.clone(), there.chain(unlisted).collect());
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
                    base.old = Old::Commit(Mutex::new(repository.objects), files);
                }
            }
            (_, None) => {}
        }
        Ok(base)
    }
}
