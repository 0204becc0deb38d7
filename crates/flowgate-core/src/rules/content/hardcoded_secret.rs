//! `hardcoded-secret`: a password, key or token stands in the flow.

use crate::finding::{RuleId, Severity};
use crate::redact::Why;
use crate::rules::{Check, FlowContext, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("hardcoded-secret"),
    severity: Severity::Error,
    firm: None,
    summary: "a password, key or token stands in the flow",
    explanation: "Everybody who can read the repository, its history or a copy of the flow can use the secret, for instance to read
callers' data. Deleting it later is not enough: it stays in the history.

Change the secret where it was made, and let the flow refer to the tenant's vault (`{{secrets.crm}}`, `${CRM_KEY}`,
`vault:crm`). Found are secrets by the name of their field (`apiKey`, `password`; numbers of six digits and more too) or by the name beside them (a header's `name` and `value`), by their shape (`Bearer …`, `Basic …`,
known prefixes, JSON web tokens, private keys, user and password in an address) and, in `auth`, `key` and `headers`, by being
long and random. References, placeholders and names of variables are no secrets. The value is never shown.",
    bad: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"crm","type":"API","configuration":{"endpoint":"https://crm.example.com/v1","apiKey":"k7Qz-93fhT-20xLm"}},
  {"id":"end","type":"End"}],
 "connectors":[
  {"id":"c1","sourceId":"begin","targetId":"crm"},
  {"id":"c2","sourceId":"crm","targetId":"end"}]}"#,
    good: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"crm","type":"API","configuration":{"endpoint":"https://crm.example.com/v1","apiKey":"{{secrets.crm}}"}},
  {"id":"end","type":"End"}],
 "connectors":[
  {"id":"c1","sourceId":"begin","targetId":"crm"},
  {"id":"c2","sourceId":"crm","targetId":"end"}]}"#,
    check: Check::Flow(check),
};

fn check(context: &FlowContext<'_>, sink: &mut Sink) {
    for (text, secrets) in context.secrets() {
        let Some(first) = secrets.first() else {
            continue;
        };
        let what = match first.why {
            Why::Field => "a secret (by the name of its field)",
            Why::Shape => "a secret (by its shape)",
            Why::Name => "a secret (by the name before it)",
            Why::Known => "a credential of this very run",
            Why::Random => "what looks like a key: long and random",
        };
        text.raise_unseen(&RULE, context, sink, |whose, place| {
            format!("{whose} holds {what} at {place}")
        })
        .hint("change the secret where it was made, and refer to the tenant's vault from here");
    }
}
