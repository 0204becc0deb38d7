//! The parts of a flow file: identity, version, elements and connectors, and all that is wrong with their shape.
//!
//! An element or connector with a fault is left out of the flow. The id of such an element is remembered, so that no rule
//! says that it is missing; where not even an id can be read, the flow says that it has unidentified elements.

use std::borrow::Cow;
use std::collections::BTreeSet;

use semver::Version;

use super::super::json::{Document, Kind, Names, Value};
use super::super::model::{Connector, Element, ElementType, Elements, Ends, Parts};
use super::super::{Problem, ProblemKind};
use super::members::Members;
use super::problems::{Place, Problems, head, shown};
use super::{KEYS, version};
use crate::ids::{ConnectorId, ElementId, FlowId};

/// What an element is read by.
const ELEMENT: Names<3> = Names::of(["id", "type", "configuration"]);

/// What a connector is read by.
const CONNECTOR: Names<3> = Names::of(["id", "sourceId", "targetId"]);

/// What a file holds, before it becomes a flow.
#[derive(Default)]
pub(super) struct Found {
    id: Option<FlowId>,
    version: Option<Version>,
    elements: Elements,
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

/// Reads the parts and collects what is wrong with them.
pub(super) struct Shape(Problems);

impl Shape {
    /// After what was found wrong before.
    pub(super) fn new(before: Vec<Problem>) -> Self {
        Self(Problems::new(before))
    }

    /// Raises each key that an object holds again.
    pub(super) fn duplicate_keys(&mut self, document: &Document) {
        let source = document.source();
        for found in document.duplicate_keys() {
            let raw = source.slice(found.again);
            let key = raw.get(1..raw.len().saturating_sub(1)).unwrap_or("");
            let key = shown(key);
            self.0
                .raise(ProblemKind::DuplicateKey, found.again, key.clone(), || {
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
            self.0
                .raise(ProblemKind::WrongType, head(root), String::new(), || {
                    (message, None)
                });
            None
        };
        (found, self.0.finish())
    }

    fn file(&mut self, root: Value<'_>) -> Found {
        let top = Members::new(root, &KEYS);
        let mut found = Found {
            id: self.flow_id(root, &top),
            version: self.version(root, &top),
            ..Found::default()
        };
        if let Some(elements) = self.list(root, &top, 2, ProblemKind::ElementsNotArray) {
            found.elements = Elements::with_room(elements.items().count());
            for (index, value) in elements.items().enumerate() {
                self.element(index, value, &mut found);
            }
        }
        if let Some(connectors) = self.list(root, &top, 3, ProblemKind::ConnectorsNotArray) {
            found.connectors.reserve(connectors.items().count());
            for (index, value) in connectors.items().enumerate() {
                if let Some(connector) = self.connector(index, value, &found.elements) {
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
        self.0
            .raise(ProblemKind::FlowIdInvalid, span, "flowId".into(), || {
                (message, hint)
            });
        None
    }

    fn version(&mut self, root: Value<'_>, top: &Members<'_, '_, 4>) -> Option<Version> {
        let Some(value) = top.get(1) else {
            let hint = top.hint("version", &["semver", "revision"]);
            let hint = hint.or_else(|| Some("add `\"version\": \"1.0.0\"`".into()));
            self.0.raise(
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
            self.0.raise(kind, head(fault.at), subject, || {
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
        let key = KEYS.text(index);
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
        self.0.raise(kind, span, key.into(), || (message, hint));
        None
    }

    fn element(&mut self, index: usize, value: Value<'_>, found: &mut Found) {
        let place = Place::new("element", "elements", index);
        if !self.is_object(&place, value) {
            found.unidentified += 1;
            return;
        }
        let members = Members::new(value, &ELEMENT);
        let id = self.text(
            &place,
            value,
            &members,
            0,
            &["elementId", "nodeId", "key", "uuid"],
        );
        let place = place.named(id.clone(), members.get(0));
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
                kind: ElementType::from(&*kind),
                node: value.id(),
            }),
            _ => {
                found.damaged.insert(id);
            }
        }
    }

    /// `None` where one of its ends could not be read. A bad id alone does not take the way of the call away.
    fn connector(
        &mut self,
        index: usize,
        value: Value<'_>,
        elements: &Elements,
    ) -> Option<Connector> {
        let place = Place::new("connector", "connectors", index);
        if !self.is_object(&place, value) {
            return None;
        }
        let members = Members::new(value, &CONNECTOR);
        // Not every exporter writes connector ids.
        let id = members
            .get(0)
            .and_then(|_| self.text(&place, value, &members, 0, &[]));
        let place = place.named(id.clone(), members.get(0));
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
        let (source, leaves) = end(&source?, elements)?;
        let (target, leads_to) = end(&target?, elements)?;
        Some(Connector {
            id: id.and_then(|id| id.parse::<ConnectorId>().ok()),
            source,
            target,
            ends: Ends {
                source: leaves,
                target: leads_to,
            },
            node: value.id(),
        })
    }

    fn is_object(&mut self, place: &Place<'_>, value: Value<'_>) -> bool {
        if !value.is_object() {
            let words = value.kind().words();
            self.0
                .raise(ProblemKind::WrongType, head(value), place.subject(), || {
                    (
                        format!("{} must be an object, found {words}", place.name()),
                        None,
                    )
                });
        }
        value.is_object()
    }

    /// A text that must be there and not be empty.
    fn text<'d, const N: usize>(
        &mut self,
        place: &Place<'_>,
        object: Value<'_>,
        members: &Members<'d, '_, N>,
        index: usize,
        other_names: &[&str],
    ) -> Option<Cow<'d, str>> {
        let key = members.key(index);
        let subject = || format!("{}/{key}", place.subject());
        let Some(value) = members.get(index) else {
            let span = place.id.map_or_else(|| head(object), Value::span);
            self.0
                .raise(ProblemKind::MissingField, span, subject(), || {
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
            self.0
                .raise(ProblemKind::MissingField, value.span(), subject(), || {
                    (format!("the `{key}` of {} is empty", place.name()), None)
                });
            return None;
        }
        Some(text)
    }

    fn wrong_type(&mut self, place: &Place<'_>, key: &str, wanted: &str, value: Value<'_>) {
        let words = value.kind().words();
        let hint = (value.kind() == Kind::Number && wanted == "a string")
            .then(|| format!("write \"{}\" in quotes", value.raw()))
            .filter(|hint| hint.len() < 80);
        let subject = format!("{}/{key}", place.subject());
        self.0
            .raise(ProblemKind::WrongType, head(value), subject, || {
                let name = place.name();
                (
                    format!("the `{key}` of {name} must be {wanted}, found {words}"),
                    hint,
                )
            });
    }
}

/// One end of a connector. The id is the element's own, where there is such an element: no second copy is made of it.
fn end(id: &str, elements: &Elements) -> Option<(ElementId, Option<usize>)> {
    let at = elements.find(id);
    let own = at.and_then(|at| elements.list().get(at));
    let id = own.map_or_else(|| id.parse().ok(), |element| Some(element.id.clone()))?;
    Some((id, at))
}
