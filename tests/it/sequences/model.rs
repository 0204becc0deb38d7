//! What ought to be live, flow by flow, and nothing else.

use std::collections::BTreeSet;

use flowgate_sandbox::State;

/// The flows of the repository.
pub(super) const FLOWS: [&str; 2] = ["accounts", "billing"];

/// What callers of a flow get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Live {
    /// The content of the flow's merge with this number.
    Merge(u32),
    /// What was made in the console, by number.
    Console(u32),
}

/// One flow.
#[derive(Debug, Clone, Default)]
pub(super) struct Line {
    /// How often it was changed by a merge: what the branch says.
    pub(super) merged: u32,
    /// The merge that was live when somebody last looked: nothing older may come back by itself.
    pub(super) least: u32,
    /// Merges that were live and were taken back.
    pub(super) held: BTreeSet<u32>,
    /// The console edit that is live.
    pub(super) edited: Option<u32>,
}

/// The prompt of a merge.
pub(super) fn words(merge: u32) -> String {
    format!("merge {merge}.")
}

/// The prompt of a console edit.
pub(super) fn typed(edit: u32) -> String {
    format!("console {edit}.")
}

/// Whether this merge sends callers to a queue: going back to one that does not would lose that.
pub(super) fn routes(merge: u32) -> bool {
    merge.is_multiple_of(3)
}

/// What callers of a flow get, by the sandbox.
pub(super) fn live(state: &State, id: &str) -> Live {
    let text = state.flow(id).unwrap().published().unwrap().elements.get();
    let number = |before: &str| -> Option<u32> {
        let (_, rest) = text.split_once(before)?;
        rest.split('.').next()?.parse().ok()
    };
    let merge = number("merge ").map(Live::Merge);
    merge
        .or_else(|| number("console ").map(Live::Console))
        .expect("one of ours")
}

impl Line {
    /// What must be true at any time; what is live now is what was last looked at.
    pub(super) fn check(&mut self, state: &State, id: &str) {
        let found = state.flow(id).unwrap();
        let all = found.versions.len();
        let numbers: BTreeSet<&str> = found.versions.iter().map(|v| v.version.as_str()).collect();
        assert_eq!(numbers.len(), all, "{id}: a number twice");
        let contents: BTreeSet<&str> = found.versions.iter().map(|v| v.elements.get()).collect();
        assert_eq!(contents.len(), all, "{id}: a content twice");
        match (live(state, id), self.edited) {
            (Live::Console(live), Some(edited)) => assert_eq!(live, edited, "{id}"),
            (Live::Merge(live), None) => {
                assert!(
                    live >= self.least,
                    "{id}: merge {live} came back over {}",
                    self.least
                );
                assert!(live <= self.merged, "{id}: nobody merged {live}");
                assert!(!self.held.contains(&live), "{id}: {live} was taken back");
                self.least = live;
            }
            (live, edited) => {
                let edited = edited.map(Live::Console);
                assert_eq!(Some(live), edited, "{id}: an edit came or went");
            }
        }
    }

    /// Somebody made another merge live than the one that was.
    pub(super) fn go(&mut self, from: u32, to: u32) {
        self.held.extend(to + 1..=from);
        self.held.remove(&to);
        self.least = to;
    }

    /// Whether a run of the branch's last commit makes live what the branch says.
    pub(super) fn follows(&self) -> bool {
        self.edited.is_none() && !self.held.contains(&self.merged)
    }
}
