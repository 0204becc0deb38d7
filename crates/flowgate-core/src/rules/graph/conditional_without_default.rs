//! `conditional-without-default`: a decision has no connector for all other cases.

use crate::finding::{RuleId, Severity};
use crate::flow::{Element, Flow};
use crate::rules::branch::Branch;
use crate::rules::{Check, FlowContext, Role, Rule, Sink, graph_view, opposites, words};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("conditional-without-default"),
    severity: Severity::Warning,
    firm: None,
    summary: "a decision says nothing about all other cases",
    explanation: "Callers for whom none of the conditions holds have nowhere to go: they hear silence until they hang up or the
call drops.

Add a connector that is called `default` (or has no condition), and lead it to something that suits everybody. A
decision with a case and its opposite has no other case: `true` and `false`, `ja` and `nein`, `found` and `not found`,
`in hours` and `out of hours`, `vip == true` and `vip != true`; nor has one whose comparisons leave no number over
(`score < 6` and `score >= 6`). A third way for errors changes nothing about that. One whose configuration names a
default has its way.",
    bad: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"vip","type":"Conditional"},
  {"id":"agent","type":"Agent"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"vip"},
  {"id":"c2","sourceId":"vip","targetId":"agent","condition":"tier == 'gold'"},
  {"id":"c3","sourceId":"vip","targetId":"end","condition":"tier == 'tin'"}]}"#,
    good: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"vip","type":"Conditional"},
  {"id":"agent","type":"Agent"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"vip"},
  {"id":"c2","sourceId":"vip","targetId":"agent","condition":"tier == 'gold'"},
  {"id":"c3","sourceId":"vip","targetId":"end","condition":"default"}]}"#,
    check: Check::Flow(check),
};

fn check(context: &FlowContext<'_>, sink: &mut Sink) {
    let flow = context.flow;
    let Some(graph) = context.graph() else { return };
    let types = &context.settings.types;
    for (at, element) in flow.elements().iter().enumerate() {
        // One without any connector is a dead end; what is required is another rule's matter.
        if !types.have(&element.kind, Role::Decision)
            || types.require(&element.kind, "default")
            || graph.leaving(at).is_empty()
            || names_default(flow, element)
        {
            continue;
        }
        let index = flow.index();
        let ways = graph.leaving(at).iter().map(|&way| index.way(way));
        let branches: Vec<Branch<'_>> = ways.map(|way| Branch::of_way(flow, way)).collect();
        if has_all_cases(&branches) {
            continue;
        }
        let (span, name) = graph_view::place(flow, at);
        sink.raise(
            &RULE,
            Some(flow),
            (flow.source(), span),
            &[element.id.as_str()],
            format!(
                "{name} has {} ways, each with a condition, and none for all other callers",
                branches.len()
            ),
        )
        .about(&element.id, words::name(flow, element))
        .hint("add a connector called `default`");
    }
}

fn has_all_cases(branches: &[Branch<'_>]) -> bool {
    let mut all = branches.iter();
    if all.any(|branch| matches!(branch, Branch::Always | Branch::Default)) {
        return true;
    }
    let cases: Vec<&str> = branches.iter().filter_map(Branch::text).collect();
    opposites::leave_no_other(&cases)
}

fn names_default(flow: &Flow, element: &Element) -> bool {
    let configuration = flow.value(element.node).get("configuration");
    configuration.is_some_and(|configuration| {
        configuration.members().any(|(key, _)| {
            let key = key.text().to_lowercase();
            key.starts_with("default") || key.starts_with("else")
        })
    })
}
