//! The flow of a text, for tests of what comes after reading.

use super::{Content, ElementTypes, Flow, FlowView, native};

/// The flow in this text.
pub(crate) fn flow(text: &str) -> Flow {
    let path = "flows/main.json".parse().expect("a path");
    let reading = native::read(path, Content::Bytes(text.as_bytes().to_vec()));
    let flow = reading.flow.expect("a flow");
    std::sync::Arc::unwrap_or_clone(flow)
}

/// A flow whose types mean what they usually do.
pub(crate) fn view(flow: &Flow) -> FlowView<'_> {
    FlowView::new(flow, &ElementTypes::default())
}
