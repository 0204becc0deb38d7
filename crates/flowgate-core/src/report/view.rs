//! A flow as reports look at it: names for people, the ways out of an element, the way of a call from Begin.

use std::collections::{BTreeSet, HashMap, VecDeque};

use crate::flow::json::Value;
use crate::flow::{Connector, Element, ElementType, Flow};
use crate::ids::{ConnectorId, ElementId};

/// Where people write what they call a thing, most telling first.
const NAMES: [&str; 4] = ["label", "name", "displayName", "title"];

/// Where people write what a caller does to take a way.
const LABELS: [&str; 9] = [
    "label",
    "name",
    "digit",
    "key",
    "condition",
    "event",
    "outcome",
    "branch",
    "type",
];

/// Keys whose text a caller hears.
const HEARD: [&str; 10] = [
    "prompt",
    "prompts",
    "promptText",
    "text",
    "message",
    "announcement",
    "greeting",
    "say",
    "speech",
    "ssml",
];

/// Whether the last key of a JSON pointer (indices left out) is one whose text a caller hears.
pub(super) fn is_heard(pointer: &str) -> bool {
    pointer
        .rsplit('/')
        .find(|key| !key.is_empty() && !key.bytes().all(|byte| byte.is_ascii_digit()))
        .is_some_and(|key| HEARD.contains(&key))
}

/// A flow with an index of its connectors.
pub(super) struct View<'a> {
    pub(super) flow: &'a Flow,
    exits: HashMap<&'a ElementId, Vec<&'a Connector>>,
    connectors: HashMap<&'a ConnectorId, &'a Connector>,
    /// How a call first comes to an element: the connector that it takes.
    came_by: HashMap<&'a ElementId, &'a Connector>,
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
        let mut came_by: HashMap<&ElementId, &Connector> = HashMap::new();
        let mut seen: BTreeSet<&ElementId> = BTreeSet::new();
        let begins = flow.elements().iter();
        let mut open: VecDeque<&ElementId> = begins
            .filter(|element| element.kind == ElementType::Begin)
            .map(|element| &element.id)
            .collect();
        seen.extend(open.iter().copied());
        while let Some(at) = open.pop_front() {
            for &connector in exits.get(at).into_iter().flatten() {
                if seen.insert(&connector.target) {
                    came_by.insert(&connector.target, connector);
                    open.push_back(&connector.target);
                }
            }
        }
        Self {
            flow,
            exits,
            connectors,
            came_by,
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

    /// The name of an element, where there is one with this id.
    pub(super) fn name(&self, id: &ElementId) -> Option<String> {
        self.flow
            .element(id)
            .map(|element| name(self.flow, element))
    }

    /// The labels and names of a call's way from Begin to an element, Begin left out; `None` where no call comes
    /// there.
    pub(super) fn way_to(&self, id: &ElementId) -> Option<Vec<String>> {
        let mut steps = Vec::new();
        let mut at = id;
        while let Some(&connector) = self.came_by.get(at) {
            steps.extend(self.name(at));
            at = &connector.source;
        }
        let begin = self
            .flow
            .element(at)
            .filter(|element| element.kind == ElementType::Begin)?;
        if steps.is_empty() {
            steps.push(name(self.flow, begin));
        }
        steps.reverse();
        Some(steps)
    }
}

fn text(value: Option<Value<'_>>) -> Option<String> {
    let value = value?;
    let text = value.as_str()?;
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// What people call an element.
pub(super) fn name(flow: &Flow, element: &Element) -> String {
    let value = flow.value(element.node);
    let configuration = value.get("configuration");
    NAMES
        .iter()
        .find_map(|key| text(value.get(key)))
        .or_else(|| text(configuration?.get("name")))
        .or_else(|| text(configuration?.get("label")))
        .or_else(|| heard(flow, element).map(|prompt| super::safe::cap(&prompt, 40)))
        .unwrap_or_else(|| format!("{} {}", element.kind.as_str(), element.id))
}

/// What a caller hears first at an element.
pub(super) fn heard(flow: &Flow, element: &Element) -> Option<String> {
    let configuration = flow.value(element.node).get("configuration")?;
    HEARD.iter().find_map(|key| text(configuration.get(key)))
}

/// What people call a way out: what the caller does, or what happens.
pub(super) fn label(flow: &Flow, connector: &Connector) -> Option<String> {
    let value = flow.value(connector.node);
    LABELS.iter().find_map(|key| {
        let member = value.get(key)?;
        text(Some(member)).or_else(|| member.as_number().map(str::to_owned))
    })
}

/// Whether a label says no more than which way it is, counted from the first without a label of its own.
pub(super) fn label_or_nth(flow: &Flow, connector: &Connector, nth: usize) -> String {
    label(flow, connector).unwrap_or_else(|| match nth {
        0 => "next".to_owned(),
        nth => format!("way {}", nth + 1),
    })
}
