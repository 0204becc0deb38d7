//! `conditional-duplicate-condition`: a decision or menu leads to two places in the same case.

use std::collections::{HashMap, HashSet};

use crate::finding::{RuleId, Severity};
use crate::flow::branch::{Branch, canonical, key_pressed, may_be_a_choice};
use crate::flow::json::Value;
use crate::flow::{Connector, Flow, Layout, names};
use crate::rules::{Check, FlowContext, Role, Rule, Sink, words};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("conditional-duplicate-condition"),
    severity: Severity::Warning,
    firm: None,
    summary: "a decision or menu leads to two places in the same case",
    explanation: "Only one of the two ways is ever taken, and which one is not for the flow to say: callers may never reach the
other. Two ways for all other cases (`default`, `else`) are such a pair too; `other` and `*` beside them may be a choice of their own. Where nothing but a label says when a way is
taken, two ways with one label are such a pair; on a menu `1`, `press 1` and `option 1` are one key.

Correct the condition or the key that callers press on one of them, or remove it.",
    bad: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"menu","type":"IVR"},
  {"id":"agent","type":"Agent"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"menu"},
  {"id":"c2","sourceId":"menu","targetId":"agent","condition":"1"},
  {"id":"c3","sourceId":"menu","targetId":"end","condition":"1"}]}"#,
    good: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"menu","type":"IVR"},
  {"id":"agent","type":"Agent"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"menu"},
  {"id":"c2","sourceId":"menu","targetId":"agent","condition":"1"},
  {"id":"c3","sourceId":"menu","targetId":"end","condition":"2"}]}"#,
    check: Check::Flow(check),
};

/// When a way is taken, as far as it can be compared: the case, and whatever else a way without a condition carries.
type Case = (String, String);

fn check(context: &FlowContext<'_>, sink: &mut Sink) {
    let flow = context.flow;
    let mut ways = vec![0; flow.elements().len()];
    let sources = flow.connectors().iter();
    for source in sources.filter_map(|connector| connector.ends.source) {
        ways[source] += 1;
    }
    let mut first = HashMap::new();
    let mut seen = HashSet::new();
    for connector in flow.connectors() {
        // An element with one way, which most have, leads nowhere twice: what is written on it is not even read.
        let Some(source) = connector.ends.source.filter(|&source| ways[source] > 1) else {
            continue;
        };
        let element = &flow.elements()[source];
        let has = |role| context.settings.types.have(&element.kind, role);
        let is_menu = has(Role::Input) && !has(Role::Fallible);
        if !is_menu && !has(Role::Decision) {
            continue;
        }
        let Some((said, case)) = case(flow, connector, is_menu) else {
            continue;
        };
        let place = (source, case.clone());
        let before = *first.entry(place).or_insert(connector);
        let is_new = seen.insert((source, case.clone(), &connector.target));
        if std::ptr::eq(before, connector) || !is_new {
            continue;
        }
        let span = flow.value(connector.node).span();
        sink.raise(
            &RULE,
            Some(flow),
            (flow.source(), span),
            // Neither where it leads nor how the case is written: which of the ways comes first is of no matter.
            &[element.id.as_str(), &case.0],
            format!(
                "{} leads to two places when {}: {} and {}",
                words::element(flow, element),
                words::quote(&said),
                words::element_by_id(flow, &before.target),
                words::element_by_id(flow, &connector.target)
            ),
        )
        .about(&element.id, words::name(flow, element))
        .hint("correct the case of one of them, or remove it");
    }
}

/// What is written on a way, and the case that it is taken in; `None` where nothing says when.
fn case(flow: &Flow, connector: &Connector, is_menu: bool) -> Option<(String, Case)> {
    let key = |said: &str| {
        let pressed = key_pressed(said).filter(|_| is_menu);
        pressed.map(String::from)
    };
    match Branch::of(flow, connector.node) {
        Branch::When(condition) => {
            let said = String::from(&*condition);
            let case = key(&said).unwrap_or_else(|| said.clone());
            Some((said, (case, String::new())))
        }
        // Two ways for all other cases contradict each other too, whatever each is called. But `other` may be what
        // callers choose, and `*` what they press.
        Branch::Default => {
            let said = names::label(flow, connector).unwrap_or_else(|| "default".to_owned());
            let case = if may_be_a_choice(&said) {
                said.to_lowercase()
            } else {
                "default".to_owned()
            };
            Some((case.clone(), (case, String::new())))
        }
        Branch::Called(_) => {
            let value = flow.value(connector.node);
            let said = value.get("label")?.as_str()?.trim().to_owned();
            let case = key(&said).unwrap_or_else(|| said.to_lowercase());
            Some((said, (case, carried(value))))
        }
        Branch::Always => None,
    }
}

/// What tells ways with one label apart after all, as far as callers could notice it.
fn carried(connector: Value<'_>) -> String {
    let layout = Layout::default();
    let ends = ["id", "sourceId", "targetId", "label"];
    let others: Vec<String> = connector
        .members()
        .map(|(key, value)| (key.text(), value))
        .filter(|(key, _)| !layout.contains(key) && !ends.contains(key))
        .map(|(key, value)| format!("{key:?}:{}", canonical(value)))
        .collect();
    others.join(",")
}
