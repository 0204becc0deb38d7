//! `duplicate-connector-id`: two connectors have the same id.

use crate::finding::{RuleId, Severity};
use crate::ids::FastMap;
use crate::rules::{Check, Firm, FlowContext, Rule, Sink, words};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("duplicate-connector-id"),
    severity: Severity::Error,
    firm: Some(Firm::Refused("CXone refuses such a flow: mend it")),
    summary: "two connectors of a flow have the same id",
    explanation: "CXone may keep only one of the two, and callers lose a way that the file shows.

Give one of them an id of its own.",
    bad: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"menu","type":"IVR"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"menu"},
  {"id":"c1","sourceId":"menu","targetId":"end"}]}"#,
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
    let mut first = FastMap::default();
    for connector in flow.connectors() {
        let Some(id) = &connector.id else { continue };
        let Some(&before) = first.get(id) else {
            first.insert(id, connector.node);
            continue;
        };
        let span = words::span_of(flow, connector.node, "id");
        let there = words::span_of(flow, before, "id").start;
        let line = flow.source().position(there).line;
        sink.raise(
            &RULE,
            Some(flow),
            (flow.source(), span),
            &[id.as_str()],
            format!(
                "two connectors have the id {}; the other stands in line {line}",
                words::quote(id.as_str())
            ),
        )
        .hint("give one of them an id of its own");
    }
}
