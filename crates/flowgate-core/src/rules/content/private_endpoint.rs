//! `private-endpoint`: an address that CXone cannot reach.

use crate::finding::{RuleId, Severity};
use crate::rules::endpoint;
use crate::rules::{Check, FlowContext, Rule, Sink, words};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("private-endpoint"),
    severity: Severity::Warning,
    firm: None,
    summary: "an address that only one private network can reach",
    explanation: "CXone runs outside your network: a call to `localhost`, `10.…`, `192.168.…`, `….local` or a name without a dot fails, and
callers wait for nothing. Often it is left over from a test.

Use the public name of the service, or a placeholder that each environment fills in. Does your tenant reach it over a private link, turn
the rule off for that path.",
    bad: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"crm","type":"API","configuration":{"endpoint":"https://10.0.0.7:8443/crm"}},
  {"id":"end","type":"End"}],
 "connectors":[
  {"id":"c1","sourceId":"begin","targetId":"crm"},
  {"id":"c2","sourceId":"crm","targetId":"end"}]}"#,
    good: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"crm","type":"API","configuration":{"endpoint":"https://crm.example.com/crm"}},
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
        let called = matches!(
            address.scheme.as_str(),
            "http" | "https" | "ws" | "wss" | "ftp" | "ftps" | "ldap" | "ldaps"
        );
        if !called || !address.is_private() || endpoint::is_identifier(text, &address) {
            continue;
        }
        let host = words::quote(address.host);
        let message = format!(
            "{} calls {host}, which only one private network can reach",
            text.whose(context.flow)
        );
        text.raise(&RULE, context, sink, part, message)
            .hint("use the public name of the service");
    }
}
