//! `missing-name`: an element has no name.

use crate::finding::{RuleId, Severity};
use crate::flow::json::{Names, Value};
use crate::flow::{Element, ElementType, Flow};
use crate::rules::{Check, FlowContext, Rule, Sink, graph_view, words};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("missing-name"),
    severity: Severity::Info,
    firm: None,
    summary: "an element has no name where the others have one",
    explanation: "Callers notice nothing. Whoever reviews the flow, or looks for the fault at night, sees an id instead of what the element is for.

Give it a `label` or `name`. Only raised where most elements of the flow have one; Begin and End need none.",
    bad: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"a","type":"IVR","name":"Welcome"},
  {"id":"b","type":"IVR","name":"Menu"},
  {"id":"c","type":"IVR","configuration":{"prompt":"Goodbye."}},
  {"id":"end","type":"End"}],
 "connectors":[
  {"id":"c1","sourceId":"begin","targetId":"a"},
  {"id":"c2","sourceId":"a","targetId":"b"},
  {"id":"c3","sourceId":"b","targetId":"c"},
  {"id":"c4","sourceId":"c","targetId":"end"}]}"#,
    good: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"a","type":"IVR","name":"Welcome"},
  {"id":"b","type":"IVR","name":"Menu"},
  {"id":"c","type":"IVR","name":"Goodbye","configuration":{"prompt":"Goodbye."}},
  {"id":"end","type":"End"}],
 "connectors":[
  {"id":"c1","sourceId":"begin","targetId":"a"},
  {"id":"c2","sourceId":"a","targetId":"b"},
  {"id":"c3","sourceId":"b","targetId":"c"},
  {"id":"c4","sourceId":"c","targetId":"end"}]}"#,
    check: Check::Flow(check),
};

fn check(context: &FlowContext<'_>, sink: &mut Sink) {
    let flow = context.flow;
    let needed = |element: &Element| !matches!(element.kind, ElementType::Begin | ElementType::End);
    let elements = flow.elements().iter().enumerate();
    let (named, nameless): (Vec<_>, Vec<_>) = elements
        .filter(|(_, element)| needed(element))
        .partition(|(_, element)| has_name(flow, element));
    if named.len() <= nameless.len() {
        return;
    }
    for (at, element) in nameless {
        let (span, name) = graph_view::place(flow, at);
        sink.raise(
            &RULE,
            Some(flow),
            (flow.source(), span),
            &[element.id.as_str()],
            format!("{name} has no name of its own"),
        )
        .about(&element.id, words::name(flow, element))
        .hint("give it a `label` or `name`");
    }
}

fn has_name(flow: &Flow, element: &Element) -> bool {
    const NAMES: Names<4> = Names::of(["label", "name", "displayName", "title"]);
    let value = flow.value(element.node);
    let named = |value: Value<'_>| {
        let names = value.pick(&NAMES);
        let mut texts = names.into_iter().flatten().filter_map(Value::as_str);
        texts.any(|text| !text.trim().is_empty())
    };
    named(value) || value.get("configuration").is_some_and(named)
}
