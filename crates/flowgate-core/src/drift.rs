//! Where a flow stands: what is published, what we recorded when we put it there, and what the branch says.
//!
//! Pure comparison. What to do about it is for [`crate::plan`]; that somebody edited the console is also a finding
//! (rule `edited-in-console`).

use serde::Serialize;

mod state;
#[cfg(test)]
mod tests;

pub use state::{DriftState, FlowDrift, LiveVersion, drift, edited_by};

use crate::delta::{ChangeKind, Delta, Subject, diff};
use crate::flow::{Flow, Layout, containment, digest};
use crate::platform::{FlowOnPlatform, Published, Wrong};

/// What to do when somebody edited the published flow in the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum OnDrift {
    /// Block the flow.
    #[default]
    Fail,
    /// Say so and go on.
    Warn,
    /// Go on: the branch wins.
    Overwrite,
}

/// What to do with a flow that CXone does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum OnNewFlow {
    /// Create it.
    #[default]
    Create,
    /// Block it: the 404 may be a typing error in `flowId`.
    Fail,
}

/// Where a published flow stands against the branch (contract, "Digest, in sync, verified").
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Standing {
    /// What is published is what the file says.
    InSync,
    /// What is published is ours, from an older commit.
    Behind,
    /// What is published is ours, and CXone holds other content than was sent.
    Wrong,
    /// Somebody edited it in the console since we put it there.
    Edited,
    /// It was never put there by us, and is what the branch said before this change.
    Unmanaged,
    /// It was never put there by us, and is not what the branch said before this change.
    UnmanagedAndDifferent,
}

/// How far back it was looked for what is live and nobody recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum LookedBack {
    /// To the first commit of the branch.
    Whole,
    /// Through so many commits of the branch.
    Commits(usize),
    /// Nobody looked.
    #[default]
    Not,
}

impl LookedBack {
    /// What is known of content that was not found, after what it is.
    pub fn not_found(self) -> String {
        match self {
            LookedBack::Whole => "was never in this repository".to_owned(),
            LookedBack::Commits(count) => format!(
                "was not in this repository in the last {count} {} of the branch, and older ones were not looked at",
                if count == 1 { "commit" } else { "commits" }
            ),
            LookedBack::Not => {
                "is not what this repository says, and its history was not looked at".to_owned()
            }
        }
    }
}

impl Standing {
    /// Whether writing would go over an edit that no pull request has shown.
    pub fn is_drift(self) -> bool {
        matches!(self, Standing::Edited | Standing::UnmanagedAndDifferent)
    }
}

/// One thing that is live otherwise than the repository says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsoleEdit {
    /// What.
    pub subject: Subject,
    /// Its name for people.
    pub name: String,
    /// What was done to it in the console.
    pub change: ChangeKind,
    /// Whether the reviewed change is about the same thing.
    pub also_here: bool,
}

/// The files that may be what we sent when we made the live version: the proposed one, the one before this change, and
/// the one that git holds at the commit that our record names, where somebody looked.
#[derive(Debug, Clone, Copy)]
pub struct Files<'a> {
    /// As proposed.
    pub head: &'a Flow,
    /// Before this change.
    pub base: Option<&'a Flow>,
    /// At the recorded commit; where nothing is recorded, at an older commit at which it said what is live.
    pub recorded: Option<&'a Flow>,
}

impl<'a> Files<'a> {
    /// What we sent when we made the live version: the file whose digest is the recorded one. With it a server's additions
    /// can be told from somebody's edit.
    pub fn sent(&self, published: &Published, layout: &Layout) -> Option<&'a Flow> {
        let record = published.record.as_ref()?;
        // The proposed file last: it may be drawn otherwise than what was sent.
        [self.base, self.recorded, Some(self.head)]
            .into_iter()
            .flatten()
            .find(|file| digest(file, layout).as_ref() == Some(&record.content_digest))
    }

    /// What we sent, where the server shows more than that: what it added is no difference to what comes next.
    pub fn without_additions(&self, published: &Published, layout: &Layout) -> Option<&'a Flow> {
        let record = published.record.as_ref()?;
        let shows_more = digest(&published.flow, layout).as_ref() != Some(&record.content_digest);
        self.sent(published, layout).filter(|_| shows_more)
    }
}

/// What was edited in the console: what is published against what we sent, else against the file before this change.
/// Empty where there is nothing to hold it against.
pub fn console_edits(
    published: &Published,
    files: &Files<'_>,
    layout: &Layout,
) -> Vec<ConsoleEdit> {
    let Some(ours) = files.sent(published, layout).or(files.base) else {
        return Vec::new();
    };
    let here = diff(ours, files.head, layout);
    let is_here = |subject: &Subject| {
        let about = |change: &&_| is_edit(change) && change.subject == *subject;
        here.changes.iter().find(about).is_some()
    };
    let Delta { changes } = diff(ours, &published.flow, layout);
    changes
        .into_iter()
        .filter(is_edit)
        .map(|change| ConsoleEdit {
            also_here: is_here(&change.subject),
            subject: change.subject,
            name: change.name,
            change: change.change,
        })
        .collect()
}

/// Not a move, and not what a server adds of its own accord.
fn is_edit(change: &crate::delta::Change) -> bool {
    match change.change {
        ChangeKind::Added | ChangeKind::Removed => true,
        ChangeKind::Moved => false,
        ChangeKind::Modified => change
            .fields
            .iter()
            .any(|field| !field.layout && field.before.is_some()),
    }
}

/// The same with what else is known: that what is live was live before the first deployment, or was never what we sent.
pub fn stands(
    said: &FlowOnPlatform,
    published: &Published,
    files: &Files<'_>,
    wrong: Option<&Wrong>,
    layout: &Layout,
) -> Standing {
    let is_wrong =
        || wrong.is_some_and(|wrong| published.version_id.as_ref() == Some(&wrong.version_id));
    match standing(published, files, layout) {
        Standing::Edited if is_wrong() => Standing::Wrong,
        Standing::Unmanaged | Standing::UnmanagedAndDifferent
            if said.was_ours() && said.was_before_us(published) =>
        {
            Standing::Behind
        }
        other => other,
    }
}

/// Compares what is published with the files of the repository.
///
/// A server may add or normalise values, so "is what we sent" means that every value sent is there, wherever what we
/// sent is at hand (the file whose digest is the recorded one); else the digests decide.
pub fn standing(published: &Published, files: &Files<'_>, layout: &Layout) -> Standing {
    let live = digest(&published.flow, layout);
    let is_live = |file: &Flow| {
        (live.is_some() && digest(file, layout) == live) || {
            let found = containment(file, &published.flow, layout);
            // An element that nobody sent is an edit, not something that a server adds to ours.
            found.holds() && found.strangers.is_empty()
        }
    };
    let Some(record) = &published.record else {
        return match files.base {
            _ if live.is_some() && digest(files.head, layout) == live => Standing::InSync,
            Some(base) if live.is_some() && digest(base, layout) == live => Standing::Unmanaged,
            _ if live.is_some()
                && files
                    .recorded
                    .is_some_and(|old| digest(old, layout) == live) =>
            {
                Standing::Unmanaged
            }
            _ => Standing::UnmanagedAndDifferent,
        };
    };
    let untouched = match files.sent(published, layout) {
        Some(sent) => is_live(sent),
        None => live.as_ref() == Some(&record.content_digest),
    };
    let is_head = digest(files.head, layout).as_ref() == Some(&record.content_digest);
    match (untouched, is_head) {
        (true, true) => Standing::InSync,
        (true, false) => Standing::Behind,
        (false, _) => Standing::Edited,
    }
}
