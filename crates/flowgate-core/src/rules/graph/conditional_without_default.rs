//! `conditional-without-default`: a decision has no connector for all other cases.

use std::collections::BTreeSet;

use crate::finding::{RuleId, Severity};
use crate::flow::{Element, Flow};
use crate::rules::branch::Branch;
use crate::rules::{Check, FlowContext, Role, Rule, Sink, graph_view, words};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("conditional-without-default"),
    severity: Severity::Warning,
    firm: None,
    summary: "a decision says nothing about all other cases",
    explanation: "Callers for whom none of the conditions holds have nowhere to go: they hear silence until they hang up or the
call drops.

Add a connector that is called `default` (or has no condition), and lead it to something that suits everybody. A
decision whose two ways are `true` and `false`, or `yes` and `no`, has no other case (`ja` and `nein`, `oui` and
`non` and their like neither), nor has one with a case and its opposite (`member` and `not a member`, `score >= 6` and
`score < 6`); one whose configuration names a default has its way.",
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

/// Two cases that leave no other, in the languages that designers write. What only denies the other is not listed.
const PAIRS: [[&str; 2]; 29] = [
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
    ["ja", "nej"],
    ["ja", "nei"],
    ["kyllä", "ei"],
    ["tak", "nie"],
    ["ano", "ne"],
    ["igen", "nem"],
    ["evet", "hayır"],
    ["да", "нет"],
    ["так", "ні"],
    ["ναι", "όχι"],
    ["はい", "いいえ"],
    ["是", "否"],
    ["예", "아니요"],
];
/// What in front of a case makes its opposite.
const DENIALS: [&str; 9] = [
    "not ", "no ", "not a ", "non ", "non-", "un", "in", "nicht ", "pas ",
];
/// Two comparisons of the same two things, one of which always holds.
const OPPOSITES: [[&str; 2]; 4] = [["==", "!="], ["<", ">="], [">", "<="], ["===", "!=="]];

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
    let mut all = branches.iter();
    if all.any(|branch| matches!(branch, Branch::Always | Branch::Default)) {
        return true;
    }
    let texts = branches
        .iter()
        .filter_map(Branch::text)
        .map(str::to_lowercase);
    let cases: BTreeSet<String> = texts.collect();
    PAIRS
        .iter()
        .any(|pair| pair.iter().all(|case| cases.contains(*case)))
        || cases.iter().any(|case| {
            let mut denied = DENIALS.iter().map(|denial| format!("{denial}{case}"));
            denied.any(|denied| cases.contains(&denied))
        })
        || has_opposites(&cases)
}

/// Whether one case is another turned round: `score >= 6` and `score < 6`, `vip` and `!vip`.
fn has_opposites(cases: &BTreeSet<String>) -> bool {
    let squeezed = cases
        .iter()
        .map(|case| case.replace(char::is_whitespace, ""));
    let squeezed: BTreeSet<String> = squeezed.collect();
    squeezed.iter().any(|case| {
        let operator = case.replace(|letter| !"=<>!".contains(letter), "");
        let turned = OPPOSITES
            .iter()
            .filter(|[one, _]| *one == operator)
            .map(|[one, two]| case.replacen(one, two, 1));
        let mut opposites = turned.chain([format!("!{case}"), format!("!({case})")]);
        opposites.any(|opposite| squeezed.contains(&opposite))
    })
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
