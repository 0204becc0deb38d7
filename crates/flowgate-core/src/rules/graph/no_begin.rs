//! `no-begin`: the flow has no Begin.

use crate::finding::{RuleId, Severity};
use crate::rules::graph_view::GraphView;
use crate::rules::{Check, FlowContext, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("no-begin"),
    severity: Severity::Error,
    firm: None,
    summary: "the flow has no Begin element",
    explanation: "Calls come in at Begin. Without one no caller gets into the flow at all.

Add an element of type `Begin` and a connector from it. What can be reached is not judged until there is one.",
    bad: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"menu","type":"IVR"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c2","sourceId":"menu","targetId":"end"}]}"#,
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
    if context.graph().is_none_or(GraphView::has_entry) {
        return;
    }
    sink.raise(
        &RULE,
        Some(flow),
        (flow.source(), flow.anchor()),
        &[],
        "no element has the type `Begin`, so no call gets in".to_owned(),
    )
    .hint("add an element of type `Begin` and a connector from it");
}
