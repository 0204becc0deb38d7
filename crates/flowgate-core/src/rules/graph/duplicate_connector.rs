//! `duplicate-connector`: two connectors say the same.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::finding::{RuleId, Severity};
use crate::flow::{Connector, Flow};
use crate::rules::branch::canonical;
use crate::rules::{Check, FlowContext, Rule, Sink, words};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("duplicate-connector"),
    severity: Severity::Warning,
    firm: None,
    summary: "two connectors lead from and to the same elements, in the same case",
    explanation: "Callers notice nothing as long as both stay the same. Whoever changes one of them later will believe to have
changed the way of the call, and callers still take the other.

Remove one. Connectors that differ in a condition, a label or any other field but their id and their place on
the canvas are not duplicates.",
    bad: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"},
  {"id":"c2","sourceId":"begin","targetId":"end"}]}"#,
    good: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"}]}"#,
    check: Check::Flow(check),
};

/// Fields that do not tell two connectors apart.
const IGNORED: [&str; 6] = ["id", "sourceId", "targetId", "x", "y", "position"];

fn check(context: &FlowContext<'_>, sink: &mut Sink) {
    let flow = context.flow;
    let mut alone = HashMap::with_capacity(flow.connectors().len());
    let mut first = HashMap::new();
    for connector in flow.connectors() {
        let ends = (&connector.source, &connector.target);
        // What it says matters where another has the same ends, which few have.
        match alone.entry(ends) {
            Entry::Vacant(free) => {
                free.insert(Some(connector));
                continue;
            }
            Entry::Occupied(mut other) => {
                if let Some(other) = other.get_mut().take() {
                    first.insert((ends, what_it_says(flow, other)), other);
                }
            }
        }
        let key = (ends, what_it_says(flow, connector));
        let Some(before) = first.get(&key) else {
            first.insert(key, connector);
            continue;
        };
        // Two connectors with one id are another rule's.
        if connector.id.is_some() && before.id == connector.id {
            continue;
        }
        let there = flow.value(before.node).span().start;
        let line = flow.source().position(there).line;
        sink.raise(
            &RULE,
            Some(flow),
            (flow.source(), flow.value(connector.node).span()),
            // Not its id: which of the two comes second is of no matter.
            &[connector.source.as_str(), connector.target.as_str()],
            format!(
                "two connectors lead from {} to {} in the same case; the other stands in line {line}",
                words::element_by_id(flow, &connector.source),
                words::element_by_id(flow, &connector.target)
            ),
        )
        .hint("remove one of them");
    }
}

/// All other fields, in one order.
fn what_it_says(flow: &Flow, connector: &Connector) -> Vec<(String, String)> {
    let members = flow.value(connector.node).members();
    let mut fields: Vec<_> = members
        .filter(|(key, _)| !IGNORED.contains(&key.text()))
        .map(|(key, value)| (key.text().to_owned(), canonical(value)))
        .collect();
    fields.sort_unstable();
    fields
}
