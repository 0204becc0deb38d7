//! GitHub, as the rest of the program sees it: own types, a client of few calls, one error.
//!
//! octocrab is named in `transport` alone. Reads are repeated by the client; a write is repeated only where GitHub
//! certainly did not take it. What a comment says and when it is written is for [`crate::sticky`].

mod ancestry;
mod client;
pub mod contents;
mod error;
mod lookup;
mod pace;
mod transport;
mod wire;

use flowgate_core::ids::CommitSha;
use serde::Deserialize;

use crate::gate::HeadRepository;

pub use ancestry::{ComparedCommit, Comparison, FileCommit, FileHistory};
pub use client::Client;
pub use error::{ErrorKind, GitHubError, Operation};
pub use lookup::{lookup, merged_as};
pub use pace::{Pace, Timer};
pub use transport::{API_VERSION, Connection, ConnectionError};

/// A comment's body may have so many characters.
pub const COMMENT_LIMIT: usize = 65_536;

/// A pull request, as the API tells it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullRequest {
    /// Its number.
    pub number: u64,
    /// Where its head stands.
    pub head_sha: CommitSha,
    /// Where its head lives.
    pub head: HeadRepository,
    /// The branch it is to be merged into.
    pub base_ref: String,
    /// The repository of that branch.
    pub base_repository: Option<u64>,
    /// Whether it can be merged without conflicts; `None` where GitHub has not tried yet, or does not say here.
    pub mergeable: Option<bool>,
    /// Whether it was merged.
    pub merged: bool,
    /// The commit that the merge made; before that GitHub's trial merge, or nothing.
    pub merge_commit: Option<CommitSha>,
}

/// A run of a workflow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The file of the workflow, from the repository's root; `None` where GitHub does not say.
    pub workflow: Option<String>,
    /// Whether somebody who may write to the repository started it by hand.
    pub by_hand: bool,
    /// The commit that it is for: a pull request's head, what was pushed.
    pub head: CommitSha,
    /// Its last attempt, from 1.
    pub attempt: u64,
}

/// Somebody's word on a pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// Whose; `None` for a deleted account.
    pub author: Option<Account>,
    /// Whether it approves.
    pub approves: bool,
}

/// A comment on a pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Its id.
    pub id: u64,
    /// Its text (hostile).
    pub body: String,
    /// Its page.
    pub url: String,
    /// Who wrote it; `None` for a deleted account.
    pub author: Option<Account>,
    /// GitHub's other name for it, which GraphQL takes.
    pub node: String,
}

/// Somebody or something that writes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Account {
    /// The name; an app's ends in `[bot]`.
    pub login: String,
    /// GitHub's number for it.
    pub id: Option<u64>,
}

impl Account {
    /// Whether both are one and the same: by number where both have one, else by name.
    pub fn is(&self, other: &Account) -> bool {
        match (self.id, other.id) {
            (Some(one), Some(two)) => one == two,
            _ => self.login.eq_ignore_ascii_case(&other.login),
        }
    }

    /// Whether it is an app's, and not a person's: no person's name may hold a bracket.
    pub fn is_app(&self) -> bool {
        self.login.ends_with("[bot]")
    }

    /// The account of a job's own token.
    pub fn actions_bot() -> Self {
        Self {
            login: "github-actions[bot]".to_owned(),
            id: None,
        }
    }
}

/// How a commit stands to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Relation {
    /// It is the same.
    Identical,
    /// It is a descendant.
    Ahead,
    /// It is an ancestor.
    Behind,
    /// Neither.
    Diverged,
}

/// A commit's place in history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its own id.
    pub id: CommitSha,
    /// Its parents, the first one first.
    pub parents: Vec<CommitSha>,
}

/// The id of a tree or a blob.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(CommitSha);

impl ObjectId {
    /// As hexadecimal digits.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl From<CommitSha> for ObjectId {
    /// A commit stands for its tree.
    fn from(commit: CommitSha) -> Self {
        Self(commit)
    }
}

/// What stands at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A symbolic link; it is not followed.
    Symlink,
    /// A folder.
    Folder,
    /// Another repository (a submodule), or something newer than this program.
    Other,
}

/// One entry of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeEntry {
    /// Relative to the tree; any text (hostile).
    pub path: String,
    /// What it is.
    pub kind: EntryKind,
    /// Its content.
    pub id: ObjectId,
    /// In bytes, for files.
    pub size: Option<u64>,
}

/// A tree's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    /// What it holds.
    pub entries: Vec<TreeEntry>,
    /// Whether it holds all that there is.
    pub extent: Extent,
}

/// Whether an answer is the whole of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Everything.
    Whole,
    /// GitHub left something out.
    Truncated,
}

/// How deep a tree is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Its own entries.
    Flat,
    /// Those of all folders below, too.
    Recursive,
}
