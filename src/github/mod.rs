//! GitHub, as the rest of the program sees it: own types, a trait of few calls, one error.
//!
//! octocrab is named in `transport` alone. Reads are repeated below this trait; a write is repeated only where GitHub
//! certainly did not take it. What a comment says and when it is written is for [`crate::sticky`].

mod client;
pub mod contents;
mod error;
mod lookup;
mod pace;
mod transport;
mod wire;

use std::future::Future;

use flowgate_core::ids::CommitSha;
use serde::Deserialize;

use crate::gate::HeadRepository;

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
    /// Whether it was merged.
    pub merged: bool,
    /// The commit that the merge made; before that GitHub's trial merge, or nothing.
    pub merge_commit: Option<CommitSha>,
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

/// GitHub, seen from one repository.
pub trait GitHub: Send + Sync {
    /// Whose token this is.
    fn whoami(&self) -> impl Future<Output = Result<Account, GitHubError>> + Send;

    /// One pull request.
    fn pull_request(
        &self,
        number: u64,
    ) -> impl Future<Output = Result<PullRequest, GitHubError>> + Send;

    /// The pull requests that hold a commit.
    fn pull_requests_of(
        &self,
        commit: &CommitSha,
    ) -> impl Future<Output = Result<Vec<PullRequest>, GitHubError>> + Send;

    /// All comments of a pull request, the oldest first.
    fn comments(&self, pull: u64)
    -> impl Future<Output = Result<Vec<Comment>, GitHubError>> + Send;

    /// One comment; `None` where it is gone.
    fn comment(&self, id: u64)
    -> impl Future<Output = Result<Option<Comment>, GitHubError>> + Send;

    /// Writes a new comment. See [`GitHubError::may_have_happened`].
    fn create_comment(
        &self,
        pull: u64,
        body: &str,
    ) -> impl Future<Output = Result<Comment, GitHubError>> + Send;

    /// Writes a comment anew. See [`GitHubError::may_have_happened`].
    fn update_comment(
        &self,
        id: u64,
        body: &str,
    ) -> impl Future<Output = Result<Comment, GitHubError>> + Send;

    /// Takes a comment away; one that is gone already is fine.
    fn delete_comment(&self, id: u64) -> impl Future<Output = Result<(), GitHubError>> + Send;

    /// How `head` stands to `base`: [`Relation::Ahead`] means that `base` is an ancestor of it.
    fn compare(
        &self,
        base: &CommitSha,
        head: &CommitSha,
    ) -> impl Future<Output = Result<Relation, GitHubError>> + Send;

    /// Where two commits parted; `None` where they have nothing in common.
    fn merge_base(
        &self,
        one: &CommitSha,
        two: &CommitSha,
    ) -> impl Future<Output = Result<Option<CommitSha>, GitHubError>> + Send;

    /// Where a branch stands (`main`, not `refs/heads/main`); `None` where there is none.
    fn branch_tip(
        &self,
        branch: &str,
    ) -> impl Future<Output = Result<Option<CommitSha>, GitHubError>> + Send;

    /// The commits of `head` that `base` does not have, as far as one answer tells them (250).
    fn commits_between(
        &self,
        base: &CommitSha,
        head: &CommitSha,
    ) -> impl Future<Output = Result<Vec<CommitSha>, GitHubError>> + Send;

    /// The pull requests of many commits in one call, each once, in order of their numbers.
    fn pull_requests_of_all(
        &self,
        commits: &[CommitSha],
    ) -> impl Future<Output = Result<Vec<PullRequest>, GitHubError>> + Send;

    /// The paths that a pull request changes, those of before a rename among them.
    fn files_of(&self, pull: u64) -> impl Future<Output = Result<Vec<String>, GitHubError>> + Send;

    /// What was said about a pull request, the oldest first.
    fn reviews(&self, pull: u64) -> impl Future<Output = Result<Vec<Review>, GitHubError>> + Send;

    /// One commit and its parents.
    fn commit(
        &self,
        commit: &CommitSha,
    ) -> impl Future<Output = Result<Commit, GitHubError>> + Send;

    /// A tree, by its own id or its commit's.
    fn tree(
        &self,
        id: &ObjectId,
        depth: Depth,
    ) -> impl Future<Output = Result<Tree, GitHubError>> + Send;

    /// The bytes of one blob.
    fn blob(&self, id: &ObjectId) -> impl Future<Output = Result<Vec<u8>, GitHubError>> + Send;

    /// Many blobs in one call, in the order of the ids; `None` where this call cannot give the exact bytes.
    fn blobs(
        &self,
        ids: &[ObjectId],
    ) -> impl Future<Output = Result<Vec<Option<Vec<u8>>>, GitHubError>> + Send;
}
