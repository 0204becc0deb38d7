//! A flow as a graph of indices: who leads where, what can be reached from Begin, what can reach a way out.
//!
//! Built once for all graph rules, in linear time and without recursion. Connectors with a missing end are no edges;
//! an element that such a connector leaves counts as a way out, since nobody knows where it was meant to lead.

use std::collections::HashMap;

use super::types::{ElementTypes, Role};
use super::words;
use crate::flow::{ElementType, Flow};
use crate::ids::ElementId;

/// See the module.
#[derive(Debug)]
pub(super) struct GraphView {
    ids: HashMap<ElementId, usize>,
    /// Per element: all connectors that leave it, those with a missing target too.
    pub leaving: Vec<Vec<usize>>,
    /// Per element: (connector, target element).
    pub out: Vec<Vec<(usize, usize)>>,
    /// Per element: (connector, source element).
    pub incoming: Vec<Vec<(usize, usize)>>,
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
        let mut index: HashMap<ElementId, usize> = HashMap::with_capacity(elements.len());
        let mut first = vec![true; elements.len()];
        for (at, element) in elements.iter().enumerate() {
            first[at] = *index.entry(element.id.clone()).or_insert(at) == at;
        }
        let mut out = vec![Vec::new(); elements.len()];
        let mut incoming = vec![Vec::new(); elements.len()];
        let mut dangling = vec![false; elements.len()];
        let mut leaving = vec![Vec::new(); elements.len()];
        for (at, connector) in flow.connectors().iter().enumerate() {
            if let Some(&source) = index.get(&connector.source) {
                leaving[source].push(at);
            }
            match (index.get(&connector.source), index.get(&connector.target)) {
                (Some(&source), Some(&target)) => {
                    out[source].push((at, target));
                    incoming[target].push((at, source));
                }
                (Some(&source), None) => dangling[source] = true,
                (None, _) => {}
            }
        }
        let is = |kind: &ElementType| {
            let all = elements.iter().enumerate();
            let of_kind = all.filter(|(at, element)| first[*at] && element.kind == *kind);
            of_kind.map(|(at, _)| at).collect::<Vec<_>>()
        };
        let begins = is(&ElementType::Begin);
        let exits = (0..elements.len()).filter(|&at| {
            types.have(&elements[at].kind, Role::Exit) || out[at].is_empty() || dangling[at]
        });
        let leads_out = walk(exits, &incoming);
        let reached = walk(begins.iter().copied(), &out);
        Self {
            ids: index,
            leaving,
            out,
            incoming,
            first,
            begins,
            reached,
            leads_out,
        }
    }

    /// Index of the (first) element with this id.
    pub(super) fn index_of(&self, id: &ElementId) -> Option<usize> {
        self.ids.get(id).copied()
    }
}

/// Everything that can be reached from `starts` over `edges`, the starts included.
pub(super) fn walk(
    starts: impl IntoIterator<Item = usize>,
    edges: &[Vec<(usize, usize)>],
) -> Vec<bool> {
    let mut seen = vec![false; edges.len()];
    let mut open: Vec<usize> = Vec::new();
    for start in starts {
        if !std::mem::replace(&mut seen[start], true) {
            open.push(start);
        }
    }
    while let Some(at) = open.pop() {
        for &(_, next) in &edges[at] {
            if !std::mem::replace(&mut seen[next], true) {
                open.push(next);
            }
        }
    }
    seen
}

/// The element of a graph rule's finding: where its id stands, and what it is called.
pub(super) fn place(flow: &Flow, at: usize) -> (crate::text::Span, String) {
    let element = &flow.elements()[at];
    (
        words::span_of(flow, element.node, "id"),
        words::element(flow, element),
    )
}
