//! `malformed-endpoint`: an address that cannot be called.

use crate::finding::{RuleId, Severity};
use crate::redact::marks::Mark;
use crate::rules::endpoint::{self, Endpoint};
use crate::rules::{Check, FlowContext, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("malformed-endpoint"),
    severity: Severity::Warning,
    firm: None,
    summary: "an address that cannot be called as it is written",
    explanation: "The call fails every time; callers take the way for failures, or hear silence where there is none.

Mend the address. Looked at are fields called `…url`, `…uri`, `…endpoint`, `…webhook`: white space inside, a mistyped scheme, no host, a
port that is none, a placeholder that is not closed. Relative addresses and names of endpoints are left alone.",
    bad: r#"{"flowId":"main","version":"1.0.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"crm","type":"API","configuration":{"endpoint":"https//crm.example.com/v1"}},
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
    for text in context
        .texts()
        .iter()
        .filter(|text| endpoint::is_address_key(text))
    {
        let Some(what) = what(&text.text, text.marks.has(Mark::Opening)) else {
            continue;
        };
        let message = format!(
            "the address of {} cannot be called: {what}",
            text.whose(context.flow)
        );
        text.raise(&RULE, context, sink, "", message)
            .hint("mend the address");
    }
}

/// What is wrong with an address; `may_open` tells whether a placeholder may begin in it.
fn what(address: &str, may_open: bool) -> Option<&'static str> {
    let lower = address.trim().to_ascii_lowercase();
    let not_closed = || {
        lower.matches("{{").count() > lower.matches("}}").count()
            || lower.matches("${").count() > lower.matches('}').count()
    };
    if may_open && not_closed() {
        return Some("a placeholder is not closed");
    }
    let web = lower.starts_with("http") || lower.starts_with("ws:") || lower.starts_with("wss:");
    let placeholder = may_open && crate::redact::has_placeholder(address);
    if let Some((scheme, _)) = lower.split_once("://") {
        if [
            "htp",
            "htps",
            "htttp",
            "htttps",
            "httpss",
            "hhtp",
            "hhtps",
            "hptts",
            "htpps",
            "ttps",
            "ttp",
            "https:https",
            "http:http",
        ]
        .contains(&scheme)
        {
            return Some("its scheme is mistyped");
        }
    } else if lower.starts_with("http//") || lower.starts_with("https//") {
        return Some("the colon after its scheme is missing");
    } else if ["http:", "https:"]
        .iter()
        .any(|scheme| lower.starts_with(scheme))
    {
        return Some("two slashes must follow its scheme");
    }
    if !web || placeholder {
        return None;
    }
    if lower.contains(char::is_whitespace) {
        return Some("white space stands inside it");
    }
    let endpoint = Endpoint::of(&lower)?;
    if endpoint.host.is_empty() {
        return Some("it names no host");
    }
    if matches!(endpoint.host, "http" | "https")
        || endpoint.host.contains("..")
        || endpoint.host.starts_with('.')
    {
        return Some("its host is no host");
    }
    let bad_port = |port: &str| port.parse::<u16>().map_or(true, |port| port == 0);
    endpoint
        .port
        .is_some_and(bad_port)
        .then_some("its port is none")
}
