//! `field-not-published`: the file has top-level fields that CXone is not sent.

use crate::finding::{RuleId, Severity};
use crate::rules::{Check, FlowContext, Rule, Sink, words};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("field-not-published"),
    severity: Severity::Info,
    firm: None,
    summary: "the file has top-level fields that are not sent to CXone",
    explanation: "A version on CXone has a place for `flowId`, `version`, `elements` and `connectors`. Its name and description
are made from the version and the delta, and its `metadata` is written by Flowgate. Other top-level fields stay
in the repository; callers notice nothing of them.

Nothing is to be done, unless you expected the field to have an effect: then it belongs inside an element.",
    bad: r#"{"flowId":"main","version":"1.0.0","description":"Main line",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"}]}"#,
    good: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"}]}"#,
    check: Check::Flow(check),
};

/// What a version on CXone has a place for (contract, "Version payload").
const SENT: [&str; 4] = ["flowId", "version", "elements", "connectors"];

/// What Flowgate itself reads: the flow's name, and the variables that its texts may use.
const READ_HERE: [&str; 4] = ["name", "displayName", "title", "variables"];

fn check(context: &FlowContext<'_>, sink: &mut Sink) {
    let flow = context.flow;
    let members = flow.document().root().members();
    let unsent: Vec<_> = members
        .map(|(key, _)| (key.text(), key.span()))
        .filter(|(key, _)| !SENT.contains(key) && !READ_HERE.contains(key))
        .collect();
    let Some(&(_, span)) = unsent.first() else {
        return;
    };
    let keys: Vec<&str> = unsent.iter().map(|&(key, _)| key).collect();
    let mut subject = keys.clone();
    subject.sort_unstable();
    let mut message = format!(
        "not sent to CXone, which has no place for it: {}",
        words::list(keys.iter().copied())
    );
    if keys.contains(&"metadata") {
        message.push_str(" (Flowgate writes the version's `metadata` itself)");
    }
    sink.raise(&RULE, Some(flow), (flow.source(), span), &subject, message);
}
