//! `history-unknown`: it is not known how many versions are stored.

use crate::finding::{RuleId, Severity};
use crate::platform::History;
use crate::rules::{Check, PlatformContext, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("history-unknown"),
    severity: Severity::Info,
    firm: None,
    summary: "it is not known how many versions of the flow are stored",
    explanation: "Whether there is room for one more version, and whether this number is taken, shows only when the version is
created. If CXone refuses it then, callers keep what is live now.

Nothing is to be done in the flow. If the tenant should be able to tell, look at the scopes of the credentials.",
    bad: r#"--- platform
{"published":"absent","history":"unknown"}
--- after
{"flowId":"main","version":"1.1.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"}]}"#,
    good: r#"--- platform
{"published":"absent","versions":[]}
--- after
{"flowId":"main","version":"1.1.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"}]}"#,
    check: Check::Platform(check),
};

fn check(context: &PlatformContext<'_>, sink: &mut Sink) {
    let History::Unknown(why) = &context.platform.history else {
        return;
    };
    let head = context.head;
    sink.raise(
        &RULE,
        Some(head),
        (head.source(), head.anchor()),
        &[],
        format!("how many versions CXone keeps of this flow is not known: {why}"),
    );
}
