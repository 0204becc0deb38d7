//! The side before the change: a commit, a directory, or nothing.

use std::sync::Mutex;

use flowgate_core::ids::{CommitSha, RepoPath};
use flowgate_core::rules::UnknownBase;

use super::git::{Entry, Repository};
use super::selection::normal;
use super::texts::Old;
use super::worktree::Spelled;
use super::{BaseChoice, ComparedWith, Request, Selection, SourceError, SourceFile, worktree};

/// The side before the change.
pub(super) struct Base {
    pub(super) old: Old,
    /// What is there and cannot be looked into.
    pub(super) unlisted: Vec<SourceFile>,
    pub(super) compared_with: ComparedWith,
    /// Why nobody can say what to compare with.
    pub(super) unknown: Option<UnknownBase>,
    pub(super) commit: Option<CommitSha>,
    /// Folders of other repositories, where flow files may be.
    pub(super) submodules: Vec<RepoPath>,
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
            unknown: None,
            commit: None,
            submodules: Vec::new(),
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
                let mut spelled = Spelled::default();
                let there = there.filter(|path| spelled.has(&root, path.as_str()));
                let nameless = found.nameless.into_keys();
                base.unlisted.extend(nameless.map(worktree::nameless));
                let unlisted = base.unlisted.iter().map(|file| file.path.clone());
                base.old = Old::Directory(root.clone(), there.chain(unlisted).collect());
                base.compared_with = ComparedWith::Directory(directory.clone());
            }
            (choice, Some(mut repository)) => {
                (base.compared_with, base.unknown) = match choice {
                    BaseChoice::Revision(revision) => (repository.named(revision)?, None),
                    _ => repository.default_base(base.commit.as_ref())?,
                };
                if let ComparedWith::Commit { id, .. } = &base.compared_with {
                    let found = repository.files(
                        id,
                        |folder| selection.may_hold(folder),
                        |path| selection.wants(path),
                    )?;
                    let others = found.others.into_iter();
                    let submodules = others.filter(|(_, entry)| *entry == Entry::Submodule);
                    base.submodules = submodules.map(|(path, _)| path).collect();
                    base.old = Old::Commit(Mutex::new(repository.objects), found.files);
                }
            }
            (_, None) => {}
        }
        Ok(base)
    }
}
