//! `begin-has-incoming`: a connector leads back to Begin.

use crate::finding::{RuleId, Severity};
use crate::flow::ElementType;
use crate::rules::graph_view::way_id;
use crate::rules::{Check, FlowContext, Rule, Sink, words};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("begin-has-incoming"),
    severity: Severity::Warning,
    firm: None,
    summary: "a connector leads back to Begin",
    explanation: "Begin is where a call comes in; a call that is sent back there is greeted, counted and routed a second time, or
refused by the engine.

Lead to the element after Begin instead.",
    bad: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"menu","type":"IVR"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"menu"},
  {"id":"c2","sourceId":"menu","targetId":"end"},
  {"id":"c3","sourceId":"menu","targetId":"begin","label":"wrong input"}]}"#,
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
        if element.kind != ElementType::Begin {
            continue;
        }
        for edge in graph.incoming(at) {
            let other = &flow.elements()[edge.element];
            let way = flow.index().way(edge.way);
            let id = way_id(way);
            sink.raise(
                &RULE,
                Some(flow),
                (flow.source(), flow.value(way.node()).span()),
                &[element.id.as_str(), other.id.as_str(), id],
                format!(
                    "a connector leads from {} back to {}",
                    words::element(flow, other),
                    words::element(flow, element)
                ),
            )
            .about(&element.id, words::name(flow, element))
            .hint("lead to the element after Begin instead");
        }
    }
}
