//! Git's own work on lines, for files that are no flows.

use std::path::Path;

use super::SourceError;
use super::objects::git;
use crate::settings::Environment;

/// What git says about the difference of two files, in lines.
pub fn diff_lines(
    cwd: &Path,
    environment: &Environment,
    [old, new]: [&str; 2],
) -> Result<Vec<u8>, SourceError> {
    let output = git(cwd, environment)
        .args(["diff", "--no-index", "--no-ext-diff", "--no-textconv", "--"])
        .args([old, new])
        .output()
        .map_err(SourceError::NoGit)?;
    Ok(output.stdout)
}

/// Three files merged by their lines, with markers of this length around what git could not decide.
#[derive(Debug)]
pub struct MergedLines {
    /// The text.
    pub text: Vec<u8>,
    /// Whether git decided everything.
    pub is_clean: bool,
}

/// Merges three files line by line.
pub fn merge_lines(
    cwd: &Path,
    environment: &Environment,
    [base, ours, theirs]: [&Path; 3],
    marker_size: usize,
) -> Result<MergedLines, SourceError> {
    let output = git(cwd, environment)
        .args(["merge-file", "--stdout", "--quiet"])
        .arg(format!("--marker-size={marker_size}"))
        .args(["-L", "ours", "-L", "base", "-L", "theirs"])
        .args([ours, base, theirs])
        .output()
        .map_err(SourceError::NoGit)?;
    match output.status.code() {
        // The number of conflicts, up to 127; anything above is a failure.
        Some(conflicts @ 0..128) => Ok(MergedLines {
            text: output.stdout,
            is_clean: conflicts == 0,
        }),
        _ => Err(SourceError::Git {
            attempted: "merge the files line by line",
            said: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        }),
    }
}
