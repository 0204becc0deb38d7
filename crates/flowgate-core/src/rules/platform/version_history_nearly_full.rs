//! `version-history-nearly-full`: nine tenths of the versions that CXone keeps are used.

use crate::finding::{RuleId, Severity};
use crate::rules::{Check, PlatformContext, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("version-history-nearly-full"),
    severity: Severity::Warning,
    firm: None,
    summary: "nine tenths or more of the versions that CXone keeps are used",
    explanation: "Soon a change of this flow, perhaps an urgent one, will be refused because there is no room for its version.

Somebody with rights in CXone deletes old versions that nobody will roll back to, while there is time. If your
tenant keeps more, set `max-version-history`.",
    bad: r#"--- platform
{"published":"absent","count":45}
--- after
{"flowId":"main","version":"1.1.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"}]}"#,
    good: r#"--- platform
{"published":"absent","count":44}
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
    let nearly = u64::from(count) * 10 >= u64::from(capacity) * 9;
    if !context.creates_version || !nearly || count >= capacity {
        return;
    }
    let head = context.head;
    sink.raise(
        &RULE,
        Some(head),
        (head.source(), head.anchor()),
        &[],
        format!("CXone has {count} of the {capacity} versions that it keeps of this flow"),
    )
    .hint(
        "delete old versions in CXone soon; if your tenant keeps more, set `max-version-history`",
    );
}
