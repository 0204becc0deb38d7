//! Small flows for stories, and their releases.

use std::sync::Arc;

use flowgate_core::delta::Delta;
use flowgate_core::flow::json::{Document, Value};
use flowgate_core::flow::{Connector, Element, Flow, Layout, Parts, digest};
use flowgate_core::plan::Release;
use flowgate_core::text::SourceText;

use super::fake::id_of;

/// A small flow whose only variable content is its prompt.
pub(super) fn flow_of(id: &str, version: &str, prompt: &str) -> Arc<Flow> {
    let text = format!(
        r#"{{"flowId":"{id}","version":"{version}","elements":[{{"id":"begin","type":"Begin"}},{{"id":"menu","type":"IVR","configuration":{{"prompt":"{prompt}"}}}},{{"id":"end","type":"End"}}],"connectors":[{{"id":"c1","sourceId":"begin","targetId":"menu"}},{{"id":"c2","sourceId":"menu","targetId":"end"}}]}}"#
    );
    let document =
        Document::read(SourceText::new("f.json".parse().expect("path"), text)).expect("JSON");
    let root = document.root();
    let field = |value: Value<'_>, key: &str| {
        value
            .get(key)
            .and_then(|value| value.as_str().map(String::from))
            .expect("a field")
    };
    let list = |key: &str| root.get(key).into_iter().flat_map(Value::items);
    let elements = list("elements")
        .map(|value| Element {
            id: field(value, "id").parse().expect("id"),
            kind: field(value, "type").as_str().into(),
            node: value.id(),
        })
        .collect();
    let connectors = list("connectors")
        .map(|value| Connector {
            id: field(value, "id").parse().ok(),
            source: field(value, "sourceId").parse().expect("id"),
            target: field(value, "targetId").parse().expect("id"),
            node: value.id(),
        })
        .collect();
    Arc::new(Flow::new(Parts {
        id: id.parse().ok(),
        version: version.parse().ok(),
        elements,
        connectors,
        damaged: std::collections::BTreeSet::new(),
        unidentified: 0,
        unread_connectors: 0,
        document,
    }))
}

/// The release of a flow.
pub(super) fn release_of(flow: &Arc<Flow>) -> Release {
    Release {
        flow_id: id_of(flow),
        version: flow.version().expect("version").clone(),
        digest: digest(flow, &Layout::default()).expect("digest"),
        flow: Arc::clone(flow),
        delta: Some(Arc::new(Delta::default())),
        immutable: Vec::new(),
    }
}
