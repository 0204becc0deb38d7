//! A flow as calls go through it: what they reach where types mean this, and the way to it. What delta, rules, risk and
//! every report look at.

use std::sync::Arc;

use super::graph::{Edge, Graph, Reach};
use super::types::ElementTypes;
use super::{ElementType, Flow, FlowIndex, Way};
use crate::ids::ElementId;

/// See the module.
#[derive(Debug, Clone)]
pub struct FlowView<'a> {
    /// What is known of the flow.
    pub index: FlowIndex<'a>,
    reach: Arc<Reach>,
}

impl<'a> FlowView<'a> {
    /// A flow whose types mean this.
    pub fn new(flow: &'a Flow, types: &ElementTypes) -> Self {
        let index = flow.index();
        Self {
            index,
            reach: index.reach(types),
        }
    }

    /// The flow.
    pub fn flow(&self) -> &'a Flow {
        self.index.flow()
    }

    /// Who leads where.
    pub fn graph(&self) -> &'a Graph {
        self.index.graph()
    }

    /// Where calls come in, and what they reach.
    pub fn reach(&self) -> &Reach {
        &self.reach
    }

    /// Whether it can be said what calls reach: where a part could not be read, or no call comes in, it cannot.
    pub fn is_known(&self) -> bool {
        self.flow().is_whole() && !self.reach.entries.is_empty()
    }

    /// Whether calls may come to this element: unknown is not "nobody".
    pub fn reaches(&self, id: &ElementId) -> bool {
        let Some(at) = self.flow().element_index(id) else {
            return self.flow().is_damaged(id);
        };
        !self.is_known() || self.reach.perhaps.get(at) == Some(&true)
    }

    /// Whether calls surely come to this element, from where they come in for sure.
    pub fn surely_reaches(&self, id: &ElementId) -> bool {
        let at = self.flow().element_index(id);
        at.is_some_and(|at| self.reach.ways.reaches(at))
    }

    /// Whether an element with this id stands in the flow, be it one that could not be read.
    pub fn has(&self, id: &ElementId) -> bool {
        self.flow().element(id).is_some() || self.flow().is_damaged(id)
    }

    /// Whether the call is over at this element.
    pub fn ends_call(&self, id: &ElementId) -> bool {
        let element = self.flow().element(id);
        element.is_some_and(|element| element.kind == ElementType::End)
    }

    /// The name of an element, where there is one with this id.
    pub fn name(&self, id: &ElementId) -> Option<String> {
        self.index.name_by_id(id).map(str::to_owned)
    }

    /// The numbers of the ways that leave an element, those that lead nowhere too.
    pub fn exits(&self, id: &ElementId) -> &'a [usize] {
        self.index.exits(id)
    }

    /// The ways that leave an element and lead to another.
    pub fn joined_exits(&self, id: &ElementId) -> impl Iterator<Item = Way<'a>> + '_ {
        let at = self.flow().element_index(id);
        let edges = at.map_or(&[][..], |at| self.graph().successors(at));
        edges.iter().map(|edge: &Edge| self.index.way(edge.way))
    }

    /// The names on the last part of a call's shortest way to an element, the place where it came in left out; at most so
    /// many, and whether there were more. `None` where no call surely comes there.
    pub fn way_to(&self, id: &ElementId, longest: usize) -> Option<(Vec<String>, bool)> {
        let mut at = self.flow().element_index(id)?;
        if !self.reach.ways.reaches(at) {
            return None;
        }
        let mut steps = vec![self.index.name(at).to_owned()];
        let mut is_cut = false;
        while let Some(edge) = self.reach.ways.last_step(at) {
            at = edge.element;
            if self.reach.ways.last_step(at).is_none() {
                break;
            }
            if steps.len() == longest {
                is_cut = true;
                break;
            }
            steps.push(self.index.name(at).to_owned());
        }
        steps.reverse();
        Some((steps, is_cut))
    }

    /// What people call a way: what is written on it, else which it is of those that say nothing, counted from 0.
    pub fn label_or_nth(&self, way: usize, nth: usize) -> String {
        match (self.index.label(way), nth) {
            (Some(label), _) => label.to_owned(),
            (None, 0) => "next".to_owned(),
            (None, nth) => format!("way {}", nth + 1),
        }
    }

    /// What a caller hears first at an element.
    pub fn heard(&self, id: &ElementId) -> Option<String> {
        let flow = self.flow();
        let configuration = flow.value(flow.element(id)?.node).get("configuration")?;
        flow.vocabulary().heard.iter().find_map(|key| {
            let text = configuration.get(key)?.as_str()?;
            let text = text.trim();
            (!crate::text::is_blank(text)).then(|| text.to_owned())
        })
    }
}
