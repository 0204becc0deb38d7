//! A flow, or what is different between two, as nodes and edges with a look: what every picture is drawn from.
//!
//! Texts are raw here: each picture redacts and escapes them its own way.

use std::collections::{BTreeMap, BTreeSet};

use crate::delta::{ChangeKind, Delta, Subject};
use crate::flow::{FlowView, Way};
use crate::ids::ElementId;

/// How a thing stands in a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Look {
    /// As before.
    Same,
    /// Different.
    Changed,
    /// Added.
    New,
    /// Removed: shown as a ghost.
    Gone,
    /// Led to, but not there.
    Missing,
}

impl Look {
    /// The word in pictures.
    pub(super) fn class(self) -> &'static str {
        match self {
            Look::Same => "same",
            Look::Changed => "changed",
            Look::New => "new",
            Look::Gone => "gone",
            Look::Missing => "missing",
        }
    }
}

/// An element, or an id that something leads to.
#[derive(Debug)]
pub(super) struct Node<'a> {
    pub(super) id: &'a ElementId,
    /// What people call it; `? ID` where it is missing.
    pub(super) name: String,
    pub(super) look: Look,
}

/// A way out of an element.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Edge<'a> {
    pub(super) source: &'a ElementId,
    pub(super) label: String,
    pub(super) target: &'a ElementId,
    pub(super) look: Look,
}

/// How much of the flow is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// All of it.
    Whole,
    /// What is different, and its neighbours.
    Changed,
}

/// Nodes in order of their ids, edges in order of their ends.
#[derive(Debug, Default)]
pub(super) struct Chart<'a> {
    pub(super) nodes: Vec<Node<'a>>,
    pub(super) edges: Vec<Edge<'a>>,
}

impl<'a> Chart<'a> {
    /// The chart of a change; of one flow, where both are the same. `None` with more than `most` edges, and for a part
    /// that is nothing.
    pub(super) fn of(
        old: &FlowView<'a>,
        new: &FlowView<'a>,
        delta: &'a Delta,
        part: Part,
        most: usize,
    ) -> Option<Self> {
        let looks = looks(old, new, delta, part);
        let is_drawn = |id: &ElementId| part == Part::Whole || looks.contains_key(id);
        let mut edges = BTreeSet::new();
        let mut add = |view: &FlowView<'a>, other: &FlowView<'a>, odd: Look| -> Option<()> {
            for element in view.flow().elements() {
                for (nth, &number) in view.exits(&element.id).iter().enumerate() {
                    let way = view.index.way(number);
                    let (source, target) = (way.source(), way.target());
                    if !is_drawn(source) && !is_drawn(target) {
                        continue;
                    }
                    let label = view.label_or_nth(number, nth);
                    let mut twins = other.exits(&element.id).iter().enumerate();
                    let both = twins.any(|(nth, &twin)| {
                        other.index.way(twin).target() == target
                            && other.label_or_nth(twin, nth) == label
                    });
                    let look = match (both, odd) {
                        (true, Look::New) => Look::Same,
                        (true, _) => continue,
                        (false, odd) => odd,
                    };
                    edges.insert(Edge {
                        source,
                        label,
                        target,
                        look,
                    });
                    if edges.len() > most {
                        return None;
                    }
                }
            }
            Some(())
        };
        add(new, old, Look::New)?;
        add(old, new, Look::Gone)?;
        let mut ids: BTreeSet<&ElementId> = edges
            .iter()
            .flat_map(|edge| [edge.source, edge.target])
            .chain(looks.keys().copied())
            .collect();
        if part == Part::Whole {
            ids.extend(new.flow().elements().iter().map(|element| &element.id));
        }
        if ids.is_empty() || part == Part::Changed && looks.is_empty() {
            return None;
        }
        let node = |id: &'a ElementId| {
            let look = looks.get(id).copied().unwrap_or(Look::Same);
            let name = new.name(id).or_else(|| old.name(id));
            let name = match (name, look) {
                (Some(removed), Look::Missing) => Some(format!("? {removed}")),
                (name, _) => name,
            };
            Node {
                id,
                name: name.unwrap_or_else(|| format!("? {id}")),
                look,
            }
        };
        Some(Self {
            nodes: ids.into_iter().map(node).collect(),
            edges: edges.into_iter().collect(),
        })
    }

    /// Where each node stands in the list.
    pub(super) fn numbers(&self) -> BTreeMap<&'a ElementId, usize> {
        self.nodes.iter().map(|node| node.id).zip(0..).collect()
    }
}

/// How each element that is not simply the same looks.
fn looks<'a>(
    old: &FlowView<'a>,
    new: &FlowView<'a>,
    delta: &'a Delta,
    part: Part,
) -> BTreeMap<&'a ElementId, Look> {
    let mut looks = BTreeMap::new();
    for change in &delta.changes {
        match (&change.subject, change.change) {
            (_, ChangeKind::Moved) => {}
            (Subject::Element(id), ChangeKind::Added) => {
                looks.insert(id, Look::New);
            }
            (Subject::Element(id), ChangeKind::Removed) => {
                looks.insert(id, Look::Gone);
            }
            (Subject::Element(id), ChangeKind::Modified) => {
                looks.insert(id, Look::Changed);
            }
            (Subject::Connector(_), _) => {
                for view in [new, old] {
                    if let Some(connector) = change.subject.connector(view.index) {
                        looks.entry(&connector.source).or_insert(Look::Changed);
                    }
                }
            }
            (Subject::NthConnector { source, .. }, _) => {
                looks.entry(source).or_insert(Look::Changed);
            }
        }
    }
    let missing: Vec<&ElementId> = new
        .index
        .ways()
        .filter(|way| {
            part == Part::Whole
                || looks.contains_key(way.source())
                || looks.get(way.target()) == Some(&Look::Gone)
        })
        .map(Way::target)
        .filter(|target| !new.has(target))
        .collect();
    for target in missing {
        looks.insert(target, Look::Missing);
    }
    looks
}
