//! The delta as a value.

use serde::Serialize;

use crate::flow::{Connector, FlowIndex};
use crate::ids::{ConnectorId, ElementId};
use crate::redact::Neighbour;

/// Whether a change is about an element or a connector.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SubjectKind {
    /// A node of the flow.
    Element,
    /// An edge of the flow.
    Connector,
}

/// What was changed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// An element, by its id.
    Element(ElementId),
    /// A connector with an id.
    Connector(ConnectorId),
    /// A connector without an id: the n-th (from 0) of those that leave `source`, in file order.
    NthConnector {
        /// The element it leaves.
        source: ElementId,
        /// Which of those, from 0.
        nth: usize,
    },
}

impl Subject {
    /// Whether it is an element or a connector.
    pub fn kind(&self) -> SubjectKind {
        match self {
            Subject::Element(_) => SubjectKind::Element,
            Subject::Connector(_) | Subject::NthConnector { .. } => SubjectKind::Connector,
        }
    }

    /// The connector that it is in this flow, where it is one and stands there.
    pub(crate) fn connector<'f>(&self, index: FlowIndex<'f>) -> Option<&'f Connector> {
        let at = match self {
            Subject::Element(_) => return None,
            Subject::Connector(id) => index.connector(id)?,
            Subject::NthConnector { source, nth } => index.nameless(source, *nth)?,
        };
        index.flow().connectors().get(at)
    }

    /// The id as it stands in lists; a connector without an id is `source#n`.
    pub fn id(&self) -> String {
        match self {
            Subject::Element(id) => id.to_string(),
            Subject::Connector(id) => id.to_string(),
            Subject::NthConnector { source, nth } => format!("{source}#{nth}"),
        }
    }
}

/// How a thing was changed.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeKind {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It is different in more than its layout.
    Modified,
    /// It is different in its layout only.
    Moved,
}

/// One field that is different. Values are JSON as it was written; they may hold secrets and hostile text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// JSON pointer inside the element or connector.
    pub pointer: String,
    /// The value before; `None` where the field was not there.
    pub before: Option<String>,
    /// The value after; `None` where the field is gone.
    pub after: Option<String>,
    /// What a neighbour in the old and in the new flow calls the value, where that is a secret.
    pub beside: [Option<Neighbour>; 2],
    /// Whether the field is one of the layout list.
    pub layout: bool,
    /// Whether the items of an array stand in another order now: then `before` and `after` are the whole array, and
    /// what else is different in it stands in fields of its own.
    pub order: bool,
}

/// One thing that is different.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What.
    pub subject: Subject,
    /// Its name for people (of the new side, else the old); for a connector `Source –[label]→ Target`.
    pub name: String,
    /// How.
    pub change: ChangeKind,
    /// The id it had before, where only the id is new and the content is the same (regenerated ids).
    pub renamed_from: Option<Subject>,
    /// Field by field; empty for added and removed things.
    pub fields: Vec<FieldChange>,
}

/// The ids of one kind of change.
pub type Bucket = Vec<String>;

/// Ids by kind of change, in file order (removed ones in the order of the old file).
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Buckets {
    /// New ones.
    pub added: Bucket,
    /// Gone ones.
    pub removed: Bucket,
    /// Different in more than layout.
    pub modified: Bucket,
    /// Different in layout only.
    pub moved: Bucket,
}

/// What is different between two flows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Delta {
    /// Elements first, then connectors; each in file order, removed ones after the others.
    pub changes: Vec<Change>,
}

impl Delta {
    /// Nothing is different, not even layout.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Nothing but layout is different.
    pub fn is_layout_only(&self) -> bool {
        self.changes
            .iter()
            .all(|change| change.change == ChangeKind::Moved)
    }

    /// The changes of one kind of subject.
    pub fn of(&self, kind: SubjectKind) -> impl Iterator<Item = &Change> {
        self.changes
            .iter()
            .filter(move |change| change.subject.kind() == kind)
    }

    /// Ids by kind of change, for one kind of subject. A regenerated id stands in `removed` (old) and `added` (new).
    pub fn buckets(&self, kind: SubjectKind) -> Buckets {
        let mut buckets = Buckets::default();
        for change in self.of(kind) {
            let bucket = match change.change {
                ChangeKind::Added => &mut buckets.added,
                ChangeKind::Removed => &mut buckets.removed,
                ChangeKind::Modified => &mut buckets.modified,
                ChangeKind::Moved => &mut buckets.moved,
            };
            bucket.push(change.subject.id());
        }
        buckets
    }
}
