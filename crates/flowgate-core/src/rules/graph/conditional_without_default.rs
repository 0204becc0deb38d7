//! `conditional-without-default`: a decision has no connector for all other cases.

use std::collections::BTreeSet;

use crate::finding::{RuleId, Severity};
use crate::flow::{Element, Flow};
use crate::rules::branch::Branch;
use crate::rules::{Check, FlowContext, Role, Rule, Sink, graph_view, words};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("conditional-without-default"),
    severity: Severity::Warning,
    summary: "a decision says nothing about all other cases",
    explanation: "Callers for whom none of the conditions holds have nowhere to go: they hear silence until they hang up or the
call drops.

Add a connector that is called `default` (or has no condition), and lead it to something that suits everybody. A
decision whose two ways are `true` and `false`, or `yes` and `no`, has no other case (`ja` and `nein`, `oui` and
`non` and their like neither); one whose configuration names a default has its way.",
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

/// Two cases that leave no other, in the languages that designers write.
const PAIRS: [[&str; 2]; 17] = [
    ["true", "false"],
    ["yes", "no"],
    ["open", "closed"],
    ["success", "failure"],
    ["ja", "nein"],
    ["wahr", "falsch"],
    ["offen", "geschlossen"],
    ["oui", "non"],
    ["vrai", "faux"],
    ["ouvert", "fermé"],
    ["sí", "no"],
    ["si", "no"],
    ["sì", "no"],
    ["abierto", "cerrado"],
    ["sim", "não"],
    ["ja", "nee"],
    ["はい", "いいえ"],
];

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
        let connectors = graph
            .leaving(at)
            .iter()
            .map(|&connector| &flow.connectors()[connector]);
        let branches: Vec<Branch<'_>> = connectors
            .map(|connector| Branch::of(flow, connector.node))
            .collect();
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
    let texts = branches
        .iter()
        .filter_map(Branch::text)
        .map(str::to_lowercase);
    let cases: BTreeSet<String> = texts.collect();
    branches
        .iter()
        .any(|branch| matches!(branch, Branch::Always | Branch::Default))
        || PAIRS
            .iter()
            .any(|pair| pair.iter().all(|case| cases.contains(*case)))
}

fn names_default(flow: &Flow, element: &Element) -> bool {
    let configuration = flow.value(element.node).get("configuration");
    configuration.is_some_and(|configuration| {
        configuration.members().any(|(key, _)| {
            let key = key
                .as_str()
                .map(|key| key.to_lowercase())
                .unwrap_or_default();
            key.starts_with("default") || key.starts_with("else")
        })
    })
}
