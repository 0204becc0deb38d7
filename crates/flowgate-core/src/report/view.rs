//! A flow as reports look at it: the ways out of an element, those to missing ones too, and the way of a call from Begin.

use std::collections::HashMap;

use crate::delta::Subject;
use crate::flow::graph::{Graph, Ways};
use crate::flow::names::{self, HEARD};
use crate::flow::{Connector, Element, Flow};
use crate::ids::{ConnectorId, ElementId};

/// A flow with an index of its connectors.
pub(super) struct View<'a> {
    pub(super) flow: &'a Flow,
    exits: HashMap<&'a ElementId, Vec<&'a Connector>>,
    connectors: HashMap<&'a ConnectorId, &'a Connector>,
    ways: Ways,
}

impl<'a> View<'a> {
    pub(super) fn new(flow: &'a Flow) -> Self {
        let mut exits: HashMap<_, Vec<_>> = HashMap::new();
        let mut connectors = HashMap::new();
        for connector in flow.connectors() {
            if let Some(id) = &connector.id {
                connectors.entry(id).or_insert(connector);
            }
            exits.entry(&connector.source).or_default().push(connector);
        }
        Self {
            flow,
            exits,
            connectors,
            ways: Graph::new(flow).ways(),
        }
    }

    pub(super) fn exits(&self, id: &ElementId) -> &[&'a Connector] {
        self.exits.get(id).map_or(&[], Vec::as_slice)
    }

    /// Whether an element with this id stands in the flow, be it one that could not be read.
    pub(super) fn has(&self, id: &ElementId) -> bool {
        self.flow.element(id).is_some() || self.flow.is_damaged(id)
    }

    pub(super) fn connector(&self, id: &ConnectorId) -> Option<&'a Connector> {
        self.connectors.get(id).copied()
    }

    /// The connector that was changed, where it is one and stands in this flow.
    pub(super) fn changed(&self, subject: &Subject) -> Option<&'a Connector> {
        match subject {
            Subject::Element(_) => None,
            Subject::Connector(id) => self.connector(id),
            Subject::NthConnector { source, nth } => {
                let nameless = self.exits(source).iter().filter(|exit| exit.id.is_none());
                nameless.copied().nth(*nth)
            }
        }
    }

    /// Whether a call may come to an element.
    pub(super) fn reaches(&self, id: &ElementId) -> bool {
        let index = self.flow.element_index(id);
        index.is_some_and(|at| self.ways.reaches(at))
    }

    /// The name of an element, where there is one with this id.
    pub(super) fn name(&self, id: &ElementId) -> Option<String> {
        let element = self.flow.element(id)?;
        Some(names::element(self.flow, element))
    }

    /// The names on the last part of a call's shortest way from Begin to an element, Begin left out; `None` where no call
    /// comes there.
    pub(super) fn way_to(&self, id: &ElementId) -> Option<Vec<String>> {
        /// More than any report shows: that there were more steps is seen all the same.
        const LONGEST: usize = 8;
        if !self.reaches(id) {
            return None;
        }
        let mut at = self.flow.element_index(id)?;
        let name = |at: usize| names::element(self.flow, &self.flow.elements()[at]);
        let mut steps = vec![name(at)];
        while let Some(edge) = self.ways.last_step(at) {
            at = edge.element;
            let is_begin = self.ways.last_step(at).is_none();
            if is_begin || steps.len() == LONGEST {
                break;
            }
            steps.push(name(at));
        }
        steps.reverse();
        Some(steps)
    }
}

/// What a caller hears first at an element.
pub(super) fn heard(flow: &Flow, element: &Element) -> Option<String> {
    let configuration = flow.value(element.node).get("configuration")?;
    HEARD.iter().find_map(|key| {
        let text = configuration.get(key)?.as_str()?;
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    })
}

/// Whether a label says no more than which way it is, counted from the first without a label of its own.
pub(super) fn label_or_nth(flow: &Flow, connector: &Connector, nth: usize) -> String {
    names::label(flow, connector).unwrap_or_else(|| match nth {
        0 => "next".to_owned(),
        nth => format!("way {}", nth + 1),
    })
}
