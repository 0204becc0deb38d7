//! Small flows for stories, and their releases.

use std::sync::Arc;

use flowgate_core::delta::Delta;
use flowgate_core::flow::{Content, Flow, Layout, digest, native};
use flowgate_core::plan::Release;

use super::fake::id_of;

/// A small flow whose only variable content is its prompt.
pub(super) fn flow_of(id: &str, version: &str, prompt: &str) -> Arc<Flow> {
    let text = format!(
        r#"{{"flowId":"{id}","version":"{version}","elements":[{{"id":"begin","type":"Begin"}},{{"id":"menu","type":"IVR","configuration":{{"prompt":"{prompt}"}}}},{{"id":"end","type":"End"}}],"connectors":[{{"id":"c1","sourceId":"begin","targetId":"menu"}},{{"id":"c2","sourceId":"menu","targetId":"end"}}]}}"#
    );
    let path = "f.json".parse().expect("path");
    let reading = native::read(path, Content::Bytes(text.into_bytes()));
    reading.flow.expect("a flow")
}

/// The release of a flow.
pub(super) fn release_of(flow: &Arc<Flow>) -> Release {
    Release {
        flow_id: id_of(flow),
        version: flow.version().expect("version").clone(),
        digest: digest(flow, &Layout::default()).expect("digest"),
        delta: Some(Arc::new(Delta::default())),
        immutable: Vec::new(),
        content: Some(Arc::clone(flow)),
    }
}
