//! `end-has-outgoing`: a connector leaves an End.

use crate::finding::{RuleId, Severity};
use crate::flow::ElementType;
use crate::rules::graph_view::way_id;
use crate::rules::{Check, FlowContext, Rule, Sink, words};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("end-has-outgoing"),
    severity: Severity::Warning,
    firm: None,
    summary: "a connector leaves an End",
    explanation: "The call is over at End, so no caller ever goes on from there. What should come next, such as a survey, is never
reached that way.

Put what should come next before the End, or remove the connector.",
    bad: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"menu","type":"IVR"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"menu"},
  {"id":"c2","sourceId":"menu","targetId":"end"},
  {"id":"c3","sourceId":"end","targetId":"menu"}]}"#,
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
    let Some(graph) = context.graph() else { return };
    for (at, element) in flow.elements().iter().enumerate() {
        if element.kind != ElementType::End {
            continue;
        }
        for edge in graph.out(at) {
            let other = &flow.elements()[edge.element];
            let way = flow.index().way(edge.way);
            let id = way_id(way);
            sink.raise(
                &RULE,
                Some(flow),
                (flow.source(), flow.value(way.node()).span()),
                &[element.id.as_str(), other.id.as_str(), id],
                format!(
                    "a connector leads from {1}, where calls end, to {0}",
                    words::element(flow, other),
                    words::element(flow, element)
                ),
            )
            .about(&element.id, words::name(flow, element))
            .hint("put what should come next before the End, or remove the connector");
        }
    }
}
