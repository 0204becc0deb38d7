//! `duplicate-element-id`: two elements have the same id.

use std::collections::HashMap;

use crate::finding::{RuleId, Severity};
use crate::rules::{Check, Firm, FlowContext, Rule, Sink, words};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("duplicate-element-id"),
    severity: Severity::Error,
    firm: Some(Firm::Refused("CXone refuses such a flow: mend it")),
    summary: "two elements of a flow have the same id",
    explanation:
        "Nobody can say which of the two a connector means, so callers may reach the wrong one.

Give one of them an id of its own, and point the connectors that mean it there.",
    bad: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"x","type":"IVR"},
  {"id":"x","type":"Queue"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"x"},
  {"id":"c2","sourceId":"x","targetId":"end"}]}"#,
    good: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"x","type":"IVR"},
  {"id":"y","type":"Queue"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"x"},
  {"id":"c2","sourceId":"x","targetId":"y"},
  {"id":"c3","sourceId":"y","targetId":"end"}]}"#,
    check: Check::Flow(check),
};

fn check(context: &FlowContext<'_>, sink: &mut Sink) {
    let flow = context.flow;
    if flow.has_unique_ids() {
        return;
    }
    let mut first = HashMap::with_capacity(flow.elements().len());
    for element in flow.elements() {
        let span = words::span_of(flow, element.node, "id");
        let Some(before) = first.get(&element.id) else {
            first.insert(&element.id, span);
            continue;
        };
        let line = flow.source().position(before.start).line;
        sink.raise(
            &RULE,
            Some(flow),
            (flow.source(), span),
            &[element.id.as_str()],
            format!(
                "two elements have the id {}; the other stands in line {line}",
                words::quote(element.id.as_str())
            ),
        )
        .about(&element.id, words::name(flow, element))
        .hint("give one of them an id of its own, and point the connectors that mean it there");
    }
}
