//! `no-end`: the flow has no End and no other way out.

use crate::finding::{RuleId, Severity};
use crate::rules::{Check, FlowContext, Role, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("no-end"),
    severity: Severity::Warning,
    firm: None,
    summary: "the flow has no End, and hands calls to no queue or agent",
    explanation: "No call ever comes to a proper end: callers leave by hanging up, or are dropped.

Add an `End` and lead to it, or hand calls over to a `Queue` or an `Agent`. A flow that does hand over needs no
End of its own for this rule, and neither does one with types of your tenant, unless
`[types]` says that they are no `exit`.",
    bad: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"menu","type":"IVR"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"menu"}]}"#,
    good: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"menu","type":"IVR"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"menu"},
  {"id":"c2","sourceId":"menu","targetId":"end"}]}"#,
    check: Check::Flow(check),
};

fn check(context: &FlowContext<'_>, sink: &mut Sink) {
    let flow = context.flow;
    let types = &context.settings.types;
    let mut elements = flow.elements().iter();
    let any_exit = elements.any(|element| types.have(&element.kind, Role::Exit));
    if context.graph().is_none() || any_exit {
        return;
    }
    sink.raise(
        &RULE,
        Some(flow),
        (flow.source(), flow.anchor()),
        &[],
        "no element is an `End`, a `Queue` or an `Agent`, so no call comes to a proper end"
            .to_owned(),
    )
    .hint("add an `End` and lead to it");
}
