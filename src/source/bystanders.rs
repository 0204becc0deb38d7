//! Flow files that a change does not touch, of which no more is needed than whose flow they hold.
//!
//! A file counts as one only where nothing that a review says could depend on the rest of it: it is what the other side
//! has, it has an id and a version, and no file that is read has the same id. All others are read like changed ones.

use std::collections::{BTreeMap, HashSet};

use flowgate_core::flow::Content;
use flowgate_core::flow::native::{self, Identity};
use flowgate_core::ids::{FlowId, RepoPath};

/// What is read of the flow files that a change leaves as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Untouched {
    /// All: a deployment looks after them too.
    Read,
    /// All, whatever that costs: each is judged.
    Judge,
    /// Whose flow they hold, which must not be a changed file's too; all, where there are no more flow files than this.
    Identify {
        /// How many flow files.
        beyond: usize,
    },
}

impl Untouched {
    /// Whether of so many flow files those that the change leaves as they are need not be read.
    pub(super) fn identifies(self, files: usize) -> bool {
        matches!(self, Untouched::Identify { beyond } if files > beyond)
    }
}

/// Whose flow a file holds, where that is all that needs to be known of it.
pub(super) fn candidate(path: &RepoPath, content: &Content) -> Option<FlowId> {
    let found = identity(path, content)?;
    found.has_version.then_some(found.id)
}

/// Whose flow a file holds, where it says so.
pub(super) fn claim(path: &RepoPath, content: &Content) -> Option<FlowId> {
    Some(identity(path, content)?.id)
}

fn identity(path: &RepoPath, content: &Content) -> Option<Identity> {
    match content {
        Content::Bytes(bytes) => native::identity(path, bytes),
        _ => None,
    }
}

/// Takes out of `candidates` those whose flows stand in another file too: they are to be read.
pub(super) fn take_claimed(
    candidates: &mut BTreeMap<RepoPath, FlowId>,
    claimed: &HashSet<FlowId>,
) -> Vec<RepoPath> {
    let shared = candidates.iter().filter(|(_, id)| claimed.contains(*id));
    let shared: Vec<RepoPath> = shared.map(|(path, _)| path.clone()).collect();
    candidates.retain(|_, id| !claimed.contains(id));
    shared
}
