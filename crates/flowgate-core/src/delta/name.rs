//! What people call a connector, as far as a delta must say it.

use crate::flow::{Connector, Flow, names};

/// `Source –[label]→ Target`; an end that is missing by its id.
pub(super) fn connector_name(flow: &Flow, connector: &Connector) -> String {
    let index = flow.index();
    let end = |id| {
        let name = index.name_by_id(id);
        name.map_or_else(|| id.to_string(), str::to_owned)
    };
    let (source, target) = (end(&connector.source), end(&connector.target));
    match names::label(flow, connector) {
        Some(label) => format!("{source} –[{label}]→ {target}"),
        None => format!("{source} → {target}"),
    }
}
