//! A flow as graph rules look at it: who leads where, what can be reached from Begin, what can reach a way out.
//!
//! Built once for all graph rules. Connectors with a missing end are no edges;
//! an element that such a connector leaves counts as a way out, since nobody knows where it was meant to lead.

use super::types::{ElementTypes, Role};
use super::words;
use crate::flow::graph::{Edge, Graph};
use crate::flow::lists::Lists;
use crate::flow::{Element, Flow};

/// See the module.
#[derive(Debug)]
pub(super) struct GraphView {
    graph: Graph,
    leaving: Lists<usize>,
    /// Per element: whether it is the first with its id; the others are another rule's matter and stand apart.
    pub first: Vec<bool>,
    /// Elements where calls come in.
    pub begins: Vec<usize>,
    /// Per element: whether a call can come here from a Begin.
    pub reached: Vec<bool>,
    /// Per element: whether a way out can be reached from here.
    pub leads_out: Vec<bool>,
}

impl GraphView {
    pub(super) fn new(flow: &Flow, types: &ElementTypes) -> Self {
        let elements = flow.elements();
        let graph = Graph::new(flow);
        let leaving = flow.connectors().iter().enumerate();
        let leaving = leaving.filter_map(|(at, connector)| Some((connector.ends.source?, at)));
        let leaving = Lists::new(elements.len(), leaving);
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
            reached: graph.reachable_from(begins.iter().copied()),
            graph,
            leaving,
            first,
            begins,
        }
    }

    /// Where an element leads.
    pub(super) fn out(&self, at: usize) -> &[Edge] {
        self.graph.successors(at)
    }

    /// What leads to an element.
    pub(super) fn incoming(&self, at: usize) -> &[Edge] {
        self.graph.predecessors(at)
    }

    /// All connectors that leave an element, those with a missing target too.
    pub(super) fn leaving(&self, at: usize) -> &[usize] {
        self.leaving.of(at)
    }
}

/// The element of a graph rule's finding: where its id stands, and what it is called.
pub(super) fn place(flow: &Flow, at: usize) -> (crate::text::Span, String) {
    let element = &flow.elements()[at];
    (
        words::span_of(flow, element.node, "id"),
        words::element(flow, element),
    )
}
