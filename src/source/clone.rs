//! What a clone lacks of a repository, and which command brings it.

use std::path::Path;

use super::SourceError;
use super::objects::git;
use crate::settings::Environment;

/// How much of a repository a clone has.
#[derive(Debug, Default)]
pub(super) struct Extent {
    /// Whether it holds a part of the history alone.
    pub(super) is_shallow: bool,
    /// Where it was cloned from, `origin` first.
    pub(super) remotes: Vec<String>,
    /// Its own branches, by their full names.
    pub(super) branches: Vec<String>,
}

impl Extent {
    /// Asks git.
    pub(super) fn of(root: &Path, environment: &Environment) -> Result<Self, SourceError> {
        let lines = |args: &[&str]| -> Result<Vec<String>, SourceError> {
            let output = git(root, environment).args(args).output();
            let output = output.map_err(SourceError::NoGit)?;
            let text = String::from_utf8_lossy(&output.stdout);
            Ok(text.lines().map(str::to_owned).collect())
        };
        let shallow = lines(&["rev-parse", "--is-shallow-repository"])?;
        let mut remotes = lines(&["remote"])?;
        remotes.sort_by_key(|remote| remote != "origin");
        Ok(Self {
            is_shallow: shallow.first().is_some_and(|said| said == "true"),
            remotes,
            branches: lines(&["for-each-ref", "--format=%(refname)", "refs/heads"])?,
        })
    }

    /// What brings all branches, and which one is the default; `None` where there is nowhere to fetch from.
    pub(super) fn bring_branches(&self) -> Option<String> {
        let remote = plain(self.remotes.first()?)?;
        let deep = if self.is_shallow { "--unshallow " } else { "" };
        Some(format!(
            "`git fetch {deep}{remote} \"+refs/heads/*:refs/remotes/{remote}/*\"`, then `git remote set-head {remote} --auto`, bring it (in a workflow: `fetch-depth: 0`); or say what to compare with: `--base REV`"
        ))
    }

    /// What brings a revision that is not here; `None` where nobody can say.
    pub(super) fn bring(&self, revision: &str) -> Option<String> {
        let remote = plain(self.remotes.first()?)?;
        // Nothing is cut from a clone that has all of its history.
        let depth = if self.is_shallow { "--depth=1 " } else { "" };
        let is_id = matches!(revision.len(), 40 | 64)
            && revision.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_id {
            return Some(format!("`git fetch {depth}{remote} {revision}` brings it"));
        }
        if revision.contains(['~', '^', '@', ':', '{']) {
            return self.is_shallow.then(|| {
                format!(
                    "this clone is shallow: `git fetch --unshallow {remote}` brings the rest of its history (in a workflow: `fetch-depth: 0`)"
                )
            });
        }
        let tracked = revision.strip_prefix(&format!("{remote}/"));
        let branch = plain(tracked.unwrap_or(revision))?;
        let fetch = format!(
            "`git fetch {depth}{remote} \"+refs/heads/{branch}:refs/remotes/{remote}/{branch}\"`"
        );
        Some(match tracked {
            Some(_) => format!("if it is a branch there, {fetch} brings it"),
            None => format!(
                "if it is a branch there, {fetch} brings it: then `--base {remote}/{branch}`"
            ),
        })
    }
}

/// A name that a shell takes as it stands.
fn plain(name: &str) -> Option<&str> {
    let is_plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'/');
    (!name.is_empty() && !name.starts_with('-') && name.bytes().all(is_plain)).then_some(name)
}
