//! `no-error-branch`: nothing says what happens when an element fails.

use crate::finding::{RuleId, Severity};
use crate::flow::Element;
use crate::rules::{
    Check, FlowContext, Role, Rule, Sink, branch_names, graph_view, settings_seen, words,
};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("no-error-branch"),
    severity: Severity::Warning,
    firm: None,
    summary: "nothing says what happens when an element fails",
    explanation: "When the other side is down, callers hear silence until they hang up or the call drops.

Add a connector for failures, or set `onError`. A connector counts whose label or condition has one of `error-labels` as a word (`error`,
`failed`, `timeout`, `unavailable`, `full`, …; `OnFailure`, `ApiError` and `no_match_error` have it) or that is called `default` beside
ways for other outcomes; so does a setting `onError`, `onFailure`, `errorTarget`, `fallback…`. A `default` that is the only way is none: on
CXone an outcome that is not connected goes to Default, so a failure goes on as if nothing had happened. A step that callers only come to when
another has failed is not asked. Only raised where another element of the same type (`API`, `Database`, `Queue`, and those that `[types]` calls `fallible`) in the flow has one, which shows that it was
forgotten here.",
    bad: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"a","type":"API","name":"Customer"},
  {"id":"b","type":"API","name":"Balance"},
  {"id":"end","type":"End"}],
 "connectors":[
  {"id":"c1","sourceId":"begin","targetId":"a"},
  {"id":"c2","sourceId":"a","targetId":"b"},
  {"id":"c3","sourceId":"b","targetId":"end"},
  {"id":"d1","sourceId":"a","targetId":"end","label":"error"}]}"#,
    good: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"a","type":"API","name":"Customer"},
  {"id":"b","type":"API","name":"Balance"},
  {"id":"end","type":"End"}],
 "connectors":[
  {"id":"c1","sourceId":"begin","targetId":"a"},
  {"id":"c2","sourceId":"a","targetId":"b"},
  {"id":"c3","sourceId":"b","targetId":"end"},
  {"id":"d1","sourceId":"a","targetId":"end","label":"error"},
  {"id":"d2","sourceId":"b","targetId":"end","label":"error"}]}"#,
    check: Check::Flow(check),
};

fn check(context: &FlowContext<'_>, sink: &mut Sink) {
    let flow = context.flow;
    let Some(graph) = context.graph() else { return };
    let types = &context.settings.types;
    // What is required is another rule's matter.
    let can_fail = |element: &Element| -> bool {
        types.have(&element.kind, Role::Fallible) && !types.require(&element.kind, "error")
    };
    let broken: Vec<_> = context.broken().iter().map(|broken| broken.way).collect();
    if !flow.elements().iter().any(can_fail) {
        return;
    }
    let leads_to_failure = |at: usize, way: usize| {
        can_fail(&flow.elements()[at]) && branch_names::is_failure(context, way)
    };
    // Where callers come only when something failed already, nobody is asked for one way more.
    let without_failures = graph.reached_without(leads_to_failure);
    let has: Vec<Option<bool>> = flow
        .elements()
        .iter()
        .enumerate()
        .map(|(at, element)| {
            let leads_on = !graph.leaving(at).is_empty();
            // A dead end is worse than this, and nobody comes to what is not reached.
            (can_fail(element) && leads_on && without_failures[at])
                .then(|| branch_names::has_failure_way(context, graph, at))
        })
        .collect();
    for at in settings_seen::outliers(flow, &has) {
        let element = &flow.elements()[at];
        // Where a connector of this element leads nobody knows where, it may be the one.
        if broken
            .iter()
            .any(|&way| *flow.index().way(way).source() == element.id)
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
