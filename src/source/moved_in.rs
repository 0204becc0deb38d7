//! Flows that a change moves in from where no flow file is looked for: what they are compared with stood there.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use flowgate_core::flow::Content;
use flowgate_core::ids::{CommitSha, FlowId, RepoPath};

use super::bystanders::claim;
use super::objects::{answer, git};
use super::selection::has_json_name;
use super::{SourceError, worktree};
use crate::settings::Environment;

/// So many files are read to find where flows stood that are new to the flow files.
pub(super) const MOST_READ: usize = 200;

/// The flows that stand in changed files and stood in no flow file before.
pub(super) fn unknown_before(
    after: impl IntoIterator<Item = Option<FlowId>>,
    before: &HashSet<FlowId>,
) -> BTreeSet<FlowId> {
    let after = after.into_iter().flatten();
    after.filter(|id| !before.contains(id)).collect()
}

/// Those of the files that are gone that may have held one of these flows: as many as are read.
pub(super) fn candidates<T>(
    gone: BTreeMap<RepoPath, T>,
    is_flow_file: impl Fn(&str) -> bool,
) -> BTreeMap<RepoPath, T> {
    let outside = gone.into_iter().filter(|(path, _)| {
        let path = path.as_str();
        has_json_name(path) && !is_flow_file(path)
    });
    outside.take(MOST_READ).collect()
}

/// Of the files that were read, the one in which each of these flows stood.
pub(super) fn places(
    read: BTreeMap<RepoPath, Content>,
    mut flows: BTreeSet<FlowId>,
) -> BTreeMap<RepoPath, Content> {
    let mut found = BTreeMap::new();
    for (path, content) in read {
        if claim(&path, &content).is_some_and(|id| flows.remove(&id)) {
            found.insert(path, content);
        }
    }
    found
}

/// The regular files of a directory that are gone from the work tree, with where they are. What cannot be looked into
/// holds none.
pub(super) fn gone_from_directory(directory: &Path, root: &Path) -> BTreeMap<RepoPath, PathBuf> {
    let files = worktree::json_files(directory);
    let gone = files.filter(|(path, _)| root.join(path).symlink_metadata().is_err());
    gone.filter_map(|(path, place)| Some((path.parse().ok()?, place)))
        .collect()
}

/// The regular files of a commit that are gone from the work tree, or stand there otherwise, with their blobs.
pub(super) fn gone_from_work_tree(
    root: &Path,
    environment: &Environment,
    commit: &CommitSha,
) -> Result<BTreeMap<RepoPath, String>, SourceError> {
    let mut command = git(root, environment);
    command.args([
        "diff-index",
        "--raw",
        "-z",
        "--no-abbrev",
        "--no-renames",
        "--no-ext-diff",
        "--ignore-submodules=all",
        "--diff-filter=DM",
        commit.as_str(),
        "--",
    ]);
    let listed = answer(&mut command, "find the files that were moved")?;
    let text = String::from_utf8_lossy(&listed);
    let fields: Vec<&str> = text.split('\0').collect();
    let mut gone = BTreeMap::new();
    // `:100644 000000 ID ID D NUL PATH NUL`
    for pair in fields.chunks_exact(2) {
        let mut words = pair[0].split(' ');
        let (mode, id) = (words.next(), words.nth(1));
        let is_file = matches!(mode, Some(":100644" | ":100755"));
        if let (true, Some(id), Ok(path)) = (is_file, id, pair[1].parse()) {
            gone.insert(path, id.to_owned());
        }
    }
    Ok(gone)
}
