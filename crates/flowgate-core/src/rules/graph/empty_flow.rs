//! `empty-flow`: the flow has no elements.

use crate::finding::{RuleId, Severity};
use crate::rules::{Check, FlowContext, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("empty-flow"),
    severity: Severity::Error,
    firm: None,
    summary: "the flow has no elements",
    explanation: "A call that comes in finds nothing: callers hear silence and drop.

Add the elements, or delete the file if the flow is not wanted. Nothing else is said about the shape of an empty
flow.",
    bad: r#"{"flowId":"main","version":"1.0.0","elements":[],"connectors":[]}"#,
    good: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"menu","type":"IVR"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"menu"},
  {"id":"c2","sourceId":"menu","targetId":"end"}]}"#,
    check: Check::Flow(check),
};

fn check(context: &FlowContext<'_>, sink: &mut Sink) {
    let flow = context.flow;
    if !context.is_whole() || !flow.elements().is_empty() {
        return;
    }
    let span = flow
        .top("elements")
        .map_or(flow.anchor(), crate::flow::json::Value::span);
    sink.raise(
        &RULE,
        Some(flow),
        (flow.source(), span),
        &[],
        "the flow has no elements".to_owned(),
    )
    .hint("add its elements, or delete the file if the flow is not wanted");
}
