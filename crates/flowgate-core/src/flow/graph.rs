//! A flow as a graph: who leads where, what a caller can reach, and the shortest way there.
//!
//! Elements and connectors are named by their index in [`Flow::elements`] and [`Flow::connectors`]. Everything is linear
//! in their number and nothing recurses. What a shape of the graph means for callers is for [`crate::rules`].

use std::collections::VecDeque;

use super::lists::Lists;
use super::{Connector, ElementType, Ends, Flow};

/// One way out of (or into) an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    /// The element at the other end.
    pub element: usize,
    /// The connector that leads there.
    pub connector: usize,
}

/// A connector that does not join two elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LooseEnd {
    /// The connector.
    pub connector: usize,
    /// The element it leaves, if there is one.
    pub source: Option<usize>,
    /// The element it leads to, if there is one.
    pub target: Option<usize>,
}

/// The graph of one flow. Where ids are used twice, connectors belong to the first element.
#[derive(Debug, Clone)]
pub struct Graph {
    forward: Lists<Edge>,
    backward: Lists<Edge>,
    begins: Vec<usize>,
    loose: Vec<LooseEnd>,
}

impl Graph {
    /// The graph of this flow.
    pub fn new(flow: &Flow) -> Self {
        let elements = flow.elements().len();
        let mut joined = Vec::with_capacity(flow.connectors().len());
        let mut loose = Vec::new();
        for (connector, Connector { ends, .. }) in flow.connectors().iter().enumerate() {
            let &Ends { source, target } = ends;
            if let (Some(source), Some(target)) = (source, target) {
                joined.push((connector, source, target));
            } else {
                loose.push(LooseEnd {
                    connector,
                    source,
                    target,
                });
            }
        }
        let begins = (0..elements)
            .filter(|&index| flow.elements()[index].kind == ElementType::Begin)
            .collect();
        let edge = |connector, element| Edge { element, connector };
        let forward = joined
            .iter()
            .map(|&(connector, source, target)| (source, edge(connector, target)));
        let backward = joined
            .iter()
            .map(|&(connector, source, target)| (target, edge(connector, source)));
        Self {
            forward: Lists::new(elements, forward),
            backward: Lists::new(elements, backward),
            begins,
            loose,
        }
    }

    /// How many elements there are.
    pub fn len(&self) -> usize {
        self.forward.len()
    }

    /// Whether there is no element.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The Begin elements, in file order.
    pub fn begins(&self) -> &[usize] {
        &self.begins
    }

    /// Connectors that do not join two elements, in file order; they are no edge of this graph.
    pub fn loose_ends(&self) -> &[LooseEnd] {
        &self.loose
    }

    /// Where this element leads, in file order of the connectors.
    pub fn successors(&self, element: usize) -> &[Edge] {
        self.forward.of(element)
    }

    /// What leads to this element, in file order of the connectors.
    pub fn predecessors(&self, element: usize) -> &[Edge] {
        self.backward.of(element)
    }

    /// For each element, whether it can be reached from one of these (which are reached themselves).
    pub fn reachable_from(&self, seeds: impl IntoIterator<Item = usize>) -> Vec<bool> {
        self.forward.visit(seeds, |_, _| ())
    }

    /// For each element, whether one of these can be reached from it (each reaches itself).
    pub fn reaching(&self, seeds: impl IntoIterator<Item = usize>) -> Vec<bool> {
        self.backward.visit(seeds, |_, _| ())
    }

    /// The shortest ways from the Begins to every element.
    pub fn ways(&self) -> Ways {
        let mut from = vec![None; self.len()];
        let reached = self
            .forward
            .visit(self.begins.iter().copied(), |element, edge| {
                from[edge.element] = Some(Edge {
                    element,
                    connector: edge.connector,
                });
            });
        Ways { from, reached }
    }
}

/// One stop on a way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The connector that led here; `None` at the Begin.
    pub by: Option<usize>,
    /// The element.
    pub element: usize,
}

/// The shortest ways from the Begins, see [`Graph::ways`].
#[derive(Debug, Clone)]
pub struct Ways {
    from: Vec<Option<Edge>>,
    reached: Vec<bool>,
}

impl Ways {
    /// Whether a call can come here.
    pub fn reaches(&self, element: usize) -> bool {
        self.reached.get(element).copied().unwrap_or(false)
    }

    /// The last step of the shortest way to this element: the element before it, and the connector that leads here.
    /// `None` at a Begin, and where no call can come.
    pub fn last_step(&self, element: usize) -> Option<Edge> {
        self.from.get(element).copied().flatten()
    }

    /// The shortest way (of several the one that stands first in the file), from a Begin to this element; `None` where
    /// no call can come.
    pub fn to(&self, element: usize) -> Option<Vec<Step>> {
        if !self.reaches(element) {
            return None;
        }
        let mut steps = Vec::new();
        let mut element = element;
        while let Some(edge) = self.from[element] {
            steps.push(Step {
                by: Some(edge.connector),
                element,
            });
            element = edge.element;
        }
        steps.push(Step { by: None, element });
        steps.reverse();
        Some(steps)
    }
}

impl Lists<Edge> {
    /// Visits all that can be reached, nearest first, and tells of each new element from where.
    fn visit(
        &self,
        seeds: impl IntoIterator<Item = usize>,
        mut tell: impl FnMut(usize, Edge),
    ) -> Vec<bool> {
        let mut seen = vec![false; self.len()];
        let mut queue = VecDeque::new();
        for seed in seeds {
            if seen.get(seed) == Some(&false) {
                seen[seed] = true;
                queue.push_back(seed);
            }
        }
        while let Some(element) = queue.pop_front() {
            for &edge in self.of(element) {
                if !seen[edge.element] {
                    seen[edge.element] = true;
                    tell(element, edge);
                    queue.push_back(edge.element);
                }
            }
        }
        seen
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Content, native};
    use super::*;

    /// Element 0 is the Begin; an end past the last element is a missing one.
    fn graph(elements: usize, edges: &[(usize, usize)]) -> Graph {
        let kind = |index| if index == 0 { "Begin" } else { "IVR" };
        let list: Vec<String> = (0..elements)
            .map(|index| format!(r#"{{"id":"e{index}","type":"{}"}}"#, kind(index)))
            .collect();
        let ways: Vec<String> = edges
            .iter()
            .map(|(from, to)| format!(r#"{{"sourceId":"e{from}","targetId":"e{to}"}}"#))
            .collect();
        let text = format!(
            r#"{{"elements":[{}],"connectors":[{}]}}"#,
            list.join(","),
            ways.join(",")
        );
        let content = Content::Bytes(text.into_bytes());
        let reading = native::read("flows/a.json".parse().unwrap(), content);
        Graph::new(&reading.flow.unwrap())
    }

    #[test]
    fn a_caller_takes_the_shortest_way_and_loose_ends_lead_nowhere() {
        let graph = graph(5, &[(0, 1), (1, 2), (2, 3), (0, 2), (3, 9), (9, 4), (0, 2)]);
        let ways = graph.ways();
        let step = |by, element| Step { by, element };
        assert_eq!(
            ways.to(3),
            Some(vec![step(None, 0), step(Some(3), 2), step(Some(2), 3)])
        );
        assert_eq!(ways.to(4), None);
        assert_eq!(ways.to(99), None);
        let loose: Vec<_> = graph
            .loose_ends()
            .iter()
            .map(|end| (end.connector, end.source, end.target))
            .collect();
        assert_eq!(loose, [(4, Some(3), None), (5, None, Some(4))]);
        assert_eq!(
            graph
                .predecessors(2)
                .iter()
                .map(|edge| edge.connector)
                .collect::<Vec<_>>(),
            [1, 3, 6]
        );
        assert_eq!(graph.reaching([3]), [true, true, true, true, false]);
    }

    #[test]
    fn a_chain_of_many_elements_is_no_matter() {
        let edges: Vec<_> = (0..49_999).map(|index| (index, index + 1)).collect();
        assert_eq!(
            graph(50_000, &edges).ways().to(49_999).unwrap().len(),
            50_000
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn ways_are_real_and_agree_with_reachability_both_ways(
            edges in prop::collection::vec((0_usize..9, 0_usize..9), 0..20),
        ) {
            let graph = graph(8, &edges);
            let ways = graph.ways();
            let reachable = graph.reachable_from(graph.begins().iter().copied());
            for (element, &reached) in reachable.iter().enumerate() {
                let way = ways.to(element);
                prop_assert_eq!(way.is_some(), reached);
                prop_assert_eq!(reached, graph.reaching([element])[0]);
                for pair in way.unwrap_or_default().windows(2) {
                    let edge = Edge { element: pair[1].element, connector: pair[1].by.unwrap() };
                    prop_assert!(graph.successors(pair[0].element).contains(&edge));
                }
            }
        }
    }
}
