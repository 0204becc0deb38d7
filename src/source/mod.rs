//! Bytes of the flow files before and after a change. No meaning yet: reading them is the core's.
//!
//! After is the work tree; before is a git revision or another directory. A symbolic link is never followed, what
//! cannot be read is [`Content`] that says so, and every list is in order of its paths.

mod aside;
mod base;
mod blob;
mod bystanders;
mod clone;
mod error;
mod gather;
mod git;
mod history;
mod left_out;
mod lfs;
mod line_ends;
mod lines;
mod moved_in;
mod objects;
mod selection;
mod texts;
mod worktree;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use flowgate_core::flow::Content;
use flowgate_core::ids::{CommitSha, FlowId, RepoPath};
use flowgate_core::rules::UnknownBase;

use crate::settings::Environment;

pub(crate) use aside::NOT_UTF8;
use aside::{Aside, Kind};
use base::Base;
pub use bystanders::Untouched;
pub use error::SourceError;
pub use gather::gather;
use git::Entry;
pub use git::without_commit;
pub use history::{Between, Change, Differences, History, HistoryError, POLICY};
pub use left_out::{LeftOut, check_out};
pub use line_ends::converted;
pub use lines::{MergedLines, diff_lines, merge_lines};
pub use selection::{FlowGlobs, Selection};
pub use texts::{Texts, When};
use worktree::{Found, Spelled};
pub use worktree::{Place, read_file};

/// A flow file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Where it stands.
    pub path: RepoPath,
    /// What stands there.
    pub content: Content,
}

/// What the flow files are compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ComparedWith {
    /// A commit.
    Commit {
        /// As a person would call it.
        name: String,
        /// Which one.
        id: CommitSha,
    },
    /// Another directory.
    Directory(PathBuf),
    /// Nothing: every flow counts as new.
    Nothing {
        /// Why, for people.
        why: String,
    },
}

impl fmt::Display for ComparedWith {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ComparedWith::Commit { name, id } => write!(f, "{name} ({})", id.short()),
            ComparedWith::Directory(path) => write!(f, "the directory {}", path.display()),
            ComparedWith::Nothing { why } => write!(f, "nothing: {why}"),
        }
    }
}

/// The flow files before and after a change.
#[derive(Debug)]
pub struct Sources {
    /// The flow files as they are now, changed or not (ids are compared across all of them), and all that was asked for;
    /// all but the bystanders.
    pub head: BTreeSet<RepoPath>,
    /// Flow files that the change leaves as they are, and of which no more needs to be known; see [`Untouched::Identify`].
    pub bystanders: BTreeMap<RepoPath, FlowId>,
    /// Files that were changed or deleted and stood there before.
    pub base: BTreeSet<RepoPath>,
    /// What stands in them, and stood.
    pub texts: Texts,
    /// Files that are new, different or deleted; where paths were asked for, those of them alone.
    pub changed: BTreeSet<RepoPath>,
    /// Files that were asked for by path, changed or not; empty where none was.
    pub asked: BTreeSet<RepoPath>,
    /// Files that are no flow files by the settings that hold, and that the change makes flow files.
    pub covered: BTreeSet<RepoPath>,
    /// Flow files that were not read, since the change does not touch them and there are too many.
    pub unread: usize,
    /// What they were compared with.
    pub compared_with: ComparedWith,
    /// Set where nobody can say what to compare with; it is the last commit then.
    pub unknown_base: Option<UnknownBase>,
    /// The commit that is checked out; the work tree may differ from it.
    pub commit: Option<CommitSha>,
    /// What a reader should know about how the files were found: one sentence each.
    pub notes: Vec<String>,
    /// What was not looked at where flow files may be, and why: one sentence each.
    pub unseen: Vec<String>,
}

impl Sources {
    /// Refuses a base of which nobody can say what it was: it is not the same as none.
    pub(crate) fn readable_before(
        &self,
        path: &RepoPath,
        content: &Content,
    ) -> Result<(), SourceError> {
        let said = match (content, &self.compared_with) {
            // The name is at fault, and it was told of when it came.
            (Content::Unreadable(why), _) if why == NOT_UTF8 => return Ok(()),
            (Content::Unreadable(why), _) => why.clone(),
            (Content::TooLarge { size, limit }, ComparedWith::Directory(_)) => {
                format!("it has {size} bytes, and at most {limit} are read (`--max-file-size`)")
            }
            _ => return Ok(()),
        };
        Err(SourceError::UnreadableBase {
            path: path.clone(),
            base: self.compared_with.clone(),
            said,
        })
    }

    /// Flow files that are not in the work tree although they are there.
    pub fn left_out(&self) -> BTreeSet<RepoPath> {
        let head = self.head.iter();
        let left_out = head.filter(|path| self.texts.left_out(path).is_some());
        left_out.cloned().collect()
    }
}

/// What to compare with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BaseChoice {
    /// Where this branch left the default branch, else the last commit, else nothing.
    Default,
    /// A git revision.
    Revision(String),
    /// Another directory.
    Directory(PathBuf),
}

/// What is looked for, and where.
#[derive(Debug)]
pub struct Request<'a> {
    /// The root of the repository, or the directory that serves as one.
    pub place: &'a Place,
    /// Where relative paths begin.
    pub cwd: &'a Path,
    /// Files, directories and globs that were asked for.
    pub paths: &'a [PathBuf],
    /// Which files are flow files.
    pub flows: &'a [String],
    /// What to compare with.
    pub base: BaseChoice,
    /// A larger file is not read.
    pub limit: u64,
    /// Whether it is fine that nothing matches.
    pub allow_empty: bool,
    /// What is read of the files that the change leaves as they are.
    pub untouched: Untouched,
    /// For finding git.
    pub environment: &'a Environment,
}

/// Flow files of the work tree.
#[derive(Debug)]
pub struct Files {
    /// What stands in them.
    pub files: Vec<SourceFile>,
    /// What was not looked at where flow files may be, and why: one sentence each.
    pub unseen: Vec<String>,
}

/// Finds and reads the flow files of the work tree as they are now: those that were asked for, else all.
pub fn files(request: &Request<'_>) -> Result<Files, SourceError> {
    let Present {
        selection,
        found,
        asked,
        left_out,
        ..
    } = Present::find(request)?;
    let mut wanted = if selection.asks_for_some() {
        asked
    } else {
        found.files
    };
    wanted.retain(|path| left_out.entry(path).is_none());
    let read = |path: RepoPath| SourceFile {
        content: worktree::read(&request.place.root, &path, request.limit),
        path,
    };
    let mut files: Vec<SourceFile> = wanted.into_iter().map(read).collect();
    files.extend(found.unlisted);
    files.extend(found.nameless.into_keys().map(worktree::nameless));
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let unseen = found.asides.iter().map(ToString::to_string).collect();
    Ok(Files { files, unseen })
}

/// What stands in the work tree, and what it is compared with.
struct Present {
    selection: Selection,
    base: Base,
    found: Found,
    /// Files that were asked for by path.
    asked: BTreeSet<RepoPath>,
    /// Files that are not in the work tree although they are there.
    left_out: LeftOut,
}

impl Present {
    fn find(request: &Request<'_>) -> Result<Self, SourceError> {
        let repository = Base::begin(request)?;
        let left_out = LeftOut::find(request.place, request.environment)?;
        let selection = Selection::new(request, &left_out)?;
        let mut found = worktree::find(&request.place.root, &selection)?;
        let aside = |path: &RepoPath, kind| {
            let may_hold = |path: &str| selection.may_hold(path);
            Aside::of(path.as_str(), kind, may_hold, |path| selection.wants(path))
        };
        for (path, entry) in left_out.files() {
            if selection.wants(path.as_str()) {
                found.files.insert(path.clone());
            }
            let kind = match entry {
                Entry::Symlink => Kind::LinkToFolder,
                _ => Kind::File,
            };
            found.asides.extend(aside(path, kind));
        }
        let submodules = left_out.submodules(request, &found.empty)?;
        let submodules = submodules
            .iter()
            .filter_map(|path| aside(path, Kind::Repository));
        found.asides.extend(submodules);
        let base = Base::open(request, &selection, repository)?;
        // Tracked files are flow files even where `.gitignore` hides them from a walk.
        let mut spelled = Spelled::default();
        for path in base.old.paths() {
            if !found.files.contains(path) && spelled.has(&request.place.root, path.as_str()) {
                found.files.insert(path.clone());
            }
        }
        let asked: BTreeSet<RepoPath> = found
            .files
            .iter()
            .filter(|path| selection.asks(path.as_str()))
            .cloned()
            .collect();
        if !request.allow_empty {
            worktree::refuse_empty(request, &selection, &found, &asked)?;
        }
        Ok(Self {
            selection,
            base,
            found,
            asked,
            left_out,
        })
    }
}
