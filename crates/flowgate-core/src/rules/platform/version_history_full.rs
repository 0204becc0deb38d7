//! `version-history-full`: there is no room for one more version.

use crate::finding::{RuleId, Severity};
use crate::rules::{Check, Firm, PlatformContext, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("version-history-full"),
    severity: Severity::Error,
    firm: Some(Firm::Refused("CXone refuses another version: set `max-version-history` if it keeps more")),
    summary: "CXone keeps no more versions of this flow",
    explanation: "CXone keeps a limited number of versions of a flow, and the limit is reached: the new version would be refused,
and callers keep what is live now.

Somebody with rights in CXone deletes old versions that nobody will roll back to. If your tenant keeps more, set
`max-version-history`.",
    bad: r#"--- platform
{"published":"absent","count":50}
--- after
{"flowId":"main","version":"1.1.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"}]}"#,
    good: r#"--- platform
{"published":"absent","count":12}
--- after
{"flowId":"main","version":"1.1.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"}]}"#,
    check: Check::Platform(check),
};

fn check(context: &PlatformContext<'_>, sink: &mut Sink) {
    let capacity = context.platform.capacity;
    let Some(count) = context.platform.history.count() else {
        return;
    };
    if !context.creates_version || count < capacity {
        return;
    }
    let head = context.head;
    sink.raise(
        &RULE,
        Some(head),
        (head.source(), head.anchor()),
        &[],
        format!("CXone keeps {capacity} versions of a flow and has {count}: there is no room for this one"),
    )
    .hint("delete old versions in CXone; if your tenant keeps more, set `max-version-history`");
}
