//! `empty-endpoint`: a step calls an address that is empty.

use crate::finding::{RuleId, Severity};
use crate::rules::texts::Owner;
use crate::rules::{Check, FlowContext, Role, Rule, Sink, endpoint};
use crate::text::is_blank;

pub(crate) static RULE: Rule = Rule {
    id: RuleId("empty-endpoint"),
    severity: Severity::Warning,
    firm: None,
    summary: "a step calls an address that is empty",
    explanation: "The call fails every time; callers take the way for failures, or hear silence where there is none.

Set the address. Looked at are fields called `…url`, `…uri`, `…endpoint`, `…webhook` of steps that call something (`fallible`).",
    bad: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"crm","type":"API","name":"Customer","configuration":{"url":" "}},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"crm"},
  {"id":"c2","sourceId":"crm","targetId":"end"}]}"#,
    good: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"crm","type":"API","name":"Customer","configuration":{"url":"https://crm.example.com/v1"}},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"crm"},
  {"id":"c2","sourceId":"crm","targetId":"end"}]}"#,
    check: Check::Flow(check),
};

fn check(context: &FlowContext<'_>, sink: &mut Sink) {
    let flow = context.flow;
    let types = &context.settings.types;
    for text in context.texts() {
        let Owner::Element(at) = text.owner else {
            continue;
        };
        let calls = || types.have(&flow.elements()[at].kind, Role::Fallible);
        if !is_blank(&text.text) || !endpoint::is_address_key(text) || !calls() {
            continue;
        }
        let message = format!("the address that {} calls is empty", text.whose(flow));
        text.raise(&RULE, context, sink, "", message)
            .hint("set the address");
    }
}
