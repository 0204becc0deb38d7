//! `baseline-unavailable`: CXone was asked what is live and failed.

use crate::finding::{RuleId, Severity};
use crate::platform::Answer;
use crate::rules::{Check, Firm, PlatformContext, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("baseline-unavailable"),
    severity: Severity::Error,
    firm: Some(Firm::Seen("nobody knows what would be overwritten")),
    summary: "CXone could not say what is live",
    explanation: "The change was compared with the base branch instead of with what callers really get, so edits made in the
console, and what is stored already, are unknown. Green would promise more than anybody knows.

See the message for what CXone said, and run the check again. A check without any credentials is another thing:
it compares with the base branch, says so, and raises nothing.",
    bad: r#"--- platform
{"published":"unavailable"}
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
    let Answer::Unavailable(why) = &context.platform.published else {
        return;
    };
    let head = context.head;
    sink.raise(
        &RULE,
        Some(head),
        (head.source(), head.anchor()),
        &[],
        format!("CXone could not say what is live: {why}"),
    )
    .hint("run the check again; if it fails the same way, look at the credentials and at CXone's state");
}
