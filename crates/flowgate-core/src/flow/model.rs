//! One flow, as far as its file could be read.
//!
//! Elements and connectors keep their whole JSON value (unknown fields, numbers as written) by index into the document.
//! Nothing here decides whether a flow is good: that is for [`crate::rules`].

use std::collections::BTreeSet;
use std::sync::Arc;

use foldhash::quality::RandomState;
use semver::Version;

use super::index::{FlowIndex, Found};
use super::json::{Document, NodeId, Value};
use super::vocabulary::{NATIVE, Vocabulary};
use crate::ids::{ConnectorId, ElementId, FastMap, FlowId};
use crate::text::{SourceText, Span};

/// The type of an element: those of the tutorial by name, any other by its text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ElementType {
    /// Where the call comes in.
    Begin,
    /// Where the call ends.
    End,
    /// A menu or announcement.
    Ivr,
    /// Callers wait for an agent.
    Queue,
    /// A hand-off to an agent.
    Agent,
    /// A call to an outside system.
    Api,
    /// A look-up in a database.
    Database,
    /// A decision.
    Conditional,
    /// A type that only this tenant knows.
    Other(Arc<str>),
}

impl ElementType {
    /// The types that the engine knows by default (contract, "Limits and engine rules").
    pub const KNOWN: [ElementType; 8] = [
        ElementType::Begin,
        ElementType::End,
        ElementType::Ivr,
        ElementType::Queue,
        ElementType::Agent,
        ElementType::Api,
        ElementType::Database,
        ElementType::Conditional,
    ];

    /// The type as it stands in the file.
    pub fn as_str(&self) -> &str {
        match self {
            ElementType::Begin => "Begin",
            ElementType::End => "End",
            ElementType::Ivr => "IVR",
            ElementType::Queue => "Queue",
            ElementType::Agent => "Agent",
            ElementType::Api => "API",
            ElementType::Database => "Database",
            ElementType::Conditional => "Conditional",
            ElementType::Other(text) => text,
        }
    }

    /// Whether it is Begin or End, which may not change across versions.
    pub fn is_immutable(&self) -> bool {
        matches!(self, ElementType::Begin | ElementType::End)
    }
}

impl From<&str> for ElementType {
    fn from(text: &str) -> Self {
        ElementType::KNOWN
            .into_iter()
            .find(|known| known.as_str() == text)
            .unwrap_or_else(|| ElementType::Other(text.into()))
    }
}

/// A node of a flow.
#[derive(Debug, Clone)]
pub struct Element {
    /// Its identity in the flow.
    pub id: ElementId,
    /// What it does.
    pub kind: ElementType,
    /// Its whole value in the document.
    pub node: NodeId,
}

/// An edge of a flow.
#[derive(Debug, Clone)]
pub struct Connector {
    /// Its identity in the flow; not every exporter writes one.
    pub id: Option<ConnectorId>,
    /// The element it leaves.
    pub source: ElementId,
    /// The element it leads to.
    pub target: ElementId,
    /// Where those two stand.
    pub ends: Ends,
    /// Its whole value in the document.
    pub node: NodeId,
}

/// The elements that a connector joins, by their places in [`Flow::elements`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ends {
    /// The (first) element that it leaves; `None` where there is none.
    pub source: Option<usize>,
    /// The (first) element that it leads to; `None` where there is none.
    pub target: Option<usize>,
}

/// Elements in file order, found by their ids.
#[derive(Debug, Clone, Default)]
pub struct Elements {
    list: Vec<Element>,
    by_id: FastMap<ElementId, usize>,
}

impl Elements {
    /// None yet, with room for so many.
    pub fn with_room(count: usize) -> Self {
        Self {
            list: Vec::with_capacity(count),
            by_id: FastMap::with_capacity_and_hasher(count, RandomState::default()),
        }
    }

    /// One more.
    pub fn push(&mut self, element: Element) {
        let at = self.list.len();
        self.by_id.entry(element.id.clone()).or_insert(at);
        self.list.push(element);
    }

    /// Where the (first) element with this id stands.
    pub fn find(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// In file order.
    pub fn list(&self) -> &[Element] {
        &self.list
    }
}

/// One flow, as far as it could be read. What could not be read is a finding of the reading and stands in no list here.
#[derive(Debug, Clone)]
pub struct Flow {
    document: Document,
    id: Option<FlowId>,
    version: Option<Version>,
    pub(super) elements: Elements,
    connectors: Vec<Connector>,
    damaged: BTreeSet<ElementId>,
    unidentified: usize,
    unread_connectors: usize,
    vocabulary: &'static Vocabulary,
    pub(super) found: Found,
}

/// What a reader of one file format found; see [`Flow::new`].
#[derive(Debug)]
pub struct Parts {
    /// The text with its nodes.
    pub document: Document,
    /// `None` when missing or not valid (then a finding says so).
    pub id: Option<FlowId>,
    /// `None` when missing or not valid (then a finding says so).
    pub version: Option<Version>,
    /// In file order.
    pub elements: Elements,
    /// In file order.
    pub connectors: Vec<Connector>,
    /// Ids of elements that are there but could not be read: rules raise nothing that follows from them.
    pub damaged: BTreeSet<ElementId>,
    /// How many elements are there whose id could not be read: any id that looks unknown may be theirs.
    pub unidentified: usize,
    /// How many connectors are there that could not be read: any way that looks closed may be theirs.
    pub unread_connectors: usize,
}

impl Flow {
    /// A flow from what a reader found.
    pub fn new(parts: Parts) -> Self {
        let Parts {
            document,
            id,
            version,
            elements,
            connectors,
            damaged,
            unidentified,
            unread_connectors,
        } = parts;
        Self {
            document,
            id,
            version,
            elements,
            connectors,
            damaged,
            unidentified,
            unread_connectors,
            vocabulary: &NATIVE,
            found: Found::default(),
        }
    }

    /// Its identity, where the file has a valid one.
    pub fn id(&self) -> Option<&FlowId> {
        self.id.as_ref()
    }

    /// The same flow; where it does not say its identity, it has this one, by which it was asked for.
    #[must_use]
    pub fn identified_as(mut self, id: &FlowId) -> Self {
        self.id.get_or_insert_with(|| id.clone());
        self.found = Found::default();
        self
    }

    /// Its version, where the file has a valid one.
    pub fn version(&self) -> Option<&Version> {
        self.version.as_ref()
    }

    /// What follows from its content: found out when first asked for, and kept with it.
    pub fn index(&self) -> FlowIndex<'_> {
        FlowIndex::new(self)
    }

    /// The words of the format that it is written in.
    pub(crate) fn vocabulary(&self) -> &'static Vocabulary {
        self.vocabulary
    }

    /// The text it was read from.
    pub fn source(&self) -> &SourceText {
        self.document.source()
    }

    /// The document it was read from.
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// Elements in file order.
    pub fn elements(&self) -> &[Element] {
        self.elements.list()
    }

    /// Connectors in file order.
    pub fn connectors(&self) -> &[Connector] {
        &self.connectors
    }

    /// The (first) element with this id.
    pub fn element(&self, id: &ElementId) -> Option<&Element> {
        self.elements().get(self.element_index(id)?)
    }

    /// Where the (first) element with this id stands in [`Flow::elements`].
    pub fn element_index(&self, id: &ElementId) -> Option<usize> {
        self.elements.find(id.as_str())
    }

    /// Whether no two elements have the same id.
    pub fn has_unique_ids(&self) -> bool {
        self.elements.by_id.len() == self.elements.list.len()
    }

    /// Whether an element with this id stands in the file but could not be read.
    pub fn is_damaged(&self, id: &ElementId) -> bool {
        self.damaged.contains(id)
    }

    /// Whether there are elements whose id could not be read. Then nobody can say that an id is unknown: it may be theirs.
    pub fn has_unidentified_elements(&self) -> bool {
        self.unidentified > 0
    }

    /// Whether every element and connector that stands in the file could be read. Where not, claims about what is
    /// missing or cannot be reached are doubtful, and the fault of the shape has been raised already.
    pub fn is_whole(&self) -> bool {
        self.damaged.is_empty() && self.unidentified == 0 && self.unread_connectors == 0
    }

    /// The JSON value of an element or connector.
    pub fn value(&self, node: NodeId) -> Value<'_> {
        self.document.value(node)
    }

    /// A top-level member of the file.
    pub fn top(&self, key: &str) -> Option<Value<'_>> {
        self.document.root().get(key)
    }

    /// The best place for something that concerns the whole flow: its `flowId`, else the first byte.
    pub fn anchor(&self) -> Span {
        self.top("flowId").map_or(Span::at(0), Value::span)
    }
}
