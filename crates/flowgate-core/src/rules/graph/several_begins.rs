//! `several-begins`: the flow has more than one Begin.

use crate::finding::{RuleId, Severity};
use crate::rules::{Check, FlowContext, Rule, Sink, graph_view, words};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("several-begins"),
    severity: Severity::Warning,
    firm: None,
    summary: "the flow has more than one Begin element",
    explanation: "A call comes in at one place. With several, which of them callers get is not for the flow to say, and the others
may never be used.

Keep one Begin. If your tenant means something by several, switch this rule off.",
    bad: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"begin-2","type":"Begin"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"},
  {"id":"c2","sourceId":"begin-2","targetId":"end"}]}"#,
    good: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"}]}"#,
    check: Check::Flow(check),
};

fn check(context: &FlowContext<'_>, sink: &mut Sink) {
    let flow = context.flow;
    let Some(graph) = context.graph() else { return };
    let [_, second, ..] = graph.begins[..] else {
        return;
    };
    let ids = graph
        .begins
        .iter()
        .map(|&at| flow.elements()[at].id.as_str());
    let message = format!(
        "{} elements have the type `Begin`: {}",
        graph.begins.len(),
        words::list(ids)
    );
    let (span, _) = graph_view::place(flow, second);
    let element = &flow.elements()[second];
    sink.raise(&RULE, Some(flow), (flow.source(), span), &[], message)
        .about(&element.id, words::name(flow, element))
        .hint("keep one");
}
