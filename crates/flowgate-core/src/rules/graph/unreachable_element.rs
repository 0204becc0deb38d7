//! `unreachable-element`: no way leads from Begin to an element.

use crate::finding::{Finding, RuleId, Severity};
use crate::flow::graph::Edge;
use crate::rules::{Check, FlowContext, Rule, Sink, graph_view, words};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("unreachable-element"),
    severity: Severity::Warning,
    firm: None,
    summary: "no caller can reach an element",
    explanation: "No way of connectors leads here from Begin, so callers never hear or use it. Either a connector is missing, and
callers miss something, or the element is a leftover.

Lead to it, or remove it. The first element of an unreachable part is reported; what lies behind it is folded
under it.",
    bad: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"menu","type":"IVR"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"},
  {"id":"c2","sourceId":"menu","targetId":"end"}]}"#,
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
    let Some(graph) = context.graph().filter(|graph| graph.has_entry()) else {
        return;
    };
    let unreached: Vec<usize> = (0..flow.elements().len())
        .filter(|&at| graph.first[at] && !graph.may_be_reached(at))
        .collect();
    // Elements that nothing else leads to come first; what is then left stands in circles.
    let nothing_leads = |at: &usize| graph.incoming(*at).iter().all(|edge| edge.element == *at);
    let (heads, others): (Vec<usize>, Vec<usize>) =
        unreached.iter().partition(|at| nothing_leads(at));
    let mut taken = vec![false; flow.elements().len()];
    for head in heads.into_iter().chain(others) {
        if taken[head] {
            continue;
        }
        let cause = raise(context, sink, head).fingerprint.clone();
        taken[head] = true;
        let mut open = vec![head];
        while let Some(at) = open.pop() {
            for &Edge { element: next, .. } in graph.out(at) {
                if graph.may_be_reached(next) || std::mem::replace(&mut taken[next], true) {
                    continue;
                }
                open.push(next);
                raise(context, sink, next).follows_from(cause.clone());
            }
        }
    }
}

fn raise<'s>(context: &FlowContext<'_>, sink: &'s mut Sink, at: usize) -> &'s mut Finding {
    let flow = context.flow;
    let (span, name) = graph_view::place(flow, at);
    let element = &flow.elements()[at];
    sink.raise(
        &RULE,
        Some(flow),
        (flow.source(), span),
        &[element.id.as_str()],
        format!("no way leads from Begin to {name}"),
    )
    .about(&element.id, words::name(flow, element))
    .hint("lead a connector to it, or remove it")
}
