//! `no-error-branch`: nothing says what happens when an element fails.

use crate::finding::{RuleId, Severity};
use crate::flow::{Element, ElementType, Flow};
use crate::rules::branch::Branch;
use crate::rules::{Check, FlowContext, Rule, Sink, graph_view, settings_seen, words};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("no-error-branch"),
    severity: Severity::Warning,
    summary: "nothing says what happens when an element fails",
    explanation: "When the other side is down, callers hear silence until they hang up or the call drops.

Add a connector for failures, or set `onError`. A connector counts whose label or condition has one of `error-labels` as a word (`error`,
`failed`, `timeout`, `unavailable`, `full`, …) or that is called `default`; so does a setting `onError`, `onFailure`, `errorTarget`,
`fallback…`. Only raised where another element of the same type (`API`, `Database`, `Queue`) in the flow has one, which shows that it was
forgotten here.",
    bad: r##"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"a","type":"API","name":"Customer"},
  {"id":"b","type":"API","name":"Balance"},
  {"id":"end","type":"End"}],
 "connectors":[
  {"id":"c1","sourceId":"begin","targetId":"a"},
  {"id":"c2","sourceId":"a","targetId":"b"},
  {"id":"c3","sourceId":"b","targetId":"end"},
  {"id":"d1","sourceId":"a","targetId":"end","label":"error"}]}"##,
    good: r##"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"a","type":"API","name":"Customer"},
  {"id":"b","type":"API","name":"Balance"},
  {"id":"end","type":"End"}],
 "connectors":[
  {"id":"c1","sourceId":"begin","targetId":"a"},
  {"id":"c2","sourceId":"a","targetId":"b"},
  {"id":"c3","sourceId":"b","targetId":"end"},
  {"id":"d1","sourceId":"a","targetId":"end","label":"error"},
  {"id":"d2","sourceId":"b","targetId":"end","label":"error"}]}"##,
    check: Check::Flow(check),
};

fn check(context: &FlowContext<'_>, sink: &mut Sink) {
    let flow = context.flow;
    let Some(graph) = context.graph() else { return };
    let can_fail = |element: &Element| {
        matches!(
            element.kind,
            ElementType::Api | ElementType::Database | ElementType::Queue
        )
    };
    let broken: Vec<_> = context
        .broken()
        .iter()
        .map(|broken| broken.connector)
        .collect();
    let has: Vec<Option<bool>> = flow
        .elements()
        .iter()
        .enumerate()
        .map(|(at, element)| {
            let leads_on = !graph.leaving[at].is_empty();
            // A dead end is worse than this, and nobody comes to what is not reached.
            (can_fail(element) && leads_on && graph.reached[at]).then(|| {
                graph.leaving[at]
                    .iter()
                    .any(|&way| is_for_failures(context, way))
                    || is_set(flow, element)
            })
        })
        .collect();
    for at in settings_seen::outliers(flow, &has) {
        let element = &flow.elements()[at];
        // Where a connector of this element leads nobody knows where, it may be the one.
        if broken
            .iter()
            .any(|&way| flow.connectors()[way].source == element.id)
        {
            continue;
        }
        let (span, name) = graph_view::place(flow, at);
        let message = format!(
            "nothing says what happens when {name} fails; other {} elements here say it",
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
        .hint("add a connector called `error`");
    }
}

fn is_for_failures(context: &FlowContext<'_>, connector: usize) -> bool {
    let node = context.flow.connectors()[connector].node;
    let said = Branch::of(context.flow, node);
    if said == Branch::Default {
        return true;
    }
    let value = context.flow.value(node);
    let names = ["label", "name", "type", "event"]
        .into_iter()
        .filter_map(|key| Some(value.get(key)?.as_str()?.into_owned()));
    let texts: Vec<String> = names
        .chain(said.text().map(str::to_owned))
        .map(|text| text.to_lowercase())
        .collect();
    texts.iter().any(|text| {
        let squeezed: String = text.chars().filter(|c| c.is_alphanumeric()).collect();
        let mut words = text.split(|c: char| !c.is_alphanumeric());
        let labels = &context.settings.error_labels;
        labels.contains(&squeezed) || words.any(|word| labels.iter().any(|label| label == word))
    })
}

fn is_set(flow: &Flow, element: &Element) -> bool {
    settings_seen::says(flow, element, |key| {
        let key = key.replace(['_', '-'], "");
        [
            "onerror",
            "onfail",
            "ontimeout",
            "errortarget",
            "errorbranch",
            "errorhandl",
            "fallback",
            "overflow",
        ]
        .iter()
        .any(|start| key.starts_with(start))
    })
}
