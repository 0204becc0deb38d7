//! `dead-end`: callers reach an element that leads nowhere.

use crate::finding::{RuleId, Severity};
use crate::rules::{Check, FlowContext, Role, Rule, Sink, graph_view, words};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("dead-end"),
    severity: Severity::Warning,
    firm: None,
    summary: "callers reach an element that leads nowhere",
    explanation: "Callers come here, and nothing follows: they hear silence until they hang up or the call drops.
An error where a change makes it so; a fault that was there before stays a warning.

Lead on from it, at least to an `End`. An `End`, a hand-off to an `Agent`, a `Queue` (calls leave it to agents)
and types of your tenant are no dead ends, unless `[types]` says that they are no `exit`.",
    bad: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"menu","type":"IVR"},
  {"id":"info","type":"IVR"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"menu"},
  {"id":"c2","sourceId":"menu","targetId":"end"},
  {"id":"c3","sourceId":"menu","targetId":"info"}]}"#,
    good: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"menu","type":"IVR"},
  {"id":"info","type":"IVR"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"menu"},
  {"id":"c2","sourceId":"menu","targetId":"end"},
  {"id":"c3","sourceId":"menu","targetId":"info"},
  {"id":"c4","sourceId":"info","targetId":"end"}]}"#,
    check: Check::Flow(check),
};

fn check(context: &FlowContext<'_>, sink: &mut Sink) {
    let flow = context.flow;
    let Some(graph) = context.graph() else { return };
    let types = &context.settings.types;
    for (at, element) in flow.elements().iter().enumerate() {
        if !graph.is_reached(at)
            || !graph.leaving(at).is_empty()
            || types.have(&element.kind, Role::Exit)
        {
            continue;
        }
        let (span, name) = graph_view::place(flow, at);
        sink.raise(
            &RULE,
            Some(flow),
            (flow.source(), span),
            &[element.id.as_str()],
            format!("callers reach {name}, and nothing follows"),
        )
        .about(&element.id, words::name(flow, element))
        .hint("lead on from it, at least to an `End`");
    }
}
