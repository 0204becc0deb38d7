//! Why the flow files could not be found or read at all. (One file that cannot be read is no error: it is a finding.)

use std::io;
use std::path::PathBuf;

use flowgate_core::ids::RepoPath;

use super::ComparedWith;
use crate::exit::{Ends, Exit};

/// Why the flow files could not be found or read at all.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// A path that was asked for is not there.
    #[error("there is no file, directory or match for `{}`", .0.display())]
    NoSuchPath(PathBuf),
    /// A path that was asked for is not in the same repository.
    #[error("`{}` is outside of `{}`", path.display(), root.display())]
    Outside {
        /// The path.
        path: PathBuf,
        /// The root of the repository.
        root: PathBuf,
    },
    /// A directory that was asked for holds no flow file.
    #[error("there is no JSON file in `{0}`")]
    EmptyDirectory(String),
    /// The globs match nothing.
    #[error("no file matches {}", quoted(globs))]
    NoMatch {
        /// The globs.
        globs: Vec<String>,
        /// JSON files that may be meant.
        nearest: Vec<String>,
    },
    /// A glob cannot be understood.
    #[error("`{glob}` is not a glob")]
    Glob {
        /// The glob.
        glob: String,
        /// Why.
        #[source]
        source: globset::Error,
    },
    /// The directory to compare with is not one.
    #[error("there is no directory `{}` to compare with", .0.display())]
    NoBaseDirectory(PathBuf),
    /// A revision was given, and there is no repository.
    #[error("cannot compare with `{revision}`: `{}` is not in a git repository", root.display())]
    NotARepository {
        /// The revision.
        revision: String,
        /// Where a repository was looked for.
        root: PathBuf,
    },
    /// The revision is not there.
    #[error("git knows no revision `{revision}` in `{}`", root.display())]
    UnknownRevision {
        /// The revision.
        revision: String,
        /// The root of the repository.
        root: PathBuf,
        /// What brings it, in half a sentence, where that can be said.
        brought_by: Option<String>,
    },
    /// The directory itself cannot be listed.
    #[error("could not list `{}`: {said}", root.display())]
    Unlistable {
        /// The directory.
        root: PathBuf,
        /// What the system said.
        said: String,
    },
    /// What says which files are left out is a pipe or a device.
    #[error("could not read `{}`: it is no regular file", .0.display())]
    NoIgnoreFile(PathBuf),
    /// What stood in a file before the change cannot be read: to take it for nothing would call the flow new.
    #[error("could not read what stood in `{path}` before the change, in {base}: {said}")]
    UnreadableBase {
        /// Which file.
        path: RepoPath,
        /// Where it stood.
        base: ComparedWith,
        /// Why.
        said: String,
    },
    /// Git is not installed.
    #[error("could not run git")]
    NoGit(#[source] io::Error),
    /// Git failed.
    #[error("git could not {attempted}: {said}")]
    Git {
        /// What it was asked to do.
        attempted: &'static str,
        /// What it said.
        said: String,
    },
}

impl Ends for SourceError {
    fn exit(&self) -> Exit {
        match self {
            SourceError::NoGit(_)
            | SourceError::Git { .. }
            | SourceError::UnreadableBase {
                base: ComparedWith::Commit { .. },
                ..
            } => Exit::Failed,
            _ => Exit::Usage,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            SourceError::NoMatch { nearest, .. } if nearest.is_empty() => Some(
                "there is no JSON file here at all; set `--flows`, or `--allow-empty` if that is fine".to_owned(),
            ),
            SourceError::NoMatch { nearest, .. } => Some(format!(
                "JSON files that may be meant: {}; set `--flows`, or `--allow-empty` if no flows is fine",
                quoted(nearest)
            )),
            SourceError::EmptyDirectory(_) => {
                Some("name another directory, or set `--allow-empty` if that is fine".to_owned())
            }
            SourceError::Outside { .. } => {
                Some("check one repository at a time, from inside of it".to_owned())
            }
            SourceError::NotARepository { .. } => {
                Some("compare with a directory: `--base-dir DIR`".to_owned())
            }
            SourceError::UnknownRevision { brought_by: Some(how), .. } => Some(how.clone()),
            SourceError::UnknownRevision { .. } => {
                Some("`git branch --all` and `git log` show what there is".to_owned())
            }
            SourceError::NoGit(_) => {
                Some("install git, or compare with a directory: `--base-dir DIR`".to_owned())
            }
            SourceError::NoIgnoreFile(_) => Some("remove it, or put a file in its place".to_owned()),
            SourceError::UnreadableBase {
                base: ComparedWith::Directory(_),
                ..
            } => Some("put the file of before in its place, or remove it".to_owned()),
            SourceError::NoSuchPath(_)
            | SourceError::UnreadableBase { .. }
            | SourceError::Glob { .. }
            | SourceError::Unlistable { .. }
            | SourceError::NoBaseDirectory(_)
            | SourceError::Git { .. } => None,
        }
    }
}

fn quoted(texts: &[String]) -> String {
    let texts: Vec<String> = texts.iter().map(|text| format!("`{text}`")).collect();
    texts.join(", ")
}
