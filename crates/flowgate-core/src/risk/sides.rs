//! Both flows of a change as graphs, and what is the same thing on both sides.

use std::collections::{HashMap, HashSet};

use crate::delta::{ChangeKind, Delta, Subject, SubjectKind};
use crate::flow::branch::Branch;
use crate::flow::graph::{Graph, Ways};
use crate::flow::{Connector, Element, Flow, names};
use crate::ids::{ConnectorId, ElementId};

/// How many elements of a way are told; what stands before them is `…`.
const TOLD: usize = 6;

/// One flow, looked at once for all changes.
pub(super) struct Side<'a> {
    pub(super) flow: &'a Flow,
    pub(super) graph: Graph,
    ways: Ways,
    connectors: HashMap<&'a ConnectorId, usize>,
    /// Per source: its connectors without an id.
    nameless: HashMap<&'a ElementId, Vec<usize>>,
    /// Whether it can be said what calls reach: unknown is not "nobody".
    known: bool,
}

impl<'a> Side<'a> {
    fn new(flow: &'a Flow) -> Self {
        let graph = Graph::new(flow);
        let mut connectors = HashMap::new();
        let mut nameless: HashMap<_, Vec<_>> = HashMap::new();
        for (index, connector) in flow.connectors().iter().enumerate() {
            match &connector.id {
                Some(id) => {
                    connectors.entry(id).or_insert(index);
                }
                None => nameless.entry(&connector.source).or_default().push(index),
            }
        }
        Self {
            flow,
            ways: graph.ways(),
            known: flow.is_whole() && !graph.begins().is_empty(),
            graph,
            connectors,
            nameless,
        }
    }

    pub(super) fn connector(&self, subject: &Subject) -> Option<&'a Connector> {
        let index = match subject {
            Subject::Element(_) => return None,
            Subject::Connector(id) => *self.connectors.get(id)?,
            Subject::NthConnector { source, nth } => *self.nameless.get(source)?.get(*nth)?,
        };
        self.flow.connectors().get(index)
    }

    /// Whether calls may come to this element.
    pub(super) fn reaches(&self, id: &ElementId) -> bool {
        let Some(index) = self.flow.element_index(id) else {
            return self.flow.is_damaged(id);
        };
        !self.known || self.ways.reaches(index)
    }

    /// The connectors that leave an element and lead to another.
    pub(super) fn exits(&self, id: &ElementId) -> impl Iterator<Item = &'a Connector> + '_ {
        let edges = self.flow.element_index(id);
        let edges = edges.map_or(&[][..], |index| self.graph.successors(index));
        edges
            .iter()
            .map(|edge| &self.flow.connectors()[edge.connector])
    }

    pub(super) fn branch(&self, connector: &Connector) -> Branch<'a> {
        Branch::of(self.flow, connector.node)
    }

    /// The names on the last part of the way of a call from Begin to this element, Begin left out.
    pub(super) fn way(&self, element: &Element) -> Vec<String> {
        let Some(mut at) = self.flow.element_index(&element.id) else {
            return Vec::new();
        };
        let mut steps = vec![names::element(self.flow, element)];
        while let Some(edge) = self.ways.last_step(at) {
            at = edge.element;
            if self.graph.begins().contains(&at) {
                break;
            }
            if steps.len() == TOLD {
                steps.push("…".to_owned());
                break;
            }
            steps.push(names::element(self.flow, &self.flow.elements()[at]));
        }
        steps.reverse();
        steps
    }
}

/// Before and after.
pub(super) struct Sides<'a> {
    pub(super) old: Side<'a>,
    pub(super) new: Side<'a>,
    /// Elements whose id alone is new: old to new, and back.
    renamed: HashMap<&'a ElementId, &'a ElementId>,
    was: HashMap<&'a ElementId, &'a ElementId>,
    /// Things that live on under another id.
    lives_on: HashSet<&'a Subject>,
    /// All ways of now, where some are gone: source, case, target.
    ways: HashSet<(&'a ElementId, Branch<'a>, &'a ElementId)>,
    /// By source and case: the first way that is new.
    added: HashMap<(&'a ElementId, Branch<'a>), &'a Connector>,
    /// Source (its id of now) and case of ways that are gone.
    removed: HashSet<(&'a ElementId, Branch<'a>)>,
}

impl<'a> Sides<'a> {
    pub(super) fn new(old: &'a Flow, new: &'a Flow, delta: &'a Delta) -> Self {
        let mut sides = Self {
            old: Side::new(old),
            new: Side::new(new),
            renamed: HashMap::new(),
            was: HashMap::new(),
            lives_on: HashSet::new(),
            ways: HashSet::new(),
            added: HashMap::new(),
            removed: HashSet::new(),
        };
        for change in &delta.changes {
            if let Some(before) = &change.renamed_from {
                sides.lives_on.insert(before);
                if let (Subject::Element(was), Subject::Element(is)) = (before, &change.subject) {
                    sides.renamed.insert(was, is);
                    sides.was.insert(is, was);
                }
            }
        }
        sides.look_at_ways(delta);
        sides
    }

    fn look_at_ways(&mut self, delta: &'a Delta) {
        for change in delta.of(SubjectKind::Connector) {
            let subject = &change.subject;
            match change.change {
                ChangeKind::Added => {
                    if let Some(new) = self.new.connector(subject) {
                        let case = (&new.source, self.new.branch(new));
                        self.added.entry(case).or_insert(new);
                    }
                }
                ChangeKind::Removed if !self.lives_on(subject) => {
                    if let Some(old) = self.old.connector(subject) {
                        let source = self.renamed.get(&old.source);
                        let case = self.old.branch(old);
                        self.removed
                            .insert((source.copied().unwrap_or(&old.source), case));
                    }
                }
                _ => {}
            }
        }
        if !self.removed.is_empty() {
            let ways = self.new.flow.connectors().iter();
            self.ways = ways
                .map(|way| (&way.source, self.new.branch(way), &way.target))
                .collect();
        }
    }

    /// Whether there is a way now from this source to this target in this case.
    pub(super) fn has_way(
        &self,
        source: &ElementId,
        case: &Branch<'_>,
        target: &ElementId,
    ) -> bool {
        self.ways.contains(&(source, case.clone(), target))
    }

    /// The new way out of this element in this case.
    pub(super) fn new_way(&self, source: &ElementId, case: &Branch<'_>) -> Option<&'a Connector> {
        self.added.get(&(source, case.clone())).copied()
    }

    /// Whether a way out of this element in this case is gone.
    pub(super) fn lost_way(&self, source: &ElementId, case: &Branch<'_>) -> bool {
        self.removed.contains(&(source, case.clone()))
    }

    /// The id that an element of before has now.
    pub(super) fn now<'s>(&'s self, id: &'s ElementId) -> &'s ElementId {
        self.renamed.get(id).copied().unwrap_or(id)
    }

    /// The id that an element of now had before.
    pub(super) fn before<'s>(&'s self, id: &'s ElementId) -> &'s ElementId {
        self.was.get(id).copied().unwrap_or(id)
    }

    /// Whether this thing of before lives on under another id.
    pub(super) fn lives_on(&self, subject: &Subject) -> bool {
        self.lives_on.contains(subject)
    }

    /// Whether an element of now was there before.
    pub(super) fn is_old(&self, id: &ElementId) -> bool {
        let id = self.before(id);
        self.old.flow.element(id).is_some() || self.old.flow.is_damaged(id)
    }

    /// Whether there is an element of this id now.
    pub(super) fn is_there(&self, id: &ElementId) -> bool {
        let flow = self.new.flow;
        flow.element(id).is_some() || flow.is_damaged(id) || flow.has_unidentified_elements()
    }
}
