//! Connectors that name an element which does not exist: found once, used by two rules and by the cascade.

use std::collections::{BTreeSet, HashMap};

use super::context::FlowContext;
use super::sink::Sink;
use super::{Rule, words};
use crate::delta::{ChangeKind, Subject};
use crate::flow::Flow;
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
    /// Index of the connector.
    pub connector: usize,
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
        for (index, connector) in flow.connectors().iter().enumerate() {
            let ends = [
                (Side::Source, &connector.source, connector.ends.source),
                (Side::Target, &connector.target, connector.ends.target),
            ];
            let is_missing = |(_, id, found): &(Side, &ElementId, Option<usize>)| {
                found.is_none() && !flow.is_damaged(id)
            };
            for (side, id, _) in ends.into_iter().filter(is_missing) {
                all.push(Self {
                    connector: index,
                    side,
                    missing: id.clone(),
                    span: words::span_of(flow, connector.node, side.key()),
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

/// Raises `rule` for every connector whose `side` names no element.
pub(super) fn raise(rule: &'static Rule, side: Side, context: &FlowContext<'_>, sink: &mut Sink) {
    let flow = context.flow;
    let added = added(context);
    for broken in context.broken().iter().filter(|broken| broken.side == side) {
        let connector = &flow.connectors()[broken.connector];
        let missing = words::quote(broken.missing.as_str());
        let (message, other) = match side {
            Side::Target => (
                format!(
                    "the connector from {} leads to {missing}; no element has that id",
                    words::element_by_id(flow, &connector.source)
                ),
                &connector.source,
            ),
            Side::Source => (
                format!(
                    "the connector to {} leaves {missing}; no element has that id",
                    words::element_by_id(flow, &connector.target)
                ),
                &connector.target,
            ),
        };
        let subject = [
            connector.id.as_ref().map_or("", |id| id.as_str()),
            connector.source.as_str(),
            connector.target.as_str(),
        ];
        let finding = sink.raise(
            rule,
            Some(flow),
            (flow.source(), broken.span),
            &subject,
            message,
        );
        finding.hint(hint(flow, broken, &added));
        if let Some(element) = flow.element(other) {
            finding.about(other, words::name(flow, element));
        }
    }
}

fn hint(flow: &Flow, broken: &Broken, added: &BTreeSet<&str>) -> String {
    let key = broken.side.key();
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
        None => format!(
            "set `{key}` to the id of an element of this flow, add that element, or remove the connector"
        ),
    }
}
