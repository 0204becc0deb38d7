//! `conditional-duplicate-condition`: a decision or menu leads to two places in the same case.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::finding::{RuleId, Severity};
use crate::rules::branch::Branch;
use crate::rules::{Check, FlowContext, Role, Rule, Sink, words};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("conditional-duplicate-condition"),
    severity: Severity::Warning,
    summary: "a decision or menu leads to two places in the same case",
    explanation: "Only one of the two ways is ever taken, and which one is not for the flow to say: callers may never reach the
other. Two ways for all other cases (`default`, `else`) are such a pair too.

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

fn check(context: &FlowContext<'_>, sink: &mut Sink) {
    let flow = context.flow;
    let mut first = HashMap::new();
    for connector in flow.connectors() {
        let Some(element) = flow.element(&connector.source) else {
            continue;
        };
        let has = |role| context.settings.types.have(&element.kind, role);
        if !(has(Role::Decision) || has(Role::Input) && !has(Role::Fallible)) {
            continue;
        }
        let case = match Branch::of(flow, connector.node) {
            Branch::When(case) => case,
            // Two ways for all other cases contradict each other too, whatever each is called.
            Branch::Default => Cow::Borrowed("default"),
            Branch::Always | Branch::Called(_) => continue,
        };
        let before = *first
            .entry((&connector.source, case.clone()))
            .or_insert(connector);
        if before.target == connector.target {
            continue;
        }
        let span = flow.value(connector.node).span();
        sink.raise(
            &RULE,
            Some(flow),
            (flow.source(), span),
            &[element.id.as_str(), &case, connector.target.as_str()],
            format!(
                "{} leads to two places when {}: {} and {}",
                words::element(flow, element),
                words::quote(&case),
                words::element_by_id(flow, &before.target),
                words::element_by_id(flow, &connector.target)
            ),
        )
        .about(&element.id, words::name(flow, element))
        .hint("correct the case of one of them, or remove it");
    }
}
