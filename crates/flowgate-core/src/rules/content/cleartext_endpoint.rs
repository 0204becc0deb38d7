//! `cleartext-endpoint`: an address is called without encryption.

use crate::finding::{RuleId, Severity};
use crate::rules::endpoint;
use crate::rules::{Check, FlowContext, Rule, Sink, words};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("cleartext-endpoint"),
    severity: Severity::Warning,
    firm: None,
    summary: "an address is called without encryption",
    explanation: "What callers enter, and what the other side knows about them, passes through the network for all to read and change.

Use `https` (or `wss`, `ldaps`, `sftp`). Names that nobody calls, like XML name spaces, are left alone, and so are addresses inside a
private network: those are for `private-endpoint`.",
    bad: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"crm","type":"API","configuration":{"endpoint":"http://crm.example.com/v1"}},
  {"id":"end","type":"End"}],
 "connectors":[
  {"id":"c1","sourceId":"begin","targetId":"crm"},
  {"id":"c2","sourceId":"crm","targetId":"end"}]}"#,
    good: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"crm","type":"API","configuration":{"endpoint":"https://crm.example.com/v1"}},
  {"id":"end","type":"End"}],
 "connectors":[
  {"id":"c1","sourceId":"begin","targetId":"crm"},
  {"id":"c2","sourceId":"crm","targetId":"end"}]}"#,
    check: Check::Flow(check),
};

fn check(context: &FlowContext<'_>, sink: &mut Sink) {
    let addresses = context.texts().iter().flat_map(|text| {
        let addresses = endpoint::in_text(text).into_iter();
        addresses.map(move |(address, part)| (text, address, part))
    });
    for (text, address, part) in addresses {
        if !matches!(
            address.scheme.as_str(),
            "http" | "ws" | "ftp" | "ldap" | "telnet"
        ) || address.host.is_empty()
            || address.is_private()
            || endpoint::is_identifier(text, &address)
        {
            continue;
        }
        let message = format!(
            "{} calls {} without encryption (`{}`)",
            text.whose(context.flow),
            words::quote(address.host),
            address.scheme
        );
        text.raise(&RULE, context, sink, part, message)
            .hint("use an encrypted scheme, such as `https`");
    }
}
