//! `duplicate-connector`: two connectors say the same.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

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
    let with_company = with_company(flow);
    // The first one, and the ids of all.
    let mut alike: HashMap<_, (&Connector, HashSet<_>)> = HashMap::new();
    let connectors = flow.connectors().iter().zip(with_company);
    // What a connector says matters where another may have the same ends, which few have.
    for (connector, _) in connectors.filter(|(_, with_company)| *with_company) {
        let ends = (&connector.source, &connector.target);
        let key = (ends, what_it_says(flow, connector));
        let id = connector.id.as_ref();
        let before = match alike.entry(key) {
            Entry::Vacant(free) => {
                free.insert((connector, id.into_iter().collect()));
                continue;
            }
            Entry::Occupied(known) => {
                let (before, ids) = known.into_mut();
                // Two connectors with one id are another rule's.
                if id.is_some_and(|id| !ids.insert(id)) {
                    continue;
                }
                *before
            }
        };
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

/// Per connector: whether another one may have the same ends. Of ends that are missing nothing is known.
fn with_company(flow: &Flow) -> Vec<bool> {
    let connectors = flow.connectors().iter().enumerate();
    let ends = |(at, connector): (usize, &Connector)| {
        Some((connector.ends.source?, connector.ends.target?, at))
    };
    let mut sorted: Vec<_> = connectors.clone().filter_map(ends).collect();
    sorted.sort_unstable();
    let mut with_company: Vec<bool> = connectors.map(|it| ends(it).is_none()).collect();
    for pair in sorted.windows(2) {
        let [(source, target, at), (other_source, other_target, other)] = *pair else {
            continue;
        };
        if (source, target) == (other_source, other_target) {
            with_company[at] = true;
            with_company[other] = true;
        }
    }
    with_company
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
