//! `empty-configuration`: an element is set to nothing.

use crate::finding::{RuleId, Severity};
use crate::flow::json::{Kind, Value};
use crate::rules::{Check, FlowContext, Role, Rule, Sink, graph_view, settings_seen, words};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("empty-configuration"),
    severity: Severity::Warning,
    firm: None,
    summary: "an element is set to nothing where others of its type are set",
    explanation: "Callers come to a menu that says nothing, or a queue without a skill: often an element was drawn and never finished.

Fill in its configuration. Only raised on `IVR`, `Queue`, `API` and `Database` (types that are `input` or `fallible`) whose `configuration` is there and empty, where another
element of the same type in the flow has one that is not.",
    bad: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"a","type":"IVR","name":"Welcome","configuration":{"prompt":"Welcome."}},
  {"id":"b","type":"IVR","name":"Menu","configuration":{}},
  {"id":"end","type":"End"}],
 "connectors":[
  {"id":"c1","sourceId":"begin","targetId":"a"},
  {"id":"c2","sourceId":"a","targetId":"b"},
  {"id":"c3","sourceId":"b","targetId":"end"}]}"#,
    good: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"a","type":"IVR","name":"Welcome","configuration":{"prompt":"Welcome."}},
  {"id":"b","type":"IVR","name":"Menu","configuration":{"prompt":"Press 1."}},
  {"id":"end","type":"End"}],
 "connectors":[
  {"id":"c1","sourceId":"begin","targetId":"a"},
  {"id":"c2","sourceId":"a","targetId":"b"},
  {"id":"c3","sourceId":"b","targetId":"end"}]}"#,
    check: Check::Flow(check),
};

fn check(context: &FlowContext<'_>, sink: &mut Sink) {
    let flow = context.flow;
    let Some(graph) = context.graph() else { return };
    let says_something =
        |value: Value<'_>| !matches!(value.kind(), Kind::Null) && value.raw() != "\"\"";
    let has: Vec<Option<bool>> = flow
        .elements()
        .iter()
        .enumerate()
        .map(|(at, element)| {
            let types = &context.settings.types;
            let roles = [Role::Fallible, Role::Input];
            let set = roles.iter().any(|&role| types.have(&element.kind, role));
            let configuration = flow
                .value(element.node)
                .get("configuration")
                .filter(|value| value.is_object())?;
            (set && graph.is_reached(at)).then(|| {
                configuration
                    .members()
                    .any(|(_, value)| says_something(value))
            })
        })
        .collect();
    for at in settings_seen::outliers(flow, &has) {
        let element = &flow.elements()[at];
        let span = words::span_of(flow, element.node, "configuration");
        let (_, name) = graph_view::place(flow, at);
        let message = format!(
            "{name} is set to nothing; other {} elements here are set",
            element.kind.as_str()
        );
        sink.raise(
            &RULE,
            Some(flow),
            (flow.source(), span),
            &[element.id.as_str()],
            message,
        )
        .about(&element.id, words::name(flow, element))
        .hint("fill in its configuration");
    }
}
