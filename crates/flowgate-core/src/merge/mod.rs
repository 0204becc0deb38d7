//! Merging two flows that parted from one: element by element and connector by connector, never line by line.
//!
//! What one side alone changed is taken. What both changed in different ways is a conflict: it is told by name, and
//! the text then holds both, between the markers that git's users know, so that nothing is lost and the file is no
//! flow until somebody has decided. Law: edits that do not overlap give the same flow in either order.

#[cfg(test)]
mod laws;
mod list;
mod marks;
mod pass;
#[cfg(test)]
mod tests;
mod value;

use std::collections::BTreeSet;
use std::fmt;

use crate::delta;
use crate::flow::format::write;
use crate::flow::json::Value;
use crate::flow::{Flow, Layout};

use pass::Pass;

/// The flows that are merged.
#[derive(Debug, Clone, Copy)]
pub struct Sides<'f> {
    /// The flow from which both come; `None` where each side made the file anew.
    pub base: Option<&'f Flow>,
    /// The flow of the branch that is merged into.
    pub ours: &'f Flow,
    /// The flow of the branch that is merged.
    pub theirs: &'f Flow,
}

/// One of the two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// The branch that is merged into.
    Ours,
    /// The branch that is merged.
    Theirs,
}

impl Side {
    /// As git calls it.
    pub fn as_str(self) -> &'static str {
        match self {
            Side::Ours => "ours",
            Side::Theirs => "theirs",
        }
    }
}

/// What came of a merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// The text of the file.
    pub text: String,
    /// What nobody but a person can decide; the text holds both sides of it.
    pub conflicts: Vec<Conflict>,
    /// What a person should know although nothing is to be decided.
    pub notes: Vec<String>,
}

/// What both sides want to be different. The names come from flow files.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Conflict {
    /// What people call it.
    pub name: String,
    /// What happened.
    pub clash: Clash,
}

/// How two sides contradict each other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Clash {
    /// Both changed these fields (JSON pointers; none: all of it), each in its own way.
    Fields(Vec<String>),
    /// Both added something under one id, and it is not the same.
    Added,
    /// This side removed what the other one changed.
    Removed(Side),
    /// This side removed an element that the other side's connector needs.
    Needed {
        /// Who removed it.
        removed_by: Side,
        /// What people call the connector.
        connector: String,
    },
    /// Both put the same things in another order, each in its own.
    Order,
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.name)?;
        match &self.clash {
            Clash::Fields(fields) if fields.is_empty() => f.write_str("both sides changed it"),
            Clash::Fields(fields) => write!(f, "both sides changed {}", fields.join(", ")),
            Clash::Added => f.write_str("both sides added it, each in its own way"),
            Clash::Removed(side) => {
                let other = match side {
                    Side::Ours => Side::Theirs,
                    Side::Theirs => Side::Ours,
                };
                write!(
                    f,
                    "{} removed it, {} changed it",
                    side.as_str(),
                    other.as_str()
                )
            }
            Clash::Needed {
                removed_by,
                connector,
            } => write!(
                f,
                "{} removed it, and {connector} still needs it",
                removed_by.as_str()
            ),
            Clash::Order => f.write_str("both sides changed the order, each in its own way"),
        }
    }
}

/// Why two flows cannot be merged by their elements.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unmergeable {
    /// A side could not be read in full.
    #[error("{0} cannot be read in full")]
    Damaged(&'static str),
    /// Two elements or connectors of one side have one id.
    #[error("{0} holds an id twice")]
    DuplicateId(&'static str),
}

/// Merges. `marker_size` is the length of the markers around what is not decided.
///
/// # Errors
/// Where a side holds something whose identity nobody can tell.
pub fn merge(sides: Sides<'_>, layout: &Layout, marker_size: usize) -> Result<Merged, Unmergeable> {
    let named = [
        (sides.base, "the common ancestor"),
        (Some(sides.ours), Side::Ours.as_str()),
        (Some(sides.theirs), Side::Theirs.as_str()),
    ];
    for (flow, name) in named {
        if let Some(flow) = flow {
            mergeable(flow, name)?;
        }
    }
    let mut contested = BTreeSet::new();
    let (ours, theirs) = loop {
        let run = |take| Pass::new(sides, layout, take, &contested).run();
        let (ours, theirs) = (run(Side::Ours), run(Side::Theirs));
        // An element that one side removed and the other needs is not decided either.
        let more: Vec<_> = ours.needed.iter().chain(&theirs.needed).cloned().collect();
        let before = contested.len();
        contested.extend(more);
        if contested.len() == before {
            break (ours, theirs);
        }
    };
    let conflicts: BTreeSet<Conflict> =
        ours.conflicts.into_iter().chain(theirs.conflicts).collect();
    let text = if conflicts.is_empty() {
        write(&ours.file)
    } else {
        marks::between(&write(&ours.file), &write(&theirs.file), marker_size)
    };
    Ok(Merged {
        text,
        conflicts: conflicts.into_iter().collect(),
        notes: ours.notes,
    })
}

/// Whether two files say the same, however they are written: elements, connectors, layout and all else.
pub fn is_same(a: &Flow, b: &Flow, layout: &Layout) -> bool {
    delta::diff(a, b, layout).is_empty() && other_keys(a, b).is_empty()
}

/// Keys besides `elements` and `connectors` that have another value, or one on one side only; sorted.
pub fn other_keys(a: &Flow, b: &Flow) -> Vec<String> {
    let keys: BTreeSet<String> = top(a).chain(top(b)).map(|(key, _)| key).collect();
    let differs = |key: &String| !value::same(a.top(key), b.top(key));
    keys.into_iter().filter(differs).collect()
}

/// The members of a file besides its elements and connectors.
fn top(flow: &Flow) -> impl Iterator<Item = (String, Value<'_>)> {
    let members = flow.document().root().members();
    members
        .map(|(key, value)| (key.text().to_owned(), value))
        .filter(|(key, _)| !matches!(key.as_str(), "elements" | "connectors"))
}

fn mergeable(flow: &Flow, name: &'static str) -> Result<(), Unmergeable> {
    let arrays = ["elements", "connectors"]
        .iter()
        .all(|key| flow.top(key).is_some_and(Value::is_array));
    if !arrays || !flow.is_whole() || !flow.document().duplicate_keys().is_empty() {
        return Err(Unmergeable::Damaged(name));
    }
    let elements: BTreeSet<_> = flow.elements().iter().map(|element| &element.id).collect();
    let ids = || flow.connectors().iter().filter_map(|it| it.id.as_ref());
    let connectors: BTreeSet<_> = ids().collect();
    if elements.len() < flow.elements().len() || connectors.len() < ids().count() {
        return Err(Unmergeable::DuplicateId(name));
    }
    Ok(())
}
