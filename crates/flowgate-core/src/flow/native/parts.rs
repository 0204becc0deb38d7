//! The parts of a flow file: identity, version, elements and connectors, and all that is wrong with their shape.
//!
//! An element or connector with a fault is left out of the flow. The id of such an element is remembered, so that no rule
//! says that it is missing; where not even an id can be read, the flow says that it has unidentified elements.

use std::collections::{BTreeSet, HashMap};

use semver::Version;

use super::super::json::{Document, Kind, Value};
use super::super::model::{Connector, Element, ElementType, Parts};
use super::super::{Problem, ProblemKind};
use super::members::Members;
use super::{KEYS, version, whole};
use crate::ids::{ConnectorId, ElementId, FlowId};
use crate::text::Span;

/// Problems of one file beyond this many are counted, not listed: a file of rubbish must not fill the memory.
const MOST_PROBLEMS: usize = 5_000;

/// What a file holds, before it becomes a flow.
#[derive(Default)]
pub(super) struct Found {
    id: Option<FlowId>,
    version: Option<Version>,
    elements: Vec<Element>,
    connectors: Vec<Connector>,
    damaged: BTreeSet<ElementId>,
    unidentified: usize,
    unread_connectors: usize,
}

impl Found {
    /// With the document it was read from.
    pub(super) fn into_parts(self, document: Document) -> Parts {
        Parts {
            document,
            id: self.id,
            version: self.version,
            elements: self.elements,
            connectors: self.connectors,
            damaged: self.damaged,
            unidentified: self.unidentified,
            unread_connectors: self.unread_connectors,
        }
    }
}

/// Text from the file as it stands in a message: in back-ticks, of a bearable length. Reports escape it.
pub(super) fn shown(text: &str) -> String {
    const LONGEST: usize = 60;
    let cut = text.chars().nth(LONGEST).map_or("", |_| "…");
    let text: String = text.chars().take(LONGEST).collect();
    format!("`{text}{cut}`")
}

/// Collects the problems of one file.
pub(super) struct Shape {
    problems: Vec<Problem>,
    unlisted: usize,
}

impl Shape {
    pub(super) fn new(problems: Vec<Problem>) -> Self {
        Self {
            problems,
            unlisted: 0,
        }
    }

    /// Raises each key that an object holds again.
    pub(super) fn duplicate_keys(&mut self, document: &Document) {
        let source = document.source();
        for found in document.duplicate_keys() {
            let raw = source.slice(found.again);
            let key = raw.get(1..raw.len().saturating_sub(1)).unwrap_or("");
            let key = shown(key);
            self.raise(ProblemKind::DuplicateKey, found.again, key.clone(), || {
                let line = source.position(found.first.start).line;
                let hint = "readers differ in which of the two they take: keep one";
                let message = format!(
                    "the key {key} stands a second time in this object; first on line {line}"
                );
                (message, Some(hint.into()))
            });
        }
    }

    /// Reads the file's object; `None` if it is not one.
    pub(super) fn read(mut self, document: &Document) -> (Option<Found>, Vec<Problem>) {
        let root = document.root();
        let found = if root.is_object() {
            Some(self.file(root))
        } else {
            let words = root.kind().words();
            let message = format!("a flow file holds one object, found {words}");
            self.raise(ProblemKind::WrongType, head(root), String::new(), || {
                (message, None)
            });
            None
        };
        (found, self.finish())
    }

    fn file(&mut self, root: Value<'_>) -> Found {
        let top = Members::new(root, &KEYS);
        let mut found = Found {
            id: self.flow_id(root, &top),
            version: self.version(root, &top),
            ..Found::default()
        };
        if let Some(elements) = self.list(root, &top, 2, ProblemKind::ElementsNotArray) {
            for (index, value) in elements.items().enumerate() {
                self.element(index, value, &mut found);
            }
        }
        if let Some(connectors) = self.list(root, &top, 3, ProblemKind::ConnectorsNotArray) {
            for (index, value) in connectors.items().enumerate() {
                if let Some(connector) = self.connector(index, value) {
                    found.connectors.push(connector);
                } else {
                    found.unread_connectors += 1;
                }
            }
        }
        found
    }

    fn flow_id(&mut self, root: Value<'_>, top: &Members<'_, '_, 4>) -> Option<FlowId> {
        let (span, message, hint) = match top.get(0) {
            None => {
                let hint = top.hint("flowId", &["id", "flow", "uuid"]);
                (head(root), "`flowId` is missing".to_owned(), hint)
            }
            Some(value) => match value.as_str().map(|text| text.parse::<FlowId>()) {
                Some(Ok(id)) => return Some(id),
                Some(Err(error)) => {
                    let text = shown(&error.text);
                    let message =
                        format!("`flowId` is {text}, which is not a flow id: {}", error.why);
                    (value.span(), message, None)
                }
                None => {
                    let words = value.kind().words();
                    (
                        head(value),
                        format!("`flowId` must be a string, found {words}"),
                        None,
                    )
                }
            },
        };
        self.raise(ProblemKind::FlowIdInvalid, span, "flowId".into(), || {
            (message, hint)
        });
        None
    }

    fn version(&mut self, root: Value<'_>, top: &Members<'_, '_, 4>) -> Option<Version> {
        let Some(value) = top.get(1) else {
            let hint = top.hint("version", &["semver", "revision"]);
            let hint = hint.or_else(|| Some("add `\"version\": \"1.0.0\"`".into()));
            self.raise(
                ProblemKind::VersionRequired,
                head(root),
                "version".into(),
                || ("`version` is missing".into(), hint),
            );
            return None;
        };
        let faults = match version::read(value) {
            Ok(version) => return Some(version),
            Err(faults) => faults,
        };
        for fault in faults {
            let kind = if fault.missing {
                ProblemKind::VersionRequired
            } else {
                ProblemKind::VersionNotSemver
            };
            let subject = fault
                .part
                .map_or("version".into(), |part| format!("version.{part}"));
            self.raise(kind, head(fault.at), subject, || {
                (fault.message, fault.hint)
            });
        }
        None
    }

    /// The array under one of the file's own keys.
    fn list<'d>(
        &mut self,
        root: Value<'d>,
        top: &Members<'d, '_, 4>,
        index: usize,
        kind: ProblemKind,
    ) -> Option<Value<'d>> {
        let key = KEYS[index];
        let value = top.get(index);
        if let Some(array) = value.filter(|value| value.is_array()) {
            return Some(array);
        }
        let (span, message, hint) = match value {
            None => {
                let others: &[&str] = if index == 2 {
                    &["nodes", "actions"]
                } else {
                    &["edges", "connections", "links", "branches"]
                };
                (
                    head(root),
                    format!("`{key}` is missing"),
                    top.hint(key, others),
                )
            }
            Some(value) => {
                let words = value.kind().words();
                (
                    head(value),
                    format!("`{key}` must be an array, found {words}"),
                    None,
                )
            }
        };
        self.raise(kind, span, key.into(), || (message, hint));
        None
    }

    fn element(&mut self, index: usize, value: Value<'_>, found: &mut Found) {
        let place = Place::new("element", "elements", index);
        if !self.is_object(&place, value) {
            found.unidentified += 1;
            return;
        }
        let members = Members::new(value, &["id", "type", "configuration"]);
        let id = self.text(
            &place,
            value,
            &members,
            0,
            &["elementId", "nodeId", "key", "uuid"],
        );
        let place = place.named(id.as_deref(), members.get(0));
        let kind = self.text(
            &place,
            value,
            &members,
            1,
            &["elementType", "nodeType", "kind"],
        );
        let mut sound = true;
        if let Some(configuration) = members.get(2).filter(|value| !value.is_object()) {
            self.wrong_type(&place, "configuration", "an object", configuration);
            sound = false;
        }
        let Some(id) = id.and_then(|id| id.parse::<ElementId>().ok()) else {
            found.unidentified += 1;
            return;
        };
        match kind {
            Some(kind) if sound => found.elements.push(Element {
                id,
                kind: ElementType::from(kind.as_str()),
                node: value.id(),
            }),
            _ => {
                found.damaged.insert(id);
            }
        }
    }

    /// `None` where one of its ends could not be read. A bad id alone does not take the way of the call away.
    fn connector(&mut self, index: usize, value: Value<'_>) -> Option<Connector> {
        let place = Place::new("connector", "connectors", index);
        if !self.is_object(&place, value) {
            return None;
        }
        let members = Members::new(value, &["id", "sourceId", "targetId"]);
        // Not every exporter writes connector ids.
        let id = members
            .get(0)
            .and_then(|_| self.text(&place, value, &members, 0, &[]));
        let place = place.named(id.as_deref(), members.get(0));
        let source = self.text(
            &place,
            value,
            &members,
            1,
            &["source", "from", "fromId", "src"],
        );
        let target = self.text(
            &place,
            value,
            &members,
            2,
            &["target", "to", "toId", "dest"],
        );
        Some(Connector {
            id: id.and_then(|id| id.parse::<ConnectorId>().ok()),
            source: source?.parse().ok()?,
            target: target?.parse().ok()?,
            node: value.id(),
        })
    }

    fn is_object(&mut self, place: &Place<'_>, value: Value<'_>) -> bool {
        if !value.is_object() {
            let words = value.kind().words();
            self.raise(ProblemKind::WrongType, head(value), place.subject(), || {
                (
                    format!("{} must be an object, found {words}", place.name()),
                    None,
                )
            });
        }
        value.is_object()
    }

    /// A text that must be there and not be empty.
    fn text<const N: usize>(
        &mut self,
        place: &Place<'_>,
        object: Value<'_>,
        members: &Members<'_, '_, N>,
        index: usize,
        other_names: &[&str],
    ) -> Option<String> {
        let key = members.key(index);
        let subject = || format!("{}/{key}", place.subject());
        let Some(value) = members.get(index) else {
            let span = place.id.map_or_else(|| head(object), Value::span);
            self.raise(ProblemKind::MissingField, span, subject(), || {
                (
                    format!("{} has no `{key}`", place.name()),
                    members.hint(key, other_names),
                )
            });
            return None;
        };
        let Some(text) = value.as_str() else {
            self.wrong_type(place, key, "a string", value);
            return None;
        };
        if text.is_empty() {
            self.raise(ProblemKind::MissingField, value.span(), subject(), || {
                (format!("the `{key}` of {} is empty", place.name()), None)
            });
            return None;
        }
        Some(text.into_owned())
    }

    fn wrong_type(&mut self, place: &Place<'_>, key: &str, wanted: &str, value: Value<'_>) {
        let words = value.kind().words();
        let hint = (value.kind() == Kind::Number && wanted == "a string")
            .then(|| format!("write \"{}\" in quotes", value.raw()))
            .filter(|hint| hint.len() < 80);
        let subject = format!("{}/{key}", place.subject());
        self.raise(ProblemKind::WrongType, head(value), subject, || {
            let name = place.name();
            (
                format!("the `{key}` of {name} must be {wanted}, found {words}"),
                hint,
            )
        });
    }

    fn raise(
        &mut self,
        kind: ProblemKind,
        span: Span,
        subject: String,
        words: impl FnOnce() -> (String, Option<String>),
    ) {
        if self.problems.len() >= MOST_PROBLEMS {
            self.unlisted += 1;
            return;
        }
        let (message, hint) = words();
        self.problems.push(Problem {
            kind,
            span,
            message,
            subject,
            hint,
        });
    }

    /// All problems in file order, no two of a kind with one subject.
    fn finish(mut self) -> Vec<Problem> {
        self.problems.sort_by_key(|problem| problem.span.start);
        let mut seen: HashMap<(ProblemKind, String), usize> = HashMap::new();
        for problem in &mut self.problems {
            let count = seen
                .entry((problem.kind, problem.subject.clone()))
                .or_default();
            *count += 1;
            if *count > 1 {
                problem.subject = format!("{} #{count}", problem.subject);
            }
        }
        if self.unlisted > 0 {
            let message = format!(
                "{} more problems of this file are not listed",
                self.unlisted
            );
            self.problems.push(Problem {
                subject: "unlisted".into(),
                ..whole(ProblemKind::WrongType, &message)
            });
        }
        self.problems
    }
}

/// Which element or connector is spoken of.
struct Place<'d> {
    what: &'static str,
    list: &'static str,
    index: usize,
    name: Option<String>,
    /// Its id, the best place for what is missing; its first brace says little.
    id: Option<Value<'d>>,
}

impl<'d> Place<'d> {
    fn new(what: &'static str, list: &'static str, index: usize) -> Self {
        Self {
            what,
            list,
            index,
            name: None,
            id: None,
        }
    }

    fn named(self, name: Option<&str>, id: Option<Value<'d>>) -> Self {
        Self {
            name: name.map(str::to_owned),
            id: id.filter(|_| name.is_some()),
            ..self
        }
    }

    /// For messages: by id, else by number as people count.
    fn name(&self) -> String {
        match &self.name {
            Some(name) => format!("the {} {}", self.what, shown(name)),
            None => format!("{} number {}", self.what, self.index + 1),
        }
    }

    /// For fingerprints: by id, which outlives edits elsewhere in the list.
    fn subject(&self) -> String {
        match &self.name {
            Some(name) => format!("{}/{name}", self.list),
            None => format!("{}/#{}", self.list, self.index),
        }
    }
}

/// A container is marked at its first byte, anything else as a whole.
fn head(value: Value<'_>) -> Span {
    let span = value.span();
    if value.is_object() || value.is_array() {
        Span {
            start: span.start,
            end: span.start + 1,
        }
    } else {
        span
    }
}
