//! A small reader of flow texts for tests of what comes after reading. It asks for well-formed input.

use std::collections::BTreeSet;

use super::json::{Document, Value};
use super::{Connector, Element, Flow, Parts};
use crate::text::SourceText;

/// The flow in this text.
pub(crate) fn flow(text: &str) -> Flow {
    let path = "flows/main.json".parse().expect("a path");
    let document = Document::read(SourceText::new(path, text.to_owned())).expect("JSON");
    let root = document.root();
    let string = |value: Value<'_>, key: &str| value.get(key)?.as_str().map(String::from);
    let list = |key: &str| root.get(key).into_iter().flat_map(Value::items);
    let elements = list("elements")
        .map(|value| Element {
            id: string(value, "id")
                .expect("id")
                .parse()
                .expect("element id"),
            kind: string(value, "type").expect("type").as_str().into(),
            node: value.id(),
        })
        .collect();
    let connectors = list("connectors")
        .map(|value| Connector {
            id: string(value, "id").map(|id| id.parse().expect("connector id")),
            source: string(value, "sourceId")
                .expect("sourceId")
                .parse()
                .expect("element id"),
            target: string(value, "targetId")
                .expect("targetId")
                .parse()
                .expect("element id"),
            node: value.id(),
        })
        .collect();
    let id = string(root, "flowId").map(|id| id.parse().expect("flow id"));
    Flow::new(Parts {
        id,
        version: None,
        elements,
        connectors,
        damaged: BTreeSet::new(),
        document,
    })
}
