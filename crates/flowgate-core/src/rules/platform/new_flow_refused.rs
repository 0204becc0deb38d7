//! `new-flow-refused`: CXone knows no flow of this id, and `on-new-flow` is `fail`.

use crate::drift::OnNewFlow;
use crate::finding::{RuleId, Severity};
use crate::platform::Answer;
use crate::rules::{Check, Firm, PlatformContext, Rule, Sink, words};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("new-flow-refused"),
    severity: Severity::Error,
    firm: Some(Firm::Blocks("it blocks the flow: set `on-new-flow`")),
    summary: "CXone knows no flow of this id, and new flows are not created",
    explanation: "With `on-new-flow: fail`, a `flowId` that CXone does not know counts as a typing error: the flow that callers reach
would stay as it is, and a second one would be created that no number leads to.

Correct the `flowId`, or set `on-new-flow: create`.",
    bad: r#"--- platform
{"published":"absent","versions":[],"onNewFlow":"fail"}
--- after
{"flowId":"main","version":"1.1.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"}]}"#,
    good: r#"--- platform
{"published":"absent","versions":[],"onNewFlow":"create"}
--- after
{"flowId":"main","version":"1.1.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"}]}"#,
    check: Check::Platform(check),
};

fn check(context: &PlatformContext<'_>, sink: &mut Sink) {
    let head = context.head;
    let absent = matches!(context.platform.published, Answer::Absent);
    let Some(id) = head
        .id()
        .filter(|_| absent && context.settings.on_new_flow == OnNewFlow::Fail)
    else {
        return;
    };
    let message = format!("CXone knows no flow {}", words::quote(id.as_str()));
    sink.raise(
        &RULE,
        Some(head),
        (head.source(), head.anchor()),
        &[],
        message,
    )
    .hint("correct the `flowId`, or set `on-new-flow: create`");
}
