//! The one error of a call to GitHub: what was attempted, what GitHub said, what to do next.

use std::fmt;
use std::time::Duration;

/// A call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Ask whose token this is.
    WhoAmI,
    /// Read a pull request.
    ReadPullRequest,
    /// Find the pull requests of a commit.
    FindPullRequests,
    /// List the comments.
    ListComments,
    /// Read a comment.
    ReadComment,
    /// Write a comment.
    CreateComment,
    /// Update a comment.
    UpdateComment,
    /// Remove a comment.
    DeleteComment,
    /// Hide a comment, or show it again.
    HideComment,
    /// List the files of a pull request.
    ListFiles,
    /// List the reviews of a pull request.
    ListReviews,
    /// Compare two commits.
    CompareCommits,
    /// Find a branch's last commit.
    ReadBranch,
    /// Read a commit.
    ReadCommit,
    /// List a tree.
    ReadTree,
    /// Read a file's content.
    ReadBlob,
    /// Read a run of a workflow.
    ReadRun,
}

impl Operation {
    /// What it does, for people: completes "could not …".
    pub fn words(self) -> &'static str {
        match self {
            Operation::WhoAmI => "ask whose token this is",
            Operation::ReadPullRequest => "read the pull request",
            Operation::FindPullRequests => "find the pull requests of the commit",
            Operation::ListComments => "list the comments",
            Operation::ReadComment => "read the comment",
            Operation::CreateComment => "write the comment",
            Operation::UpdateComment => "update the comment",
            Operation::DeleteComment => "remove the second comment",
            Operation::HideComment => "hide the comment or show it again",
            Operation::ListFiles => "list the files of the pull request",
            Operation::ListReviews => "list the reviews of the pull request",
            Operation::CompareCommits => "compare the commits",
            Operation::ReadBranch => "find the last commit of the branch",
            Operation::ReadCommit => "read the commit",
            Operation::ReadTree => "list the files",
            Operation::ReadBlob => "read the content of a file",
            Operation::ReadRun => "read the run of the workflow",
        }
    }

    /// The permission that a workflow needs for it.
    pub fn permission(self) -> &'static str {
        match self {
            Operation::WhoAmI => "metadata: read",
            Operation::ReadPullRequest
            | Operation::FindPullRequests
            | Operation::ListComments
            | Operation::ListFiles
            | Operation::ListReviews
            | Operation::ReadComment => "pull-requests: read",
            Operation::CreateComment
            | Operation::UpdateComment
            | Operation::DeleteComment
            | Operation::HideComment => "pull-requests: write",
            Operation::CompareCommits
            | Operation::ReadBranch
            | Operation::ReadCommit
            | Operation::ReadTree
            | Operation::ReadBlob => "contents: read",
            Operation::ReadRun => "actions: read",
        }
    }

    /// Whether it changes something.
    pub fn is_write(self) -> bool {
        matches!(
            self,
            Operation::CreateComment
                | Operation::UpdateComment
                | Operation::DeleteComment
                | Operation::HideComment
        )
    }
}

/// What kind of failure it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// 401: the token is not valid.
    Unauthorized,
    /// 403: the token may not do this.
    Forbidden,
    /// 404: it is not there, or the token may not see it.
    NotFound,
    /// 403 or 429: too many calls; GitHub asked for this wait, which was more than there was time for.
    RateLimited(Option<Duration>),
    /// 3xx: it is somewhere else, where it is not followed to.
    Moved,
    /// 409, 410, 422 and their like: GitHub will not do this.
    Refused,
    /// 5xx.
    Server,
    /// The connection could not be opened: nothing was sent.
    Unreachable,
    /// The connection broke, or nothing came in time.
    Lost,
    /// An answer that cannot be understood.
    Malformed,
}

/// Why GitHub refuses with 403 what it understood: its words for it are all that tells these apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    /// The token lacks the right.
    Permission,
    /// The conversation is locked.
    Locked,
    /// The repository is archived.
    Archived,
    /// The organization asks for single sign-on, and the token did not.
    Saml,
    /// The organization does not let this address in.
    IpAllowList,
}

/// A failed call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct GitHubError {
    /// What was attempted.
    pub operation: Operation,
    /// What kind of failure it was.
    pub kind: ErrorKind,
    /// The HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// GitHub's own words, or the transport's (escape before showing).
    pub said: String,
}

impl fmt::Display for GitHubError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "could not {}: ", self.operation.words())?;
        if let Some(status) = self.status {
            write!(f, "GitHub answered {status}")?;
        } else if self.kind == ErrorKind::Unreachable {
            f.write_str("GitHub cannot be reached")?;
        } else {
            f.write_str("GitHub did not answer")?;
        }
        if self.said.is_empty() {
            Ok(())
        } else {
            write!(f, ": {}", self.said)
        }
    }
}

impl GitHubError {
    /// Whether a write may have changed something all the same: find out by reading before writing again.
    pub fn may_have_happened(&self) -> bool {
        self.operation.is_write()
            && matches!(
                self.kind,
                ErrorKind::Server | ErrorKind::Lost | ErrorKind::Malformed
            )
    }

    /// Why GitHub refuses, by its own words; `None` where they say something else than what is known here.
    fn refusal(&self) -> Option<Refusal> {
        if self.kind != ErrorKind::Forbidden {
            return None;
        }
        let said = self.said.to_ascii_lowercase();
        let refusals = [
            ("resource not accessible by", Refusal::Permission),
            ("is locked", Refusal::Locked),
            ("archived", Refusal::Archived),
            ("saml", Refusal::Saml),
            ("ip allow list", Refusal::IpAllowList),
        ];
        let found = refusals.into_iter().find(|(words, _)| said.contains(words));
        found.map(|(_, refusal)| refusal)
    }

    /// The permission that is missing, where GitHub says so.
    pub fn missing_permission(&self) -> Option<&'static str> {
        (self.refusal() == Some(Refusal::Permission)).then(|| self.operation.permission())
    }

    /// The failure and what to do next, in one sentence.
    pub fn told(&self) -> String {
        match self.hint() {
            Some(hint) => format!("{self}; {hint}"),
            None => self.to_string(),
        }
    }

    /// What to do next.
    pub fn hint(&self) -> Option<String> {
        let permission = self.operation.permission();
        match self.kind {
            ErrorKind::Unauthorized => Some(
                "the token in `github-token` is not valid: leave the input out to use the job's own token".to_owned(),
            ),
            ErrorKind::Forbidden => Some(match self.refusal() {
                Some(Refusal::Permission) => format!(
                    "the job lacks `permissions: {permission}` (a run for a fork or by Dependabot has read rights alone)"
                ),
                Some(Refusal::Locked) => {
                    "somebody locked this conversation: unlock it, and run the job again".to_owned()
                }
                Some(Refusal::Archived) => {
                    "nothing can be written to an archived repository until somebody unarchives it".to_owned()
                }
                Some(Refusal::Saml) => {
                    "authorize the token in `github-token` for the organization, or leave the input out to use the job's own token".to_owned()
                }
                Some(Refusal::IpAllowList) => {
                    "the runner's address is not on the organization's IP allow list: add it, or use a runner that is".to_owned()
                }
                None => format!("this may mean that the job lacks `permissions: {permission}`"),
            }),
            ErrorKind::NotFound => Some(format!(
                "it is not there, or the token may not see it: this may mean that the job lacks `permissions: {permission}`"
            )),
            ErrorKind::RateLimited(_) => {
                Some("too many calls with this token at the moment: run the job again later".to_owned())
            }
            ErrorKind::Server | ErrorKind::Unreachable | ErrorKind::Lost => Some(
                "see https://www.githubstatus.com, or the state of your own server, and run the job again".to_owned(),
            ),
            ErrorKind::Moved => Some(
                "the token is sent to no other host: if the repository was moved there, run the workflow there".to_owned(),
            ),
            ErrorKind::Refused | ErrorKind::Malformed => None,
        }
    }
}
