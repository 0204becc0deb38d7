//! A flow as a graph: who leads where, what a caller can reach, and the shortest way there.
//!
//! Elements are named by their index in [`super::Flow::elements`], ways by theirs in [`super::FlowIndex::ways`]: connectors
//! come first, in the order of [`super::Flow::connectors`], ways that settings name after them. Everything is linear in
//! their number and nothing recurses. What a shape of the graph means for callers is for [`crate::rules`].

use std::collections::VecDeque;

use super::lists::Lists;
use super::types::ElementTypes;
use super::{ElementType, Ends, Flow};

/// One way out of (or into) an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    /// The element at the other end.
    pub element: usize,
    /// The way that leads there.
    pub way: usize,
}

/// A way that does not join two elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LooseEnd {
    /// The way.
    pub way: usize,
    /// The element it leaves, if there is one.
    pub source: Option<usize>,
    /// The element it leads to, if there is one.
    pub target: Option<usize>,
}

/// The graph of one flow. Where ids are used twice, ways belong to the first element.
#[derive(Debug, Clone)]
pub struct Graph {
    forward: Lists<Edge>,
    backward: Lists<Edge>,
    leaving: Lists<usize>,
    begins: Vec<usize>,
    loose: Vec<LooseEnd>,
}

impl Graph {
    /// The graph of a flow whose ways join these elements.
    pub(super) fn new(flow: &Flow, ways: impl Iterator<Item = Ends>) -> Self {
        let elements = flow.elements().len();
        let mut joined = Vec::with_capacity(flow.connectors().len());
        let mut leaving = Vec::with_capacity(flow.connectors().len());
        let mut loose = Vec::new();
        for (way, Ends { source, target }) in ways.enumerate() {
            leaving.extend(source.map(|source| (source, way)));
            if let (Some(source), Some(target)) = (source, target) {
                joined.push((way, source, target));
            } else {
                loose.push(LooseEnd {
                    way,
                    source,
                    target,
                });
            }
        }
        let begins = (0..elements)
            .filter(|&index| flow.elements()[index].kind == ElementType::Begin)
            .collect();
        let edge = |way, element| Edge { element, way };
        let forward = joined
            .iter()
            .map(|&(way, source, target)| (source, edge(way, target)));
        let backward = joined
            .iter()
            .map(|&(way, source, target)| (target, edge(way, source)));
        Self {
            forward: Lists::new(elements, forward),
            backward: Lists::new(elements, backward),
            leaving: Lists::new(elements, leaving.iter().copied()),
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

    /// All ways that leave this element, those that lead nowhere too.
    pub fn leaving(&self, element: usize) -> &[usize] {
        self.leaving.of(element)
    }

    /// Ways that do not join two elements; they are no edge of this graph.
    pub fn loose_ends(&self) -> &[LooseEnd] {
        &self.loose
    }

    /// Where this element leads, in order of the ways.
    pub fn successors(&self, element: usize) -> &[Edge] {
        self.forward.of(element)
    }

    /// What leads to this element, in order of the ways.
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
        self.ways_from(&self.begins)
    }

    /// The shortest ways from these elements to every other.
    pub fn ways_from(&self, seeds: &[usize]) -> Ways {
        let mut from = vec![None; self.len()];
        let reached = self.forward.visit(seeds.iter().copied(), |element, edge| {
            from[edge.element] = Some(Edge {
                element,
                way: edge.way,
            });
        });
        Ways { from, reached }
    }
}

/// Where calls come in, and what they reach from there.
#[derive(Debug, Clone)]
pub struct Reach {
    /// Elements where calls surely come in: Begins, and types that a team calls `entry`. In file order.
    pub entries: Vec<usize>,
    /// The shortest ways from there.
    pub ways: Ways,
    /// Per element: whether it cannot be said that no call comes here. It is reached, or from an element that nothing
    /// leads to and whose type nobody explained.
    pub perhaps: Vec<bool>,
}

impl Reach {
    /// What calls reach in a flow whose types mean this.
    pub(super) fn new(flow: &Flow, graph: &Graph, types: &ElementTypes) -> Self {
        let elements = flow.elements();
        let all = 0..elements.len();
        let entries: Vec<usize> = all
            .clone()
            .filter(|&at| types.is_entry(&elements[at].kind))
            .collect();
        let ways = graph.ways_from(&entries);
        let unexplained = all.filter(|&at| {
            let mut others = graph.predecessors(at).iter();
            types.may_be_entry(&elements[at].kind) && others.all(|edge| edge.element == at)
        });
        let mut unexplained = unexplained.peekable();
        let perhaps = match unexplained.peek() {
            None => ways.reached.clone(),
            Some(_) => graph.reachable_from(entries.iter().copied().chain(unexplained)),
        };
        Self {
            entries,
            ways,
            perhaps,
        }
    }
}

/// One stop on a way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The way that led here; `None` where the call came in.
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

    /// The last step of the shortest way to this element: the element before it, and the way that leads here.
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
                by: Some(edge.way),
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
        reading.flow.unwrap().index().graph().clone()
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
            .map(|end| (end.way, end.source, end.target))
            .collect();
        assert_eq!(loose, [(4, Some(3), None), (5, None, Some(4))]);
        assert_eq!(
            graph
                .predecessors(2)
                .iter()
                .map(|edge| edge.way)
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
                    let edge = Edge { element: pair[1].element, way: pair[1].by.unwrap() };
                    prop_assert!(graph.successors(pair[0].element).contains(&edge));
                }
            }
        }
    }
}
