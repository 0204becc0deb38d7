//! A flow as graph rules look at it: who leads where, what calls surely reach, what can reach a way out.
//!
//! Made once for all graph rules. Ways with a missing end are no edges; an element that such a way leaves counts as a way
//! out, since nobody knows where it was meant to lead.

use std::sync::Arc;

use super::words;
use crate::flow::graph::{Edge, Graph, Reach};
use crate::flow::{Element, ElementTypes, Flow, Role, Way};

/// See the module.
#[derive(Debug)]
pub(super) struct GraphView<'a> {
    graph: &'a Graph,
    reach: Arc<Reach>,
    /// Per element: whether it is the first with its id; the others are another rule's matter and stand apart.
    pub first: Vec<bool>,
    /// Elements of the type Begin.
    pub begins: Vec<usize>,
    /// Per element: whether a way out can be reached from here.
    pub leads_out: Vec<bool>,
}

impl<'a> GraphView<'a> {
    pub(super) fn new(flow: &'a Flow, types: &ElementTypes) -> Self {
        let elements = flow.elements();
        let index = flow.index();
        let graph = index.graph();
        let unique = flow.has_unique_ids();
        let is_first = |(at, element): (usize, &Element)| {
            unique || flow.element_index(&element.id) == Some(at)
        };
        let first: Vec<bool> = elements.iter().enumerate().map(is_first).collect();
        let begins: Vec<usize> = graph
            .begins()
            .iter()
            .copied()
            .filter(|&at| first[at])
            .collect();
        let mut dangling = vec![false; elements.len()];
        for loose in graph.loose_ends() {
            if let Some(source) = loose.source {
                dangling[source] = true;
            }
        }
        let exits = (0..elements.len()).filter(|&at| {
            types.have(&elements[at].kind, Role::Exit)
                || graph.successors(at).is_empty()
                || dangling[at]
        });
        Self {
            leads_out: graph.reaching(exits),
            reach: index.reach(types),
            graph,
            first,
            begins,
        }
    }

    /// Whether calls come in anywhere for sure.
    pub(super) fn has_entry(&self) -> bool {
        !self.reach.entries.is_empty()
    }

    /// Whether a call surely comes here.
    pub(super) fn is_reached(&self, at: usize) -> bool {
        self.reach.ways.reaches(at)
    }

    /// Whether it cannot be said that no call comes here.
    pub(super) fn may_be_reached(&self, at: usize) -> bool {
        self.reach.perhaps.get(at) == Some(&true)
    }

    /// Per element: whether a call surely comes here by no way of this kind.
    pub(super) fn reached_without(&self, is_left_out: impl Fn(usize, usize) -> bool) -> Vec<bool> {
        let mut reached = vec![false; self.graph.len()];
        let mut open: Vec<usize> = self.reach.entries.clone();
        while let Some(at) = open.pop() {
            if std::mem::replace(&mut reached[at], true) {
                continue;
            }
            let on = self.graph.successors(at).iter();
            let on = on.filter(|edge| !reached[edge.element] && !is_left_out(at, edge.way));
            open.extend(on.map(|edge| edge.element));
        }
        reached
    }

    /// Where an element leads.
    pub(super) fn out(&self, at: usize) -> &'a [Edge] {
        self.graph.successors(at)
    }

    /// What leads to an element.
    pub(super) fn incoming(&self, at: usize) -> &'a [Edge] {
        self.graph.predecessors(at)
    }

    /// All ways that leave an element, those with a missing target too.
    pub(super) fn leaving(&self, at: usize) -> &'a [usize] {
        self.graph.leaving(at)
    }
}

/// What tells a way from others with the same ends: the connector's id, else where the setting stands.
pub(super) fn way_id(way: Way<'_>) -> &str {
    let id = way.connector().and_then(|connector| connector.id.as_ref());
    id.map_or_else(|| way.pointer().unwrap_or(""), |id| id.as_str())
}

/// The element of a graph rule's finding: where its id stands, and what it is called.
pub(super) fn place(flow: &Flow, at: usize) -> (crate::text::Span, String) {
    let element = &flow.elements()[at];
    (
        words::span_of(flow, element.node, "id"),
        words::element(flow, element),
    )
}
