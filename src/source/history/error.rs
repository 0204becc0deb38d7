//! Why a commit cannot be looked at, how a run ends then, and what to do about it.

use flowgate_core::ids::CommitSha;

use crate::exit::{Ends, Exit};
use crate::github::{ErrorKind, GitHubError};
use crate::source::SourceError;

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

impl HistoryError {
    /// Whether the commit is nowhere to be found, as far as could be asked: nothing has failed.
    pub fn is_absence(&self) -> bool {
        match self {
            HistoryError::NotHere { .. } => true,
            HistoryError::GitHub { source, .. } => source.kind == ErrorKind::NotFound,
            HistoryError::Source(_) => false,
        }
    }
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
            HistoryError::GitHub { source, .. } => Some(match source.hint() {
                Some(hint) => format!("{hint}; `fetch-depth: 0` for the checkout step does without GitHub here"),
                None => "run the job again; `fetch-depth: 0` for the checkout step does without GitHub here".to_owned(),
            }),
            HistoryError::Source(error) => error.hint(),
        }
    }
}
