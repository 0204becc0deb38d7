//! Connectors that name an element which does not exist: found once, used by two rules and by the cascade.

use std::collections::{BTreeSet, HashMap};

use super::context::FlowContext;
use super::sink::Sink;
use super::{Rule, graph_view, words};
use crate::delta::{ChangeKind, Subject};
use crate::flow::{Flow, Way};
use crate::ids::ElementId;
use crate::text::Span;

/// How many missing ids of one flow get a suggestion: each is compared with every element.
const MOST_SUGGESTIONS: usize = 32;

/// An end of a connector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// What it leaves.
    Source,
    /// What it leads to.
    Target,
}

impl Side {
    pub(super) fn key(self) -> &'static str {
        match self {
            Side::Source => "sourceId",
            Side::Target => "targetId",
        }
    }
}

/// One end of a connector that names no element.
#[derive(Debug)]
pub(super) struct Broken {
    /// The number of the way.
    pub way: usize,
    /// Which end.
    pub side: Side,
    /// The id that no element has.
    pub missing: ElementId,
    /// Where that id stands.
    pub span: Span,
    /// The element that was probably meant.
    pub meant: Option<ElementId>,
}

impl Broken {
    pub(super) fn all(context: &FlowContext<'_>) -> Vec<Self> {
        if !context.elements_known() {
            return Vec::new();
        }
        let flow = context.flow;
        let mut meant = Meant::new(context);
        let mut all = Vec::new();
        for (number, way) in flow.index().ways().enumerate() {
            let found = way.ends();
            let ends = [
                (Side::Source, way.source(), found.source),
                (Side::Target, way.target(), found.target),
            ];
            let is_missing = |(_, id, found): &(Side, &ElementId, Option<usize>)| {
                found.is_none() && !flow.is_damaged(id)
            };
            for (side, id, _) in ends.into_iter().filter(is_missing) {
                all.push(Self {
                    way: number,
                    side,
                    missing: id.clone(),
                    span: match way {
                        Way::Connector(connector) => {
                            words::span_of(flow, connector.node, side.key())
                        }
                        Way::Setting(_) => flow.value(way.node()).span(),
                    },
                    meant: meant.by(id),
                });
            }
        }
        all
    }
}

/// Finds what missing ids were meant to be; the same id is looked for once.
struct Meant<'a> {
    flow: &'a Flow,
    added: BTreeSet<&'a str>,
    known: HashMap<ElementId, Option<ElementId>>,
}

impl<'a> Meant<'a> {
    fn new(context: &FlowContext<'a>) -> Self {
        Self {
            flow: context.flow,
            added: added(context),
            known: HashMap::new(),
        }
    }

    fn by(&mut self, missing: &ElementId) -> Option<ElementId> {
        if let Some(known) = self.known.get(missing) {
            return known.clone();
        }
        if self.known.len() >= MOST_SUGGESTIONS {
            return None;
        }
        let text = missing.as_str();
        // What this change adds is what its author had in mind.
        let meant = words::nearest(text, self.added.iter().copied())
            .or_else(|| {
                let ids = self.flow.elements().iter();
                words::nearest(text, ids.map(|element| element.id.as_str()))
            })
            .and_then(|id| id.parse().ok());
        self.known.insert(missing.clone(), meant.clone());
        meant
    }
}

fn added<'a>(context: &FlowContext<'a>) -> BTreeSet<&'a str> {
    let changes = context.delta.map_or(&[][..], |delta| &delta.changes);
    let added = changes
        .iter()
        .filter(|change| change.change == ChangeKind::Added);
    added
        .filter_map(|change| match &change.subject {
            Subject::Element(id) => Some(id.as_str()),
            _ => None,
        })
        .collect()
}

/// The name of the element of this id that this change removes.
fn removed<'c>(context: &'c FlowContext<'_>, id: &ElementId) -> Option<&'c str> {
    let changes = context.delta.map_or(&[][..], |delta| &delta.changes);
    let mut changes = changes.iter();
    let removed = changes.find(|change| {
        let is_it = matches!(&change.subject, Subject::Element(of) if of == id);
        is_it && change.change == ChangeKind::Removed
    });
    removed.map(|change| change.name.as_str())
}

/// Raises `rule` for every connector whose `side` names no element.
pub(super) fn raise(rule: &'static Rule, side: Side, context: &FlowContext<'_>, sink: &mut Sink) {
    let flow = context.flow;
    let added = added(context);
    for broken in context.broken().iter().filter(|broken| broken.side == side) {
        let way = flow.index().way(broken.way);
        let missing = words::quote(broken.missing.as_str());
        let (message, other) = match (side, way.pointer()) {
            (Side::Target, None) => (
                format!(
                    "the connector from {} leads to {missing}; no element has that id",
                    words::element_by_id(flow, way.source())
                ),
                way.source(),
            ),
            (Side::Target, Some(pointer)) => (
                format!(
                    "{} of {} leads to {missing}; no element has that id",
                    words::quote(setting_name(pointer)),
                    words::element_by_id(flow, way.source())
                ),
                way.source(),
            ),
            (Side::Source, _) => (
                format!(
                    "the connector to {} leaves {missing}; no element has that id",
                    words::element_by_id(flow, way.target())
                ),
                way.target(),
            ),
        };
        let subject = [
            graph_view::way_id(way),
            way.source().as_str(),
            way.target().as_str(),
        ];
        let finding = sink.raise(
            rule,
            Some(flow),
            (flow.source(), broken.span),
            &subject,
            message,
        );
        let removed = removed(context, &broken.missing);
        finding.hint(match removed {
            Some(name) => format!(
                "you removed {} here: put it back, or lead this way elsewhere",
                words::short(name)
            ),
            None => hint(flow, broken, way, &added),
        });
        if let Some(element) = flow.element(other) {
            finding.about(other, words::name(flow, element));
        }
    }
}

/// A setting by its place in the configuration.
fn setting_name(pointer: &str) -> &str {
    let pointer = pointer.trim_start_matches('/');
    pointer.strip_prefix("configuration/").unwrap_or(pointer)
}

fn hint(flow: &Flow, broken: &Broken, way: Way<'_>, added: &BTreeSet<&str>) -> String {
    let key = way
        .pointer()
        .map_or_else(|| broken.side.key(), setting_name);
    match &broken.meant {
        Some(id) if added.contains(id.as_str()) => format!(
            "you added {} here: set `{key}` to {}",
            words::element_by_id(flow, id),
            words::quote(id.as_str())
        ),
        Some(id) => format!(
            "did you mean {}? set `{key}` to {}",
            words::element_by_id(flow, id),
            words::quote(id.as_str())
        ),
        None if way.connector().is_none() => format!(
            "set {} to the id of an element of this flow, or add that element",
            words::quote(key)
        ),
        None => format!(
            "set `{key}` to the id of an element of this flow, add that element, or remove the connector"
        ),
    }
}
