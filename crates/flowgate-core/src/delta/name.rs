//! What people call an element or connector, as far as a delta must say it.

use crate::flow::json::Value;
use crate::flow::{Connector, Element, Flow};

/// The element's own name, else its type and id.
pub(super) fn element_name(flow: &Flow, element: &Element) -> String {
    let value = flow.value(element.node);
    ["label", "name", "displayName", "title"]
        .iter()
        .find_map(|key| text(value, key))
        .or_else(|| text(value.get("configuration")?, "name"))
        .unwrap_or_else(|| format!("{} {}", element.kind.as_str(), element.id))
}

/// `Source –[label]→ Target`.
pub(super) fn connector_name(flow: &Flow, connector: &Connector) -> String {
    let end = |id| {
        flow.element(id)
            .map_or_else(|| id.to_string(), |element| element_name(flow, element))
    };
    let (source, target) = (end(&connector.source), end(&connector.target));
    match label(flow.value(connector.node)) {
        Some(label) => format!("{source} –[{label}]→ {target}"),
        None => format!("{source} → {target}"),
    }
}

/// What tells a connector from the others of its source.
pub(super) fn label(connector: Value<'_>) -> Option<String> {
    ["label", "name", "condition"]
        .iter()
        .find_map(|key| text(connector, key))
}

fn text(value: Value<'_>, key: &str) -> Option<String> {
    let text = value.get(key)?.as_str()?;
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
