//! `edited-in-console`: what is live is not what Flowgate put there, and merging would undo it unseen.

use crate::drift::{OnDrift, Standing};
use crate::finding::{RuleId, Severity};
use crate::rules::{Check, Firm, PlatformContext, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    id: RuleId("edited-in-console"),
    severity: Severity::Error,
    firm: Some(Firm::Blocks("it blocks the flow: set `on-drift` to say what merging does")),
    summary: "what is live was edited in the console since",
    explanation: "Somebody changed the live flow on CXone after Flowgate put it there (or it was never put there from this
repository). Merging would silently undo that edit, and callers would notice.

Bring the edit into the repository (`flowgate pull`) and merge it with this change. `on-drift: warn` goes on all the same and says so;
`on-drift: overwrite` lets the branch win.",
    bad: r#"--- platform
{"published":"absent","versions":[],"standing":"edited"}
--- after
{"flowId":"main","version":"1.1.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"}]}"#,
    good: r#"--- platform
{"published":"absent","versions":[],"standing":"behind"}
--- after
{"flowId":"main","version":"1.1.0",
 "elements":[{"id":"begin","type":"Begin"},
  {"id":"end","type":"End"}],
 "connectors":[{"id":"c1","sourceId":"begin","targetId":"end"}]}"#,
    check: Check::Platform(check),
};

fn check(context: &PlatformContext<'_>, sink: &mut Sink) {
    let Some(standing) = context.standing.filter(|standing| standing.is_drift()) else {
        return;
    };
    let head = context.head;
    let live = context
        .platform
        .published
        .known()
        .and_then(|published| published.version());
    let live = live.map_or_else(
        || "what is live".to_owned(),
        |version| format!("{version}, which is live,"),
    );
    let message = match standing {
        Standing::Edited => format!("{live} was edited in the console since Flowgate published it"),
        _ => format!("{live} {}", context.looked_back.not_found()),
    };
    let raised = sink.raise(
        &RULE,
        Some(head),
        (head.source(), head.anchor()),
        &[],
        message,
    );
    raised.hint(
        "bring what is live into the file first (`flowgate pull`), and merge it with this change",
    );
    raised.severity = match context.settings.on_drift {
        OnDrift::Fail => Severity::Error,
        OnDrift::Warn => Severity::Warning,
        OnDrift::Overwrite => Severity::Info,
    };
}
